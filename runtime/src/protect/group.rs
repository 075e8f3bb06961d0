//! Rule: nothing is shown that says the same of everybody.
//!
//! Statement: a cell is withheld if fewer than k of the persons whom it is a part of are not in it:
//! of a numerator, the rest of its denominator; where one person may have several cells, the rest
//! of their margin. (Where persons have one cell each, the rest are other cells, which the
//! threshold and the brackets look after.) A sum, or moments, are withheld if all but fewer than k
//! persons have one value, as far as the sums tell: with D = n·Σx² − (Σx)², k persons who differ
//! from n − k others by at least one step make D ≥ k·(n − k), so less is a group of one value.
//! Source: group or attribute disclosure, Handbook on Statistical Disclosure Control for Outputs
//! (2019). Worked number: 210 exposed of whom 208 bled: the two who did not are fewer than 10, so
//! the 208 are withheld; 60 stays of 3 days each have D = 0, and are withheld. Answers the attacks
//! numerator-is-denominator and variance-of-constant.

use cloister_contract::partial::Cell;

use super::exact::{Exact, blocks, groups};

/// A cell all of whose persons are in another cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The flat index of the cell.
    pub(super) cell: usize,
    /// The flat index of the other.
    pub(super) whole: usize,
}

/// The parts and wholes that the study declares by `of`, and by margins of several cells a person.
pub(super) fn parts(exact: &Exact<'_>) -> Vec<Part> {
    let mut parts = Vec::new();
    for (_, output, places) in exact.outputs() {
        let cells = places.first..places.first + places.cells;
        if output.cells_per_person > 1 {
            for margin in &places.margins {
                let part = |cell| Part { cell, whole: places.margin_cell(margin, cell) };
                parts.extend(cells.clone().map(part));
            }
        }
        let Some(of) = output.of.and_then(|of| exact.layout.outputs.get(of)) else { continue };
        parts.extend(cells.map(|cell| Part { cell, whole: places.cell_of(of, cell) }));
        // A margin's denominator is by those of its dimensions that the denominator has.
        let name = |at: &usize| places.axes.get(*at).map(|axis| axis.name.as_str());
        for block in blocks(places).iter().skip(1) {
            let stay: Vec<_> = block.axes.iter().filter_map(name).collect();
            let wanted: Vec<usize> = (0..of.axes.len())
                .filter(|at| of.axes.get(*at).is_some_and(|axis| stay.contains(&&*axis.name)))
                .collect();
            let Some(whole) = blocks(of).into_iter().find(|whole| whole.axes == wanted) else {
                continue;
            };
            for (group, cell) in groups(places, &block.axes).zip(block.first..) {
                let Some(first) = group.first() else { continue };
                let inner = places.cell_of(of, *first);
                parts.push(Part { cell, whole: of.margin_cell(&whole.margin(), inner) });
            }
        }
    }
    parts
}

/// Whether fewer than `k` of the persons of the whole are not in the part.
pub(super) fn is_nearly_all(exact: &Exact<'_>, part: Part, k: u64) -> bool {
    let (cell, whole) = (exact.cell(part.cell).persons, exact.cell(part.whole).persons);
    whole >= k && whole.saturating_sub(cell) < k
}

/// Whether all but fewer than `k` persons of a sum have one value, as far as its sums tell.
pub(super) fn is_constant(cell: &Cell, k: u64) -> bool {
    let persons = i128::from(cell.persons);
    if persons == 0 {
        return false;
    }
    // Around m = ⌊Σ/n⌋, D = n·Σ(x − m)² − (Σ(x − m))². By invariant `headroom` the sum of squares
    // around m fits, so what wraps on the way comes back.
    let (mean, rest) = (cell.sum.div_euclid(persons), cell.sum.rem_euclid(persons));
    let around = cell
        .squares
        .wrapping_sub(cell.sum.wrapping_mul(mean).wrapping_mul(2))
        .wrapping_add(mean.wrapping_mul(mean).wrapping_mul(persons));
    let spread = around.saturating_mul(persons).saturating_sub(rest.saturating_mul(rest));
    let k = i128::from(k);
    spread < k.saturating_mul(persons - k)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cell(values: &[i64]) -> Cell {
        let mut cell = Cell::default();
        values.iter().for_each(|value| cell.add(0, 1_000, *value, [0; 2]));
        cell
    }

    #[test]
    fn worked_numbers() {
        assert!(is_constant(&cell(&[3; 60]), 10));
        let but = |others: usize| [vec![3; 60 - others], vec![4; others]].concat();
        assert!(is_constant(&cell(&but(9)), 10));
        assert!(!is_constant(&cell(&but(10)), 10));
    }

    proptest! {
        /// It never withholds where k persons have another value than the most frequent one.
        #[test]
        fn only_groups_of_one_value(values in prop::collection::vec(0..6_i64, 20..60)) {
            let most = (0..6).map(|v| values.iter().filter(|x| **x == v).count()).max().unwrap();
            if values.len() - most >= 10 {
                prop_assert!(!is_constant(&cell(&values), 10));
            }
        }
    }
}
