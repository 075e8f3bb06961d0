//! Rule: no shown set differs in a few persons from one that an earlier release showed.
//!
//! Statement: of a set that the job's counts tell and that differs in 1 to k − 1 persons from a set
//! that an earlier release of this or the previous epoch told, the cell of lowest priority is
//! withheld; so is it of sums over the same persons that differ in the values of so few. A set that
//! was told itself may be told again: its number is known. (Else the margin of a job that is asked
//! with another parameter would be withheld, being near to its own cells.) Source: differencing,
//! Handbook on Statistical Disclosure Control for Outputs (2019). Worked number: 400 persons in
//! January, 399 of them in another study in March: with k = 20 the second is withheld. Answers the
//! attacks cross-module-difference and longitudinal-difference.
//!
//! Kept of each set are its number of persons, a keyed digest and two sketches, some hundred bytes:
//! enough to see that two sets are near, and not who is in them. Sums are compared in grid steps:
//! one on another grid, or of twice each value, is not recognised as the same.

use cloister_contract::partial::Sketch;
use sha2::Digest as _;

use super::Rules;
use super::exact::{Exact, Set, bounds};
use super::priority::Priorities;

/// What earlier releases told, over the same people.
#[derive(Clone, Debug, Default)]
pub struct History(Vec<ToldSet>);

/// A set of persons of whom a release told a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ToldSet {
    persons: u64,
    digest: u128,
    who: [u64; 4],
    /// Of sums: the sketch of (person, value), and a digest of the sum and the sum of squares.
    values: Option<([u64; 4], u128)>,
}

/// Bytes of one set.
const BYTES: usize = 8 + 16 + 32 + 1 + 32 + 16;

impl History {
    /// What the releases told whose sets these are.
    pub(crate) const fn of(told: Vec<ToldSet>) -> Self {
        Self(told)
    }

    /// The sets.
    #[cfg(test)]
    pub(crate) fn sets(&self) -> &[ToldSet] {
        &self.0
    }
}

/// Withholds what an earlier release stands against.
pub(super) fn withhold(
    rules: &Rules,
    exact: &Exact<'_>,
    sets: &[Set],
    (history, order): (&History, &Priorities),
    withheld: &mut [bool],
) {
    let mut sets: Vec<&Set> = sets.iter().collect();
    // Single cells first: what adds up several of them may then be told no more.
    sets.sort_by_key(|set| (set.cells.len(), order.of_set(set)));
    for set in sets.into_iter().filter(|set| !set.cells.is_empty()) {
        let shown = |cell: &usize| withheld.get(*cell) == Some(&false);
        if set.cells.iter().all(shown)
            && is_near(history, &ToldSet::of(exact, set), rules.persons_per_cell_min)
        {
            let last = set.cells.iter().max_by_key(|cell| order.of(**cell));
            if let Some(withheld) = last.and_then(|cell| withheld.get_mut(*cell)) {
                *withheld = true;
            }
        }
    }
}

/// The sets that a job tells if these cells are withheld, each once.
pub(super) fn told(exact: &Exact<'_>, withheld: &[bool]) -> Vec<ToldSet> {
    let shown = |cell: &usize| withheld.get(*cell) == Some(&false);
    let sets = exact.sets().into_iter();
    let shown = sets.filter(|set| !set.cells.is_empty() && set.cells.iter().all(shown));
    let mut told: Vec<ToldSet> = shown.map(|set| ToldSet::of(exact, &set)).collect();
    told.sort_unstable();
    told.dedup();
    told
}

/// Whether `set` differs from one that was told in fewer than `k` persons, or in the values of so
/// few, and was not told itself.
fn is_near(history: &History, set: &ToldSet, k: u64) -> bool {
    let any = |is: &dyn Fn(&ToldSet) -> bool| history.0.iter().any(is);
    let persons = any(&|told| set.persons_differ_in_few(told, k));
    let values = any(&|told| set.values_differ_in_few(told, k));
    persons && !any(&|told| told.digest == set.digest)
        || values && !any(&|told| told.digest == set.digest && told.values == set.values)
}

impl ToldSet {
    /// A set of so many persons that nobody is in, for tests of what keeps it.
    #[cfg(test)]
    pub(crate) const fn made_up(persons: u64) -> Self {
        Self { persons, digest: 0, who: [0; 4], values: None }
    }

