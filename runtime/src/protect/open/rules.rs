//! The numbers of the tier `open` in a profile, from the table `[open]` of its file.

use cloister_contract::release::NoiseMechanism;
use serde::Deserialize;

use super::budget;
use crate::run::CellCaps;

/// The numbers of the tier `open`; `policies/strict.toml` gives each one's reason.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenRules {
    /// The distribution of the noise.
    #[serde(default)]
    pub mechanism: NoiseMechanism,
    /// ε of one job, at `delta`.
    pub epsilon_per_job: f64,
    /// ε of all jobs over the same persons in any year, at `delta`.
    pub epsilon_per_person_and_year: f64,
    /// δ.
    pub delta: f64,
    /// Distinct reviewers who must have signed.
    pub reviewers: u32,
    /// Whether the site must have approved just this request.
    pub approval: bool,
    /// Smallest number of persons that a site publishes, to ask at all.
    pub population_min: u64,
    /// Persons, noised, that a shown cell has at least.
    pub persons_per_cell_min: u64,
    /// Cells of a job, margins included.
    pub cells_per_job_max: usize,
    /// L0 of one person in one output, in cells.
    pub cells_per_person_and_output_max: u32,
    /// L0 of one person in the job, in cells.
    pub cells_per_person_and_job_max: u32,
    /// How much of a year's ε, as ρ, one account may spend, in percent.
    pub account_percent_of_year_max: u64,
    /// How long an epoch of the data lasts at least.
    pub epoch_days: u32,
    /// Jobs of a study in one epoch of the data.
    pub jobs_per_study_and_epoch_max: u64,
}

impl OpenRules {
    /// ρ of one job, in millionths.
    pub(crate) fn rho_of_job(&self) -> u64 {
        budget::rho(self.epsilon_per_job, self.delta)
    }

    /// ρ of all jobs over the same persons in any year, in millionths.
    pub(crate) fn rho_of_year(&self) -> u64 {
        budget::rho(self.epsilon_per_person_and_year, self.delta)
    }

    /// The caps on one person's cells.
    pub(crate) const fn caps(&self) -> CellCaps {
        CellCaps {
            per_output: self.cells_per_person_and_output_max,
            per_job: self.cells_per_person_and_job_max,
        }
    }
}
