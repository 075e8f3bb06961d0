//! Profiles: the numbers by which a site protects what it releases, from `policies/`.

use std::io::Read as _;

use cloister_contract::digest::Digest;
use cloister_contract::release::ProfileId;
use serde::Deserialize;

use super::{OpenRules, Tier, floor};
use crate::run::CellCaps;
use crate::trust::Wanted;

/// The profile by which a request runs.
#[derive(Clone, Debug)]
pub struct Profile {
    id: ProfileId,
    text: String,
    tier: Tier,
    rules: Option<Rules>,
    open: Option<OpenRules>,
    cells_max: usize,
    wanted: Option<Wanted>,
    wanted_open: Option<Wanted>,
}

/// The numbers of a profile that protects; `policies/hospital.toml` gives each one's reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Whether what is shown is compared with earlier releases over the same people.
    #[serde(default)]
    pub compares_releases: bool,
    /// Distinct reviewers who must have signed.
    pub reviewers: u32,
    /// Smallest study population in persons.
    pub population_min: u64,
    /// Persons, and persons with a value other than zero, that a shown cell has at least.
    pub persons_per_cell_min: u64,
    /// Width of a count's interval in persons.
    pub rounding_base: u64,
    /// By how many persons a shown number is off at most; no noise if zero or absent.
    #[serde(default)]
    pub noise_persons_max: u64,
    /// Whole numbers that a withheld one can be bracketed to at best, in persons.
    pub protection_width: u64,
    /// p of the p% rule on sums, in percent.
    pub dominance_percent: u64,
    /// The most that the largest value of a sum may be of it, in percent; no rule if absent.
    pub largest_percent_max: Option<u64>,
    /// The most that the two largest values of a sum may be of it, in percent; no rule if absent.
    pub two_largest_percent_max: Option<u64>,
    /// Degrees of freedom that a regression leaves at least.
    pub regression_freedom_min: u64,
    /// Persons for each parameter of a regression.
    pub regression_persons_per_parameter: u64,
    /// Significant decimal digits of a fitted number.
    pub significant_digits_max: u32,
    /// The lowest percentile that is shown; the highest lies as far from the other end.
    pub quantile_percent_min: u64,
    /// L0 of one person in one output, in cells.
    pub cells_per_person_and_output_max: u32,
    /// L0 of one person in the job, in cells.
    pub cells_per_person_and_job_max: u32,
    /// Exact numbers of a study over its life.
    pub scalars_per_study_max: u64,
    /// Published persons for each exact number of a study over its life.
    pub persons_per_scalar: u64,
    /// Bits of one job.
    pub bits_per_job_max: u64,
    /// Bits of a study over its life.
    pub bits_per_study_max: u64,
    /// How long an epoch of the data lasts at least.
    pub epoch_days: u32,
    /// Jobs of a study in one epoch of the data.
    pub jobs_per_study_and_epoch_max: u64,
}

#[derive(Deserialize)]
struct File {
    name: String,
    /// Where it is absent, nothing bounds them; `floor.rs` refuses that where the name has a bound.
    #[serde(default = "unbounded")]
    cells_per_job_max: usize,
    open: Option<OpenRules>,
    #[serde(default)]
    reviewers_of_other_organisation: u32,
    #[serde(default)]
    code_of_conduct: Option<String>,
    #[serde(default)]
    approval: bool,
}

/// There is no such profile, or its file is broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// There is none of this name.
    #[error(
        "there is no profile `{0}`; use `hospital`, `cms`, `strict` or `public`, or `exact` for \
             synthetic or public data"
    )]
    Unknown(String),
    /// A file does not parse.
    #[error("the profile {0} is broken: {1}")]
    Broken(String, String),
    /// A file cannot be read.
    #[error("the profile `{0}` cannot be read: {1}")]
    Read(String, String),
    /// A file has a name that no site may give a meaning of its own.
    #[error("a file cannot say what the profile `{0}` is; name it after one that protects")]
    NotAFile(String),
    /// A profile has not this tier.
    #[error("the profile `{name}` has no tier `{tier}`; {}", other_with(*tier))]
    NoTier {
        /// The profile.
        name: String,
        /// The tier.
        tier: Tier,
    },
    /// A tier's ε and δ allow no noise at all.
    #[error(
        "the profile `{0}` has an ε or δ of `open` that is no budget; ε is above zero, and δ \
         between zero and one"
    )]
    NoBudget(String),
    /// A file is weaker than what its name promises.
    #[error(
        "the profile `{name}` in the file is weaker than its name: `{value}` is {found}, and \
         `{name}` has {floor}; make it as strict"
    )]
    Weak {
        /// The name that it carries.
        name: String,
        /// The value that is weaker.
        value: &'static str,
        /// The file's.
        found: String,
        /// The shipped profile's.
        floor: String,
    },
}

