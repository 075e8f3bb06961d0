//! Partial cells read back as what persons made, and what no persons could have made is refused.

use cloister_contract::cells::Layout;
use cloister_contract::job::Params;
use cloister_contract::partial::{Cell, NotCells, PartialCells};
use cloister_contract::study::{OutputKind, Study};
use proptest::prelude::*;

const OUTPUTS: &str = r#"
[dimensions]
arm = ["a", "b"]
[outputs]
n = { kind = "count", by = ["arm"], totals = [[]] }
some = { kind = "count", by = ["arm"], of = "n" }
across = { kind = "sum", by = ["arm"], bounds = [-3, 4], grid = 1, totals = [[]] }
above = { kind = "moments", bounds = [10, 20], grid = 1 }
one = { kind = "moments", bounds = [0, 1], grid = 1 }
bins = { kind = "histogram", by = ["arm"], edges = [0, 1, 5], totals = [[]] }
"#;

fn study() -> (Study, Layout) {
    let head = include_str!("../../testdata/accepted/smallest.toml");
    let text = head.split("[outputs]").next().unwrap().to_owned() + OUTPUTS;
    let study = Study::parse("study.toml", &text).unwrap();
    let layout = Layout::new(&study, &Params::bind(&study, &[]).unwrap()).unwrap();
    (study, layout)
}

/// A person: the arm, whether it is in `some`, and a value for every output that has one.
type Person = (usize, bool, i64);

/// What a host makes of `persons`, each with a digest.
fn cells(persons: &[Person]) -> PartialCells {
    let (study, layout) = study();
    let mut partial = PartialCells::none(&layout);
    for (at, (arm, some, value)) in persons.iter().enumerate() {
        partial.population += 1;
        for (output, places) in study.outputs.iter().zip(&layout.outputs) {
            if output.name == "some" && !some {
                continue;
            }
            let (low, high) = match &output.kind {
                OutputKind::Count | OutputKind::Histogram { .. } => (0, 1),
                OutputKind::Sum(bounds) | OutputKind::Moments(bounds) => (bounds.low, bounds.high),
            };
            let counts = matches!(output.kind, OutputKind::Count | OutputKind::Histogram { .. });
            let steps = if counts { 1 } else { (*value).clamp(low, high) };
            let named = if output.by.is_empty() { 0 } else { i64::try_from(*arm).unwrap() };
            let cell = places.find(named, 0.5).unwrap();
            let margins = places.margins.iter().map(|margin| places.margin_cell(margin, cell));
            for cell in [cell].into_iter().chain(margins) {
                let hashes = [at as u128 + 7, (at as u128 + 7) << 9];
                partial.cells[cell].add(low, high, steps, hashes);
            }
        }
    }
    partial
}

fn decode(partial: &PartialCells) -> Result<PartialCells, NotCells> {
    let (study, layout) = study();
    PartialCells::decode(&partial.encode(), &study, &layout)
}

fn persons() -> impl Strategy<Value = Vec<Person>> {
    prop::collection::vec((0..2_usize, any::<bool>(), -5..25_i64), 0..30)
}

proptest! {
    #[test]
    fn what_persons_made_reads_back_and_halves_make_the_whole(
        persons in persons(), others in persons()
    ) {
        let (mut one, other) = (cells(&persons), cells(&others));
        prop_assert_eq!(decode(&one), Ok(one.clone()));
        one.merge(&other);
        prop_assert_eq!(decode(&one), Ok(one.clone()));
        // All but the digests, which are of other persons here.
        let mut all = cells(&[persons, others].concat());
        for cell in one.cells.iter_mut().chain(&mut all.cells) {
            (cell.digest, cell.who, cell.values) = Default::default();
        }
        prop_assert_eq!(one, all);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let (study, layout) = study();
        let right = PartialCells::bytes(&layout);
        let mut fitted = bytes.clone();
        fitted.resize(right, bytes.first().copied().unwrap_or(0xff));
        let _ = PartialCells::decode(&fitted, &study, &layout);
        if bytes.len() != right {
            let found = bytes.len();
            let length = NotCells::Length { found, right };
            prop_assert_eq!(PartialCells::decode(&bytes, &study, &layout), Err(length));
        }
    }

    /// One number changed at random is refused, or is such that persons could have made it: then
    /// the cells keep every promise that protection relies on.
    #[test]
    fn one_number_changed_keeps_the_promises_or_is_refused(
        persons in persons(), at in any::<prop::sample::Index>(), value in any::<[u8; 8]>(),
    ) {
        let (study, layout) = study();
        let mut bytes = cells(&persons).encode();
        let at = at.index(bytes.len() / 8) * 8;
        bytes[at..at + 8].copy_from_slice(&value);
        let Ok(partial) = PartialCells::decode(&bytes, &study, &layout) else { return Ok(()) };
        for cell in &partial.cells {
            prop_assert!(cell.persons <= partial.population);
            prop_assert!(cell.nonzero.max(cell.at_low).max(cell.at_high) <= cell.persons);
            let most = i128::from(cell.persons) * 20;
            prop_assert!((0..=most).contains(&cell.sum) && cell.squares >= cell.sum);
            prop_assert!(cell.largest[0] >= cell.largest[1] && cell.largest[0] <= 20);
        }
    }
}

