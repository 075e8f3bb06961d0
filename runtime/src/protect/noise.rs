//! Rule: each shown number is off by a few persons, and nobody but the site knows by how many.
//!
//! Statement: to a shown count n is added e, of the whole numbers from −d to d each as likely; to a
//! sum of x − low over a range r = high − low a number of grid steps from −d·r to d·r, to a sum of
//! squares one from −d·r² to d·r². The result is rounded as it would be without (`rounding.rs`; a
//! count of less than k as k, a sum below zero as zero), and the interval made wider by d, d·r or
//! d·r² at both ends, from k or zero on. So it holds the exact number, and all that is known of
//! that number for sure is this interval: brackets (`relations.rs`) are drawn from it. Worked
//! number: k = 20, b = 10, d = 5: 57 and e = 4 are 61, which is in [60, 69] and shown as [55, 74].
//!
//! e is no dice but a function, keyed by the site, of the profile, the epoch, the module, its
//! parameters, the cell, and the cell's set of (person, value): the same job gives the same
//! release, and no two cells or epochs share noise. Noise that is keyed by the set alone (as the
//! cell keys of census tables are) is the same in every job, and says that two sets are equal: of
//! cells "S" and "S, and the target if a secret is so" an attacker reads the secret with an
//! accuracy of 0.98 from ten pairs. What is not keyed by the set would be the same for both, and
//! cancel out. Source: the cell key method of the Australian Bureau of Statistics (Fraser and
//! Wooton 2005), with the job in the key. Answers the attacks pair-differencing and rerun-average,
//! as far as `docs/privacy.md` says.

use cloister_contract::digest::Digest;
use cloister_contract::partial::Cell;
use cloister_contract::study::OutputKind;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::Rules;
use super::exact::{bounds, range};
use super::rounding::{self, Interval};
use super::show::Shown;
use crate::faults::{Mechanism, off};
use crate::keys::SiteSecret;

/// The key of one job's noise. It stays in the parent, away from any guest.
#[derive(Clone, Copy, Default)]
pub(crate) struct NoiseKey([u8; 32]);

/// Which number of a cell.
#[derive(Clone, Copy)]
enum Number {
    Persons = 0,
    Sum = 1,
    Squares = 2,
}

impl NoiseKey {
    /// The key of a job: what is the same of this has the same noise.
    pub(crate) fn of_job(
        site: &SiteSecret,
        [profile, module]: [Digest; 2],
        epoch: &str,
        params: &str,
    ) -> Self {
        let (profile, module) = (profile.to_string(), module.to_string());
        Self(site.key("cell noise", &[&profile, epoch, &module, params]))
    }

    /// A keyed digest of a draft's bytes: the same job over the same persons has the same. No
    /// `draw` begins like this: no job has so many cells.
    pub(super) fn digest_of(&self, draft: &[u8]) -> [u8; 32] {
        // A key of any length makes an HMAC.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return [0; 32] };
        mac.update(b"cloister draft 1\n");
        mac.update(draft);
        mac.finalize().into_bytes().into()
    }

    /// By how much a number of the `cell` at a flat index is off: from −`most` to `most`.
    fn draw(&self, at: usize, cell: &Cell, number: Number, most: i128) -> i128 {
        // A key of any length makes an HMAC.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return 0 };
        mac.update(&(at as u64).to_le_bytes());
        mac.update(&[number as u8]);
        for count in [cell.persons, cell.nonzero, cell.at_low, cell.at_high] {
            mac.update(&count.to_le_bytes());
        }
        for sum in [cell.sum, cell.squares, cell.digest.cast_signed()] {
            mac.update(&sum.to_le_bytes());
        }
        for word in [cell.who, cell.values].iter().flat_map(|sketch| sketch.words()) {
            mac.update(&word.to_le_bytes());
        }
        let drawn: [u8; 32] = mac.finalize().into_bytes().into();
        // Of 2^127 numbers: one is as likely as another to within 2·most/2^127.
        let drawn = drawn.first_chunk().map_or(0, |bytes| i128::from_le_bytes(*bytes) & i128::MAX);
        drawn % most.saturating_mul(2).saturating_add(1) - most
    }
}