/// Which profiles have `tier`.
const fn other_with(tier: Tier) -> &'static str {
    match tier {
        Tier::Open => "`strict` and `public` have one",
        Tier::Reviewed => "`hospital`, `cms` and `strict` have one",
    }
}

/// The most bytes of a profile's file that are read.
const FILE_BYTES_MAX: u64 = 64 * 1024;

const HOSPITAL: &str = include_str!("../../../policies/hospital.toml");
const STRICT: &str = include_str!("../../../policies/strict.toml");
const CMS: &str = include_str!("../../../policies/cms.toml");
const PUBLIC: &str = include_str!("../../../policies/public.toml");
const EXACT: &str = include_str!("../../../policies/exact.toml");

impl Profile {
    /// The shipped profile called `name`, or the one in a site's file, if that ends in `.toml`.
    ///
    /// # Errors
    /// [`ProfileError`] if there is none, its file is broken, or is weaker than its name.
    pub fn named(name: &str) -> Result<Self, ProfileError> {
        if !name.ends_with(".toml") {
            return Self::shipped(name);
        }
        let read = |error: std::io::Error| ProfileError::Read(name.to_owned(), error.to_string());
        let mut text = String::new();
        let file = std::fs::File::open(name).map_err(read)?;
        file.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(read)?;
        let own = Self::parse(&text, true)?;
        floor::holds(&own, &Self::shipped(own.name())?)?;
        Ok(own)
    }

    fn shipped(name: &str) -> Result<Self, ProfileError> {
        match name {
            "hospital" => Self::parse(HOSPITAL, true),
            "strict" => Self::parse(STRICT, true),
            "cms" => Self::parse(CMS, true),
            "public" => Self::parse(PUBLIC, true),
            "exact" => Self::parse(EXACT, false),
            other => Err(ProfileError::Unknown(other.chars().take(64).collect())),
        }
    }

    /// The profile in `text`, by which a release was protected once, in `tier`.
    ///
    /// # Errors
    /// [`ProfileError`] if this version does not understand it.
    pub(crate) fn again(text: &str, tier: Tier) -> Result<Self, ProfileError> {
        Self::parse(text, true)?.in_tier(tier)
    }

    fn parse(text: &str, protects: bool) -> Result<Self, ProfileError> {
        let broken = |error: toml::de::Error| {
            ProfileError::Broken("file".to_owned(), error.message().to_owned())
        };
        let mut table: toml::Table = toml::from_str(text).map_err(broken)?;
        let file: File = toml::from_str(text).map_err(broken)?;
        let signers = ["reviewers_of_other_organisation", "code_of_conduct", "approval"];
        for known in ["name", "cells_per_job_max", "open"].into_iter().chain(signers) {
            table.remove(known);
        }
        if file.open.is_some_and(|open| open.rho_of_job() == 0 || open.rho_of_year() == 0) {
            return Err(ProfileError::NoBudget(file.name));
        }
        let only_open = file.open.is_some() && table.is_empty();
        let rules: Option<Rules> =
            if protects && !only_open { Some(table.try_into().map_err(broken)?) } else { None };
        let wanted = rules.map(|rules| Wanted {
            reviewers: rules.reviewers,
            reviewers_of_other_organisation: file.reviewers_of_other_organisation,
            code_of_conduct: file.code_of_conduct.clone(),
            approval: file.approval,
        });
        let wanted_open = file.open.map(|open| Wanted {
            reviewers: open.reviewers,
            reviewers_of_other_organisation: 0,
            code_of_conduct: file.code_of_conduct.clone(),
            approval: file.approval || open.approval,
        });
        Ok(Self {
            id: ProfileId { name: file.name, sha256: Digest::of(text.as_bytes()) },
            text: text.to_owned(),
            tier: if only_open { Tier::Open } else { Tier::Reviewed },
            rules,
            open: file.open,
            cells_max: file.cells_per_job_max,
            wanted,
            wanted_open,
        })
    }

    /// The same profile in `tier`.
    ///
    /// # Errors
    /// [`ProfileError::NoTier`] if it has none of that name.
    pub fn in_tier(self, tier: Tier) -> Result<Self, ProfileError> {
        let has = match tier {
            Tier::Reviewed => self.rules.is_some(),
            Tier::Open => self.open.is_some(),
        };
        if has {
            Ok(Self { tier, ..self })
        } else {
            Err(ProfileError::NoTier { name: self.id.name, tier })
        }
    }

