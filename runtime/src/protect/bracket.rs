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
//!
//! Programs are small: a world may leave as it is what is far away (`vicinity.rs`), and one that
//! was found stays one while more is withheld.

use super::relations::{Need, System, Unknown};
use super::solver::Program;
use super::vicinity::Vicinity;

/// Slack on what a world reaches: less than any person.
const SLACK: f64 = 1e-6;
/// How many numbers of each equation may move, at first and if that is not enough.
const MOVING: [usize; 3] = [4, 7, usize::MAX];

/// What everybody can know of a job in which some cells are withheld.
pub(super) struct Brackets<'s> {
    system: &'s System,
    vicinity: Vicinity<'s>,
    /// From the least to the greatest value, at least.
    width: f64,
    /// Whether each number belongs to no cell that is shown.
    hidden: Vec<bool>,
    /// Where each number can be, by its own status alone.
    bounds: Vec<[f64; 2]>,
    worlds: Vec<World>,
    /// Where the worlds have each number.
    reached: Vec<[f64; 2]>,
    /// Numbers that programs may still be asked about: a bound on time that no clock decides.
    pub(super) numbers_left: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Low,
    High,
}

/// The numbers that are elsewhere than in truth, by how far.
type World = Vec<(usize, f64)>;

impl<'s> Brackets<'s> {
    /// What is known if the cells in `withheld` are.
    pub(super) fn new(system: &'s System, width: u64, numbers: usize, withheld: &[bool]) -> Self {
        let hidden = |unknown: &Unknown| {
            unknown.cell.is_none_or(|cell| withheld.get(cell).copied().unwrap_or(true))
        };
        let hidden: Vec<bool> = system.unknowns.iter().map(hidden).collect();
        let both = system.unknowns.iter().zip(&hidden);
        let bounds = both.map(|(unknown, hidden)| unknown.bounds(*hidden)).collect();
        Self {
            system,
            vicinity: Vicinity::new(system),
            width: super::relations::float(i128::from(width) - 1),
            hidden,
            bounds,
            worlds: Vec::new(),
            reached: vec![[0.0; 2]; system.unknowns.len()],
            numbers_left: numbers,
        }
    }

    /// The equations in which the unknown `at` is.
    pub(super) fn uses(&self, at: usize) -> &[usize] {
        self.vicinity.uses(at)
    }

    /// Whether the unknown `at` belongs to no cell that is shown.
    pub(super) fn is_hidden(&self, at: usize) -> bool {
        self.hidden.get(at).copied().unwrap_or(true)
    }

    /// Withholds `cell`. What was possible stays so.
    pub(super) fn withhold(&mut self, cell: usize) {
        self.turn(cell, true);
    }

    /// Shows `cell` again, if nothing is known too well by it.
    pub(super) fn show(&mut self, cell: usize) -> bool {
        self.turn(cell, false);
        let worlds = self.worlds.clone();
        self.worlds.retain(|world| world.iter().all(|(at, by)| is_within(&self.bounds, *at, *by)));
        self.measure();
        let exposed = (0..self.hidden.len()).any(|at| self.is_exposed(at));
        if exposed {
            self.turn(cell, true);
            self.worlds = worlds;
            self.measure();
        }
        !exposed
    }

    fn turn(&mut self, cell: usize, hide: bool) {
        let unknowns = self.system.unknowns.iter();
        let all = unknowns.zip(self.hidden.iter_mut().zip(&mut self.bounds));
        for (unknown, (hidden, bounds)) in all.filter(|(unknown, _)| unknown.cell == Some(cell)) {
            (*hidden, *bounds) = (hide, unknown.bounds(hide));
        }
    }

    fn measure(&mut self) {
        self.reached.fill([0.0; 2]);
        self.worlds.iter().for_each(|world| widen(&mut self.reached, world));
    }

    /// Whether the unknown `at` is known too well, as far as is proved.
    pub(super) fn is_exposed(&mut self, at: usize) -> bool {
        if self.is_met(at) {
            return false;
        }
        if !self.is_allowed(at) {
            return true;
        }
        let mut before = 0;
        for moving in MOVING {
            let near = self.vicinity.of(at, &self.bounds, moving);
            // Nothing more can move.
            if near.len() == before {
                break;
            }
            before = near.len();
            self.ask(at, &near);
            if self.is_met(at) {
                return false;
            }
        }
        true
    }

    /// Asks for worlds in which the number at `at` is as large, and as small, as it must be
    /// possible, and no number but those in `near` is elsewhere than in truth; what else is wanting
    /// of its cell is taken along.
    fn ask(&mut self, at: usize, near: &[usize]) {
        for side in [Side::High, Side::Low] {
            let of_cell = |near: &usize| *near != at && self.cell(*near) == self.cell(at);
            let others = near.iter().copied().filter(of_cell);
            let wanting = [at].into_iter().chain(others);
            let mut goals: Vec<_> =
                wanting.filter_map(|at| Some((at, self.goal(at, side)?))).collect();
            if goals.first().is_none_or(|(first, _)| *first != at) {
                continue;
            }
            while !goals.is_empty() {
                let Some(left) = self.numbers_left.checked_sub(near.len()) else {
                    self.numbers_left = 0;
                    return;
                };
                self.numbers_left = left;
                if let Some(world) = self.far(&goals, side, near) {
                    widen(&mut self.reached, &world);
                    self.worlds.push(world);
                }
                // What was not reached along with others may be by itself.
                let alone = goals.len() > 1 && self.goal(at, side).is_some();
                goals.truncate(usize::from(alone));
            }
        }
    }

