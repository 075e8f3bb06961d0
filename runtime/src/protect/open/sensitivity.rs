//! Rule: how far one person, added or removed, moves the numbers of an output.
//!
//! Statement: the host lets one person into m cells of an output at most, the least of what the
//! study file declares, of the profile's two caps and of the output's cells; so into m cells of
//! each of its margins at most. L0 is the sum of these over the output's cells and each of its
//! margins. Each such cell moves by at most 1 person, by `high − low` in Σ(x − low) and by its
//! square in Σ(x − low)², all in grid steps. So with s one of these three steps Δ1 = L0·s and
//! Δ2 = √L0·s. Source: `run/accumulate.rs`, which is what a test holds this to. Worked number: a
//! sum with bounds [0, 3650] and grid 1, of three cells and one total, in one cell per person: L0 =
//! 2, and Σ(x − low) has Δ1 = 7,300 and Δ2 = 5,162.

use cloister_contract::release::NoisedNumber;
use cloister_contract::study::OutputKind;

use super::super::exact::{Exact, blocks, bounds, range};
use crate::faults::{Mechanism, off};
use crate::run::CellCaps;

/// One number of every cell of one output: what is noised with one scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quantity {
    /// The position of the output.
    pub(super) output: usize,
    pub(super) number: NoisedNumber,
    /// L0: cells of the output that one person can be in, margins included.
    pub(super) cells: u64,
    /// What one person moves one of them by at most, in grid steps (squared, for squares).
    pub(super) step: u128,
}

/// All that is noised of a job.
pub(super) fn quantities(exact: &Exact<'_>, caps: CellCaps) -> Vec<Quantity> {
    let mut quantities = Vec::new();
    for (output, declared, places) in exact.outputs() {
        let entered = declared.cells_per_person.min(caps.per_output).min(caps.per_job) as usize;
        let of_block = blocks(places).into_iter().map(|block| entered.min(block.cells) as u64);
        let cells: u64 = of_block.sum();
        let cells = if off(Mechanism::NoiseCells) { cells.div_ceil(2) } else { cells };
        let range = bounds(&declared.kind).map_or(1, |bounds| range(bounds).unsigned_abs());
        let half = |fault, step: u128| if off(fault) { step.div_ceil(2) } else { step };
        let excess = half(Mechanism::NoiseGrid, range);
        let squares = half(Mechanism::NoiseSquares, range.saturating_mul(range));
        let numbers = [
            (NoisedNumber::Persons, 1),
            (NoisedNumber::Excess, excess),
            (NoisedNumber::ExcessSquares, squares),
        ];
        let noised = match declared.kind {
            OutputKind::Count | OutputKind::Histogram { .. } => 1,
            OutputKind::Sum(_) => 2,
            OutputKind::Moments(_) => 3,
        };
        let of = |(number, step)| Quantity { output, number, cells, step };
        quantities.extend(numbers.into_iter().take(noised).map(of));
    }
    quantities
}
