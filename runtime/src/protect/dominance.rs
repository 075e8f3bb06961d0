//! Rule: no sum is shown that tells one person's value to another.
//!
//! Statement, with values in order of their absolute size, x1 the largest, and T their total:
//! p% rule: withheld if T − x1 − x2 < p/100 · x1, since the second could then tell the first to
//! within p%. (1, n) and (2, n) rules: withheld if x1 > n% of T, or x1 + x2 > n% of T. Sizes are
//! distances from the bound that is nearest to zero; where the bounds lie on both sides of zero
//! they are distances from zero, and T, which is not kept, is no less than the larger of |Σx| and
//! Σx²/x1, so that too much is withheld and never too little. Source: p% as ACRO has it; (1, 50)
//! and (2, 67) ABS DataLab; absolute values: ABS. Worked number: 100, 50, 4, 3 and 2 with p = 10:
//! 159 − 150 = 9 is less than 10, so it is withheld. Answers the attacks dominance and
//! negative-mask.

use cloister_contract::partial::Cell;
use cloister_contract::study::Bounds;

use super::Rules;

/// Whether one or two persons dominate the sum in `cell`.
pub(super) fn dominated(rules: &Rules, bounds: &Bounds, cell: &Cell) -> bool {
    let (total, [first, second]) = sizes(bounds, cell);
    let others = total.saturating_sub(first).saturating_sub(second);
    let percent = |number: i128| number.saturating_mul(100);
    let of = |share: u64, number: i128| number.saturating_mul(i128::from(share));
    let beyond = |share: Option<u64>, number: i128| {
        share.is_some_and(|share| percent(number) > of(share, total))
    };
    percent(others) < of(rules.dominance_percent, first)
        || beyond(rules.largest_percent_max, first)
        || beyond(rules.two_largest_percent_max, first.saturating_add(second))
}

/// The least that the sizes can add up to, and the two largest, in grid steps.
fn sizes(bounds: &Bounds, cell: &Cell) -> (i128, [i128; 2]) {
    let [low, high] = [bounds.low, bounds.high].map(i128::from);
    let persons = i128::from(cell.persons);
    let largest = cell.largest.map(i128::from);
    if low >= 0 {
        return (cell.sum, largest.map(|size| (size - low).max(0)));
    }
    if high <= 0 {
        let total = persons.saturating_mul(high - low).saturating_sub(cell.sum);
        return (total, largest.map(|size| (size + high).max(0)));
    }
    let sum = cell.sum.saturating_add(persons.saturating_mul(low));
    // Σx² from Σ(x − low) and Σ(x − low)².
    let squares = cell
        .squares
        .saturating_add(low.saturating_mul(cell.sum).saturating_mul(2))
        .saturating_add(persons.saturating_mul(low.saturating_mul(low)));
    let least = squares.checked_div(largest[0]).unwrap_or(0);
    (sum.saturating_abs().max(least), largest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protect::Profile;
    use cloister_contract::grid::Grid;
    use proptest::prelude::*;

    fn cell(low: i64, high: i64, values: &[i64]) -> (Bounds, Cell) {
        let mut cell = Cell::default();
        values.iter().for_each(|value| cell.add(low, high, *value, [0; 2]));
        (Bounds { low, high, grid: Grid::new(1.0).unwrap() }, cell)
    }

    fn hospital() -> Rules {
        *Profile::named("hospital").unwrap().rules().unwrap()
    }

    #[test]
    fn worked_numbers() {
        let check = |low, high, values: &[i64], withheld| {
            let (bounds, cell) = cell(low, high, values);
            assert_eq!(dominated(&hospital(), &bounds, &cell), withheld, "{values:?}");
        };
        check(0, 100, &[100, 50, 4, 3, 2], true);
        check(0, 100, &[100, 50, 4, 3, 3], false);
        check(-100, 0, &[-100, -50, -4, -3, -2], true);
        // Above 1,000 they are 100, 50, 4, 3 and 2.
        check(1_000, 1_100, &[1_100, 1_050, 1_004, 1_003, 1_002], true);
        // Of one size on both sides of zero nobody dominates, though they cancel.
        check(-100, 100, &[100, -100, 100, -100, 100, -100], false);
        check(-100, 100, &[100, -90, 1, -1], true);
        let strict = *Profile::named("strict").unwrap().rules().unwrap();
        let (bounds, cell) = cell(0, 100, &[100, 40, 30, 20]);
        assert!(!dominated(&hospital(), &bounds, &cell));
        assert!(dominated(&strict, &bounds, &cell), "100 are more than half of 190");
    }

    proptest! {
        /// Whoever is dominated by the definition is found, whatever the bounds. (The threshold
        /// keeps cells of two persons.)
        #[test]
        fn never_too_little(
            low in -50..50_i64, range in 2..100_i64, p in 1..30_u64,
            values in prop::collection::vec(0..100_i64, 3..12),
        ) {
            let values: Vec<i64> = values.into_iter().map(|v| low + v % (range + 1)).collect();
            let (bounds, cell) = cell(low, low + range, &values);
            let mut sizes: Vec<i64> = values.iter().map(|value| value.abs()).collect();
            sizes.sort_unstable_by(|a, b| b.cmp(a));
            let rest: i64 = sizes.iter().skip(2).sum();
            let rules = Rules { dominance_percent: p, ..hospital() };
            if rest * 100 < sizes[0] * i64::try_from(p).unwrap() {
                prop_assert!(dominated(&rules, &bounds, &cell));
            }
        }
    }
}
