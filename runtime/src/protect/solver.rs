//! The linear program solver behind one function, which answers or does not, and never panics.
//!
//! No clock ends it, so that the same program is answered alike on every machine: what is proved
//! decides what is withheld. It ends by its own count: a phase of which ten thousand steps bring no
//! progress is given up, and phases are few. What bounds its time is how many cells a profile lets
//! a job have; those over a thousand cells take a second together where `timing.rs` measures them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem};

/// How far a solution may miss an equation or a bound, in persons.
const TOLERANCE: f64 = 1e-6;

/// What it costs to move a number by one.
const MOVE: f64 = 1.0 / 1024.0;

/// A linear program: the most of an objective, within bounds, where every equation is zero.
pub(super) struct Program<'p> {
    /// Least and greatest value of each unknown.
    pub(super) unknowns: &'p [[f64; 2]],
    /// Sums of (unknown, coefficient) that are zero.
    pub(super) equations: &'p [Vec<(usize, f64)>],
}

impl Program<'_> {
    /// A point where the sum of (unknown, coefficient) in `objective` is greatest; `None` if the
    /// solver does not find one, in which case nothing is proved.
    pub(super) fn maximise(&self, objective: &[(usize, f64)]) -> Option<Vec<f64>> {
        // A solver that panics has not answered.
        let point = catch_unwind(AssertUnwindSafe(|| self.solve(objective))).ok().flatten()?;
        self.holds(&point).then_some(point)
    }

    fn solve(&self, objective: &[(usize, f64)]) -> Option<Vec<f64>> {
        let mut costs = vec![0.0; self.unknowns.len()];
        for (at, cost) in objective {
            *costs.get_mut(*at)? += cost;
        }
        let rests = self.rests(&costs);
        let mut is_rest = vec![false; costs.len()];
        for (at, _) in rests.iter().flatten() {
            *is_rest.get_mut(*at)? = true;
        }
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        // Two variables for each number, by how much it is more and less than in truth: so the
        // solver begins at the truth, where every equation holds.
        let mut variables = Vec::with_capacity(costs.len());
        for ((at, [low, high]), cost) in self.unknowns.iter().enumerate().zip(&costs) {
            let is_rest = is_rest.get(at) == Some(&true);
            variables.push((!is_rest).then(|| {
                let more = problem.add_var(*cost - MOVE, (0.0, *high));
                (more, problem.add_var(-*cost - MOVE, (0.0, -*low)))
            }));
        }
        for (equation, rest) in self.equations.iter().zip(&rests) {
            let mut sum = LinearExpr::empty();
            for (at, times) in equation {
                if let Some((more, less)) = *variables.get(*at)? {
                    sum.add(more, *times);
                    sum.add(less, -*times);
                }
            }
            let Some((rest, times)) = rest else {
                problem.add_constraint(sum, ComparisonOp::Eq, 0.0);
                continue;
            };
            let [low, high] = self.unknowns.get(*rest)?.map(|end| -end * times);
            problem.add_constraint(sum.clone(), ComparisonOp::Le, low.max(high));
            problem.add_constraint(sum, ComparisonOp::Ge, low.min(high));
        }
        let Ok(outcome) = problem.solve() else { return None };
        if !outcome.is_optimal() {
            return None;
        }
        let solution = outcome.into_solution().ok()?;
        let value = |(more, less)| solution.var_value(more) - solution.var_value(less);
        let mut point: Vec<f64> =
            variables.into_iter().map(|both| both.map_or(0.0, value)).collect();
        for (equation, rest) in self.equations.iter().zip(rests) {
            if let Some((rest, times)) = rest {
                let others =
                    equation.iter().map(|(at, times)| point.get(*at).map_or(0.0, |x| x * times));
                *point.get_mut(rest)? = -others.sum::<f64>() / times;
            }
        }
        Some(point)
    }

    /// Of each equation an unknown that is in no other, with its coefficient: the equation then is
    /// an inequality.
    fn rests(&self, costs: &[f64]) -> Vec<Option<(usize, f64)>> {
        let mut uses = vec![0_u32; costs.len()];
        for (at, _) in self.equations.iter().flatten() {
            if let Some(uses) = uses.get_mut(*at) {
                *uses += 1;
            }
        }
        let is_rest = |at: usize| uses.get(at) == Some(&1) && costs.get(at) == Some(&0.0);
        let rest =
            |equation: &Vec<(usize, f64)>| equation.iter().copied().find(|(at, _)| is_rest(*at));
        self.equations.iter().map(rest).collect()
    }

    /// Whether a point keeps every bound and equation, computed anew.
    fn holds(&self, point: &[f64]) -> bool {
        let bounds = self
            .unknowns
            .iter()
            .zip(point)
            .all(|([low, high], value)| (low - TOLERANCE..=high + TOLERANCE).contains(value));
        let value = |(at, times): &(usize, f64)| point.get(*at).map_or(f64::NAN, |x| x * times);
        let zero = |equation: &Vec<_>| equation.iter().map(value).sum::<f64>().abs() <= TOLERANCE;
        bounds && point.len() == self.unknowns.len() && self.equations.iter().all(zero)
    }
}