    /// Its tier: `reviewed` where it has both and nobody chose.
    #[must_use]
    pub const fn tier(&self) -> Tier {
        self.tier
    }

    /// Whether what it releases may be sealed: it is not `exact`.
    #[must_use]
    pub const fn protects(&self) -> bool {
        self.rules.is_some() || self.open.is_some()
    }

    /// The text of its file.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.id.name
    }

    /// What a release says about it.
    #[must_use]
    pub const fn id(&self) -> &ProfileId {
        &self.id
    }

    /// The disclosure rules; `None` for `exact`, and in the tier `open`.
    #[must_use]
    pub const fn rules(&self) -> Option<&Rules> {
        match self.tier {
            Tier::Reviewed => self.rules.as_ref(),
            Tier::Open => None,
        }
    }

    /// The numbers of the tier `open`; `None` in the other.
    #[must_use]
    pub const fn open(&self) -> Option<&OpenRules> {
        match self.tier {
            Tier::Reviewed => None,
            Tier::Open => self.open.as_ref(),
        }
    }

    /// The signatures it asks for; `None` if it asks for none at all.
    #[must_use]
    pub const fn wanted(&self) -> Option<&Wanted> {
        match self.tier {
            Tier::Reviewed => self.wanted.as_ref(),
            Tier::Open => self.wanted_open.as_ref(),
        }
    }

    /// The most cells of a job, margins included.
    #[must_use]
    pub const fn cells_max(&self) -> usize {
        match self.open() {
            Some(open) => open.cells_per_job_max,
            None => self.cells_max,
        }
    }

    /// The caps on one person's cells.
    #[must_use]
    pub const fn caps(&self) -> CellCaps {
        if let Some(open) = self.open() {
            return open.caps();
        }
        match &self.rules {
            None => CellCaps { per_output: u32::MAX, per_job: u32::MAX },
            Some(rules) => CellCaps {
                per_output: rules.cells_per_person_and_output_max,
                per_job: rules.cells_per_person_and_job_max,
            },
        }
    }

    /// The rules of both tiers, whichever is chosen.
    pub(super) const fn both(&self) -> (Option<&Rules>, Option<&OpenRules>) {
        (self.rules.as_ref(), self.open.as_ref())
    }

    /// The most cells of a job in the tier `reviewed`.
    pub(super) const fn reviewed_cells_max(&self) -> usize {
        self.cells_max
    }
}

