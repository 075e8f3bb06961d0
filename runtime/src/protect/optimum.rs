//! Small tables against brute force: what an attacker can know, and the least that must be lost.

use proptest::prelude::*;

use super::drafts::Sample;
use super::screen::{alone, withheld};
use super::{History, Profile, Rules, rounding};

/// A small table of one output: its dimensions, inner cells, and which of them each margin sums.
#[derive(Clone)]
struct Table {
    study: &'static str,
    inner: usize,
    margins: &'static [&'static [usize]],
}

/// Two by three cells with all margins: twelve cells.
const TWO_BY_THREE: Table = Table {
    study: "[dimensions]\na = [\"x\", \"y\"]\nb = [\"p\", \"q\", \"r\"]\n[outputs]\n\
            n = { kind = \"count\", by = [\"a\", \"b\"], totals = [[\"a\"], [\"b\"], []] }\n",
    inner: 6,
    margins: &[&[0, 1, 2], &[3, 4, 5], &[0, 3], &[1, 4], &[2, 5], &[0, 1, 2, 3, 4, 5]],
};

/// Two by two cells with all margins.
const TWO_BY_TWO: Table = Table {
    study: "[dimensions]\na = [\"x\", \"y\"]\nb = [\"p\", \"q\"]\n[outputs]\n\
            n = { kind = \"count\", by = [\"a\", \"b\"], totals = [[\"a\"], [\"b\"], []] }\n",
    inner: 4,
    margins: &[&[0, 1], &[2, 3], &[0, 2], &[1, 3], &[0, 1, 2, 3]],
};

/// Four cells and their total.
const ONE_WAY: Table = Table {
    study: "[dimensions]\na = { range = [1, 4] }\n[outputs]\n\
            n = { kind = \"count\", by = [\"a\"], totals = [[]] }\n",
    inner: 4,
    margins: &[&[0, 1, 2, 3]],
};

fn rules() -> Rules {
    *Profile::named("hospital").unwrap().rules().unwrap()
}

impl Table {
    fn sample(&self, inner: &[u64]) -> Sample {
        let persons = inner.iter().take(self.inner).zip(0..);
        let persons = persons.flat_map(|(n, cell)| (0..*n).map(move |_| vec![(0, cell, 1.0)]));
        Sample::new(self.study, 100_000, &persons.collect::<Vec<_>>())
    }

    /// Whether nothing withheld can be bracketed, in the rule's own words: by trying every inner
    /// number near the truth, of which the margins follow.
    fn is_safe(&self, counts: &[u64], withheld: &[bool]) -> bool {
        let own = |at: usize| match withheld[at] {
            true => [counts[at].saturating_sub(9), counts[at] + 9],
            false => rounding::count(counts[at], 10, 5),
        };
        let ranges: Vec<_> = (0..counts.len()).map(own).collect();
        let mut found = vec![[u64::MAX, 0]; counts.len()];
        self.search(&ranges, withheld, &mut Vec::new(), &mut found);
        let safe = |(at, [low, high]): (usize, &[u64; 2])| match counts[at] < 10 {
            _ if !withheld[at] => true,
            true => *low == 0 && *high >= 4,
            false => high - low >= 4,
        };
        found.iter().enumerate().all(safe)
    }

    fn search(
        &self,
        ranges: &[[u64; 2]],
        withheld: &[bool],
        cells: &mut Vec<u64>,
        found: &mut [[u64; 2]],
    ) {
        let at = cells.len();
        let within =
            |at: usize, n: u64| withheld[at] || (ranges[at][0]..=ranges[at][1]).contains(&n);
        let sum = |cells: &[u64], parts: &[usize]| parts.iter().map(|at| cells[*at]).sum::<u64>();
        let margins = || self.margins.iter().zip(self.inner..);
        if at == self.inner {
            let all = cells.iter().copied().chain(margins().map(|(parts, _)| sum(cells, parts)));
            for (bounds, n) in found.iter_mut().zip(all) {
                *bounds = [bounds[0].min(n), bounds[1].max(n)];
            }
            return;
        }
        for n in ranges[at][0]..=ranges[at][1] {
            cells.push(n);
            // A margin whose last cell this is decides at once.
            let mut done = margins().filter(|(parts, _)| parts.last() == Some(&at));
            if done.all(|(parts, margin)| within(margin, sum(cells, parts))) {
                self.search(ranges, withheld, cells, found);
            }
            cells.pop();
        }
    }

