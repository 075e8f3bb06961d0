//! Cells equal an independent DuckDB query over the same files, and a fault would be seen.
//!
//! ```text
//! study.toml, lib.rs ──> module ──> cloister run ──> release ──> Cells ─┐
//! tests/scripts/*.py ──> SQL over the raw Parquet files ───────> Cells ─┴─ differences: none
//! ```

mod cells;
mod data;
mod mutants;
mod python;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, OnceLock};

use cloister_contract::release::{ReleaseDocument, Status};

use crate::harness;
use cells::{Cells, differences};
use data::Data;
use mutants::Without;

/// A study under `examples/`, the script that asks the same, and a parameter for both.
struct Question {
    example: &'static str,
    script: &'static str,
    horizon_days: Option<&'static str>,
}

const GI_BLEED: Question =
    Question { example: "gi-bleed", script: "gi_bleed.py", horizon_days: None };
const AGE_SEX: Question = Question { example: "age-sex", script: "age_sex.py", horizon_days: None };
/// On GiBleed most bleed after weeks: the horizon divides them.
const GI_BLEED_IN_A_MONTH: Question = Question { horizon_days: Some("30"), ..GI_BLEED };

/// What DuckDB answers; `None`, once said, where there is no Python to ask.
fn independent(question: &Question, data: &Data) -> Option<Cells> {
    let mut arguments = vec![harness::text(&data.folder)];
    if question.example == AGE_SEX.example {
        arguments.extend(["--snapshot", data.snapshot]);
    }
    if let Some(days) = question.horizon_days {
        arguments.extend(["--horizon", days]);
    }
    python::run(question.script, &arguments).map(|json| cells::from_script(&json))
}

/// What Cloister answers, exactly: the release as printed.
fn ask(question: &Question, data: &Data) -> String {
    run(&harness::example(question.example), data, question.horizon_days)
}

fn run(module: &Path, data: &Data, horizon_days: Option<&str>) -> String {
    let folder = harness::fresh();
    let out = folder.path().join("exact");
    let mut arguments = vec!["run", harness::text(module), "--profile", "exact", "--json"];
    arguments.extend(["--dataset", harness::text(&data.description)]);
    arguments.extend(["--out", harness::text(&out)]);
    let param = horizon_days.map(|days| format!("horizon_days={days}"));
    arguments.extend(param.iter().flat_map(|param| ["--param", param]));
    let printed = harness::succeed(&arguments);
    let written = fs::read_to_string(out.join("UNPROTECTED-release.json")).unwrap();
    assert_eq!(printed, written, "what is printed is what is written");
    printed
}

/// What Cloister answers on the generated persons: a run that several tests need, made once.
fn ask_generated(question: &Question) -> &'static str {
    static ANSWERS: Mutex<BTreeMap<&str, &OnceLock<String>>> = Mutex::new(BTreeMap::new());
    let answer = *ANSWERS.lock().unwrap().entry(question.example).or_insert_with(|| {
        assert_eq!(question.horizon_days, None, "answers are known by the example alone");
        Box::leak(Box::default())
    });
    answer.get_or_init(|| ask(question, &data::generated().sorted))
}

fn assert_equal(question: &Question, data: &Data, printed: &str) {
    let Some(theirs) = independent(question, data) else { return };
    let found = differences(&cells::from_exact(printed), &theirs);
    let (study, data) = (question.example, data.name);
    assert!(found.is_empty(), "{study} on {data} (Cloister, DuckDB):\n{}", found.join("\n"));
}

#[test]
fn every_cell_on_gibleed() {
    let data = data::gibleed();
    for question in [GI_BLEED, GI_BLEED_IN_A_MONTH, AGE_SEX] {
        assert_equal(&question, &data, &ask(&question, &data));
    }
}

#[test]
fn every_cell_on_synthea27nj() {
    let Some(data) = data::synthea27nj() else { return };
    for question in [GI_BLEED, AGE_SEX] {
        assert_equal(&question, &data, &ask(&question, &data));
    }
}

