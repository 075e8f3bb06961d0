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
    // Bits of an even number of persons may fall together: then the sketches are equal.
    if persons < k && one.digest != other.digest {
        return true;
    }
    let ([a], [b]) = (&one.cells[..], &other.cells[..]) else { return false };
    let sums = |set: &Set| exact.outputs.get(set.output).and_then(|o| bounds(&o.kind)).is_some();
    // Who has another value is in one set with it, and in the other with the other.
    let (a, b) = (exact.cell(*a), exact.cell(*b));
    let values = u64::from(a.values.distance(&b.values));
    let differ = values > 0 || (a.sum, a.squares) != (b.sum, b.squares);
    persons == 0 && sums(one) && sums(other) && values < 2 * k - 1 && differ
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

#[cfg(test)]
mod tests {
    use super::super::Profile;
    use super::super::drafts::Sample;
    use super::*;

    /// How many pairs a job has in which both outputs tell everybody's value, but for what
    /// `second` says in the second; and whether their sketches of persons and values are equal.
    fn pairs_of(kind: &str, second: impl Fn(usize) -> Option<f64>) -> (usize, [bool; 2]) {
        let study = format!("[outputs]\na = {{ {kind} }}\nb = {{ {kind} }}\n");
        let says = |at: usize| {
            let second = second(at).map(|value| (1, 0, value));
            [(0, 0, (at % 7) as f64)].into_iter().chain(second).collect()
        };
        let sample = Sample::new(&study, 60_000, &(0..40).map(says).collect::<Vec<_>>());
        let exact = sample.exact();
        let (sets, rules) = (exact.sets(), *Profile::named("hospital").unwrap().rules().unwrap());
        let [a, b] = &sample.partial.cells[..] else { panic!("two cells") };
        let equal = [a.who == b.who, a.values == b.values];
        (pairs(&rules, &exact, &sets, &Priorities::new(&exact)).len(), equal)
    }

    /// Two persons on one bit of the sketch hide each other, and are found all the same.
    #[test]
    fn two_persons_less_are_found_whatever_bits_they_have() {
        let all = (0..40).flat_map(|one| (0..one).map(move |other| [one, other]));
        let found =
            all.map(|lost| pairs_of("kind = \"count\"", |at| (!lost.contains(&at)).then_some(1.0)));
        let found: Vec<_> = found.collect();
        assert!(found.iter().all(|(pairs, _)| *pairs == 1));
        assert!(found.iter().any(|(_, [persons, _])| *persons), "no two persons share a bit");
    }

    /// So are two values of one person on one bit.
    #[test]
    fn another_value_is_found_whatever_bits_it_has() {
        let all = (0..40).flat_map(|one| (10..20).map(move |value| (one, value)));
        let found = all.map(|(one, value)| {
            let says = move |at: usize| Some(if at == one { value } else { at % 7 } as f64);
            pairs_of("kind = \"sum\", bounds = [0, 20], grid = 1", says)
        });
        let found: Vec<_> = found.collect();
        assert!(found.iter().all(|(pairs, _)| *pairs == 1));
        assert!(found.iter().any(|(_, [_, values])| *values), "no two values share a bit");
    }
}
