//! Which of two cells is withheld, if one must be: an order that the study file alone decides.
//!
//! Margins come before the cells that they sum, outputs and cells as the study file has them; the
//! last is withheld first. No number of a cell decides, so that the choice tells nothing of one.

use super::exact::{Exact, Set, blocks};

/// The rank of each cell: the higher, the sooner it is withheld.
pub(super) struct Priorities(Vec<(usize, usize)>);

impl Priorities {
    /// The ranks of a job's cells.
    pub(super) fn new(exact: &Exact<'_>) -> Self {
        let mut ranks = vec![(0, 0); exact.cells.len()];
        for (_, _, places) in exact.outputs() {
            for block in blocks(places) {
                for cell in block.first..block.first + block.cells {
                    if let Some(rank) = ranks.get_mut(cell) {
                        *rank = (block.axes.len(), cell);
                    }
                }
            }
        }
        Self(ranks)
    }

    /// The rank of the cell at a flat index.
    pub(super) fn of(&self, cell: usize) -> (usize, usize) {
        self.0.get(cell).copied().unwrap_or_default()
    }

    /// The rank of a set: that of its cell which is withheld first.
    pub(super) fn of_set(&self, set: &Set) -> (usize, usize) {
        set.cells.iter().map(|cell| self.of(*cell)).max().unwrap_or_default()
    }
}
