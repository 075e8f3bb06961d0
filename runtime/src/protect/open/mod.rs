//! The tier `open`: noise for every number, and nothing else decides what is shown.
//!
//! ```text
//! quantities   what is noised, and how far one person moves it   sensitivity.rs
//! scales       the job's ρ, split evenly over them               budget.rs, scale.rs
//! noise        drawn for every cell, whether it is shown or not  noise.rs
//! threshold    a cell is shown if its noised persons are k       here
//! the rest     sums, means, spreads: of noised numbers alone     show.rs
//! ```
//!
//! *Invariant `noised first`*: past `noised` no exact number is looked at. So the release is
//! (ε, δ)-differentially private for any guest, and its document says with which ε and δ.

#[cfg(test)]
mod audit;
pub(crate) mod budget;
mod noise;
mod rules;
mod scale;
mod sensitivity;
#[cfg(test)]
mod tests;

use std::cell::RefCell;

use cloister_contract::release::{Noise as NoiseDocument, NoiseScale, NoisedNumber};
use cloister_contract::study::{Output, OutputKind};

use super::exact::{Exact, bounds, range};
use super::show::Shown;
use crate::faults::{Mechanism, off};
pub use noise::NoNoise;
use noise::{Again, Noise, OpenDp, Recorded};
pub use rules::OpenRules;
use scale::{PROBABILITY, Scale, Share};
use sensitivity::{Quantity, quantities};

/// What is shown of a job, cell by cell, and of its noise.
pub(super) struct Noised {
    /// By flat index; `None` is withheld.
    pub(super) shown: Vec<Option<Shown>>,
    pub(super) noise: NoiseDocument,
    /// What was drawn, in order: it stays at the site.
    pub(super) drawn: Vec<i128>,
}

/// Noises `exact` by `rules`; with what was `drawn` before, for a replay.
///
/// # Errors
/// [`NoNoise`] if there is no randomness, or less was drawn.
pub(super) fn protect(
    rules: &OpenRules,
    exact: &Exact<'_>,
    drawn: Option<&[i128]>,
) -> Result<Noised, NoNoise> {
    match drawn {
        Some(drawn) => protect_with(&Again(RefCell::new(drawn.iter())), rules, exact),
        None => protect_with(&OpenDp, rules, exact),
    }
}

fn protect_with(
    source: &impl Noise,
    rules: &OpenRules,
    exact: &Exact<'_>,
) -> Result<Noised, NoNoise> {
    let scaled = scaled(rules, exact);
    let source = Recorded(source, RefCell::default());
    let numbers = noised(&source, exact, &scaled)?;
    let mut shown = Vec::with_capacity(numbers.len());
    for (at, output, places) in exact.outputs() {
        let width = |number| {
            let of = |(one, _): &&(Quantity, Scale)| one.output == at && one.number == number;
            scaled.iter().find(of).map_or(0, |(_, scale)| scale.width())
        };
        let widths =
            [NoisedNumber::Persons, NoisedNumber::Excess, NoisedNumber::ExcessSquares].map(width);
        let cells = numbers.get(places.first..places.end()).unwrap_or_default();
        shown.extend((places.first..).zip(cells).map(|(at, cell)| {
            let persons = match off(Mechanism::NoisedFirst) {
                true => i128::from(exact.cell(at).persons),
                false => cell.persons,
            };
            let enough = persons >= i128::from(rules.persons_per_cell_min);
            enough.then(|| cell.shown(output, widths))
        }));
    }
    let noise = document(rules, exact, &scaled);
    Ok(Noised { shown, noise, drawn: source.1.into_inner() })
}

/// Every quantity of the job with the scale of its noise.
fn scaled(rules: &OpenRules, exact: &Exact<'_>) -> Vec<(Quantity, Scale)> {
    let quantities = quantities(exact, rules.caps());
    let share = Share { rho: rules.rho_of_job(), count: quantities.len() as u64 };
    let scale = |one: Quantity| (one, Scale::new(rules.mechanism, &one, share));
    quantities.into_iter().map(scale).collect()
}

