//! Rule: no sums tell the persons of their cell more narrowly than they are shown.
//!
//! Statement: a sum, or moments, are withheld unless, by what would be shown, the cell could have
//! each number of persons of its interval: for each n there are n whole numbers from 0 to R, the
//! range, whose sum is in the shown interval and whose squares are in theirs, and which obey the
//! other rules (k of them at neither bound, and D = n·Σx² − (Σx)² ≥ k·(n − k), see `group.rs`).
//! What is shown decides, so the decision tells nothing more.
//!
//! They are there if, for some sum S in its interval, 2R + 1 whole numbers of the squares' interval
//! are between the least and the most squares of one of two families: all n share S within
//! [1, R − 1]; or k have the value v in [1, R − 1] nearest to the mean, and n − k share the rest in
//! [0, R]. Of m numbers from 0 to r that add up to T the squares go from at most T²/m + m/4, all
//! alike, to at least r·T − r²/4, all at a bound but one; moving one from one number to another
//! makes them grow by at most 2r, so no 2r numbers in between are left out. Source: Σx² ≥ (Σx)²/n
//! (Cauchy and Schwarz), the attack n-from-moments. Worked number: with k = 10, b = 5 and
//! R = 1,000, 24 persons of some 625 show Σ from 15,000 and Σ² to 9,999,999, and so
//! n ≥ 15,000²/9,999,999 > 22: of the five numbers from 20 to 24 two are left, and it is withheld.

use cloister_contract::study::OutputKind;

use super::Rules;
use super::exact::{bounds, range};
use super::rounding::Interval;
use super::show::Shown;

/// How many sums of the interval are tried.
const SUMS: i128 = 32;

/// Whether what is `shown` of a cell of k persons or more would tell how many it has.
pub(super) fn tells_persons(rules: &Rules, kind: &OutputKind, shown: &Shown) -> bool {
    let Some(range) = bounds(kind).map(range) else { return false };
    let squares = matches!(kind, OutputKind::Moments(_)).then_some(shown.squares);
    !Sums { range, sum: shown.sum, squares }.hide(shown.persons, rules.persons_per_cell_min)
}

/// What a cell of sums would show, in steps of its grid, from the lower bound on.
struct Sums {
    /// R, the greatest distance of two values.
    range: i128,
    /// The interval of Σ(x − low).
    sum: Interval,
    /// The interval of Σ(x − low)², if it is shown.
    squares: Option<Interval>,
}

impl Sums {
    /// Whether the cell could have each number of `persons`.
    fn hide(&self, persons: [u64; 2], k: u64) -> bool {
        (persons[0]..=persons[1]).all(|n| self.allow(i128::from(n), i128::from(k)))
    }

    fn allow(&self, n: i128, k: i128) -> bool {
        let (low, high) = (self.sum[0].max(k), self.sum[1].min(n * self.range - k));
        let tried = (0..=SUMS).map(|at| low + (high - low) * at / SUMS);
        low <= high && tried.into_iter().any(|sum| self.allow_sum(n, k, sum))
    }

    fn allow_sum(&self, n: i128, k: i128, sum: i128) -> bool {
        let Some([low, high]) = self.squares else { return true };
        // D ≥ k·(n − k), divided by n.
        let spread = squared(sum, n).saturating_add(k * (n - k) / n + 2);
        let fits = |family: Option<Interval>| {
            family.is_some_and(|[least, most]| {
                high.min(most) - low.max(least).max(spread) >= 2 * self.range
            })
        };
        let inner = self.range - 2;
        // Of values that are one more, the squares are Σy² + 2·Σy + n.
        let alike = shared(n, sum - n, inner).map(|ends| ends.map(|y| y + 2 * (sum - n) + n));
        let value = (sum / n).clamp(1, (self.range - 1).max(1));
        let rest = shared(n - k, sum - k * value, self.range);
        let rest = rest.map(|ends| ends.map(|x| x + k * value * value));
        fits(alike) || fits(rest)
    }
}

