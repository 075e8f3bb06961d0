//! Writes one cell of the release from the numbers that may be shown, and from no others.

use cloister_contract::release::{CellDocument, Status};
use cloister_contract::study::{Bounds, Output, OutputKind};

use super::rounding::Interval;

/// The intervals of one cell, in grid steps: all that may be shown of it.
pub(super) struct Shown {
    pub(super) persons: [u64; 2],
    /// Of Σ(x − low).
    pub(super) sum: Interval,
    /// Of Σ(x − low)².
    pub(super) squares: Interval,
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
            moments(&mut document, bounds, shown, persons);
        }
    }
    document
}

/// Σx between what Σ(x − low) and the number of persons allow together.
fn total(bounds: &Bounds, shown: &Shown) -> [f64; 2] {
    let [fewest, most] = shown.persons.map(|n| i128::from(n) * i128::from(bounds.low));
    let ends = [shown.sum[0] + fewest.min(most), shown.sum[1] + fewest.max(most)];
    ends.map(|steps| bounds.grid.value(steps))
}

/// Mean and standard deviation from the middles of what is shown, within the bounds.
fn moments(document: &mut CellDocument, bounds: &Bounds, shown: &Shown, persons: f64) {
    if persons <= 0.0 {
        return;
    }
    let above = middle(shown.sum) / persons;
    let step = bounds.grid.value(1);
    let range = bounds.grid.value(i128::from(bounds.high) - i128::from(bounds.low));
    let low = bounds.grid.value(i128::from(bounds.low));
    document.value = Some(low + (above * step).clamp(0.0, range));
    let variance = (middle(shown.squares) - above * middle(shown.sum)) / (persons - 1.0);
    document.sd = (persons > 1.0 && variance >= 0.0).then(|| variance.sqrt() * step);
}

#[expect(clippy::cast_precision_loss, reason = "the middle is for people; the ends are exact")]
fn middle([low, high]: Interval) -> f64 {
    // Halves are exact: the ends of a count are at most a rounding base apart.
    (low as f64 + high as f64) / 2.0
}
