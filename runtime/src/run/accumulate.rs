//! Rule: each person moves each accumulated cell by at most the declared amount.
//!
//! All of one person's contributions are taken together and committed only after the call
//! returned: quantised to the grid, added per cell with saturation, clamped once to the bounds,
//! and only then added to integer cells. `count` and `histogram` take one step, whatever the
//! value. Only the first n distinct cells in call order count (L0), which is a function of that
//! person alone. Worked number: a person who contributes 3650 a thousand times to a `sum` with
//! bounds 0 to 3650 moves it by 3650.
//!
//! *Invariant `headroom`*: bounds are at most 2^40 grid steps apart, so a square is at most 2^80
//! and an i128 holds the sums of 2^46 persons. *Invariant `integer`*: no float is accumulated, so
//! any partitioning gives the same cells. Answers the attacks k-fakes, L0-flood, over-clamp,
//! clamp-flood, NaN-payload, float-stuffing, overflow-wrap, zero-padding and label-smuggle.

use cloister_contract::cells::{Layout, OutputCells};
use cloister_contract::grid::Grid;
use cloister_contract::job::Job;
use cloister_contract::partial::{Cell, PartialCells};
use cloister_contract::study::OutputKind;
use cloister_sandbox::Contribution;
use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128, SipHasher24};

use crate::faults::{Mechanism, off};
use crate::keys::SiteSecret;

/// The most distinct cells of one person that a profile lets count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellCaps {
    /// In one output.
    pub per_output: u32,
    /// In the job.
    pub per_job: u32,
}

/// The key of the digests and sketches of cells; it never leaves the site.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct DigestKey([u8; 16]);

impl DigestKey {
    /// The key of a site and population: no guest can know it, and sets of persons of all jobs over
    /// the same people, now and later, can be compared.
    pub(crate) fn of_population(site: &SiteSecret, population: &str) -> Self {
        let key = site.key("cell digests", &[population]);
        Self(key.first_chunk().copied().unwrap_or_default())
    }
}

/// The contributions of one person broke the contract: the person contributes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OutOfRange;

/// Adds persons to the cells of one partition.
pub(crate) struct Accumulator<'j> {
    outputs: Vec<OutputRules<'j>>,
    caps: CellCaps,
    key: DigestKey,
    cells: Vec<Cell>,
    population: u64,
    /// One person's cells in call order, with the sum of what was contributed to each.
    touched: Vec<Touched>,
    /// For each cell, one more than its position in `touched`; zero if it is not there.
    position: Vec<usize>,
    margins: Vec<Touched>,
    /// What did not count, by output: in a rehearsal only.
    losses: Option<Vec<Loss>>,
}

/// What of an output's contributions did not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Loss {
    /// Persons' values that were clamped to the bounds.
    pub(crate) clamped: u64,
    /// Contributions to a cell beyond the first n of their person.
    pub(crate) beyond: u64,
    /// Contributions that were not finite, or in no bin.
    pub(crate) void: u64,
}

struct OutputRules<'j> {
    cells: &'j OutputCells,
    kind: &'j OutputKind,
    of: Option<usize>,
    cells_max: u32,
    /// Cells of the current person in this output.
    used: u32,
}

#[derive(Clone, Copy)]
struct Touched {
    output: usize,
    cell: usize,
    steps: i64,
    /// Whether it counts: a numerator without its denominator does not.
    counts: bool,
}

impl<'j> Accumulator<'j> {
    /// An accumulator with every cell of `layout` at zero.
    #[must_use]
    pub(crate) fn new(job: &'j Job, layout: &'j Layout, caps: CellCaps, key: DigestKey) -> Self {
        let outputs = job.study().outputs.iter().zip(&layout.outputs);
        let rules = outputs.map(|(output, cells)| OutputRules {
            cells,
            kind: &output.kind,
            of: output.of,
            cells_max: output.cells_per_person.min(caps.per_output),
            used: 0,
        });
        Self {
            outputs: rules.collect(),
            caps,
            key,
            cells: vec![Cell::default(); layout.len],
            population: 0,
            touched: Vec::new(),
            position: vec![0; layout.len],
            margins: Vec::new(),
            losses: None,
        }
    }

    /// Counts from now on what does not count: over invented persons alone.
    pub(super) fn rehearse(&mut self) {
        self.losses = Some(vec![Loss::default(); self.outputs.len()]);
    }

    /// What did not count, by output.
    pub(super) fn losses(&self) -> &[Loss] {
        self.losses.as_deref().unwrap_or_default()
    }