/// Twelve persons, of whom one is at each bound of `across`.
fn twelve() -> PartialCells {
    cells(&(0..12).map(|n| (n % 2, n < 5, i64::try_from(n).unwrap() - 3)).collect::<Vec<_>>())
}

#[test]
fn each_impossible_number_is_refused() {
    let (_, layout) = study();
    let first = |output: usize| layout.outputs[output].first;
    let (n, some, across, above) = (first(0), first(1), first(2), first(3));
    let (one, bins) = (first(4), first(5));
    type Change = fn(&mut Cell);
    let changes: &[(usize, Change, &str)] = &[
        (n, |cell| cell.persons = 13, "more persons than there are"),
        (n, |cell| cell.persons = u64::MAX, "more persons than there are"),
        (n, |cell| cell.at_high = 0, "not every person counts one"),
        (n, |cell| cell.at_low = u64::MAX, "at the bounds"),
        (n, |cell| cell.sum = -1, "the sum is"),
        (n, |cell| cell.nonzero = 0, "other than zero"),
        (some, |cell| *cell = cells(&[(0, true, 0); 7]).cells[0], "its denominator"),
        (across, |cell| cell.at_low = cell.persons, "at the bounds"),
        (across, |cell| cell.sum = i128::MAX, "the sum is"),
        (across, |cell| cell.sum = 0, "the sum is"),
        (across, |cell| cell.squares = i128::MIN, "the sum of squares"),
        (across, |cell| cell.squares = cell.sum * 7 + 1, "the sum of squares"),
        (across, |cell| cell.nonzero = cell.persons + 1, "other than zero"),
        (across, |cell| cell.nonzero = 0, "other than zero"),
        (above, |cell| cell.nonzero -= 1, "other than zero"),
        (above, |cell| cell.largest = [21, 20], "the largest"),
        (above, |cell| cell.largest = [19, 20], "the largest"),
        (above, |cell| cell.largest = [20, 0], "the largest"),
        (above, |cell| *cell = Cell { digest: 1, ..Cell::default() }, "nobody has a digest"),
        (above, |cell| cell.who.toggle(1), "a sketch"),
        (above, |cell| cell.values.toggle(1), "a sketch"),
        (one, |cell| cell.at_high = 0, "nothing between them"),
        (bins, |cell| cell.at_high += 1, "not every person counts one"),
        // The margin lies behind its two cells.
        (n + 2, |cell| *cell = cells(&[(0, true, 0); 11]).cells[0], "not the margin"),
        (n + 2, |cell| *cell = cells(&[(0, true, 0); 5]).cells[0], "not the margin"),
    ];
    assert_eq!(decode(&twelve()), Ok(twelve()));
    for (at, change, says) in changes {
        let mut partial = twelve();
        change(&mut partial.cells[*at]);
        let refused = decode(&partial).unwrap_err().to_string();
        assert!(refused.contains(says), "cell {at}: {refused}, and not `{says}`");
    }
    let crowd = PartialCells { population: 1_000, ..twelve() };
    assert!(decode(&crowd).unwrap_err().to_string().contains("population"));
}
