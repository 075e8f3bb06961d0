//! Exact cells by name, from a release and from a script, and where two answers differ.

use std::collections::BTreeMap;

use cloister_contract::release::{CellDocument, Protection, ReleaseDocument, Status};
use serde::Deserialize;

/// The output, and the label of each dimension.
pub(super) type Key = (String, BTreeMap<String, String>);

/// The numbers of each cell by name.
pub(super) type Cells = BTreeMap<Key, BTreeMap<String, f64>>;

/// Computed in floating point, each side in its own order of steps. All other numbers are whole,
/// but for sums of values that are not, and a step of their grid is far more than the error.
const ROUNDED: [&str; 2] = ["mean", "sd"];
const RELATIVE_ERROR_MAX: f64 = 1e-9;

/// What only a script tells: the host keeps it to itself.
const UNSHOWN: &str = "nonzero";

/// What a script prints.
#[derive(Deserialize)]
struct Answer {
    cells: Vec<AnsweredCell>,
}

#[derive(Deserialize)]
struct AnsweredCell {
    output: String,
    cell: BTreeMap<String, String>,
    #[serde(flatten)]
    numbers: BTreeMap<String, Option<f64>>,
}

/// The cells that a script printed as JSON.
pub(super) fn from_script(json: &[u8]) -> Cells {
    let answer: Answer = serde_json::from_slice(json).unwrap();
    let mut cells = Cells::new();
    for AnsweredCell { output, cell, numbers } in answer.cells {
        let numbers = numbers.into_iter().filter_map(|(name, number)| Some((name, number?)));
        let twice = cells.insert((output, cell), numbers.collect());
        assert!(twice.is_none(), "the script answers a cell twice");
    }
    cells
}

/// The cells of an exact release as printed, whose intervals hold one number each.
pub(super) fn from_exact(printed: &str) -> Cells {
    let release = ReleaseDocument::decode(printed.as_bytes()).unwrap();
    assert_eq!(release.protection, Protection::Unprotected);
    let mut cells = Cells::new();
    for cell in &release.cells {
        assert_eq!(cell.status, Status::Value, "{cell:?}");
        let mut numbers = BTreeMap::new();
        for (name, [low, high]) in intervals(cell) {
            assert!(low == high, "exact {name} is an interval: {cell:?}");
            numbers.insert(name.to_owned(), low);
        }
        let headline = if cell.excess_squares.is_some() { "mean" } else { "persons" };
        assert_eq!(cell.value, numbers.get(headline).copied(), "{cell:?}");
        let twice = cells.insert(key(cell), numbers);
        assert!(twice.is_none(), "the release has a cell twice");
    }
    cells
}

/// The name of a cell.
pub(super) fn key(cell: &CellDocument) -> Key {
    let labels = cell.cell.iter().map(|(name, label)| (name.to_owned(), label.to_owned()));
    (cell.output.clone(), labels.collect())
}

/// The intervals that a cell shows, by the names of the scripts.
pub(super) fn intervals(cell: &CellDocument) -> Vec<(&'static str, [f64; 2])> {
    let persons = cell.persons.map(|ends| ends.map(|end| f64::from(u32::try_from(end).unwrap())));
    [
        ("persons", persons),
        ("sum", cell.sum),
        ("excess", cell.excess),
        ("excess_squares", cell.excess_squares),
        ("mean", cell.mean),
        ("sd", cell.sd),
    ]
    .into_iter()
    .filter_map(|(name, interval)| Some((name, interval?)))
    .collect()
}

/// One line for each cell that the answers do not share, or give other numbers.
pub(super) fn differences(ours: &Cells, theirs: &Cells) -> Vec<String> {
    let mut lines = Vec::new();
    for key in theirs.keys().filter(|key| !ours.contains_key(*key)) {
        lines.push(format!("{key:?}: only the second has it"));
    }
    for (key, ours) in ours {
        match theirs.get(key) {
            None => lines.push(format!("{key:?}: only the first has it")),
            Some(theirs) if same(ours, theirs) => {}
            Some(theirs) => lines.push(format!("{key:?}: {ours:?}, {theirs:?}")),
        }
    }
    lines
}

/// Whether two numbers of one name are the same.
fn equal(name: &str, a: f64, b: f64) -> bool {
    let whole = !ROUNDED.contains(&name) && a.fract() == 0.0 && b.fract() == 0.0;
    let error = if whole { 0.0 } else { RELATIVE_ERROR_MAX };
    (a - b).abs() <= error * a.abs().max(b.abs())
}

/// Whether an interval, both ends included, holds the number of its name.
pub(super) fn holds(name: &str, [low, high]: [f64; 2], number: f64) -> bool {
    (low <= number && number <= high) || equal(name, low, number) || equal(name, high, number)
}

fn same(ours: &BTreeMap<String, f64>, theirs: &BTreeMap<String, f64>) -> bool {
    let names = ours.keys().chain(theirs.keys()).filter(|name| *name != UNSHOWN);
    names.into_iter().all(|name| match (ours.get(name), theirs.get(name)) {
        (Some(a), Some(b)) => equal(name, *a, *b),
        _ => false,
    })
}

#[test]
fn a_difference_is_found_in_both_directions() {
    let cells = |json: &str| from_script(json.as_bytes());
    let one = |numbers: &str| {
        cells(&format!(r#"{{"cells": [{{"output": "o", "cell": {{"arm": "a"}}, {numbers}}}]}}"#))
    };
    let (none, some) = (cells(r#"{"cells": []}"#), one(r#""persons": 3, "sd": null"#));
    let found = |ours: &Cells, theirs: &Cells| differences(ours, theirs).len();
    assert_eq!([found(&none, &some), found(&some, &none), found(&some, &some)], [1, 1, 0]);
    assert_eq!(found(&some, &one(r#""persons": 4"#)), 1);
    assert_eq!(found(&some, &one(r#""persons": 3, "sum": 0"#)), 1);
    assert_eq!(found(&some, &one(r#""persons": 3, "nonzero": 1"#)), 0);
    let sum = |sum: &str| one(&format!(r#""sum": {sum}"#));
    assert_eq!(found(&sum("1000000000000"), &sum("1000000000001")), 1);
    assert_eq!(found(&sum("2139.02"), &sum("2139.0200000000004")), 0);
    assert_eq!(found(&sum("2139.02"), &sum("2139.03")), 1);
    let mean = |mean: &str| one(&format!(r#""mean": {mean}"#));
    assert_eq!(found(&mean("0.3"), &mean("0.30000000000000004")), 0);
    assert_eq!(found(&mean("0.3"), &mean("0.300001")), 1);
}
