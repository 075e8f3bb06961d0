//! Rule: partial cells are refused that no persons could have made.
//!
//! Statement: in each cell, the persons at a bound, those with a value other than zero and the two
//! largest values fit the persons there; the others lie strictly between the bounds, which gives
//! both sums a least and a greatest value. Over the cells, a numerator has no more persons than its
//! denominator, a margin no fewer than any cell that it sums and no more than all of them (just
//! all, where a person has one cell), and the population no fewer than any cell and no more than
//! all. Worked number: five persons of a sum over [0, 10], one at 0 and two at 10, have Σ(x − low)
//! from 20 + 2·1 to 20 + 2·9.
//!
//! It is a check on a worker that may be hostile; it proves nothing about the persons.

use super::{Cell, PartialCells, Sketch};
use crate::cells::{Layout, OutputCells};
use crate::study::{Output, OutputKind, Study};

/// What is wrong with partial cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    /// A cell alone is impossible.
    #[error("cell {cell}: {what}")]
    Cell {
        /// The flat index of the cell.
        cell: usize,
        /// What is impossible.
        what: &'static str,
    },
    /// The population does not fit the cells.
    #[error("the population does not fit the cells")]
    Population,
}

/// More persons than there will ever be: with bounds 2^40 steps apart, sums of squares fit an i128.
const PERSONS_MAX: u64 = 1 << 46;

/// Whether persons could have made `partial`.
pub(super) fn check(partial: &PartialCells, study: &Study, layout: &Layout) -> Result<(), Unsound> {
    let PartialCells { cells, population } = partial;
    let persons = |cell: usize| cells.get(cell).map_or(0, |cell| cell.persons);
    let mut all: u64 = 0;
    for (output, places) in study.outputs.iter().zip(&layout.outputs) {
        let wrong = |cell, what| Unsound::Cell { cell, what };
        for (at, cell) in cells.iter().enumerate().take(places.end()).skip(places.first) {
            if cell.persons > PERSONS_MAX || cell.persons > *population {
                return Err(wrong(at, "it has more persons than there are"));
            }
            one(cell, &output.kind).map_err(|what| wrong(at, what))?;
        }
        if let Some(cell) = beyond_denominator(output, places, layout, &persons) {
            return Err(wrong(cell, "it has more persons than its denominator"));
        }
        if let Some(cell) = margin_apart(output, places, &persons) {
            return Err(wrong(cell, "it is not the margin of its cells"));
        }
        let own = (places.first..places.first + places.cells).map(persons);
        all = own.fold(all, u64::saturating_add);
    }
    if *population <= all { Ok(()) } else { Err(Unsound::Population) }
}

/// Whether persons of an output of `kind` could have made one cell.
fn one(cell: &Cell, kind: &OutputKind) -> Result<(), &'static str> {
    let (low, high) = match kind {
        OutputKind::Count | OutputKind::Histogram { .. } => (0, 1),
        OutputKind::Sum(bounds) | OutputKind::Moments(bounds) => (bounds.low, bounds.high),
    };
    let Cell { persons, nonzero, at_low, at_high, sum, squares, largest, digest, who, values } =
        *cell;
    // A count takes one step, whatever is contributed.
    if matches!(kind, OutputKind::Count | OutputKind::Histogram { .. }) && at_high != persons {
        return Err("not every person counts one");
    }
    let ends = at_low.checked_add(at_high).filter(|ends| *ends <= persons);
    let between = ends.map(|ends| i128::from(persons - ends));
    let between = between.ok_or("more persons at the bounds than there are")?;
    let range = i128::from(high) - i128::from(low);
    if between > 0 && range < 2 {
        return Err("persons between bounds that have nothing between them");
    }
    let at_high = i128::from(at_high);
    let sums = at_high * range + between..=at_high * range + between * (range - 1).max(0);
    if !sums.contains(&sum) {
        return Err("the sum is beyond what its persons can have");
    }
    // Of whole numbers from 0 to the range, a square is no less than its root.
    let most = at_high * range * range + between * (range - 1).pow(2);
    if squares < sum || squares > sum * range || squares > most {
        return Err("the sum of squares is beyond what its persons can have");
    }
    let zeros = match (low, high) {
        (0, _) => Some(at_low),
        (_, 0) => Some(cell.at_high),
        _ if low > 0 || high < 0 => Some(0),
        _ => None,
    };
    let fits =
        zeros.map_or(nonzero <= persons, |zeros| Some(nonzero) == persons.checked_sub(zeros));
    if !fits || nonzero < zeros.map_or(at_low + cell.at_high, |_| 0) {
        return Err("the persons with a value other than zero do not fit");
    }
    let [first, second] = largest;
    let greatest = low.unsigned_abs().max(high.unsigned_abs());
    let there = |value: u64, persons: u64| (value > 0) == (nonzero >= persons);
    if first < second || first > greatest || !there(first, 1) || !there(second, 2) {
        return Err("the largest values do not fit");
    }
    if persons == 0 && digest != 0 {
        return Err("nobody has a digest");
    }
    // So many members toggle so many bits, less an even number.
    let toggled = |sketch: Sketch| {
        let bits = u64::from(sketch.distance(&Sketch::default()));
        bits <= persons && (persons - bits).is_multiple_of(2)
    };
    if !toggled(who) || !toggled(values) {
        return Err("a sketch is not of so many persons");
    }
    Ok(())
}

/// The first cell of `output` with more persons than the cell that is its denominator.
fn beyond_denominator(
    output: &Output,
    places: &OutputCells,
    layout: &Layout,
    persons: &dyn Fn(usize) -> u64,
) -> Option<usize> {
    let of = layout.outputs.get(output.of?)?;
    let beyond = |at: &usize| persons(*at) > persons(places.cell_of(of, *at));
    (places.first..places.first + places.cells).find(beyond)
}

/// The first margin cell with fewer persons than it sums, or more.
fn margin_apart(
    output: &Output,
    places: &OutputCells,
    persons: &dyn Fn(usize) -> u64,
) -> Option<usize> {
    let once = output.cells_per_person == 1;
    for margin in &places.margins {
        let mut bounds = vec![(0, 0_u64); margin.cells];
        for cell in places.first..places.first + places.cells {
            let at = places.margin_cell(margin, cell).checked_sub(margin.first);
            if let Some((most, all)) = at.and_then(|at| bounds.get_mut(at)) {
                *most = persons(cell).max(*most);
                *all = all.saturating_add(persons(cell));
            }
        }
        let apart = |(at, (most, all)): (usize, &(u64, u64))| {
            let (found, least) = (persons(margin.first + at), if once { all } else { most });
            (found < *least || found > *all).then_some(margin.first + at)
        };
        if let Some(cell) = bounds.iter().enumerate().find_map(apart) {
            return Some(cell);
        }
    }
    None
}
