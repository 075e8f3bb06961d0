//! Which numbers may be elsewhere in a world, if the rest stays as it is: those near a number.
//!
//! A world that moves a number must move others in each of its equations, which must move others in
//! theirs, until each equation adds up. Of each equation that is touched a few numbers may move:
//! first what is the sum of others, then what touches no further equation, as the eighth corner of
//! a box in a table, then what has most room. So most worlds are programs of some dozen numbers.
//! Worked number: in a table of 8 × 9 × 10 cells with all margins and four to an equation, a cell
//! has 63 others near: those with three labels, or all, in each dimension.

use super::relations::System;

/// A system, and where its numbers are used.
pub(super) struct Vicinity<'s> {
    system: &'s System,
    uses: Vec<Vec<usize>>,
}

impl<'s> Vicinity<'s> {
    pub(super) fn new(system: &'s System) -> Self {
        let mut uses = vec![Vec::new(); system.unknowns.len()];
        for (number, equation) in system.equations.iter().enumerate() {
            for (at, _) in equation {
                if let Some(uses) = uses.get_mut(*at) {
                    uses.push(number);
                }
            }
        }
        Self { system, uses }
    }

    /// The equations in which the unknown `at` is.
    pub(super) fn uses(&self, at: usize) -> &[usize] {
        self.uses.get(at).map_or(&[], Vec::as_slice)
    }

    /// The equations in which any of the unknowns `near` is, each once.
    pub(super) fn equations(&self, near: &[usize]) -> Vec<usize> {
        let mut all: Vec<usize> = near.iter().flat_map(|at| self.uses(*at)).copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The unknown `at`, and of each equation that what is found touches `moving` unknowns, as far
    /// as there are so many that `bounds` let move.
    pub(super) fn of(&self, at: usize, bounds: &[[f64; 2]], moving: usize) -> Vec<usize> {
        let mut found = vec![at];
        let mut is_found = vec![false; bounds.len()];
        let mut touched = vec![false; self.system.equations.len()];
        let mut equations = Vec::new();
        let mut next = 0;
        mark(&mut is_found, at);
        self.touch(at, &mut touched, &mut equations);
        while let Some(equation) = equations.get(next).copied() {
            next += 1;
            let members = || self.system.equations.get(equation).into_iter().flatten();
            let here = members().filter(|(at, _)| is_found.get(*at) == Some(&true)).count();
            let mut others: Vec<_> = members()
                .filter(|(at, _)| is_found.get(*at) == Some(&false))
                .filter_map(|(at, times)| {
                    let [low, high] = bounds.get(*at)?;
                    let new = |equation: &&usize| touched.get(**equation) == Some(&false);
                    let further = self.uses(*at).iter().filter(new).count();
                    // Whole persons are exact enough to compare.
                    (low < high).then_some((*times > 0.0, further, -room(*low, *high), *at))
                })
                .collect();
            let wanted = moving.saturating_sub(here).min(others.len());
            if wanted < others.len() {
                others.sort_unstable();
            }
            for (_, _, _, at) in others.into_iter().take(wanted) {
                found.push(at);
                mark(&mut is_found, at);
                self.touch(at, &mut touched, &mut equations);
            }
        }
        found.sort_unstable();
        found
    }

    fn touch(&self, at: usize, touched: &mut [bool], equations: &mut Vec<usize>) {
        for equation in self.uses(at) {
            if touched.get(*equation) == Some(&false) {
                mark(touched, *equation);
                equations.push(*equation);
            }
        }
    }
}

fn mark(marks: &mut [bool], at: usize) {
    if let Some(mark) = marks.get_mut(at) {
        *mark = true;
    }
}

/// How far a number can move both ways, in whole persons, if that is a few.
#[expect(clippy::cast_possible_truncation, reason = "what is compared is small")]
fn room(low: f64, high: f64) -> i64 {
    const FAR: f64 = 20.0;
    ((-low).min(FAR).min(high) as i64) * 2 + i64::from(high - low >= FAR)
}