    /// The fewest cells that must be withheld besides `alone`.
    fn optimum(&self, counts: &[u64], alone: &[bool]) -> usize {
        let free: Vec<usize> = (0..counts.len()).filter(|at| !alone[*at]).collect();
        let mut choices: Vec<u32> = (0..1 << free.len()).collect();
        choices.sort_by_key(|choice| choice.count_ones());
        let safe = choices.iter().find(|choice| {
            let mut withheld = alone.to_vec();
            let chosen = free.iter().enumerate().filter(|(bit, _)| *choice >> bit & 1 == 1);
            chosen.for_each(|(_, at)| withheld[*at] = true);
            self.is_safe(counts, &withheld)
        });
        safe.unwrap().count_ones() as usize
    }
}

fn counts(sample: &Sample) -> Vec<u64> {
    sample.partial.cells.iter().map(|cell| cell.persons).collect()
}

fn tables() -> impl Strategy<Value = [u64; 6]> {
    let cell = prop_oneof![3 => 0..12_u64, 4 => 12..40_u64];
    prop::array::uniform6(cell)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Brute force brackets nothing that is withheld.
    #[test]
    fn brute_force_tells_no_withheld_cell(inner in tables()) {
        prop_assume!(inner.iter().sum::<u64>() >= 50);
        for table in [TWO_BY_THREE, TWO_BY_TWO, ONE_WAY] {
            let sample = table.sample(&inner);
            let withheld = withheld(&rules(), &sample.exact(), &History::default());
            // Where almost everything is withheld, it is safe, and there is too much to try.
            if withheld.iter().take(table.inner).filter(|w| **w).count() <= 4 {
                let counts = counts(&sample);
                prop_assert!(table.is_safe(&counts, &withheld), "{counts:?} {withheld:?}");
            }
        }
    }
}

/// Cells lost, those that a rule withholds by itself included, against the fewest that are safe:
/// over tables from a fixed sequence, on average and each.
#[test]
fn cells_lost_are_near_the_optimum() {
    let mut state = 1_u64;
    let mut dice = |most: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (state >> 33) % most
    };
    let (mut lost, mut least, mut beyond) = (0, 0, 0);
    let small = [TWO_BY_TWO, ONE_WAY].into_iter().cycle().take(60);
    for table in small.chain(std::iter::repeat_n(TWO_BY_THREE, 12)) {
        let inner: [u64; 6] =
            std::array::from_fn(|_| if dice(4) == 0 { dice(10) } else { 14 + dice(30) });
        let sample = table.sample(&inner);
        let (counts, exact) = (counts(&sample), sample.exact());
        if exact.population < 50 {
            continue;
        }
        let alone = alone(&rules(), &exact);
        let primary = alone.iter().filter(|w| **w).count();
        let all = withheld(&rules(), &exact, &History::default()).iter().filter(|w| **w).count();
        let best = primary + table.optimum(&counts, &alone);
        assert!(all >= best, "{counts:?}: {all} withheld, and {best} are needed");
        (lost, least, beyond) = (lost + all, least + best, beyond.max(all - best));
    }
    assert!(least > 20, "there is little to lose");
    assert!(2 * lost <= 3 * least, "{lost} cells lost, and {least} are enough");
    assert!(beyond <= 2, "a table loses {beyond} cells more than it must");
}
