//! Rule: no two shown sets of one job differ in a few persons.
//!
//! Statement: of two sets that the job's counts tell and that differ in 1 to k − 1 persons, the one
//! of lower priority is withheld; so are sums over sets of (person, value) that differ in so few
//! persons. Sets are found by their sketches, so no study has to declare that they are related; the
//! cells of one output whose persons have one cell each are disjoint or add up to a margin, and are
//! left to the brackets, as is a set that is such a margin. Source: differencing, Handbook on
//! Statistical Disclosure Control for Outputs (2019). Worked number: the mean over 400 persons, and
//! over 399 of them: with k = 10 the second is withheld. Answers the attacks mean-of-all-but-one
//! and nested-outputs.

use super::Rules;
use super::exact::{Exact, Set, bounds};
use super::priority::Priorities;

/// Two sets that differ in 1 to k − 1 persons, the one of higher priority first.
pub(super) struct Pair {
    pub(super) kept: Set,
    pub(super) lost: Set,
}

/// The pairs among `all` sets, which have at least k persons each, in order of priority.
pub(super) fn pairs(
    rules: &Rules,
    exact: &Exact<'_>,
    all: &[Set],
    order: &Priorities,
) -> Vec<Pair> {
    let k = rules.persons_per_cell_min;
    let mut sets: Vec<&Set> = all.iter().filter(|set| set.persons >= k).collect();
    sets.sort_by_key(|set| order.of_set(set));
    let mut pairs = Vec::new();
    for (at, lost) in sets.iter().enumerate() {
        for kept in sets.iter().take(at) {
            let close =
                lost.persons.abs_diff(kept.persons) < k && differ_in_few(exact, kept, lost, k);
            if close && !is_structure(exact, kept, lost) && !is_explained(exact, all, kept, lost) {
                pairs.push(Pair { kept: (*kept).clone(), lost: (*lost).clone() });
            }
        }
    }
    pairs
}

/// Withholds the lower one of each pair of which everything is shown.
pub(super) fn separate(pairs: &[Pair], order: &Priorities, withheld: &mut [bool]) {
    for Pair { kept, lost } in pairs {
        let cells = || kept.cells.iter().chain(&lost.cells);
        let shown = |cell: &usize| withheld.get(*cell) == Some(&false);
        if cells().all(shown) {
            let last = lost.cells.iter().max_by_key(|cell| order.of(**cell));
            if let Some(withheld) = last.and_then(|cell| withheld.get_mut(*cell)) {
                *withheld = true;
            }
        }
    }
}

/// Whether the sets differ in 1 to k − 1 persons, or in the values of so few.
fn differ_in_few(exact: &Exact<'_>, one: &Set, other: &Set, k: u64) -> bool {
    let persons = u64::from(one.who.distance(&other.who));
    if (1..k).contains(&persons) {
        return true;
    }
    let ([a], [b]) = (&one.cells[..], &other.cells[..]) else { return false };
    let sums = |set: &Set| exact.outputs.get(set.output).and_then(|o| bounds(&o.kind)).is_some();
    // Who has another value is in one set with it, and in the other with the other.
    let values = u64::from(exact.cell(*a).values.distance(&exact.cell(*b).values));
    persons == 0 && sums(one) && sums(other) && (1..2 * k - 1).contains(&values)
}

/// Whether one is the other but for cells of its own output: each of these has its own rules, and
/// the brackets know that they add up.
fn is_explained(exact: &Exact<'_>, all: &[Set], one: &Set, other: &Set) -> bool {
    let within = |few: &Set, many: &Set| {
        let same = |set: &&Set| set.digest == many.digest && is_structure(exact, set, few);
        let mut margins = all.iter().filter(same);
        margins.any(|margin| few.cells.iter().all(|cell| margin.cells.contains(cell)))
    };
    one.digest != other.digest && (within(one, other) || within(other, one))
}

/// Whether two sets are of one output whose persons have one cell each.
fn is_structure(exact: &Exact<'_>, one: &Set, other: &Set) -> bool {
    let output = exact.outputs.get(one.output);
    one.output == other.output && output.is_some_and(|output| output.cells_per_person == 1)
}
