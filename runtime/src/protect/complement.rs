//! Rule: further cells are withheld until no withheld number is known too well.
//!
//! Statement: while a number is exposed (`bracket.rs`), one more cell is withheld: of those that
//! are shown, the nearest by equations; of these the one that shares most equations with exactly
//! one withheld number, since that equation is what tells it; of these the last by priority. At the
//! end each cell that was added is shown again, in order of priority, if nothing is exposed by it.
//! The choice depends on which cells are withheld and how they are related, on numbers only through
//! what is exposed. Source: Cox, "Suppression Methodology and Statistical Disclosure Control"
//! (1980). Worked number: three by three cells with margins, one withheld: another in its row,
//! another in its column, and the one where these cross.

use super::bracket::Brackets;
use super::priority::Priorities;
use super::relations::System;

/// Numbers that all linear programs of one job may be about: thousands of programs about a few, or
/// hundreds about all. Beyond, everything is withheld.
const NUMBERS_MAX: usize = 4_000_000;
/// Of these, those that may be spent on showing cells again.
const NUMBERS_TO_SHOW: usize = 400_000;

/// Withholds further cells. `withheld` are those that a rule withholds by itself.
pub(super) fn complement(system: &System, order: &Priorities, width: u64, withheld: &mut [bool]) {
    let mut brackets = Brackets::new(system, width, NUMBERS_MAX, withheld);
    let mut given_up = vec![false; system.unknowns.len()];
    let mut added = Vec::new();
    loop {
        let before = added.len();
        for at in 0..system.unknowns.len() {
            while given_up.get(at) == Some(&false) && brackets.is_exposed(at) {
                if brackets.numbers_left == 0 {
                    withheld.fill(true);
                    return;
                }
                match nearest(system, &brackets, order, at) {
                    Some(cell) => {
                        mark(withheld, cell, true);
                        brackets.withhold(cell);
                        added.push(cell);
                    }
                    // Nothing is left to withhold that has to do with it: it is known from
                    // elsewhere.
                    None => mark(&mut given_up, at, true),
                }
            }
        }
        // A cell that was added may itself be exposed.
        if added.len() == before {
            break;
        }
    }
    if !given_up.contains(&true) {
        show_again(&mut brackets, order, withheld, added);
    }
}

/// Shows again what need not be withheld.
fn show_again(
    brackets: &mut Brackets<'_>,
    order: &Priorities,
    withheld: &mut [bool],
    mut added: Vec<usize>,
) {
    brackets.numbers_left = brackets.numbers_left.min(NUMBERS_TO_SHOW);
    added.sort_by_key(|cell| order.of(*cell));
    for cell in added {
        if brackets.numbers_left > 0 && brackets.show(cell) {
            mark(withheld, cell, false);
        }
    }
}

fn mark(marks: &mut [bool], at: usize, as_is: bool) {
    if let Some(mark) = marks.get_mut(at) {
        *mark = as_is;
    }
}

/// The shown cell that is withheld for the sake of the `exposed` number.
fn nearest(
    system: &System,
    brackets: &Brackets<'_>,
    order: &Priorities,
    exposed: usize,
) -> Option<usize> {
    let cell = |at: usize| system.unknowns.get(at).and_then(|unknown| unknown.cell);
    let shown = |at: usize| cell(at).filter(|_| !brackets.is_hidden(at));
    let hidden = |at: &usize| cell(*at).is_some() && brackets.is_hidden(*at);
    let members = |equation: &usize| system.equations.get(*equation).into_iter().flatten();
    let alone = |equation: &&usize| members(equation).filter(|(at, _)| hidden(at)).count() == 1;
    let mut seen = vec![false; system.unknowns.len()];
    let mut front = vec![exposed];
    mark(&mut seen, exposed, true);
    while !front.is_empty() {
        let mut next: Vec<usize> = Vec::new();
        let equations = front.iter().flat_map(|at| brackets.uses(*at));
        for (at, _) in equations.flat_map(members) {
            if seen.get(*at) == Some(&false) {
                mark(&mut seen, *at, true);
                next.push(*at);
            }
        }
        let tells = |at: usize| brackets.uses(at).iter().filter(alone).count();
        let candidates =
            next.iter().filter_map(|at| Some((tells(*at), order.of(shown(*at)?), *at)));
        if let Some((_, _, at)) = candidates.max() {
            return cell(at);
        }
        // What is withheld already leads on to what is behind it.
        front = next;
    }
    None
}
