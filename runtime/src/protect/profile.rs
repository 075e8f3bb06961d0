//! Profiles: the numbers by which a site protects what it releases, from `policies/`.

use cloister_contract::digest::Digest;
use cloister_contract::release::ProfileId;
use serde::Deserialize;

use crate::run::CellCaps;

/// The profile by which a request runs.
#[derive(Clone, Debug)]
pub struct Profile {
    id: ProfileId,
    rules: Option<Rules>,
    cells_max: usize,
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
    /// Whole numbers that a withheld one can be bracketed to at best, in persons.
    pub protection_width: u64,
    /// p of the p% rule on sums, in percent.
    pub dominance_percent: u64,
    /// The most that the largest value of a sum may be of it, in percent; no rule if absent.
    pub largest_percent_max: Option<u64>,
    /// The most that the two largest values of a sum may be of it, in percent; no rule if absent.
    pub two_largest_percent_max: Option<u64>,
    /// L0 of one person in one output, in cells.
    pub cells_per_person_and_output_max: u32,
    /// L0 of one person in the job, in cells.
    pub cells_per_person_and_job_max: u32,
}

#[derive(Deserialize)]
struct File {
    name: String,
    cells_per_job_max: usize,
}

/// There is no such profile, or its file is broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// There is none of this name.
    #[error(
        "there is no profile `{0}`; use `hospital`, `cms` or `strict`, or `exact` for \
             synthetic or public data"
    )]
    Unknown(String),
    /// The shipped file does not parse.
    #[error("the profile `{0}` is broken: {1}")]
    Broken(String, String),
}

const HOSPITAL: &str = include_str!("../../../policies/hospital.toml");
const STRICT: &str = include_str!("../../../policies/strict.toml");
const CMS: &str = include_str!("../../../policies/cms.toml");
const EXACT: &str = include_str!("../../../policies/exact.toml");

impl Profile {
    /// The shipped profile called `name`.
    ///
    /// # Errors
    /// [`ProfileError`] if there is none, or its file is broken.
    pub fn named(name: &str) -> Result<Self, ProfileError> {
        match name {
            "hospital" => Self::parse(HOSPITAL, true),
            "strict" => Self::parse(STRICT, true),
            "cms" => Self::parse(CMS, true),
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
        for known in ["name", "cells_per_job_max"] {
            table.remove(known);
        }
        let rules = if protects { Some(table.try_into().map_err(broken)?) } else { None };
        let id = ProfileId { name: file.name, sha256: Digest::of(text.as_bytes()) };
        Ok(Self { id, rules, cells_max: file.cells_per_job_max })
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

    /// The reviewers it asks for; `None` if it asks for no signatures at all.
    #[must_use]
    pub fn reviewers(&self) -> Option<u32> {
        self.rules.map(|rules| rules.reviewers)
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
