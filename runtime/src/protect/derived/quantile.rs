//! Rule: no quantile is one person's value.
//!
//! Statement: a quantile is shown as the declared bin that holds it, and only from the
//! `quantile_percent_min`-th percentile to as far from the other end, with at least k persons below
//! it by rank and k above. Of n persons the p-th percentile is the value of rank ⌈n·p/100⌉ (the
//! inverse of the empirical distribution function: type 1 of Hyndman and Fan 1996). Source:
//! quantiles and the extremes they end in, Handbook on Statistical Disclosure Control for Outputs
//! (2019). Worked number: under `hospital` the 5th percentile of 250 persons has rank 13, and 12
//! below it, so its bin is shown; of 200 persons it has rank 10, and nine below it. Answers the
//! attack quantile-end.

use crate::protect::Rules;

/// The position of the bin that holds the `percent`-th percentile of persons who are in `bins`;
/// `None` if it may not be shown.
pub(in crate::protect) fn bin(rules: &Rules, bins: &[u64], percent: u64) -> Option<usize> {
    let least = rules.quantile_percent_min;
    if percent < least || percent > 100_u64.checked_sub(least)? {
        return None;
    }
    let persons = bins.iter().try_fold(0_u64, |sum, bin| sum.checked_add(*bin))?;
    let rank = persons.checked_mul(percent)?.div_ceil(100);
    let (below, above) = (rank.checked_sub(1)?, persons.checked_sub(rank)?);
    if below.min(above) < rules.persons_per_cell_min {
        return None;
    }
    let mut seen = 0;
    bins.iter().position(|bin| {
        seen += bin;
        seen >= rank
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protect::Profile;
    use proptest::prelude::*;

    fn rules(profile: &str) -> Rules {
        *Profile::named(profile).unwrap().rules().unwrap()
    }

    #[test]
    fn worked_numbers() {
        let hospital = rules("hospital");
        assert_eq!(bin(&hospital, &[12, 1, 237], 5), Some(1));
        assert_eq!(bin(&hospital, &[9, 1, 190], 5), None);
        assert_eq!(bin(&hospital, &[100, 100], 50), Some(0));
        assert_eq!(bin(&hospital, &[99, 101], 50), Some(1));
        for end in [0, 4, 96, 100, u64::MAX] {
            assert_eq!(bin(&hospital, &[10_000, 10_000], end), None, "{end}");
        }
        assert_eq!(bin(&rules("strict"), &[10_000, 10_000], 9), None);
        assert_eq!(bin(&hospital, &[u64::MAX, 1], 50), None);
        assert_eq!(bin(&hospital, &[], 50), None);
    }

    proptest! {
        /// Against the definition: in persons put in order one by one, the one of that rank.
        #[test]
        fn the_bin_is_that_of_the_ranked_person(
            bins in prop::collection::vec(0..60_u8, 1..8), percent in 0..=100_u8
        ) {
            let each = bins.iter().enumerate();
            let line: Vec<usize> =
                each.flat_map(|(at, persons)| vec![at; usize::from(*persons)]).collect();
            let counts: Vec<u64> = bins.into_iter().map(u64::from).collect();
            let found = bin(&rules("hospital"), &counts, percent.into());
            let share = line.len() * usize::from(percent);
            let rank = (1..=line.len()).find(|rank| rank * 100 >= share);
            let Some(rank) = rank else { prop_assert_eq!(found, None); return Ok(()) };
            let safe = (5..=95).contains(&percent) && rank > 10 && line.len() - rank >= 10;
            prop_assert_eq!(found, safe.then(|| line[rank - 1]));
        }
    }
}