    fn cell(&self, at: usize) -> Option<usize> {
        self.system.unknowns.get(at).and_then(|unknown| unknown.cell)
    }

    /// How far the number at `at` must be possible to one side, if no world has it there yet.
    fn goal(&self, at: usize, side: Side) -> Option<f64> {
        let (unknown, [low, high]) = (self.system.unknowns.get(at)?, *self.reached.get(at)?);
        let goal = match (unknown.need, side) {
            _ if self.is_met(at) => return None,
            (Need::Nothing, _) => return None,
            (Need::FromZero, Side::High) => unknown.withheld[0] + self.width,
            (Need::FromZero, Side::Low) => unknown.withheld[0],
            (Need::Wide, Side::High) => low + self.width,
            (Need::Wide, Side::Low) => high - self.width,
        };
        let is_reached = low <= goal + SLACK && goal - SLACK <= high;
        (!is_reached).then_some(goal)
    }

    /// A world in which the numbers of `goals` are as near to them as those in `near` let them be.
    fn far(&self, goals: &[(usize, f64)], side: Side, near: &[usize]) -> Option<World> {
        let mut places = vec![None; self.bounds.len()];
        let mut unknowns = Vec::with_capacity(near.len());
        for (place, near) in near.iter().enumerate() {
            *places.get_mut(*near)? = Some(place);
            unknowns.push(*self.bounds.get(*near)?);
        }
        let place = |at: usize| places.get(at).copied().flatten();
        let mut objective = Vec::with_capacity(goals.len());
        for (at, goal) in goals {
            let [low, high] = unknowns.get_mut(place(*at)?)?;
            // What a number has beyond its goal would be taken from others.
            match side {
                Side::High => *high = high.min(goal.max(0.0)),
                Side::Low => *low = low.max(goal.min(0.0)),
            }
            objective.push((place(*at)?, if side == Side::High { 1.0 } else { -1.0 }));
        }
        let local = |equation: &usize| {
            let terms = self.system.equations.get(*equation).into_iter().flatten();
            terms.filter_map(|(at, times)| Some((place(*at)?, *times))).collect::<Vec<_>>()
        };
        let equations: Vec<_> = self.vicinity.equations(near).iter().map(local).collect();
        let point = Program { unknowns: &unknowns, equations: &equations }.maximise(&objective)?;
        Some(near.iter().copied().zip(point).filter(|(_, by)| *by != 0.0).collect())
    }

    /// Whether the worlds that were found are enough for the unknown `at`.
    fn is_met(&self, at: usize) -> bool {
        self.reached.get(at).is_some_and(|reached| self.suffices(at, *reached))
    }

    /// Whether no single equation by itself forbids what must be possible of the unknown `at`.
    fn is_allowed(&self, at: usize) -> bool {
        let mut own = self.bounds.get(at).copied().unwrap_or_default();
        for equation in self.uses(at).iter().filter_map(|at| self.system.equations.get(*at)) {
            let (mut rest, mut times) = ([0.0, 0.0], 1.0);
            for (other, factor) in equation {
                let [low, high] = self.bounds.get(*other).copied().unwrap_or_default();
                let (one, other_end) = (low * factor, high * factor);
                match *other == at {
                    true => times = *factor,
                    false => {
                        rest = [rest[0] + one.min(other_end), rest[1] + one.max(other_end)];
                    }
                }
            }
            let (one, other) = (-rest[0] / times, -rest[1] / times);
            own = [own[0].max(one.min(other)), own[1].min(one.max(other))];
        }
        self.suffices(at, own)
    }

    /// Whether it is enough that the unknown `at` can be at both ends of `between`.
    fn suffices(&self, at: usize, between: [f64; 2]) -> bool {
        let Some(unknown) = self.system.unknowns.get(at) else { return true };
        let ([low, high], [least, _]) = (between, unknown.withheld);
        match unknown.need {
            _ if !self.is_hidden(at) => true,
            Need::Nothing => true,
            Need::Wide => high - low >= self.width - SLACK,
            Need::FromZero => low <= least + SLACK && high >= least + self.width - SLACK,
        }
    }
}

fn is_within(bounds: &[[f64; 2]], at: usize, by: f64) -> bool {
    bounds.get(at).is_some_and(|[low, high]| (low - SLACK..=high + SLACK).contains(&by))
}

fn widen(reached: &mut [[f64; 2]], world: &World) {
    for (at, by) in world {
        if let Some([low, high]) = reached.get_mut(*at) {
            (*low, *high) = (low.min(*by), high.max(*by));
        }
    }
}
