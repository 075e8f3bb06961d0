//! Cells equal an independent DuckDB query over the same files, and a fault would be seen.
//!
//! ```text
//! study.toml, lib.rs ──> module ──> cloister run ──> release ──> Cells ─┐
//! tests/scripts/*.py ──> SQL over the raw Parquet files ───────> Cells ─┴─ differences: none
//! ```

mod cells;
mod data;
mod mutants;
pub(crate) mod python;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, OnceLock};

use cloister_contract::release::{ReleaseDocument, Status};

use crate::harness;
use cells::{Cells, differences};
use data::Data;
use mutants::Mutant;

/// A study under `examples/`, the script that asks the same, and parameters for both.
struct Question {
    example: &'static str,
    script: &'static str,
    /// Whether the script must be told the snapshot date.
    dated: bool,
    /// `grid_days` for a run is `--grid-days` for a script.
    params: &'static [(&'static str, &'static str)],
}

const GI_BLEED: Question =
    Question { example: "gi-bleed", script: "gi_bleed.py", dated: false, params: &[] };
const AGE_SEX: Question =
    Question { example: "age-sex", script: "age_sex.py", dated: true, params: &[] };
const READMISSION: Question =
    Question { example: "readmission", script: "readmission.py", dated: true, params: &[] };
/// On GiBleed most bleed after weeks: the horizon divides them.
const GI_BLEED_IN_A_MONTH: Question = Question { params: &[("horizon_days", "30")], ..GI_BLEED };
/// What people are in hospital for on GiBleed, and two conditions of the generated persons.
const READMISSION_AFTER_OTHERS: Question =
    Question { params: &[("conditions", "192671,255848,1900000440,1900000410")], ..READMISSION };
/// A grid from day 2: a return on day 1 is the first one, and in no bin.
const READMISSION_ON_ANOTHER_GRID: Question = Question {
    params: &[("grid", "2,30,32,366"), ("conditions", "192671,316139,1900000442")],
    ..READMISSION
};
/// Two diagnoses that persons of Synthea27Nj have in hospital.
const READMISSION_AFTER_ANAEMIA: Question =
    Question { params: &[("conditions", "439777,4217975")], ..READMISSION };

/// What DuckDB answers; `None`, once said, where there is no Python to ask.
fn independent(question: &Question, data: &Data) -> Option<Cells> {
    let mut arguments = vec![harness::text(&data.folder).to_owned()];
    if question.dated {
        arguments.extend(["--snapshot".to_owned(), data.snapshot.to_owned()]);
    }
    for (name, value) in question.params {
        arguments.extend([format!("--{}", name.replace('_', "-")), (*value).to_owned()]);
    }
    if question.example == READMISSION.example && !data.deaths {
        arguments.push("--without-deaths".to_owned());
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    python::run(question.script, &arguments).map(|json| cells::from_script(&json))
}

/// What Cloister answers, exactly: the release as printed.
fn ask(question: &Question, data: &Data) -> String {
    run(&harness::example(question.example), data, question.params)
}

fn run(module: &Path, data: &Data, params: &[(&str, &str)]) -> String {
    let folder = harness::fresh();
    let out = folder.path().join("exact");
    let mut arguments = vec!["run", harness::text(module), "--profile", "exact", "--json"];
    arguments.extend(["--dataset", harness::text(&data.description)]);
    arguments.extend(["--out", harness::text(&out)]);
    let params: Vec<_> = params.iter().map(|(name, value)| format!("{name}={value}")).collect();
    arguments.extend(params.iter().flat_map(|param| ["--param", param]));
    let printed = harness::succeed(&arguments);
    let written = fs::read_to_string(out.join("UNPROTECTED-release.json")).unwrap();
    assert_eq!(printed, written, "what is printed is what is written");
    printed
}

/// What Cloister answers on the generated persons: a run that several tests need, made once.
fn ask_generated(question: &Question) -> &'static str {
    static ANSWERS: Mutex<BTreeMap<&str, &OnceLock<String>>> = Mutex::new(BTreeMap::new());
    let answer = *ANSWERS.lock().unwrap().entry(question.example).or_insert_with(|| {
        assert!(question.params.is_empty(), "answers are known by the example alone");
        Box::leak(Box::default())
    });
    answer.get_or_init(|| ask(question, generated(question)))
}

/// The generated persons that `question` is asked of: a run over all rows of hospitals takes long.
fn generated(question: &Question) -> &'static Data {
    let data::Generated { sorted, fewer, .. } = data::generated();
    if question.example == READMISSION.example { fewer } else { sorted }
}

fn assert_equal(question: &Question, data: &Data, printed: &str) {
    let Some(theirs) = independent(question, data) else { return };
    let found = differences(&cells::from_exact(printed), &theirs);
    let Question { example, params, .. } = question;
    let (name, lines) = (data.name, found.join("\n"));
    assert!(found.is_empty(), "{example} {params:?} on {name} (Cloister, DuckDB):\n{lines}");
}

