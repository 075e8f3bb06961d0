//! Rule: no withheld number can be bracketed more narrowly than the protection width.
//!
//! Statement: given everything in `relations.rs`, the least and the greatest value that a withheld
//! number can have span w whole numbers, as [10, 14] spans 5 (sums: ranges of one value; squares:
//! squared ranges); and where it is small, one of fewer than k, they are the w from zero on, or
//! more. So nobody can tell a small cell from an empty one, and with w = b nothing withheld is
//! known better than what is shown. It is proved by **worlds**: exact numbers
//! that agree with all that is known. The truth is one; a linear program finds others, and each is
//! checked before it counts. Where none is found nothing is proved, and more is withheld.
//! Source: Fischetti and Salazar-González, "Solving the Cell Suppression Problem on Tabular Data
//! with Linear Constraints" (2001). Worked number: in `relations.rs` the 7 are known to 1 to 9 with
//! w = 5: zero is not possible, so one more cell is withheld. Answers the attacks
//! complement-of-a-total, margin-output and missing-cell.

use super::relations::{Need, System, Unknown};
use super::solver::Program;

/// Slack on what a world reaches: less than any person.
const SLACK: f64 = 1e-6;
/// Rounds of tightening bounds before a program is asked: most contradictions are one or two
/// equations away.
const ROUNDS: usize = 4;

/// What everybody can know of a job in which some cells are withheld.
pub(super) struct Brackets<'s> {
    system: &'s System,
    /// From the least to the greatest value, at least.
    width: f64,
    worlds: Vec<Vec<f64>>,
    /// The equations in which each unknown is.
    uses: Vec<Vec<usize>>,
    /// Programs that may still be asked: a bound on time that no clock decides.
    pub(super) programs_left: u32,
    /// What was exposed last.
    last: Option<usize>,
}

impl<'s> Brackets<'s> {
    pub(super) fn new(system: &'s System, width: u64, programs: u32) -> Self {
        let mut uses = vec![Vec::new(); system.unknowns.len()];
        for (number, equation) in system.equations.iter().enumerate() {
            for (at, _) in equation {
                if let Some(uses) = uses.get_mut(*at) {
                    uses.push(number);
                }
            }
        }
        let width = super::relations::float(i128::from(width) - 1);
        let truth = vec![0.0; system.unknowns.len()];
        Self { system, width, worlds: vec![truth], uses, programs_left: programs, last: None }
    }

    /// The equations in which the unknown `at` is.
    pub(super) fn uses(&self, at: usize) -> &[usize] {
        self.uses.get(at).map_or(&[], Vec::as_slice)
    }

    /// The first unknown, not among `given_up`, that is known too well if the cells in `withheld`
    /// are.
    pub(super) fn exposed(&mut self, withheld: &[bool], given_up: &[bool]) -> Option<usize> {
        let bounds = self.bounds(withheld);
        let wanting = |at: &usize| !given_up.get(*at).copied().unwrap_or(false);
        let mut needy: Vec<usize> = (0..bounds.len()).filter(wanting).collect();
        needy.retain(|at| self.goals(*at, withheld).is_some());
        // What the nearest equations forbid, no program has to be asked.
        let Some(tight) = self.tightened(&bounds) else { return needy.first().copied() };
        let forbidden = |at: &usize| !self.meets(*at, withheld, tight.get(*at).copied());
        if let Some(at) = needy.iter().copied().find(forbidden) {
            return Some(at);
        }
        let mut reached = self.reached(&bounds);
        // What was exposed last is the likeliest to be so still.
        if let Some(at) = self.last.take().filter(|at| needy.contains(at)) {
            self.ask(&bounds, &mut reached, &[at]);
            if !self.meets(at, withheld, reached.get(at).copied()) {
                self.last = Some(at);
                return Some(at);
            }
        }
        // One program often reaches what many numbers need; if not, it is asked of fewer.
        let mut size = needy.len();
        loop {
            needy.retain(|at| !self.meets(*at, withheld, reached.get(*at).copied()));
            let batch: Vec<usize> = needy.iter().copied().take(size.max(1)).collect();
            let first = *batch.first()?;
            self.ask(&bounds, &mut reached, &batch);
            let met = |at: &&usize| self.meets(**at, withheld, reached.get(**at).copied());
            match batch.iter().filter(met).count() {
                0 if batch.len() == 1 => {
                    self.last = Some(first);
                    return Some(first);
                }
                0 => size = batch.len() / 4,
                _ => size = needy.len(),
            }
        }
    }

