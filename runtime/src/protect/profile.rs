//! Profiles: the numbers by which a site protects what it releases, from `policies/`.

use cloister_contract::digest::Digest;
use cloister_contract::release::ProfileId;
use serde::Deserialize;

use crate::run::CellCaps;
use crate::trust::Wanted;

/// The profile by which a request runs.
#[derive(Clone, Debug)]
pub struct Profile {
    id: ProfileId,
    rules: Option<Rules>,
    cells_max: usize,
    wanted: Option<Wanted>,
}

/// The numbers of a profile that protects; `policies/hospital.toml` gives each one's reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Distinct reviewers who must have signed.
    pub reviewers: u32,
    /// Smallest study population in persons.
    pub population_min: u64,
    /// Persons, and persons with a value other than zero, that a shown cell has at least.
    pub persons_per_cell_min: u64,
    /// Width of a count's interval in persons.
    pub rounding_base: u64,
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
    /// Jobs of a study in one epoch of the data.
    pub jobs_per_study_and_epoch_max: u64,
}

#[derive(Deserialize)]
struct File {
    name: String,
    cells_per_job_max: usize,
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
    #[error("there is no profile `{0}`; use `hospital`, or `exact` for synthetic or public data")]
    Unknown(String),
    /// The shipped file does not parse.
    #[error("the profile `{0}` is broken: {1}")]
    Broken(String, String),
}

const HOSPITAL: &str = include_str!("../../../policies/hospital.toml");
const EXACT: &str = include_str!("../../../policies/exact.toml");

impl Profile {
    /// The shipped profile called `name`.
    ///
    /// # Errors
    /// [`ProfileError`] if there is none, or its file is broken.
    pub fn named(name: &str) -> Result<Self, ProfileError> {
        match name {
            "hospital" => Self::parse(HOSPITAL, true),
            "exact" => Self::parse(EXACT, false),
            other => Err(ProfileError::Unknown(other.chars().take(64).collect())),
        }
    }

    fn parse(text: &str, protects: bool) -> Result<Self, ProfileError> {
        let broken = |error: toml::de::Error| {
            ProfileError::Broken("shipped".to_owned(), error.message().to_owned())
        };
        let mut table: toml::Table = toml::from_str(text).map_err(broken)?;
        let file: File = toml::from_str(text).map_err(broken)?;
        let signers = ["reviewers_of_other_organisation", "code_of_conduct", "approval"];
        for known in ["name", "cells_per_job_max"].into_iter().chain(signers) {
            table.remove(known);
        }
        let rules: Option<Rules> =
            if protects { Some(table.try_into().map_err(broken)?) } else { None };
        let wanted = rules.map(|rules| Wanted {
            reviewers: rules.reviewers,
            reviewers_of_other_organisation: file.reviewers_of_other_organisation,
            code_of_conduct: file.code_of_conduct,
            approval: file.approval,
        });
        let id = ProfileId { name: file.name, sha256: Digest::of(text.as_bytes()) };
        Ok(Self { id, rules, cells_max: file.cells_per_job_max, wanted })
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

    /// The rules of a profile that protects; `None` for `exact`.
    #[must_use]
    pub const fn rules(&self) -> Option<&Rules> {
        self.rules.as_ref()
    }

    /// The signatures it asks for; `None` if it asks for none at all.
    #[must_use]
    pub const fn wanted(&self) -> Option<&Wanted> {
        self.wanted.as_ref()
    }

    /// The most cells of a job, margins included.
    #[must_use]
    pub const fn cells_max(&self) -> usize {
        self.cells_max
    }

    /// The caps on one person's cells.
    #[must_use]
    pub const fn caps(&self) -> CellCaps {
        match &self.rules {
            None => CellCaps { per_output: u32::MAX, per_job: u32::MAX },
            Some(rules) => CellCaps {
                per_output: rules.cells_per_person_and_output_max,
                per_job: rules.cells_per_person_and_job_max,
            },
        }
    }
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
}