/// The numbers of one cell with their noise, in grid steps; zero where nothing is released.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Numbers {
    persons: i128,
    excess: i128,
    squares: i128,
}

/// Every cell of the job with fresh noise; the last look at an exact number.
fn noised(
    source: &impl Noise,
    exact: &Exact<'_>,
    scaled: &[(Quantity, Scale)],
) -> Result<Vec<Numbers>, NoNoise> {
    let mut all = vec![Numbers::default(); exact.cells.len()];
    for (quantity, scale) in scaled {
        let Some(places) = exact.layout.outputs.get(quantity.output) else { continue };
        for at in places.first..places.end() {
            let (cell, noise) = (exact.cell(at), source.draw(scale)?);
            let Some(numbers) = all.get_mut(at) else { continue };
            let (number, exact) = match quantity.number {
                NoisedNumber::Persons => (&mut numbers.persons, i128::from(cell.persons)),
                NoisedNumber::Excess => (&mut numbers.excess, cell.sum),
                NoisedNumber::ExcessSquares => (&mut numbers.squares, cell.squares),
            };
            *number = exact.saturating_add(noise);
        }
    }
    Ok(all)
}

impl Numbers {
    /// The intervals around them, `widths` to both sides, and within what such numbers can be at
    /// all: if the persons are within theirs, a sum is at most the most persons times the range.
    fn shown(self, output: &Output, [persons, excess, squares]: [i128; 3]) -> Shown {
        let around = |number: i128, width: i128, most: i128| {
            [number.saturating_sub(width), number.saturating_add(width)]
                .map(|end| end.clamp(0, most))
        };
        let most = around(self.persons, persons, i128::from(u64::MAX));
        let range = bounds(&output.kind).map_or(0, range);
        let sums = |range: i128| most[1].saturating_mul(range);
        Shown {
            persons: most.map(|end| u64::try_from(end).unwrap_or(u64::MAX)),
            sum: around(self.excess, excess, sums(range)),
            squares: around(self.squares, squares, sums(range.saturating_mul(range))),
            value: Some(self.value(&output.kind)),
        }
    }

    /// The headline: an estimate without the bias of an interval that was cut at zero.
    fn value(self, kind: &OutputKind) -> f64 {
        let persons = float(self.persons);
        let Some(bounds) = bounds(kind) else { return persons };
        let low = i128::from(bounds.low);
        match kind {
            OutputKind::Moments(_) => {
                // A shown cell has persons; a mean lies within the bounds.
                let above = float(self.excess) / persons.max(1.0);
                let above = above.clamp(0.0, float(range(bounds)));
                bounds.grid.value(low) + above * bounds.grid.value(1)
            }
            _ => bounds.grid.value(low.saturating_mul(self.persons).saturating_add(self.excess)),
        }
    }
}

/// What the release says of its noise.
fn document(rules: &OpenRules, exact: &Exact<'_>, scaled: &[(Quantity, Scale)]) -> NoiseDocument {
    let scales = scaled.iter().filter_map(|(quantity, scale)| {
        let output = exact.outputs.get(quantity.output)?;
        let step = bounds(&output.kind).map_or(1.0, |bounds| bounds.grid.value(1));
        let unit = match quantity.number {
            NoisedNumber::Persons => 1.0,
            NoisedNumber::Excess => step,
            NoisedNumber::ExcessSquares => step * step,
        };
        Some(NoiseScale {
            output: output.name.clone(),
            number: quantity.number,
            cells_per_person: quantity.cells,
            scale: scale.steps().to_f64().value() * unit,
        })
    });
    NoiseDocument {
        mechanism: rules.mechanism,
        rho: budget::in_ones(rules.rho_of_job()),
        epsilon: rules.epsilon_per_job,
        delta: rules.delta,
        interval_probability: PROBABILITY,
        scales: scales.collect(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "headlines are f64; noise is larger by far")]
fn float(number: i128) -> f64 {
    number as f64
}