    /// Adds one person, whose call returned with `contributions`. Returns whether the person
    /// contributed anything.
    ///
    /// # Errors
    /// [`OutOfRange`] if an output or cell does not exist: as if the call had trapped.
    pub(crate) fn commit(
        &mut self,
        person: &[u8],
        contributions: &[Contribution],
    ) -> Result<bool, OutOfRange> {
        let gathered = self.gather(contributions);
        if gathered.is_ok() {
            self.drop_without_denominator();
            self.gather_margins();
            let moved = self.touched.iter().chain(&self.margins).filter(|one| one.counts);
            for touched in moved {
                let kind = self.outputs.get(touched.output).map(|rules| rules.kind);
                let cell = self.cells.get_mut(touched.cell);
                if let Some((kind, cell)) = kind.zip(cell) {
                    let value = Moved::new(kind, touched.steps);
                    // A count and a bin take one step, whatever is contributed.
                    let sums = matches!(kind, OutputKind::Sum(_) | OutputKind::Moments(_));
                    if sums && value.steps != touched.steps {
                        lose(&mut self.losses, touched.output, |loss| loss.clamped += 1);
                    }
                    let hashes = hashes(&self.key, person, value);
                    for _ in 0..times(kind, touched.steps) {
                        cell.add(value.low, value.high, value.steps, hashes);
                    }
                }
            }
        }
        let contributed = gathered.is_ok() && self.touched.iter().any(|one| one.counts);
        self.population += u64::from(contributed);
        self.forget();
        gathered.map(|()| contributed)
    }

    /// The cells of this partition and the persons who contributed to any.
    #[must_use]
    pub(crate) fn finish(self) -> PartialCells {
        PartialCells { cells: self.cells, population: self.population }
    }

    fn gather(&mut self, contributions: &[Contribution]) -> Result<(), OutOfRange> {
        for contribution in contributions {
            let Some(output) = self.declared(contribution) else {
                if off(Mechanism::DeclaredCells) {
                    continue;
                }
                return Err(OutOfRange);
            };
            let rules = self.outputs.get_mut(output).ok_or(OutOfRange)?;
            let steps = steps(rules.kind, contribution.value);
            // A value that is not finite, or in no bin, is no contribution.
            let cell = rules.cells.find(contribution.cell, contribution.value);
            let Some((steps, cell)) = steps.zip(cell) else {
                lose(&mut self.losses, output, |loss| loss.void += 1);
                continue;
            };
            let Some(position) = self.position.get_mut(cell) else { return Err(OutOfRange) };
            if let Some(at) = position.checked_sub(1) {
                if off(Mechanism::SumPerPerson) {
                    self.touched.push(Touched { output, cell, steps, counts: true });
                } else if let Some(touched) = self.touched.get_mut(at) {
                    touched.steps = add(touched.steps, steps);
                }
            } else if off(Mechanism::CellsPerPerson)
                || rules.used < rules.cells_max && self.touched.len() < self.caps.per_job as usize
            {
                rules.used += 1;
                self.touched.push(Touched { output, cell, steps, counts: true });
                *position = self.touched.len();
            } else {
                lose(&mut self.losses, output, |loss| loss.beyond += 1);
            }
        }
        Ok(())
    }

    /// The position of the output that `contribution` names, if the study declares its cell.
    fn declared(&self, contribution: &Contribution) -> Option<usize> {
        let output = usize::try_from(contribution.output).ok()?;
        let named = usize::try_from(contribution.cell).ok()?;
        (named < self.outputs.get(output)?.cells.named).then_some(output)
    }

    /// A numerator counts only persons of its denominator, cell by cell.
    fn drop_without_denominator(&mut self) {
        let Self { touched, outputs, position, .. } = self;
        for one in touched {
            let rules = outputs.get(one.output);
            let Some((rules, of)) = rules.and_then(|rules| Some((rules, outputs.get(rules.of?)?)))
            else {
                continue;
            };
            let cell = rules.cells.cell_of(of.cells, one.cell);
            one.counts = position.get(cell).is_some_and(|at| *at != 0);
        }
    }

    /// A margin gets what the person contributed to all the cells that it sums.
    fn gather_margins(&mut self) {
        for one in self.touched.iter().filter(|one| one.counts) {
            let Some(rules) = self.outputs.get(one.output) else { continue };
            for margin in &rules.cells.margins {
                let cell = rules.cells.margin_cell(margin, one.cell);
                let Some(position) = self.position.get_mut(cell) else { continue };
                match position.checked_sub(1).and_then(|at| self.margins.get_mut(at)) {
                    Some(sum) => sum.steps = sum.steps.saturating_add(one.steps),
                    None => {
                        self.margins.push(Touched { cell, ..*one });
                        *position = self.margins.len();
                    }
                }
            }
        }
    }