/// What may be shown of the `cell` at a flat index, which has k persons or more.
pub(super) fn shown(
    rules: &Rules,
    key: &NoiseKey,
    kind: &OutputKind,
    (at, cell): (usize, &Cell),
) -> Shown {
    let most = if off(Mechanism::Noise) { 0 } else { rules.noise_persons_max };
    let one = bounds(kind).map_or(1, range);
    let of_sum = |number, value: i128, step: i128| {
        let most = i128::from(most).saturating_mul(step);
        sum(value, key.draw(at, cell, number, most), most, (rules.rounding_base, step))
    };
    let drawn = key.draw(at, cell, Number::Persons, i128::from(most));
    Shown {
        persons: count(rules, cell.persons, drawn, most),
        sum: of_sum(Number::Sum, cell.sum, one),
        squares: of_sum(Number::Squares, cell.squares, one.saturating_mul(one)),
        value: None,
    }
}

/// The interval in which a count of `n` persons is shown that is off by `drawn`, `most` at most.
pub(super) fn count(rules: &Rules, n: u64, drawn: i128, most: u64) -> [u64; 2] {
    let (k, base) = (rules.persons_per_cell_min, rules.rounding_base);
    let noisy = u64::try_from(i128::from(n).saturating_add(drawn)).unwrap_or(0).max(k);
    let [low, high] = rounding::count(noisy, k, base);
    [low.saturating_sub(most).max(k), high.saturating_add(most)]
}