#[test]
fn every_cell_on_generated_persons() {
    for question in [GI_BLEED, AGE_SEX] {
        assert_equal(&question, &data::generated().sorted, ask_generated(&question));
    }
}

#[test]
fn sorted_and_shuffled_rows_give_the_same_release() {
    for question in [GI_BLEED, AGE_SEX] {
        let shuffled = ask(&question, &data::generated().shuffled);
        let same = ask_generated(&question) == shuffled;
        assert!(same, "{}: the order of rows shows in the release", question.example);
    }
}

/// A mutant's cells differ from the example's on the generated persons, and from DuckDB's.
fn is_seen(mutant: Without) {
    let data = &data::generated().sorted;
    let wrong = cells::from_exact(&run(&mutants::module(mutant), data, None));
    let right = cells::from_exact(ask_generated(&GI_BLEED));
    assert!(!differences(&wrong, &right).is_empty(), "without {mutant:?}: no cell changes");
    if let Some(theirs) = independent(&GI_BLEED, data) {
        assert!(!differences(&wrong, &theirs).is_empty(), "without {mutant:?}: DuckDB agrees");
    }
}

#[test]
fn a_study_without_the_date_test_is_seen() {
    is_seen(Without::DateTest);
}

#[test]
fn a_study_without_the_horizon_is_seen() {
    is_seen(Without::Horizon);
}

#[test]
fn a_study_without_descendants_is_seen() {
    is_seen(Without::Descendants);
}

#[test]
fn a_study_without_the_cut_of_rows_is_seen() {
    is_seen(Without::Cut);
}

/// Numbers of `policies/hospital.toml`, repeated so that a change there is noticed here.
const PERSONS_PER_CELL_MIN: f64 = 10.0;
const ROUNDING_BASE: u64 = 5;

#[test]
fn what_hospital_shows_holds_the_exact_numbers() {
    let people = harness::People::new();
    for question in [GI_BLEED, AGE_SEX] {
        let module = harness::example(question.example);
        for data in [&data::gibleed(), &data::generated().sorted] {
            let Some(exact) = independent(&question, data) else { return };
            let release = people.release(&module, &data.description);
            let shown = shown_rightly(&release, &exact);
            let (study, data) = (question.example, data.name);
            assert!(shown * 3 > release.cells.len(), "{study} on {data} shows {shown} cells");
        }
    }
}

/// The number of shown cells, each of which holds the exact numbers and stands for enough persons.
fn shown_rightly(release: &ReleaseDocument, exact: &Cells) -> usize {
    assert_eq!(release.cells.len(), exact.len());
    let mut shown = 0;
    for cell in &release.cells {
        let numbers = &exact[&cells::key(cell)];
        let intervals = cells::intervals(cell);
        if cell.status == Status::Withheld {
            assert!(intervals.is_empty() && cell.value.is_none(), "{cell:?}");
            continue;
        }
        shown += 1;
        for (name, interval) in intervals {
            let number = numbers[name];
            assert!(cells::holds(name, interval, number), "{name} is {number}: {cell:?}");
        }
        let [low, high] = cell.persons.unwrap();
        assert_eq!(high - low + 1, ROUNDING_BASE, "{cell:?}");
        for who in ["persons", "nonzero"] {
            let enough = numbers.get(who).is_none_or(|number| *number >= PERSONS_PER_CELL_MIN);
            assert!(enough, "{who} are too few: {cell:?}");
        }
    }
    shown
}

#[test]
fn of_28_persons_hospital_shows_nothing() {
    let Some(data) = data::synthea27nj() else { return };
    let people = harness::People::new();
    for question in [GI_BLEED, AGE_SEX] {
        let module = harness::example(question.example);
        let release = people.release(&module, &data.description);
        assert!(!release.cells.is_empty());
        for cell in &release.cells {
            assert_eq!(cell.status, Status::Withheld, "{cell:?}");
        }
    }
}