const fn unbounded() -> usize {
    usize::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_says_whose_signatures_it_wants() {
        let none = Profile::named("hospital").unwrap().wanted().cloned();
        assert_eq!(none, Some(Wanted { reviewers: 2, ..Wanted::default() }));
        assert_eq!(Profile::named("exact").unwrap().wanted(), None);
        let strict = HOSPITAL.replace("reviewers_of_other_organisation = 0", "")
            + "reviewers_of_other_organisation = 1\n\
               code_of_conduct = \"Code 1\"\napproval = true\n";
        let wanted = Wanted {
            reviewers: 2,
            reviewers_of_other_organisation: 1,
            code_of_conduct: Some("Code 1".to_owned()),
            approval: true,
        };
        assert_eq!(Profile::parse(&strict, true).unwrap().wanted(), Some(&wanted));
    }

    /// What a site's file that is `hospital` but for one line comes to.
    fn with(line: &str, other: &str) -> Result<Profile, String> {
        shipped_with(HOSPITAL, line, other)
    }

    #[test]
    fn what_only_strict_has_can_be_added_and_not_be_left_out() {
        for (line, less) in [
            ("compares_releases = true", "compares_releases = false"),
            ("noise_persons_max = 5", "noise_persons_max = 0"),
        ] {
            for less in [less, ""] {
                let refused = shipped_with(STRICT, line, less).unwrap_err();
                assert!(refused.contains("is 0, and `strict` has"), "{refused}");
            }
            let more = format!("reviewers = 2\n{line}");
            assert!(with("reviewers = 2", &more).is_ok());
        }
    }

    #[test]
    fn a_file_is_no_weaker_than_its_name() {
        assert_eq!(with("rounding_base = 5", "rounding_base = 10").unwrap().name(), "hospital");
        let weak = [
            ("rounding_base = 5", "rounding_base = 3", "`rounding_base` is 3"),
            ("reviewers = 2", "reviewers = 1", "`reviewers` is 1"),
            ("population_min = 50", "population_min = 49", "`population_min` is 49"),
            ("persons_per_cell_min = 10", "persons_per_cell_min = 9", "`persons_per_cell_min`"),
            ("protection_width = 5", "protection_width = 4", "`protection_width` is 4"),
            ("dominance_percent = 10", "dominance_percent = 9", "`dominance_percent` is 9"),
            ("cells_per_job_max = 1_000", "cells_per_job_max = 1_001", "`cells_per_job_max`"),
            ("persons_per_scalar = 10", "persons_per_scalar = 9", "`persons_per_scalar` is 9"),
            ("bits_per_study_max = 100_000", "bits_per_study_max = 100_001", "`bits_per_study"),
            ("name = \"hospital\"", "name = \"strict\"", "`population_min` is 50"),
            ("name = \"hospital\"", "name = \"exact\"", "cannot say what"),
            ("name = \"hospital\"", "name = \"ours\"", "no profile `ours`"),
            ("reviewers = 2", "reviewers = 2\nnoise = 1", "unknown field"),
            ("reviewers = 2", "", "missing field"),
        ];
        for (line, other, says) in weak {
            let refused = with(line, other).unwrap_err();
            assert!(refused.contains(says), "{other}: {refused}");
        }
    }

    /// What a site's file that is the shipped `text` but for one line comes to.
    fn shipped_with(text: &str, line: &str, other: &str) -> Result<Profile, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("own.toml");
        assert!(text.contains(line), "{line}");
        std::fs::write(&file, text.replace(line, other)).unwrap();
        Profile::named(file.to_str().unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_tier_open_is_no_weaker_than_its_name() {
        let stricter = shipped_with(PUBLIC, "epsilon_per_job = 0.25", "epsilon_per_job = 0.1");
        assert_eq!(stricter.unwrap().tier(), Tier::Open);
        let weak = [
            ("epsilon_per_job = 0.25", "epsilon_per_job = 0.26", "is 0.26, and `public` has 0.25"),
            ("and_year = 1", "and_year = 1.5", "`open.epsilon_per_person_and_year` is 1.5"),
            ("delta = 1e-7", "delta = 1e-6", "`open.delta` is"),
            ("reviewers = 2", "reviewers = 1", "`open.reviewers` is 1"),
            ("approval = true", "approval = false", "`open.approval` is 0"),
            ("population_min = 1_000", "population_min = 999", "`open.population_min` is 999"),
            ("per_cell_min = 20", "per_cell_min = 19", "`open.persons_per_cell_min` is 19"),
            ("cells_per_job_max = 100", "cells_per_job_max = 101", "`open.cells_per_job_max`"),
            ("output_max = 1", "output_max = 2", "`open.cells_per_person_and_output_max` is 2"),
            ("job_max = 4", "job_max = 5", "`open.cells_per_person_and_job_max` is 5"),
            ("epoch_max = 5", "epoch_max = 6", "`open.jobs_per_study_and_epoch_max` is 6"),
            ("epsilon_per_job = 0.25", "epsilon_per_job = 0", "is no budget"),
            ("delta = 1e-7", "delta = nan", "is no budget"),
            ("name = \"public\"", "name = \"hospital\"", "`hospital` has no tier `open`"),
            ("delta = 1e-7", "delta = 1e-7\nseed = 1", "unknown field"),
            ("delta = 1e-7", "", "missing field"),
        ];
        for (line, other, says) in weak {
            let refused = shipped_with(PUBLIC, line, other).unwrap_err();
            assert!(refused.contains(says), "{other}: {refused}");
        }
        let both = shipped_with(STRICT, "name = \"strict\"", "name = \"public\"").unwrap_err();
        assert!(both.contains("`public` has no tier `reviewed`"), "{both}");
    }

    #[test]
    fn a_tier_that_a_profile_has_not_is_refused() {
        let refused =
            |name, tier| Profile::named(name).unwrap().in_tier(tier).unwrap_err().to_string();
        assert!(refused("hospital", Tier::Open).contains("`strict` and `public` have one"));
        assert!(refused("exact", Tier::Open).contains("has no tier `open`"));
        assert!(refused("public", Tier::Reviewed).contains("`hospital`, `cms` and `strict`"));
        let open = Profile::named("strict").unwrap().in_tier(Tier::Open).unwrap();
        assert_eq!(open.wanted(), Some(&Wanted::default()), "the author alone");
        assert!(open.rules().is_none() && open.cells_max() == 300 && open.caps().per_output == 8);
        let public = Profile::named("public").unwrap();
        let wanted = Wanted { reviewers: 2, approval: true, ..Wanted::default() };
        assert_eq!((public.tier(), public.wanted()), (Tier::Open, Some(&wanted)));
        let strict = Profile::named("strict").unwrap();
        assert!(strict.tier() == Tier::Reviewed && strict.open().is_none());
    }
}
