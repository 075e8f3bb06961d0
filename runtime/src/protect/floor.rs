//! Rule: a profile that a site writes is no weaker than the shipped one whose name it carries.
//!
//! Statement: each number that protects the more the larger it is, is at least the shipped one;
//! each that protects the more the smaller it is, at most; a rule that the shipped profile has is
//! there. So a name in a release means at least what its shipped file says. Worked number: a
//! `hospital` with a rounding base of 3 is refused, one of 10 is not.

use super::profile::{Profile, ProfileError, Rules};

/// What larger numbers make stricter, by the names in the file.
fn at_least(rules: &Rules) -> [(&'static str, u64); 12] {
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

/// Whether `own` is no weaker than the `shipped` profile of its name.
///
/// # Errors
/// [`ProfileError::Weak`] with the first number that is weaker.
pub(super) fn holds(own: &Profile, shipped: &Profile) -> Result<(), ProfileError> {
    let (Some(rules), Some(floor)) = (own.rules(), shipped.rules()) else {
        return Err(ProfileError::NotAFile(own.name().to_owned()));
    };
    let larger = at_least(rules).into_iter().zip(at_least(floor));
    let others = |of: &Profile| {
        let wanted = of.wanted().map(|wanted| wanted.reviewers_of_other_organisation);
        ("reviewers_of_other_organisation", wanted.map_or(0, u64::from))
    };
    let larger = larger.chain(std::iter::once((others(own), others(shipped))));
    let larger = larger.map(|((name, own), (_, floor))| (name, own, floor, own >= floor));
    let smaller = at_most(rules, own.cells_max()).into_iter();
    let smaller = smaller.zip(at_most(floor, shipped.cells_max()));
    let smaller = smaller.map(|((name, own), (_, floor))| (name, own, floor, own <= floor));
    match larger.chain(smaller).find(|(.., fine)| !fine) {
        None => Ok(()),
        Some((value, found, floor, _)) => {
            let found = if found == u64::MAX { "absent".to_owned() } else { found.to_string() };
            Err(ProfileError::Weak { name: own.name().to_owned(), value, found, floor })
        }
    }
}
