//! Writes one cell of the release from the numbers that may be shown, and from no others.

use cloister_contract::release::{CellDocument, Status};
use cloister_contract::study::{Bounds, Output, OutputKind};

use super::rounding::Interval;

/// The intervals of one cell, in grid steps: all that may be shown of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    pub(super) persons: [u64; 2],
    /// Of Σ(x − low).
    pub(super) sum: Interval,
    /// Of Σ(x − low)².
    pub(super) squares: Interval,
    /// The headline, where it is not the middle of an interval.
    pub(super) value: Option<f64>,
}

/// The document of a cell; `None` is withheld.
pub(super) fn cell(
    output: &Output,
    labels: &[(&str, &str)],
    shown: Option<&Shown>,
) -> CellDocument {
    let mut document = CellDocument {
        output: output.name.clone(),
        cell: labels.iter().copied().collect(),
        status: Status::Withheld,
        persons: None,
        value: None,
        sum: None,
        excess: None,
        excess_squares: None,
        mean: None,
        sd: None,
    };
    let Some(shown) = shown else { return document };
    document.status = Status::Value;
    document.persons = Some(shown.persons);
    let persons = middle(shown.persons.map(i128::from));
    match &output.kind {
        OutputKind::Count | OutputKind::Histogram { .. } => document.value = Some(persons),
        OutputKind::Sum(bounds) => {
            let sum = total(bounds, shown);
            document.sum = Some(sum);
            document.value = Some((sum[0] + sum[1]) / 2.0);
            document.excess = Some(shown.sum.map(|steps| bounds.grid.value(steps)));
        }
        OutputKind::Moments(bounds) => {
            document.sum = Some(total(bounds, shown));
            document.excess = Some(shown.sum.map(|steps| bounds.grid.value(steps)));
            let square = |steps| bounds.grid.value(steps) * bounds.grid.value(1);
            document.excess_squares = Some(shown.squares.map(square));
            moments(&mut document, bounds, shown);
        }
    }
    document.value = shown.value.or(document.value);
    document
}

/// Σx between what Σ(x − low) and the number of persons allow together.
fn total(bounds: &Bounds, shown: &Shown) -> [f64; 2] {
    let [fewest, most] = shown.persons.map(|n| i128::from(n) * i128::from(bounds.low));
    let ends = [shown.sum[0] + fewest.min(most), shown.sum[1] + fewest.max(most)];
    ends.map(|steps| bounds.grid.value(steps))
}

/// Mean and standard deviation between what the shown intervals allow. Each end is taken where
/// the others pull it furthest, so the exact number lies within, though not always as tightly as
/// it could.
fn moments(document: &mut CellDocument, bounds: &Bounds, shown: &Shown) {
    let [fewest, most] = shown.persons.map(float_of);
    if fewest <= 0.0 {
        return;
    }
    let step = bounds.grid.value(1);
    let range = float(i128::from(bounds.high) - i128::from(bounds.low));
    let [sum_low, sum_high] = shown.sum.map(float);
    let [squares_low, squares_high] = shown.squares.map(float);
    let low = bounds.grid.value(i128::from(bounds.low));
    let above = [sum_low / most, (sum_high / fewest).min(range)];
    let mean = above.map(|above| low + above * step);
    document.mean = Some(mean);
    document.value = Some((mean[0] + mean[1]) / 2.0);
    if fewest > 1.0 {
        // Σ(x − mean)² = Σx² − (Σx)²/n, and at most n·range²/4 (Popoviciu).
        let least = (squares_low - sum_high * sum_high / fewest).max(0.0) / (most - 1.0);
        let widest = (squares_high - sum_low * sum_low / most).min(most * range * range / 4.0);
        let greatest = (widest / (fewest - 1.0)).max(least);
        document.sd = Some([least, greatest].map(|variance| variance.sqrt() * step));
    }
}

fn float_of(count: u64) -> f64 {
    float(i128::from(count))
}

#[expect(clippy::cast_precision_loss, reason = "derived numbers are f64; what is shown is exact")]
fn float(value: i128) -> f64 {
    value as f64
}

fn middle([low, high]: Interval) -> f64 {
    // Halves are exact: the ends of a count are below 2^53.
    (float(low) + float(high)) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protect::{NoiseKey, Profile, noise};
    use cloister_contract::grid::Grid;
    use cloister_contract::partial::Cell;
    use proptest::prelude::*;

    fn output(low: i64, high: i64) -> Output {
        let grid = Grid::new(0.5).unwrap();
        Output {
            name: "x".to_owned(),
            kind: OutputKind::Moments(Bounds { low, high, grid }),
            by: Vec::new(),
            totals: Vec::new(),
            of: None,
            cells_per_person: 1,
            unit: None,
        }
    }

    fn holds(interval: Option<[f64; 2]>, exact: f64) -> bool {
        let slack = 1e-9 * (1.0 + exact.abs());
        interval.is_some_and(|[low, high]| low - slack <= exact && exact <= high + slack)
    }

    proptest! {
        /// Every interval of a shown cell holds the number of the persons behind it.
        #[test]
        fn intervals_hold_the_exact_numbers(
            low in -50..50_i64,
            range in 1..300_i64,
            values in prop::collection::vec(0..=300_i64, 10..200),
        ) {
            let rules = *Profile::named("hospital").unwrap().rules().unwrap();
            let output = output(low, low + range);
            let values: Vec<i64> = values.into_iter().map(|v| low + v % (range + 1)).collect();
            let mut cell = Cell::default();
            for value in &values {
                cell.add(low, low + range, *value, [0; 2]);
            }
            let shown = noise::shown(&rules, &NoiseKey::default(), &output.kind, (0, &cell));
            let document = super::cell(&output, &[], Some(&shown));
            let xs: Vec<f64> = values.iter().map(|v| *v as f64 * 0.5).collect();
            let (n, sum) = (xs.len() as f64, xs.iter().sum::<f64>());
            let mean = sum / n;
            let sd = (xs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
            let floor = low as f64 * 0.5;
            prop_assert!(holds(document.persons.map(|p| p.map(|n| n as f64)), n));
            prop_assert!(holds(document.sum, sum));
            prop_assert!(holds(document.excess, sum - n * floor));
            let squares = xs.iter().map(|x| (x - floor).powi(2)).sum();
            prop_assert!(holds(document.excess_squares, squares));
            prop_assert!(holds(document.mean, mean), "{:?} {mean}", document.mean);
            prop_assert!(holds(document.sd, sd), "{:?} {sd}", document.sd);
        }
    }
}