    fn of(exact: &Exact<'_>, set: &Set) -> Self {
        let bounds = exact.outputs.get(set.output).and_then(|output| bounds(&output.kind));
        let values = bounds.map(|bounds| {
            let (mut sketch, low) = (Sketch::default(), i128::from(bounds.low));
            let (mut sum, mut squares) = (0_i128, 0_i128);
            for cell in set.cells.iter().map(|cell| exact.cell(*cell)) {
                sketch.merge(&cell.values);
                // Around zero in place of the lower bound, so that other bounds give the same.
                let below = low.wrapping_mul(i128::from(cell.persons));
                sum = sum.wrapping_add(cell.sum).wrapping_add(below);
                let twice = low.wrapping_mul(cell.sum).wrapping_mul(2);
                let around = cell.squares.wrapping_add(twice).wrapping_add(low.wrapping_mul(below));
                squares = squares.wrapping_add(around);
            }
            let hash = sha2::Sha256::new_with_prefix(b"cloister sums 1\n");
            let hash = hash.chain_update(sum.to_le_bytes()).chain_update(squares.to_le_bytes());
            let hash: [u8; 32] = hash.finalize().into();
            let hash = hash.first_chunk().copied().unwrap_or_default();
            (sketch.words(), u128::from_le_bytes(hash))
        });
        Self { persons: set.persons, digest: set.digest, who: set.who.words(), values }
    }

    /// In 1 to k − 1 persons, as far as sketches tell.
    fn persons_differ_in_few(&self, other: &Self, k: u64) -> bool {
        self.digest != other.digest
            && self.persons.abs_diff(other.persons) < k
            && distance(self.who, other.who) < k
    }

    /// In the values of 1 to k − 1 of the same persons: who has another value is in one set of
    /// (person, value) with it, and in the other with the other.
    fn values_differ_in_few(&self, other: &Self, k: u64) -> bool {
        let (Some(one), Some(two)) = (self.values, other.values) else { return false };
        self.digest == other.digest && one != two && distance(one.0, two.0) < 2 * k - 1
    }

    /// The bytes of all `sets`, of one length each.
    pub(crate) fn encode(sets: &[Self]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(sets.len() * BYTES);
        for Self { persons, digest, who, values } in sets {
            let (sketch, hash) = values.unwrap_or_default();
            bytes.extend(persons.to_le_bytes());
            bytes.extend(digest.to_le_bytes());
            bytes.extend(who.iter().flat_map(|word| word.to_le_bytes()));
            bytes.push(u8::from(values.is_some()));
            bytes.extend(sketch.iter().flat_map(|word| word.to_le_bytes()));
            bytes.extend(hash.to_le_bytes());
        }
        bytes
    }

    /// The sets in `bytes`; `None` if these are no sets.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Vec<Self>> {
        let (sets, rest) = bytes.as_chunks::<BYTES>();
        rest.is_empty().then(|| sets.iter().map(|set| Self::decode_one(set)).collect())?
    }

    fn decode_one(bytes: &[u8]) -> Option<Self> {
        let (persons, bytes) = bytes.split_first_chunk()?;
        let (digest, bytes) = bytes.split_first_chunk()?;
        let (who, bytes) = words(bytes)?;
        let (is_sum, bytes) = bytes.split_first()?;
        let (sketch, bytes) = words(bytes)?;
        let hash = u128::from_le_bytes(bytes.try_into().ok()?);
        let values = match is_sum {
            0 => None,
            1 => Some((sketch, hash)),
            _ => return None,
        };
        let (persons, digest) = (u64::from_le_bytes(*persons), u128::from_le_bytes(*digest));
        Some(Self { persons, digest, who, values })
    }
}

fn distance(one: [u64; 4], other: [u64; 4]) -> u64 {
    u64::from(Sketch::of_words(one).distance(&Sketch::of_words(other)))
}