/// The interval in which a sum, not negative, is shown that is off by `drawn`, `most` at most.
fn sum(value: i128, drawn: i128, most: i128, (base, step): (u64, i128)) -> Interval {
    let [low, high] = rounding::sum(value.saturating_add(drawn).max(0), base, step);
    [low.saturating_sub(most).max(0), high.saturating_add(most)]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use cloister_contract::grid::Grid;
    use cloister_contract::study::Bounds;
    use proptest::prelude::*;

    use super::super::Profile;
    use super::*;

    fn strict() -> Rules {
        *Profile::named("strict").unwrap().rules().unwrap()
    }

    /// A set of so many persons, by numbers from `first` on.
    fn set(first: u128, persons: u128) -> Cell {
        let mut cell = Cell::default();
        let hash =
            |person: u128| (person + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        (first..first + persons).for_each(|person| cell.add(0, 1, 1, [hash(person); 2]));
        cell
    }

    fn key(epoch: &str) -> NoiseKey {
        NoiseKey::of_job(
            &SiteSecret::default(),
            [Digest::of(b"profile"), Digest::of(b"module")],
            epoch,
            "{}",
        )
    }

    fn persons(key: &NoiseKey, at: usize, cell: &Cell) -> [u64; 2] {
        shown(&strict(), key, &OutputKind::Count, (at, cell)).persons
    }

    #[test]
    fn worked_number() {
        assert_eq!(count(&strict(), 57, 4, 5), [55, 74]);
        // Nobody is shown to be of fewer than k, nor a sum to be below zero.
        assert_eq!(count(&strict(), 20, -5, 5), [20, 34]);
        assert_eq!(sum(3, -40, 50, (10, 10)), [0, 149]);
        assert_eq!(sum(730, 40, 50, (10, 10)), [650, 849]);
    }

    proptest! {
        #[test]
        fn an_interval_holds_the_exact_number_whatever_the_noise(
            n in 20..100_000_u64, value in 0..1_i128 << 60, step in 1..1_i128 << 20,
            seed: [u8; 32], at: usize,
        ) {
            let grid = Grid::new(1.0).unwrap();
            let high = i64::try_from(step).unwrap();
            let kind = OutputKind::Moments(Bounds { low: 0, high, grid });
            let cell = Cell { persons: n, sum: value, squares: value, ..Cell::default() };
            let Shown { persons, sum, squares, .. } =
                shown(&strict(), &NoiseKey(seed), &kind, (at, &cell));
            prop_assert!(persons[0] >= 20 && persons[0] <= n && n <= persons[1]);
            prop_assert!(persons[1] - persons[0] < 20);
            for (shown, step) in [(sum, step), (squares, step * step)] {
                prop_assert!(shown[0] >= 0 && shown[0] <= value && value <= shown[1]);
                prop_assert!(shown[1] - shown[0] < 20 * step);
            }
        }

        /// All of an interval is possible: of each number in it some noise shows that interval.
        #[test]
        fn an_interval_is_no_wider_than_it_must_be(n in 20..2_000_u64, drawn in -5..=5_i128) {
            let interval = count(&strict(), n, drawn, 5);
            for other in interval[0]..=interval[1] {
                prop_assert!((-5..=5).any(|drawn| count(&strict(), other, drawn, 5) == interval));
            }
        }
    }

    /// Chi-squared over eleven values: 29.6 is exceeded once in a thousand times, and the key is
    /// fixed. Nor does one number say anything of the next cell's, or another epoch's.
    #[test]
    fn each_number_is_as_likely_and_cells_and_epochs_share_none() {
        let (now, later) = (key("now"), key("later"));
        let cell = set(0, 40);
        let e = |key: &NoiseKey, at: usize| key.draw(at, &cell, Number::Persons, 5);
        let cells = 11_000_usize;
        let chi_squared = |numbers: &mut dyn Iterator<Item = i128>| {
            let mut found = [0_usize; 11];
            for number in numbers {
                found[usize::try_from(number.rem_euclid(11)).unwrap()] += 1;
            }
            let wanted = cells as f64 / 11.0;
            found.iter().map(|found| (*found as f64 - wanted).powi(2) / wanted).sum::<f64>()
        };
        assert!((0..cells).all(|at| (-5..=5).contains(&e(&now, at))));
        assert!(chi_squared(&mut (0..cells).map(|at| e(&now, at))) < 29.6);
        assert!(chi_squared(&mut (0..cells).map(|at| e(&now, at) - e(&now, at + cells))) < 29.6);
        assert!(chi_squared(&mut (0..cells).map(|at| e(&now, at) - e(&later, at))) < 29.6);
        let sums = (0..cells).map(|at| key("now").draw(at, &cell, Number::Sum, 5) - e(&now, at));
        assert!(chi_squared(&mut { sums }) < 29.6);
    }

    /// Whoever runs a job again sees what was seen before; what differs has other noise.
    #[test]
    fn averaging_repeated_runs_gives_nothing() {
        let cell = set(0, 57);
        let runs: BTreeSet<_> = (0..1_000).map(|_| persons(&key("now"), 3, &cell)).collect();
        assert_eq!(runs.len(), 1);
        let site = |seed: u8| {
            let key = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
            SiteSecret::of(&key.into()).unwrap()
        };
        let [one, two] = [Digest::of(b"1"), Digest::of(b"2")];
        let keys = [
            NoiseKey::of_job(&site(1), [one, one], "now", "{}"),
            NoiseKey::of_job(&site(2), [one, one], "now", "{}"),
            NoiseKey::of_job(&site(1), [two, one], "now", "{}"),
            NoiseKey::of_job(&site(1), [one, two], "now", "{}"),
            NoiseKey::of_job(&site(1), [one, one], "later", "{}"),
            NoiseKey::of_job(&site(1), [one, one], "now", "{\"a\":1}"),
        ];
        let drawn = keys.map(|key| (0..20).map(|at| persons(&key, at, &cell)).collect::<Vec<_>>());
        assert_eq!(drawn.iter().collect::<BTreeSet<_>>().len(), keys.len());
    }

    /// Of ten pairs of cells, S and S with the target if a secret is so, whether each pair is shown
    /// alike: the share of secrets that are read rightly, where `cell` keys the noise.
    fn read_from_ten_pairs(cell: impl Fn(usize) -> usize) -> f64 {
        let mut right = 0.0;
        for trial in 0..500_u128 {
            let secret = trial % 2;
            let alike = (0..10).all(|pair: usize| {
                let first = 1_000 * trial + 100 * pair as u128;
                let (one, two) = (set(first, 50 + trial % 7), set(first, 50 + trial % 7 + secret));
                let key = key("now");
                persons(&key, cell(2 * pair), &one) == persons(&key, cell(2 * pair + 1), &two)
            });
            right += f64::from(u8::from(alike == (secret == 0)));
        }
        right / 500.0
    }

    /// Why the cell is in the key: where it is not, equal sets have equal noise, and say so. (That
    /// one of such a pair is withheld is another rule's answer, and another answer.)
    #[test]
    fn noise_keyed_by_the_set_alone_tells_a_secret_from_ten_pairs() {
        let by_the_set_alone = read_from_ten_pairs(|_| 0);
        let by_the_cell_too = read_from_ten_pairs(|cell| cell);
        println!("by the set {by_the_set_alone}, by the cell, too, {by_the_cell_too}");
        assert!(by_the_set_alone > 0.95, "{by_the_set_alone}");
        assert!((by_the_cell_too - 0.5).abs() < 0.05, "{by_the_cell_too}");
    }
}
