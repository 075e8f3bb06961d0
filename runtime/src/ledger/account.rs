//! Rule: a study may spend so much of what a population can bear, over its life and in an epoch.
//!
//! Statement: what a job can release at most is charged to its study's account when it is admitted,
//! from study file, parameters and published persons alone, and nothing is given back. A job that
//! would exceed what its profile allows is refused. Source: persons / 10 exact numbers stop
//! the reconstruction of records from masses of exact sums (Dinur and Nissim 2003); bits and jobs
//! are choices. Worked number: 2,690 published persons allow min(5,000, 269) = 269 numbers, so a
//! study of 32 numbers can run with eight different sets of parameters, and the ninth is refused.

use super::entry::Amounts;
use crate::protect::budget::in_ones;
use crate::protect::{OpenRules, Rules};
use crate::trust::{Asked, Role, Verified};

/// The account among the population's that pays for what is asked: the one that the site's approval
/// names, of several the newest, by default after the approved study; without an approval its
/// author's, whatever the study is called. Of several authors the first by name pays.
pub(crate) fn study_account(verified: &Verified, asked: Asked<'_>) -> String {
    if let Some(approval) = verified.approval(asked) {
        let name = approval.account.as_ref().unwrap_or(&approval.study.name);
        return format!("approved as {name}");
    }
    let signed = verified.findings().iter().filter_map(|finding| finding.said.as_ref().ok());
    let authors = signed.filter(|signed| signed.role == Role::Author);
    let author = authors.map(|signed| signed.person.as_str()).min().unwrap_or_default();
    format!("by {author}")
}

/// What a profile allows one job, and one study's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// What the account may spend.
    pub(crate) account: Amounts,
    /// Bits of one job.
    pub(crate) bits_per_job: u64,
    /// ρ of all jobs over the same persons in a year, in millionths; 0 in the tier `reviewed`.
    pub(crate) rho_per_year: u64,
    /// How much of that one account may spend, in millionths.
    pub(crate) rho_per_account: u64,
    /// How long an epoch lasts at least.
    pub(crate) epoch_days: u32,
}

impl Limits {
    /// What `rules` allow among `persons` published persons.
    pub(crate) fn new(rules: &Rules, persons: u64) -> Self {
        let by_persons = persons / rules.persons_per_scalar.max(1);
        let scalars = rules.scalars_per_study_max.min(by_persons);
        let (bits, jobs) = (rules.bits_per_study_max, rules.jobs_per_study_and_epoch_max);
        let account = Amounts { scalars, bits, jobs };
        Self {
            account,
            bits_per_job: rules.bits_per_job_max,
            rho_per_year: 0,
            rho_per_account: 0,
            epoch_days: rules.epoch_days,
        }
    }

    /// What the tier `open` allows: no exact number, so no bits are counted either.
    pub(crate) fn open(rules: &OpenRules) -> Self {
        let jobs = rules.jobs_per_study_and_epoch_max;
        let account = Amounts { scalars: 0, bits: 0, jobs };
        let rho_per_year = rules.rho_of_year();
        Self {
            account,
            bits_per_job: 0,
            rho_per_year,
            rho_per_account: share(rho_per_year, rules.account_percent_of_year_max),
            epoch_days: rules.epoch_days,
        }
    }
}

/// `percent` of `whole`, rounded down.
fn share(whole: u64, percent: u64) -> u64 {
    let share = u128::from(whole) * u128::from(percent.min(100)) / 100;
    u64::try_from(share).unwrap_or(whole)
}

/// A job would spend more than it may.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Exhausted {
    /// Bits of one job.
    #[error(
        "the job can release {bits} bits, and the profile allows {max} a job; fewer or coarser \
         cells would help"
    )]
    BitsOfJob {
        /// The job's.
        bits: u64,
        /// Allowed.
        max: u64,
    },
    /// Numbers or bits of the study, over its life.
    #[error(
        "the ledger has no {unit} left for this job: it can release {asked}, and the study has \
         spent {spent} of {allowed}, so {left} are left over its life; fewer cells would help; \
         what was answered before is given again without a charge"
    )]
    OfStudy {
        /// `numbers` or `bits`.
        unit: &'static str,
        /// The job's.
        asked: u64,
        /// Spent before.
        spent: u64,
        /// Allowed.
        allowed: u64,
        /// Left.
        left: u64,
    },
    /// ρ of the persons, over a year.
    #[error(
        "the persons of `{population}` have spent ρ = {:.6} of the {:.6} that the profile allows \
         in a year, and this job costs {:.6}; {back}; what was answered before is given again \
         without a charge", in_ones(*spent), in_ones(*allowed), in_ones(*asked)
    )]
    OfPersons {
        /// The population.
        population: String,
        /// Spent in the year before, in millionths.
        spent: u64,
        /// Allowed in a year, in millionths.
        allowed: u64,
        /// The job's, in millionths.
        asked: u64,
        /// When enough of it comes back.
        back: String,
    },
    /// ρ of one account, over a year.
    #[error(
        "the account `{account}` has spent ρ = {:.6} of the {:.6} that one account may spend in a \
         year of what the persons of `{population}` can bear, and this job costs {:.6}; {back}",
        in_ones(*spent), in_ones(*allowed), in_ones(*asked)
    )]
    OfAllotment {
        /// The account.
        account: String,
        /// The population.
        population: String,
        /// Spent in the year before, in millionths.
        spent: u64,
        /// Allowed in a year, in millionths.
        allowed: u64,
        /// The job's, in millionths.
        asked: u64,
        /// When enough of it comes back.
        back: String,
    },
    /// Jobs of the study in this epoch.
    #[error(
        "the ledger has no jobs left for this study: {spent} of {allowed} in the dataset's epoch; \
         the next epoch would help, as would asking what was answered before"
    )]
    Jobs {
        /// Run before.
        spent: u64,
        /// Allowed.
        allowed: u64,
    },
}

/// What an account that has `spent` so much will have spent when it has paid `asked`.
///
/// # Errors
/// [`Exhausted`] if that is more than `limits` allow.
pub(crate) fn spend(spent: Amounts, asked: Amounts, limits: &Limits) -> Result<Amounts, Exhausted> {
    let Limits { account: allowed, bits_per_job: max, .. } = *limits;
    if asked.bits > max {
        return Err(Exhausted::BitsOfJob { bits: asked.bits, max });
    }
    let of_study = |unit, asked: u64, spent: u64, allowed: u64| {
        let after = spent.saturating_add(asked);
        let left = allowed.saturating_sub(spent);
        let refused = Exhausted::OfStudy { unit, asked, spent, allowed, left };
        if after <= allowed { Ok(after) } else { Err(refused) }
    };
    let scalars = of_study("numbers", asked.scalars, spent.scalars, allowed.scalars)?;
    let bits = of_study("bits", asked.bits, spent.bits, allowed.bits)?;
    let jobs = spent.jobs.saturating_add(asked.jobs);
    if jobs > allowed.jobs {
        return Err(Exhausted::Jobs { spent: spent.jobs, allowed: allowed.jobs });
    }
    Ok(Amounts { scalars, bits, jobs })
}