    fn forget(&mut self) {
        for one in self.touched.iter().chain(&self.margins) {
            if let Some(position) = self.position.get_mut(one.cell) {
                *position = 0;
            }
        }
        self.touched.clear();
        self.margins.clear();
        for rules in &mut self.outputs {
            rules.used = 0;
        }
    }
}

/// What a contribution of `value` adds, in grid steps; `None` if it is none.
fn steps(kind: &OutputKind, value: f64) -> Option<i64> {
    match kind {
        OutputKind::Count if off(Mechanism::CountIgnoresValue) => Grid::new(1.0)?.steps(value),
        OutputKind::Count | OutputKind::Histogram { .. } => Some(1),
        OutputKind::Sum(bounds) | OutputKind::Moments(bounds) => {
            let rough = off(Mechanism::Grid);
            let steps = bounds.grid.steps(if rough { value.ceil() } else { value });
            if off(Mechanism::Finite) { steps.or(Some(0)) } else { steps }
        }
    }
}

fn add(steps: i64, more: i64) -> i64 {
    if off(Mechanism::Saturation) { steps.wrapping_add(more) } else { steps.saturating_add(more) }
}

/// How often one person counts in a cell of `kind`.
fn times(kind: &OutputKind, steps: i64) -> i64 {
    match kind {
        OutputKind::Count if off(Mechanism::CountIgnoresValue) => steps.clamp(1, 1_000),
        _ => 1,
    }
}

fn lose(losses: &mut Option<Vec<Loss>>, output: usize, count: impl FnOnce(&mut Loss)) {
    if let Some(loss) = losses.as_mut().and_then(|losses| losses.get_mut(output)) {
        count(loss);
    }
}

/// What one person moves one cell by: clamped once, in grid steps.
#[derive(Clone, Copy)]
struct Moved {
    low: i64,
    high: i64,
    steps: i64,
}

impl Moved {
    fn new(kind: &OutputKind, steps: i64) -> Self {
        let (low, high) = match kind {
            OutputKind::Count | OutputKind::Histogram { .. } => (0, 1),
            OutputKind::Sum(bounds) | OutputKind::Moments(bounds) => (bounds.low, bounds.high),
        };
        let clamped = if off(Mechanism::Clamp) { steps } else { steps.clamp(low, high) };
        Self { low, high, steps: clamped }
    }
}

/// Keyed hashes of the person, and of person and value.
fn hashes(key: &DigestKey, person: &[u8], value: Moved) -> [u128; 2] {
    let mut hasher = SipHasher24::new_with_key(&key.0);
    std::hash::Hasher::write(&mut hasher, person);
    let who = hasher.finish128().as_u128();
    std::hash::Hasher::write(&mut hasher, &value.steps.to_le_bytes());
    [who, hasher.finish128().as_u128()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloister_contract::job::Params;
    use cloister_contract::study::Study;

    /// Persons by arm, and who of them is back by week and arm, with one margin.
    const STUDY: &str = r#"
[study]
name = "back"
version = "1.0.0"
title = "Who comes back"
purpose = "statistics"
[tables.person]
columns = { year_of_birth = "int" }
[dimensions]
arm = ["a", "b"]
week = { range = [1, 3] }
[outputs]
back = { kind = "count", by = ["week", "arm"], of = "all", totals = [["week"]] }
all = { kind = "count", by = ["arm"] }
"#;

    /// The persons in each cell after one person's `contributions` of (output, cell).
    fn persons(contributions: &[(i32, i64)]) -> Vec<u64> {
        let study = Study::parse("study.toml", STUDY).unwrap();
        let params = Params::bind(&study, &[]).unwrap();
        let layout = Layout::new(&study, &params).unwrap();
        let job = Job::without_vocabulary(study, params, "2020-01-01".parse().unwrap());
        let caps = CellCaps { per_output: 10, per_job: 10 };
        let mut accumulator = Accumulator::new(&job, &layout, caps, DigestKey::default());
        let contributions: Vec<Contribution> = contributions
            .iter()
            .map(|&(output, cell)| Contribution { output, cell, value: 1.0 })
            .collect();
        accumulator.commit(b"one", &contributions).unwrap();
        accumulator.finish().cells.iter().map(|cell| cell.persons).collect()
    }

    #[test]
    fn a_numerator_counts_only_in_cells_whose_denominator_holds_the_person() {
        // Cells: three weeks of a and b, three weeks, then all in a and in b.
        let second_week_in_b = (0, 3);
        assert_eq!(persons(&[second_week_in_b]), [0; 11]);
        assert_eq!(persons(&[second_week_in_b, (1, 0)]), [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
        let both = [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1];
        assert_eq!(persons(&[second_week_in_b, (1, 1)]), both);
        assert_eq!(persons(&[(1, 1), second_week_in_b]), both);
    }
}
