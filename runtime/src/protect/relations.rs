//! What everybody can know about a job's exact numbers, as one system of equations.
//!
//! Unknown are the persons of every cell and, where sums are related, Σ(x − low) and Σ(x − low)².
//! A shown number is known to its rounding interval, a withheld one to be possible at all. They
//! are related by margins (`totals`), denominators (`of`), the published population, bounds
//! (0 ≤ Σ ≤ n·range), and by what the study does not declare (`undeclared.rs`).
//!
//! Numbers are in persons (sums over the range, squares over its square), as **distances from the
//! truth**: the truth is zero everywhere, every equation adds up to zero, and all that counts is
//! small. An inequality is an equation with an unknown that is not negative. Where there is noise,
//! intervals are as wide as it makes them, and lie where it puts them.
//!
//! Worked number: 12 and 7 persons and their margin of 19, with k = 10 and b = 5. The 7 are
//! withheld, 12 is shown as [10, 14] and 19 as [15, 19]: the unknowns are within [−2, 2],
//! [−7, …] and [−4, 0], and the equation is x1 + x2 − m = 0. So x2 is from −6 to 2: 1 to 9.

use std::collections::BTreeMap;

use cloister_contract::cells::OutputCells;

use super::Rules;
use super::exact::{Block, Exact, Set, blocks, bounds, range};
use super::group::{Part, is_nearly_all};
use super::nested::Pair;

/// No number further from the truth is looked at, in persons: what is wide enough is wide enough
/// within, and the solver has small numbers.
const HORIZON: f64 = 10_000.0;

/// One number that is not known exactly.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unknown {
    /// The cell by whose status it is shown or withheld; none if it never is shown.
    pub(super) cell: Option<usize>,
    /// Where it can be if shown.
    pub(super) shown: [f64; 2],
    /// Where it can be if withheld.
    pub(super) withheld: [f64; 2],
    /// What must be possible if withheld.
    pub(super) need: Need,
}

impl Unknown {
    /// Where it can be by its status alone.
    pub(super) const fn bounds(&self, is_withheld: bool) -> [f64; 2] {
        if is_withheld { self.withheld } else { self.shown }
    }
}

/// What must be possible of a withheld number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Anything may be known.
    Nothing,
    /// As many values as the protection width.
    Wide,
    /// None, and as many as the protection width: nobody can tell a small number from zero.
    FromZero,
}

/// Everything known, by equations that are sums of (unknown, coefficient) and zero.
#[derive(Clone, Debug, Default)]
pub(super) struct System {
    pub(super) unknowns: Vec<Unknown>,
    pub(super) equations: Vec<Vec<(usize, f64)>>,
}

/// What is measured of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Measure {
    Sum,
    Squares,
}

/// A system that is being made.
pub(super) struct Builder<'d> {
    rules: &'d Rules,
    pub(super) exact: &'d Exact<'d>,
    system: System,
    sums: BTreeMap<(usize, Measure), usize>,
    /// No cell has more persons, by what is published.
    most: u64,
}

/// The system of a job with these sets, parts and nested pairs.
pub(super) fn system(
    rules: &Rules,
    exact: &Exact<'_>,
    sets: &[Set],
    parts: &[Part],
    pairs: &[Pair],
) -> System {
    let published = exact.published.saturating_add(rounded_to(exact.published));
    // Where there are more, what is published is no bound, and whoever takes it for one is wrong.
    let most = if exact.population <= published { published } else { u64::MAX };
    let (system, sums) = (System::default(), BTreeMap::new());
    let mut builder = Builder { rules, exact, system, sums, most };
    builder.persons();
    builder.margins();
    parts.iter().for_each(|part| builder.part(*part));
    builder.all_of_denominators();
    builder.population();
    builder.undeclared(sets, pairs);
    builder.system
}

/// Whether no block lies between the `finer` one and the `margin` that it adds up to.
fn is_next(finer: &Block, margin: &Block, blocks: &[Block]) -> bool {
    let within = |one: &Block, other: &Block| {
        one.axes.len() < other.axes.len() && one.axes.iter().all(|axis| other.axes.contains(axis))
    };
    within(margin, finer) && !blocks.iter().any(|b| within(margin, b) && within(b, finer))
}

/// The cells of `margin`, each with those of the `finer` block that add up to it.
fn parts_of(places: &OutputCells, margin: &Block, finer: &Block) -> BTreeMap<usize, Vec<usize>> {
    let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for cell in places.first..places.first + places.cells {
        let at = |block: &Block| match block.axes.len() == places.axes.len() {
            true => cell,
            false => places.margin_cell(&block.margin(), cell),
        };
        let parts = parts.entry(at(margin)).or_default();
        if !parts.contains(&at(finer)) {
            parts.push(at(finer));
        }
    }
    parts
}