    /// Asks for worlds in which the numbers at `batch` are as large, and as small, as they must be
    /// possible; what one has beyond that would be taken from others.
    fn ask(&mut self, bounds: &[[f64; 2]], reached: &mut [[f64; 2]], batch: &[usize]) {
        for sign in [1.0, -1.0] {
            let Some(left) = self.programs_left.checked_sub(1) else { return };
            self.programs_left = left;
            let mut unknowns = bounds.to_vec();
            for at in batch {
                let known = self.system.unknowns.get(*at).zip(reached.get(*at));
                let Some(((unknown, [low, high]), own)) = known.zip(unknowns.get_mut(*at)) else {
                    continue;
                };
                let least = if unknown.need == Need::FromZero { unknown.withheld[0] } else { *low };
                match sign > 0.0 {
                    true => own[1] = own[1].min((least + self.width).max(0.0)),
                    false if unknown.need == Need::Wide => {
                        own[0] = own[0].max((high - self.width).min(0.0));
                    }
                    false => {}
                }
            }
            let objective: Vec<_> = batch.iter().map(|at| (*at, sign)).collect();
            let program = Program { unknowns: &unknowns, equations: &self.system.equations };
            if let Some(world) = program.maximise(&objective) {
                widen(reached, &world);
                self.worlds.push(world);
            }
        }
    }

    /// Where each number can be, by its own status alone.
    fn bounds(&self, withheld: &[bool]) -> Vec<[f64; 2]> {
        let own = |unknown: &Unknown| {
            if hidden(unknown, withheld) { unknown.withheld } else { unknown.shown }
        };
        self.system.unknowns.iter().map(own).collect()
    }

    /// Where the worlds that `bounds` allow have each number.
    fn reached(&self, bounds: &[[f64; 2]]) -> Vec<[f64; 2]> {
        let mut reached = vec![[0.0; 2]; bounds.len()];
        let allowed = |world: &&Vec<f64>| {
            let within = |(value, [low, high]): (&f64, &[f64; 2])| {
                (low - SLACK..=high + SLACK).contains(value)
            };
            world.iter().zip(bounds).all(within)
        };
        self.worlds.iter().filter(allowed).for_each(|world| widen(&mut reached, world));
        reached
    }

    /// What the unknown must reach; `None` if nothing.
    fn goals(&self, at: usize, withheld: &[bool]) -> Option<(&'s Unknown, f64)> {
        let unknown = self.system.unknowns.get(at)?;
        let needy = unknown.need != Need::Nothing && hidden(unknown, withheld);
        needy.then_some((unknown, self.width))
    }

    fn meets(&self, at: usize, withheld: &[bool], reached: Option<[f64; 2]>) -> bool {
        let Some((unknown, width)) = self.goals(at, withheld) else { return true };
        let ([low, high], [least, _]) = (reached.unwrap_or_default(), unknown.withheld);
        match unknown.need {
            Need::Nothing => true,
            Need::Wide => high - low >= width - SLACK,
            Need::FromZero => low <= least + SLACK && high >= least + width - SLACK,
        }
    }

    /// Bounds tightened by one equation after another: no number can be outside.
    fn tightened(&self, bounds: &[[f64; 2]]) -> Option<Vec<[f64; 2]>> {
        let mut tight = bounds.to_vec();
        for _ in 0..ROUNDS {
            let before = tight.clone();
            for equation in &self.system.equations {
                tighten(equation, &mut tight)?;
            }
            if before == tight {
                break;
            }
        }
        Some(tight)
    }
}

/// Whether the unknown belongs to no cell that is shown.
fn hidden(unknown: &Unknown, withheld: &[bool]) -> bool {
    unknown.cell.is_none_or(|cell| withheld.get(cell).copied().unwrap_or(true))
}

fn widen(reached: &mut [[f64; 2]], world: &[f64]) {
    for ([low, high], value) in reached.iter_mut().zip(world) {
        *low = low.min(*value);
        *high = high.max(*value);
    }
}

/// Tightens the bounds of what is in `equation`, whose sum is zero; `None` if it cannot be.
fn tighten(equation: &[(usize, f64)], bounds: &mut [[f64; 2]]) -> Option<()> {
    let scaled = |(at, times): &(usize, f64), bounds: &[[f64; 2]]| {
        let [low, high] = bounds.get(*at).copied()?;
        let (one, other) = (low * times, high * times);
        Some([one.min(other), one.max(other)])
    };
    let mut sum = [0.0, 0.0];
    for term in equation {
        let [low, high] = scaled(term, bounds)?;
        sum = [sum[0] + low, sum[1] + high];
    }
    for term in equation {
        let [low, high] = scaled(term, bounds)?;
        // The others are from here to there, and this is what they leave.
        let (least, most) = (-(sum[1] - high), -(sum[0] - low));
        let (one, other) = (least / term.1, most / term.1);
        let bound = bounds.get_mut(term.0)?;
        // Outward by the slack, so that no rounding forbids what is possible.
        *bound = [
            bound[0].max(one.min(other) - SLACK).min(0.0),
            bound[1].min(one.max(other) + SLACK).max(0.0),
        ];
        let [new_low, new_high] = scaled(term, bounds)?;
        sum = [sum[0] + new_low - low, sum[1] + new_high - high];
    }
    Some(())
}