fn words(bytes: &[u8]) -> Option<([u64; 4], &[u8])> {
    let (first, rest) = bytes.split_first_chunk::<32>()?;
    let (words, _) = first.as_chunks::<8>();
    let words: Vec<u64> = words.iter().map(|word| u64::from_le_bytes(*word)).collect();
    Some((words.try_into().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Profile;
    use super::super::drafts::Sample;
    use super::super::screen::withheld;
    use super::*;

    const COUNT: &str = "[outputs]\nn = { kind = \"count\" }\n";
    const SUM: &str = "[outputs]\nx = { kind = \"sum\", bounds = [0, 40], grid = 1 }\n";

    fn strict() -> Rules {
        *Profile::named("strict").unwrap().rules().unwrap()
    }

    /// A job in which some of so many persons say a value, by their number.
    fn job(study: &str, persons: usize, says: impl Fn(usize) -> Option<f64>) -> Sample {
        let says = |at| says(at).map(|value| (0, 0, value)).into_iter().collect();
        Sample::new(study, 60_000, &(0..persons).map(says).collect::<Vec<_>>())
    }

    /// Which cells a job withholds after others, and what it tells.
    fn after(history: &History, sample: &Sample) -> (Vec<bool>, Vec<ToldSet>) {
        let withheld = withheld(&strict(), &sample.exact(), history);
        let told = told(&sample.exact(), &withheld);
        (withheld, told)
    }

    fn first(sample: &Sample) -> History {
        let (withheld, told) = after(&History::default(), sample);
        assert_eq!(withheld, [false]);
        History::of(told)
    }

    #[test]
    fn all_but_one_to_nineteen_of_what_was_shown_are_withheld() {
        let count = |lost: usize| job(COUNT, 400, move |at| (at >= lost).then_some(1.0));
        let history = first(&count(0));
        let found: Vec<bool> = (0..40).map(|lost| after(&history, &count(lost)).0[0]).collect();
        assert!(!found[0], "the same set is told again");
        assert!(found[1..20].iter().all(|withheld| *withheld), "{found:?}");
        // More than k persons may share bits of a sketch; many more do not seem few.
        assert!(found[36..].iter().all(|withheld| !*withheld), "{found:?}");
        // One goes and another comes: as many, and two persons differ.
        let other = job(COUNT, 401, |at| (at != 7).then_some(1.0));
        assert_eq!(after(&history, &other).0, [true]);
        // Whoever does not compare shows both.
        let rules = Rules { compares_releases: false, ..strict() };
        assert_eq!(withheld(&rules, &count(1).exact(), &history), [false]);
    }

    #[test]
    fn another_value_of_one_to_nineteen_persons_is_withheld() {
        let with = |others: usize, study: &str| {
            job(study, 400, move |at| {
                Some(((at * at) % 37) as f64 + f64::from(u8::from(at < others)))
            })
        };
        let history = first(&with(0, SUM));
        for others in 0..20 {
            let (withheld, _) = after(&history, &with(others, SUM));
            assert_eq!(withheld, [others > 0], "{others}");
        }
        assert_eq!(after(&history, &with(200, SUM)).0, [false]);
        // Other bounds are no other values.
        let wider = SUM.replace("[0, 40]", "[-5, 45]");
        assert_eq!(after(&history, &with(0, &wider)).0, [false]);
        assert_eq!(after(&history, &with(1, &wider)).0, [true]);
    }

    /// Two values on one bit of the sketch hide each other; the sums tell them apart.
    #[test]
    fn another_value_is_found_whatever_bits_it_has() {
        let history = first(&job(SUM, 400, |at| Some((at % 37) as f64)));
        for one in 0..60 {
            let other = job(SUM, 400, |at| Some((at % 37) as f64 + f64::from(u8::from(at == one))));
            assert_eq!(after(&history, &other).0, [true], "{one}");
        }
    }

    /// Two persons on one bit are found as well.
    #[test]
    fn any_two_persons_less_are_found() {
        let history = first(&job(COUNT, 240, |_| Some(1.0)));
        for (one, two) in (0..40).flat_map(|one| (0..one).map(move |two| (one, two))) {
            let other = job(COUNT, 240, |at| (at != one && at != two).then_some(1.0));
            assert_eq!(after(&history, &other).0, [true], "{one} and {two}");
        }
    }

    /// A margin that nobody declared is known from its cells.
    #[test]
    fn a_margin_that_was_only_added_up_is_compared_too() {
        let by = "[dimensions]\nside = [\"left\", \"right\"]\n[outputs]\n\
                  n = { kind = \"count\", by = [\"side\"] }\n";
        let sides = |persons: usize| {
            let says = |at: usize| vec![(0, i64::try_from(at % 2).unwrap(), 1.0)];
            Sample::new(by, 60_000, &(0..persons).map(says).collect::<Vec<_>>())
        };
        let (withheld, told) = after(&History::default(), &sides(400));
        assert_eq!((withheld, told.len()), (vec![false; 2], 3));
        let history = History::of(told);
        let one_less = job(COUNT, 400, |at| (at > 0).then_some(1.0));
        assert_eq!(after(&history, &one_less).0, [true]);
        assert_eq!(after(&first(&one_less), &sides(400)).0, [false, true]);
    }

    /// What `docs/privacy.md` says: whether a cell is withheld is itself an answer, always right.
    #[test]
    fn the_memory_answers_a_bit_each_time_it_is_asked() {
        for size in (200..260).step_by(7) {
            for secret in [false, true] {
                let others = job(COUNT, size + 1, |at| (at > 0).then_some(1.0));
                let asked = job(COUNT, size + 1, |at| (at > 0 || secret).then_some(1.0));
                assert_eq!(after(&first(&others), &asked).0, [secret], "{size}");
            }
        }
    }

    fn sets() -> impl Strategy<Value = ToldSet> {
        let values = proptest::option::of((any::<[u64; 4]>(), any::<u128>()));
        (any::<u64>(), any::<u128>(), any::<[u64; 4]>(), values)
            .prop_map(|(persons, digest, who, values)| ToldSet { persons, digest, who, values })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        #[test]
        fn sets_read_back_and_other_lengths_do_not(sets in prop::collection::vec(sets(), 0..9)) {
            let bytes = ToldSet::encode(&sets);
            prop_assert_eq!(ToldSet::decode(&bytes), Some(sets));
            for end in (1..bytes.len()).filter(|end| end % BYTES != 0) {
                prop_assert_eq!(ToldSet::decode(&bytes[..end]), None);
            }
        }

        /// Whatever two jobs are asked one after the other, by real sets of persons: of a count
        /// that the first shows and one that the second shows, 1 to 19 persons are no difference.
        #[test]
        fn no_two_shown_counts_of_two_jobs_differ_in_a_few_persons(
            cuts in prop::collection::vec((0..12_usize, 0..300_usize), 12),
        ) {
            // Cell by cell, who is in it: everybody from one number on, but for some.
            let study = "[dimensions]\ncell = { range = [1, 6] }\n[outputs]\n\
                         n = { kind = \"count\", by = [\"cell\"], cells_per_person = 6 }\n";
            let is_in = |(from, but): (usize, usize), at: usize| at >= from * 9 && at != but;
            let sample = |cuts: &[(usize, usize)]| {
                let says = |at: usize| {
                    let cells = (0..).zip(cuts).filter(|(_, cut)| is_in(**cut, at));
                    cells.map(|(cell, _)| (0, cell, 1.0)).collect::<Vec<_>>()
                };
                Sample::new(study, 60_000, &(0..300).map(says).collect::<Vec<_>>())
            };
            let (one, two) = cuts.split_at(6);
            let (first_withheld, told) = after(&History::default(), &sample(one));
            let (second_withheld, _) = after(&History::of(told), &sample(two));
            let shown = |cuts: &[(usize, usize)], withheld: &[bool]| {
                let shown = cuts.iter().zip(withheld).filter(|(_, withheld)| !**withheld);
                shown.map(|(cut, _)| *cut).collect::<Vec<_>>()
            };
            let (ones, twos) = (shown(one, &first_withheld), shown(two, &second_withheld));
            for two in &twos {
                let differ = |one: &(usize, usize)| {
                    (0..300).filter(|at| is_in(*one, *at) != is_in(*two, *at)).count()
                };
                let differ: Vec<usize> = ones.iter().map(differ).collect();
                let near = differ.iter().any(|differ| (1..20).contains(differ));
                prop_assert!(!near || differ.contains(&0), "{ones:?} and {two:?}");
            }
        }
    }
}
