//! Rule: a profile that a site writes is no weaker than the shipped one whose name it carries.
//!
//! Statement: each number that protects the more the larger it is, is at least the shipped one;
//! each that protects the more the smaller it is, at most; a rule that the shipped profile has is
//! there. So a name in a release means at least what its shipped file says. Worked number: a
//! `hospital` with a rounding base of 3 is refused, one of 10 is not.

use super::profile::{Profile, ProfileError, Rules};
use super::{OpenRules, Tier};

/// What larger numbers make stricter, by the names in the file.
fn at_least(rules: &Rules) -> [(&'static str, u64); 13] {
    [
        ("reviewers", u64::from(rules.reviewers)),
        ("population_min", rules.population_min),
        ("persons_per_cell_min", rules.persons_per_cell_min),
        ("rounding_base", rules.rounding_base),
        ("protection_width", rules.protection_width),
        ("dominance_percent", rules.dominance_percent),
        ("persons_per_scalar", rules.persons_per_scalar),
        ("regression_freedom_min", rules.regression_freedom_min),
        ("regression_persons_per_parameter", rules.regression_persons_per_parameter),
        ("quantile_percent_min", rules.quantile_percent_min),
        ("epoch_days", u64::from(rules.epoch_days)),
        ("compares_releases", u64::from(rules.compares_releases)),
        ("noise_persons_max", rules.noise_persons_max),
    ]
}

/// What smaller numbers make stricter; what is not there allows anything.
fn at_most(rules: &Rules, cells_max: usize) -> [(&'static str, u64); 10] {
    let or_all = |percent: Option<u64>| percent.unwrap_or(u64::MAX);
    [
        ("largest_percent_max", or_all(rules.largest_percent_max)),
        ("two_largest_percent_max", or_all(rules.two_largest_percent_max)),
        ("cells_per_person_and_output_max", u64::from(rules.cells_per_person_and_output_max)),
        ("cells_per_person_and_job_max", u64::from(rules.cells_per_person_and_job_max)),
        ("cells_per_job_max", cells_max as u64),
        ("significant_digits_max", u64::from(rules.significant_digits_max)),
        ("scalars_per_study_max", rules.scalars_per_study_max),
        ("bits_per_job_max", rules.bits_per_job_max),
        ("bits_per_study_max", rules.bits_per_study_max),
        ("jobs_per_study_and_epoch_max", rules.jobs_per_study_and_epoch_max),
    ]
}

/// What larger numbers make stricter in the tier `open`.
fn open_at_least(open: &OpenRules) -> [(&'static str, f64); 5] {
    [
        ("open.reviewers", f64::from(open.reviewers)),
        ("open.approval", f64::from(u8::from(open.approval))),
        ("open.epoch_days", f64::from(open.epoch_days)),
        ("open.population_min", float(open.population_min)),
        ("open.persons_per_cell_min", float(open.persons_per_cell_min)),
    ]
}

/// What smaller numbers make stricter in the tier `open`.
fn open_at_most(open: &OpenRules) -> [(&'static str, f64); 8] {
    [
        ("open.epsilon_per_job", open.epsilon_per_job),
        ("open.epsilon_per_person_and_year", open.epsilon_per_person_and_year),
        ("open.delta", open.delta),
        ("open.account_percent_of_year_max", float(open.account_percent_of_year_max)),
        ("open.cells_per_job_max", float(open.cells_per_job_max as u64)),
        ("open.cells_per_person_and_output_max", f64::from(open.cells_per_person_and_output_max)),
        ("open.cells_per_person_and_job_max", f64::from(open.cells_per_person_and_job_max)),
        ("open.jobs_per_study_and_epoch_max", float(open.jobs_per_study_and_epoch_max)),
    ]
}

/// Whether `own` is no weaker than the `shipped` profile of its name.
///
/// # Errors
/// [`ProfileError::Weak`] with the first number that is weaker, or [`ProfileError::NoTier`] with a
/// tier that the shipped profile has not.
pub(super) fn holds(own: &Profile, shipped: &Profile) -> Result<(), ProfileError> {
    let no_tier = |tier| ProfileError::NoTier { name: own.name().to_owned(), tier };
    let ((rules, open), (floor, open_floor)) = (own.both(), shipped.both());
    match (rules, floor) {
        (_, None) if open_floor.is_none() => {
            return Err(ProfileError::NotAFile(own.name().to_owned()));
        }
        (Some(_), None) => return Err(no_tier(Tier::Reviewed)),
        (Some(rules), Some(floor)) => reviewed_holds((own, rules), (shipped, floor))?,
        // Without a tier it is stricter than with it.
        (None, _) => {}
    }
    match (open, open_floor) {
        (Some(_), None) => Err(no_tier(Tier::Open)),
        (Some(open), Some(floor)) => open_holds(own, open, floor),
        (None, _) => Ok(()),
    }
}

fn reviewed_holds(
    (own, rules): (&Profile, &Rules),
    (shipped, floor): (&Profile, &Rules),
) -> Result<(), ProfileError> {
    let larger = at_least(rules).into_iter().zip(at_least(floor));
    let others = |of: &Profile| {
        let wanted = of.wanted().map(|wanted| wanted.reviewers_of_other_organisation);
        ("reviewers_of_other_organisation", wanted.map_or(0, u64::from))
    };
    let larger = larger.chain(std::iter::once((others(own), others(shipped))));
    let larger = larger.map(|((name, own), (_, floor))| (name, own, floor, own >= floor));
    let smaller = at_most(rules, own.reviewed_cells_max()).into_iter();
    let smaller = smaller.zip(at_most(floor, shipped.reviewed_cells_max()));
    let smaller = smaller.map(|((name, own), (_, floor))| (name, own, floor, own <= floor));
    match larger.chain(smaller).find(|(.., fine)| !fine) {
        None => Ok(()),
        Some((value, found, floor, _)) => {
            let found = if found == u64::MAX { "absent".to_owned() } else { found.to_string() };
            let (name, floor) = (own.name().to_owned(), floor.to_string());
            Err(ProfileError::Weak { name, value, found, floor })
        }
    }
}

fn open_holds(own: &Profile, open: &OpenRules, floor: &OpenRules) -> Result<(), ProfileError> {
    let larger = open_at_least(open).into_iter().zip(open_at_least(floor));
    let larger = larger.map(|((name, own), (_, floor))| (name, own, floor, own >= floor));
    let smaller = open_at_most(open).into_iter().zip(open_at_most(floor));
    let smaller = smaller.map(|((name, own), (_, floor))| (name, own, floor, own <= floor));
    match larger.chain(smaller).find(|(.., fine)| !fine) {
        None => Ok(()),
        Some((value, found, floor, _)) => {
            let (name, found, floor) =
                (own.name().to_owned(), found.to_string(), floor.to_string());
            Err(ProfileError::Weak { name, value, found, floor })
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of persons and cells are below 2^53")]
fn float(number: u64) -> f64 {
    number as f64
}