#[test]
fn every_cell_on_gibleed() {
    let data = data::gibleed();
    for question in [GI_BLEED, GI_BLEED_IN_A_MONTH, AGE_SEX] {
        assert_equal(&question, &data, &ask(&question, &data));
    }
}

/// A site without deaths; its tables of visits and measurements are not in the repository.
#[test]
fn every_cell_on_the_whole_of_gibleed() {
    let Some(data) = data::whole_gibleed() else { return };
    for question in [READMISSION, READMISSION_AFTER_OTHERS, READMISSION_ON_ANOTHER_GRID] {
        assert_equal(&question, &data, &ask(&question, &data));
    }
}

#[test]
fn every_cell_on_synthea27nj() {
    let Some(data) = data::synthea27nj() else { return };
    for question in [GI_BLEED, AGE_SEX, READMISSION, READMISSION_AFTER_ANAEMIA] {
        assert_equal(&question, &data, &ask(&question, &data));
    }
}

#[test]
fn every_cell_on_generated_persons() {
    for question in [GI_BLEED, AGE_SEX, READMISSION] {
        assert_equal(&question, generated(&question), ask_generated(&question));
    }
}

#[test]
fn every_cell_for_other_conditions_and_another_grid() {
    let data = generated(&READMISSION);
    for question in [READMISSION_AFTER_OTHERS, READMISSION_ON_ANOTHER_GRID] {
        let answer = ask(&question, data);
        let with_defaults = cells::from_exact(ask_generated(&READMISSION));
        assert!(!differences(&cells::from_exact(&answer), &with_defaults).is_empty());
        assert_equal(&question, data, &answer);
    }
}

#[test]
fn every_cell_where_a_site_has_no_deaths() {
    let data = data::without_deaths(generated(&READMISSION));
    let answer = ask(&READMISSION, &data);
    let with_deaths = cells::from_exact(ask_generated(&READMISSION));
    assert!(!differences(&cells::from_exact(&answer), &with_deaths).is_empty());
    assert_equal(&READMISSION, &data, &answer);
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
fn is_seen(mutant: &Mutant, question: &Question) {
    let (data, name) = (generated(question), mutant.name);
    let wrong = cells::from_exact(&run(&mutants::module(mutant), data, question.params));
    let right = cells::from_exact(ask_generated(question));
    assert!(!differences(&wrong, &right).is_empty(), "{name}: no cell changes");
    if let Some(theirs) = independent(question, data) {
        assert!(!differences(&wrong, &theirs).is_empty(), "{name}: DuckDB agrees");
    }
}

#[test]
fn a_gi_bleed_with_a_fault_is_seen() {
    mutants::GI_BLEED.iter().for_each(|mutant| is_seen(mutant, &GI_BLEED));
}

#[test]
fn a_readmission_with_a_fault_is_seen() {
    mutants::READMISSION.iter().for_each(|mutant| is_seen(mutant, &READMISSION));
}

/// Numbers of `policies/hospital.toml`, repeated so that a change there is noticed here.
const PERSONS_PER_CELL_MIN: f64 = 10.0;
const ROUNDING_BASE: u64 = 5;

#[test]
fn what_hospital_shows_holds_the_exact_numbers() {
    let people = harness::People::new();
    let gibleed = data::gibleed();
    let asked = [
        (GI_BLEED, &gibleed),
        (GI_BLEED, generated(&GI_BLEED)),
        (AGE_SEX, &gibleed),
        (AGE_SEX, generated(&AGE_SEX)),
        (READMISSION, generated(&READMISSION)),
    ];
    for (question, data) in asked {
        let module = harness::example(question.example);
        let Some(exact) = independent(&question, data) else { return };
        let release = people.release(&module, &data.description);
        let shown = shown_rightly(&release, &exact);
        let (study, data) = (question.example, data.name);
        assert!(shown * 3 > release.cells.len(), "{study} on {data} shows {shown} cells");
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
    let modules = [GI_BLEED, AGE_SEX, READMISSION].map(|it| harness::example(it.example));
    // So few published persons allow two numbers, before anything is read.
    let out = data.description.with_file_name("out");
    for module in &modules {
        let arguments = people.run(&people.signed(module), &data.description, &out);
        let refused = harness::cloister(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(said.contains("the study has spent 0 of 2"), "{said}");
    }
    // A site that publishes too many is still too small for its profile.
    let text = fs::read_to_string(&data.description).unwrap();
    fs::write(&data.description, text.replace("_persons = 28", "_persons = 28_000")).unwrap();
    for module in &modules {
        let release = people.release(module, &data.description);
        assert!(!release.cells.is_empty());
        for cell in &release.cells {
            assert_eq!(cell.status, Status::Withheld, "{cell:?}");
        }
    }
}
