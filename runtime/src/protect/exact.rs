//! What a draft holds, as the rules look at it: exact cells and where they lie.

use cloister_contract::cells::{Layout, Margin, OutputCells};
use cloister_contract::partial::{Cell, Sketch};
use cloister_contract::study::{Bounds, Output, OutputKind};

use super::Rules;
use super::noise::{self, NoiseKey};
use super::show::Shown;

/// Exact cells of a job, and what is published of its population.
#[derive(Clone, Copy)]
pub(super) struct Exact<'d> {
    pub(super) outputs: &'d [Output],
    pub(super) layout: &'d Layout,
    pub(super) cells: &'d [Cell],
    /// Persons who contributed to any cell.
    pub(super) population: u64,
    /// The rounded number of persons that the site publishes.
    pub(super) published: u64,
    /// The key of the job's noise.
    pub(super) noise: &'d NoiseKey,
}

/// One block of an output's cells: those by all its dimensions, or one of its margins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// The flat index of its first cell.
    pub(super) first: usize,
    /// Its number of cells.
    pub(super) cells: usize,
    /// Positions among the output's axes that it is by.
    pub(super) axes: Vec<usize>,
}

impl Block {
    /// As the layout has it.
    pub(super) fn margin(&self) -> Margin {
        Margin { first: self.first, cells: self.cells, axes: self.axes.clone() }
    }
}

/// A set of persons that the job's counts tell: one cell, or disjoint cells together.
#[derive(Clone, Debug)]
pub(super) struct Set {
    /// The position of the output.
    pub(super) output: usize,
    /// By how many axes it is.
    pub(super) axes: usize,
    /// Its cells by their flat indices.
    pub(super) cells: Vec<usize>,
    pub(super) persons: u64,
    pub(super) digest: u128,
    pub(super) who: Sketch,
}

impl<'d> Exact<'d> {
    /// The outputs with their cells, by position.
    pub(super) fn outputs(&self) -> impl Iterator<Item = (usize, &'d Output, &'d OutputCells)> {
        let pairs = self.outputs.iter().zip(&self.layout.outputs).enumerate();
        pairs.map(|(at, (output, places))| (at, output, places))
    }

    /// The cell at a flat index; nobody's where there is none.
    pub(super) fn cell(&self, at: usize) -> Cell {
        self.cells.get(at).copied().unwrap_or_default()
    }

    /// What may be shown of the cell at a flat index.
    pub(super) fn shown(&self, rules: &Rules, kind: &OutputKind, at: usize) -> Shown {
        noise::shown(rules, self.noise, kind, (at, &self.cell(at)))
    }

    /// Every set that the counts tell: each cell, and of an output whose persons have one cell each
    /// every margin, whether it is declared or not.
    pub(super) fn sets(&self) -> Vec<Set> {
        let mut sets = Vec::new();
        for (at, output, places) in self.outputs() {
            let blocks = blocks(places);
            for block in &blocks {
                let cells = block.first..block.first + block.cells;
                sets.extend(cells.map(|cell| self.set(at, block.axes.len(), vec![cell])));
            }
            if output.cells_per_person == 1 {
                let declared = |axes: &Vec<usize>| blocks.iter().any(|block| block.axes == *axes);
                for axes in subsets(places.axes.len()).filter(|axes| !declared(axes)) {
                    let groups = groups(places, &axes);
                    sets.extend(groups.map(|cells| self.set(at, axes.len(), cells)));
                }
            }
        }
        sets
    }

    fn set(&self, output: usize, axes: usize, cells: Vec<usize>) -> Set {
        let (mut persons, mut digest, mut who) = (0, 0_u128, Sketch::default());
        for cell in cells.iter().map(|at| self.cell(*at)) {
            persons += cell.persons;
            digest = digest.wrapping_add(cell.digest);
            who.merge(&cell.who);
        }
        Set { output, axes, cells, persons, digest, who }
    }
}

/// The bounds of an output that sums values.
pub(super) const fn bounds(kind: &OutputKind) -> Option<&Bounds> {
    match kind {
        OutputKind::Sum(bounds) | OutputKind::Moments(bounds) => Some(bounds),
        OutputKind::Count | OutputKind::Histogram { .. } => None,
    }
}

/// The greatest distance of two values, in grid steps.
pub(super) fn range(bounds: &Bounds) -> i128 {
    i128::from(bounds.high) - i128::from(bounds.low)
}

/// The blocks of an output: its cells, then its margins.
pub(super) fn blocks(places: &OutputCells) -> Vec<Block> {
    let axes = (0..places.axes.len()).collect();
    let own = Block { first: places.first, cells: places.cells, axes };
    let margins = places.margins.iter();
    let margins = margins.map(|m| Block { first: m.first, cells: m.cells, axes: m.axes.clone() });
    [own].into_iter().chain(margins).collect()
}

/// Of the cells of an output, those that have the same labels on `axes`, group by group.
pub(super) fn groups(places: &OutputCells, axes: &[usize]) -> impl Iterator<Item = Vec<usize>> {
    let sizes = axes.iter().filter_map(|at| places.axes.get(*at)).map(|axis| axis.labels.len());
    let margin = Margin { first: 0, cells: sizes.product(), axes: axes.to_vec() };
    let mut groups = vec![Vec::new(); margin.cells];
    for cell in places.first..places.first + places.cells {
        if let Some(group) = groups.get_mut(places.margin_cell(&margin, cell)) {
            group.push(cell);
        }
    }
    groups.into_iter().filter(|group| !group.is_empty())
}

/// Every choice among `len` axes but that of all; few outputs have more than four.
fn subsets(len: usize) -> impl Iterator<Item = Vec<usize>> {
    let last = (1_u32 << len.min(8)) - 1;
    (0..last).map(move |mask| (0..len).filter(|at| mask >> at & 1 == 1).collect())
}