/// Squares that `count` numbers from 0 to `range` can have that add up to `sum`; `None` if none do.
fn shared(count: i128, sum: i128, range: i128) -> Option<Interval> {
    let exist = count > 0 && range > 0 && (0..=count * range).contains(&sum);
    let least = squared(sum, count.max(1)).saturating_add(count / 4 + 2);
    exist.then_some([least, range * sum - range * range / 4 - 1])
}

/// `sum`² over `count`, rounded down, or as large as can be.
const fn squared(sum: i128, count: i128) -> i128 {
    let (mean, rest) = (sum / count, sum % count);
    mean.saturating_mul(sum.saturating_add(rest)).saturating_add(rest * rest / count)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::protect::rounding::{count, sum};

    fn hides(n: u64, value: (i128, i128), range: i128, k: u64, base: u64) -> bool {
        let squares = Some(sum(value.1, base, range * range));
        Sums { range, sum: sum(value.0, base, range), squares }.hide(count(n, k, base), k)
    }

    #[test]
    fn worked_number() {
        assert!(!hides(24, (24 * 625, 24 * 625 * 625), 1_000, 10, 5));
        // Half of them at 400 and half at 850 have the same mean, and other squares.
        assert!(hides(24, (12 * 1_250, 12 * (160_000 + 722_500)), 1_000, 10, 5));
    }

    /// Walks all multisets of `n` values from 0 to `range` as counts of each value.
    fn walk(left: u64, values: &mut Vec<u64>, range: usize, see: &mut impl FnMut(&[u64])) {
        if values.len() == range {
            values.push(left);
            see(values);
            values.pop();
            return;
        }
        for here in 0..=left {
            values.push(here);
            walk(left - here, values, range, see);
            values.pop();
        }
    }

    /// Every group of up to `most` persons with whole values up to `range`: what is shown of it
    /// is shown of groups of each number of persons that its interval has, and some are shown.
    fn brute_force(range: usize, k: u64, base: u64, most: u64) {
        let r = range as i128;
        let mut found: BTreeMap<[i128; 3], BTreeSet<u64>> = BTreeMap::new();
        for n in k..=most {
            walk(n, &mut Vec::new(), range, &mut |values| {
                let weighted = |power: u32| {
                    let each = (0_i128..).zip(values);
                    each.map(|(value, count)| value.pow(power) * i128::from(*count)).sum::<i128>()
                };
                let (total, squares) = (weighted(1), weighted(2));
                let spread = i128::from(n) * squares - total * total;
                let few = n - values[0] < k || n - values[range] < k;
                if few || spread < i128::from(k) * i128::from(n - k) {
                    return;
                }
                let key = [
                    i128::from(count(n, k, base)[0]),
                    sum(total, base, r)[0],
                    sum(squares, base, r * r)[0],
                ];
                found.entry(key).or_default().insert(n);
            });
        }
        let (mut shown, mut narrow) = (0, 0);
        for ([persons, total, squares], possible) in &found {
            let persons = u64::try_from(*persons).unwrap();
            if persons + base - 1 > most {
                continue;
            }
            let is_narrow = possible.len() < usize::try_from(base).unwrap();
            narrow += usize::from(is_narrow);
            if hides(persons, (*total, *squares), r, k, base) {
                assert!(!is_narrow, "{persons} {total} {squares}: only {possible:?}");
                shown += 1;
            }
        }
        println!(
            "range {range}, k {k}, base {base}: {shown} of {} shown, {narrow} narrow",
            found.len()
        );
        assert!(shown * 3 > found.len(), "{shown} of {} are shown", found.len());
        assert!(narrow > 0, "nothing was there to be withheld");
    }

    #[test]
    fn no_triple_tells_persons_more_narrowly_than_the_rounding_base() {
        brute_force(2, 10, 5, 69);
        brute_force(3, 10, 5, 44);
        brute_force(2, 11, 5, 60);
        brute_force(4, 4, 3, 21);
        brute_force(5, 3, 2, 16);
        brute_force(2, 20, 10, 69);
    }
}