/// What a published number of persons is rounded to at least.
const fn rounded_to(published: u64) -> u64 {
    if published.is_multiple_of(10) { 10 } else { 1 }
}

impl Builder<'_> {
    /// One unknown for the persons of each cell, in the order of the cells.
    fn persons(&mut self) {
        let k = self.rules.persons_per_cell_min;
        let kinds = self.exact.outputs().flat_map(|(_, output, places)| {
            (places.first..places.end()).map(move |at| (at, &output.kind))
        });
        for (at, kind) in kinds {
            let cell = self.exact.cell(at);
            let n = i128::from(cell.persons);
            let shown = if cell.persons < k {
                [0.0, 0.0]
            } else {
                let shown = self.exact.shown(self.rules, kind, at);
                shown.persons.map(|end| float(i128::from(end) - n))
            };
            let need = if cell.persons < k { Need::FromZero } else { Need::Wide };
            let withheld = within([float(-n), float(i128::from(self.most) - n)]);
            self.system.unknowns.push(Unknown { cell: Some(at), shown, withheld, need });
        }
    }

    /// Terms that add up to zero; a number that is on both sides is on neither.
    pub(super) fn equation(&mut self, terms: impl IntoIterator<Item = (usize, f64)>) {
        let mut sum: BTreeMap<usize, f64> = BTreeMap::new();
        for (at, times) in terms {
            *sum.entry(at).or_default() += times;
        }
        sum.retain(|_, times| *times != 0.0);
        self.system.equations.push(sum.into_iter().collect());
    }

    /// `less` ≤ `more`, of which `more` is larger by `by` persons now.
    pub(super) fn at_most(&mut self, less: &[usize], more: &[(usize, f64)], by: f64, need: Need) {
        let rest = self.system.unknowns.len();
        let withheld = within([-by, HORIZON]);
        self.system.unknowns.push(Unknown { cell: None, shown: withheld, withheld, need });
        let less = less.iter().map(|at| (*at, 1.0)).chain([(rest, 1.0)]);
        let more = more.iter().map(|(at, times)| (*at, -times));
        let terms: Vec<_> = less.chain(more).collect();
        self.equation(terms);
    }

    fn count(&self, cells: &[usize]) -> u64 {
        cells.iter().map(|at| self.exact.cell(*at).persons).sum()
    }

    /// Margins: of persons with one cell each they are sums of the next finer margins, or of cells;
    /// of others between the largest cell and the sum, which is at most as many times the margin as
    /// a person has cells.
    fn margins(&mut self) {
        for (_, output, places) in self.exact.outputs() {
            let blocks = blocks(places);
            for block in blocks.iter().skip(1) {
                if output.cells_per_person == 1 {
                    let finer = blocks.iter().filter(|finer| is_next(finer, block, &blocks));
                    for (margin, cells) in finer.flat_map(|finer| parts_of(places, block, finer)) {
                        self.sum_of(&cells, margin);
                        self.sums_of(&cells, margin);
                    }
                    continue;
                }
                let groups = super::exact::groups(places, &block.axes);
                for (cells, margin) in groups.zip(block.first..) {
                    let (all, one) = (self.count(&cells), self.exact.cell(margin).persons);
                    let cell_terms: Vec<_> = cells.iter().map(|at| (*at, 1.0)).collect();
                    let beyond = float(i128::from(all) - i128::from(one));
                    self.at_most(&[margin], &cell_terms, beyond, Need::Nothing);
                    let times = f64::from(output.cells_per_person);
                    let beyond = times * float(i128::from(one)) - float(i128::from(all));
                    self.at_most(&cells, &[(margin, times)], beyond, Need::Nothing);
                }
            }
        }
    }

    pub(super) fn sum_of(&mut self, cells: &[usize], margin: usize) {
        self.equation(cells.iter().map(|at| (*at, 1.0)).chain([(margin, -1.0)]));
    }

    /// The sums of `cells` add up to that of `margin`, if these have sums.
    fn sums_of(&mut self, cells: &[usize], margin: usize) {
        for measure in [Measure::Sum, Measure::Squares] {
            let whole = self.measured(margin, measure);
            let cells: Vec<_> = cells.iter().filter_map(|at| self.measured(*at, measure)).collect();
            if let Some(whole) = whole {
                self.equation(cells.iter().map(|at| (*at, 1.0)).chain([(whole, -1.0)]));
            }
        }
    }

    /// The unknown for a sum of `cell`, with what bounds it; `None` if the cell has none.
    pub(super) fn measured(&mut self, cell: usize, measure: Measure) -> Option<usize> {
        if let Some(known) = self.sums.get(&(cell, measure)) {
            return Some(*known);
        }
        let (_, output, _) = self.exact.outputs().find(|(_, _, places)| cell < places.end())?;
        let range = range(bounds(&output.kind)?);
        let exact = self.exact.cell(cell);
        let (value, unit) = match measure {
            Measure::Sum => (exact.sum, range),
            Measure::Squares => (exact.squares, range.saturating_mul(range)),
        };
        let below = match measure {
            Measure::Sum => cell,
            Measure::Squares => self.measured(cell, Measure::Sum)?,
        };
        let size = float(value) / float(unit);
        let shown = self.exact.shown(self.rules, &output.kind, cell);
        let shown = if measure == Measure::Sum { shown.sum } else { shown.squares };
        let shown = shown.map(|end| float(end - value) / float(unit));
        let withheld = within([-size, float(i128::from(self.most)) - size]);
        let at = self.system.unknowns.len();
        self.sums.insert((cell, measure), at);
        let (cell, need) = (Some(cell), Need::Wide);
        self.system.unknowns.push(Unknown { cell, shown, withheld, need });
        // Σ(x − low)² ≤ range·Σ(x − low) ≤ range²·n; and whole numbers do not exceed their squares.
        let (of, step) = match measure {
            Measure::Sum => (float(i128::from(exact.persons)), None),
            Measure::Squares => (float(exact.sum) / float(range), Some(1.0 / float(range))),
        };
        self.at_most(&[at], &[(below, 1.0)], of - size, Need::Nothing);
        if let Some(step) = step.filter(|step| *step > 1e-6) {
            let least = of * step;
            let rest = self.system.unknowns.len();
            let withheld = within([least - size, HORIZON]);
            let shown = withheld;
            let need = Need::Nothing;
            self.system.unknowns.push(Unknown { cell: None, shown, withheld, need });
            self.equation([(at, 1.0), (below, -step), (rest, -1.0)]);
        }
        Some(at)
    }

    /// A part is no more than its whole, and what is left must not be known if it is a few.
    fn part(&mut self, part: Part) {
        let Part { cell, whole } = part;
        let few = is_nearly_all(self.exact, part, self.rules.persons_per_cell_min);
        let left = float(
            i128::from(self.exact.cell(whole).persons) - i128::from(self.exact.cell(cell).persons),
        );
        let need = if few { Need::FromZero } else { Need::Nothing };
        self.at_most(&[cell], &[(whole, 1.0)], left, need);
    }

    /// Numerators whose persons have one cell each are together no more than their denominator.
    fn all_of_denominators(&mut self) {
        for (_, output, places) in self.exact.outputs() {
            let of = output.of.and_then(|of| self.exact.layout.outputs.get(of));
            let Some(of) = of.filter(|of| of.axes.len() < places.axes.len()) else { continue };
            if output.cells_per_person != 1 {
                continue;
            }
            let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            for cell in places.first..places.first + places.cells {
                groups.entry(places.cell_of(of, cell)).or_default().push(cell);
            }
            for (whole, cells) in groups {
                let left =
                    i128::from(self.exact.cell(whole).persons) - i128::from(self.count(&cells));
                self.at_most(&cells, &[(whole, 1.0)], float(left), Need::Nothing);
            }
        }
    }

    /// An output that has everybody adds up to the published population.
    fn population(&mut self) {
        let to = i128::from(rounded_to(self.exact.published));
        for (_, output, places) in self.exact.outputs() {
            // Its coarsest margin adds up to the same.
            let Some(block) = blocks(places).into_iter().min_by_key(|block| block.cells) else {
                continue;
            };
            let cells: Vec<_> = (block.first..block.first + block.cells).collect();
            let all = i128::from(self.count(&cells));
            let published = i128::from(self.exact.published);
            if output.cells_per_person == 1 && (all - published).abs() <= to {
                let ends = [published - to - all, published + to - all].map(float);
                let at = self.system.unknowns.len();
                self.system.unknowns.push(Unknown {
                    cell: None,
                    shown: ends,
                    withheld: ends,
                    need: Need::Nothing,
                });
                self.sum_of(&cells, at);
            }
        }
    }
}

/// Within the horizon; zero, the truth, stays within.
fn within([low, high]: [f64; 2]) -> [f64; 2] {
    [low.clamp(-HORIZON, 0.0), high.clamp(0.0, HORIZON)]
}

#[expect(
    clippy::cast_precision_loss,
    reason = "differences are small, and brackets are rounded out"
)]
pub(super) fn float(number: i128) -> f64 {
    number as f64
}
