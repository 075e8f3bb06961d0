//! What a study does not declare but its source may tell: sets of persons that are equal, are the
//! disjoint union of two others, or are nested in others but for a few.
//!
//! Sets are found by their keyed digests, so no study has to say that they are related. What holds
//! by chance alone is told to nobody, and is not believed: believed, it would have much withheld.
//! Worked number: 6 who came back and 493 who did not are the 499 who were discharged, in three
//! outputs that do not say so: the 6 are withheld, and with them one of the others, if these are
//! shown as narrowly as to tell that the 6 are somebody.

use std::collections::{BTreeMap, BTreeSet};

use super::exact::{Set, bounds};
use super::nested::Pair;
use super::relations::{Builder, Measure, Need, float};

/// Of each output's sets of the same persons the one by the fewest axes: the others are equal to it
/// by chance, since other cells are empty, and nobody is told so.
fn coarsest(sets: &[Set]) -> Vec<&Set> {
    let mut found: BTreeMap<(usize, u128), &Set> = BTreeMap::new();
    for set in sets.iter().filter(|set| set.persons > 0) {
        let known = found.entry((set.output, set.digest)).or_insert(set);
        if set.axes < known.axes {
            *known = set;
        }
    }
    found.into_values().collect()
}

impl Builder<'_> {
    /// Every relation among `sets` that the study does not declare, and the nested `pairs`.
    pub(super) fn undeclared(&mut self, sets: &[Set], pairs: &[Pair]) {
        let sets = coarsest(sets);
        self.equal_sets(&sets);
        self.unions(&sets);
        pairs.iter().for_each(|pair| self.nested(pair));
    }

    /// Sets of the same persons, whichever cells tell them.
    fn equal_sets(&mut self, sets: &[&Set]) {
        let mut known: BTreeMap<u128, &Set> = BTreeMap::new();
        for set in sets.iter().copied() {
            let Some(first) = known.insert(set.digest, set) else { continue };
            // A numerator and its denominator are equal by chance: `group.rs` sees to it.
            let of = |one: &Set, other: &Set| {
                self.exact.outputs.get(one.output).is_some_and(|o| o.of == Some(other.output))
            };
            if of(first, set) || of(set, first) {
                continue;
            }
            let all: Vec<_> = first.cells.iter().map(|at| (*at, 1.0)).collect();
            self.equation(all.into_iter().chain(set.cells.iter().map(|at| (*at, -1.0))));
            self.equal_sums(first, set);
        }
    }

    /// Of equal sets, sums of the same kind that are equal, too.
    fn equal_sums(&mut self, one: &Set, other: &Set) {
        let scale = |set: &Set| self.exact.outputs.get(set.output).and_then(|o| bounds(&o.kind));
        if scale(one).is_none() || scale(one) != scale(other) {
            return;
        }
        for measure in [Measure::Sum, Measure::Squares] {
            let value = |set: &Set| {
                let cells = set.cells.iter().map(|at| self.exact.cell(*at));
                let values = cells.map(|cell| match measure {
                    Measure::Sum => cell.sum,
                    Measure::Squares => cell.squares,
                });
                values.sum::<i128>()
            };
            if value(one) != value(other) {
                continue;
            }
            let mut terms = Vec::new();
            for (set, sign) in [(one, 1.0), (other, -1.0)] {
                let unknowns = set.cells.iter().filter_map(|at| self.measured(*at, measure));
                terms.extend(unknowns.map(|at| (at, sign)));
            }
            self.equation(terms);
        }
    }

    /// Cells that are the disjoint union of two others, of whatever outputs.
    fn unions(&mut self, sets: &[&Set]) {
        let cells = || sets.iter().copied().filter(|set| set.cells.len() == 1);
        let known: BTreeMap<u128, &Set> = cells().map(|set| (set.digest, set)).collect();
        let mut outputs: BTreeMap<u128, BTreeSet<usize>> = BTreeMap::new();
        for set in sets {
            outputs.entry(set.digest).or_default().insert(set.output);
        }
        // Cells of one output add up to its margins, and to others by chance alone, as where a
        // third cell is empty; so do sets that are equal to such cells.
        let in_one = |one: &Set, other: &Set| {
            let both = outputs.get(&one.digest).zip(outputs.get(&other.digest));
            both.is_some_and(|(one, other)| !one.is_disjoint(other))
        };
        for (at, one) in cells().enumerate() {
            for other in cells().skip(at + 1).filter(|other| !in_one(one, other)) {
                if let Some(union) = known.get(&one.digest.wrapping_add(other.digest)) {
                    let parts: Vec<_> = one.cells.iter().chain(&other.cells).copied().collect();
                    union.cells.iter().for_each(|whole| self.sum_of(&parts, *whole));
                }
            }
        }
    }

    /// A set within another: what is left between them must not be known.
    fn nested(&mut self, pair: &Pair) {
        let (few, many) = match pair.kept.persons <= pair.lost.persons {
            true => (&pair.kept, &pair.lost),
            false => (&pair.lost, &pair.kept),
        };
        let left = many.persons - few.persons;
        if left > 0 && u64::from(few.who.distance(&many.who)) == left {
            let many: Vec<_> = many.cells.iter().map(|at| (*at, 1.0)).collect();
            self.at_most(&few.cells, &many, float(i128::from(left)), Need::FromZero);
        }
    }
}
