//! The linear program solver behind one function, which answers or does not, and never panics.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem};

/// The longest that one program may take. No program here comes near; what does is not answered.
const TIME_MAX: Duration = Duration::from_secs(10);
/// How far a solution may miss an equation or a bound, in persons.
const TOLERANCE: f64 = 1e-6;

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
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        problem.set_time_limit(TIME_MAX);
        let unknowns = self.unknowns.iter().zip(&costs);
        let variables: Vec<_> =
            unknowns.map(|([low, high], cost)| problem.add_var(*cost, (*low, *high))).collect();
        for equation in self.equations {
            let mut sum = LinearExpr::empty();
            for (at, times) in equation {
                sum.add(*variables.get(*at)?, *times);
            }
            problem.add_constraint(sum, ComparisonOp::Eq, 0.0);
        }
        match problem.solve() {
            Ok(outcome) if outcome.is_optimal() => {
                let solution = outcome.into_solution().ok()?;
                Some(variables.iter().map(|variable| solution.var_value(*variable)).collect())
            }
            _ => None,
        }
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
