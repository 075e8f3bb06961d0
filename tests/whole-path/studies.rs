//! A researcher's way, from an empty folder to numbers: `study new`, `check`, `test`, `build`.

use std::fs;
use std::path::Path;
use std::process::Command;

use cloister_contract::release::{ReleaseDocument, Status};
use serde_json::Value;

use crate::harness::{
    cell, cloister, command, exact, example, fresh, gibleed, persons, succeed, text,
};
use crate::hostile;
use crate::rebuilt::unpacked;

/// What `study test` tells as JSON of the study in `place`.
fn rehearsed(place: &Path, more: &[&str]) -> Value {
    let mut arguments = vec!["study", "test", text(place), "--json"];
    arguments.extend(more);
    serde_json::from_str(&succeed(&arguments)).unwrap()
}

/// What `study test` tells of a guest whose body is `person`, over 100 persons.
fn told(person: &str) -> Value {
    let folder = fresh();
    rehearsed(&hostile::guest(folder.path(), person), &["--persons", "100"])
}

#[test]
fn a_new_study_is_whole_from_its_tests_to_numbers() {
    let parent = fresh();
    let study = unpacked(parent.path(), "first-try");
    let target = parent.path().join("target");
    let tests = Command::new("cargo")
        .args(["test", "--quiet", "--locked", "--offline"])
        .current_dir(&study)
        .env("CARGO_TARGET_DIR", &target)
        .output()
        .unwrap();
    assert!(tests.status.success(), "{}", String::from_utf8_lossy(&tests.stderr));
    let stdout = String::from_utf8_lossy(&tests.stdout);
    assert!(stdout.contains("4 passed; 0 failed"), "{stdout}");

    let words = succeed(&["study", "check", text(&study)]);
    assert!(words.starts_with("first-try 0.1.0: First gastro"), "{words}");

    let module = parent.path().join("first-try.wasm");
    succeed(&["study", "build", text(&study), "--out", text(&module)]);
    let told = rehearsed(&module, &[]);
    for clean in ["trapped", "out_of_fuel", "too_many_contributions", "out_of_range"] {
        assert_eq!(told[clean], 0, "{clean}");
    }
    assert_eq!(told["persons"], 1_000);
    assert!(told["contributed"].as_u64().unwrap() > 900, "{told}");
    assert!(told["cut_at_rows_max"]["bleeding"].as_u64().unwrap() >= 20, "{told}");
    assert_eq!(told["release"]["protection"], "protected");

    let release = ReleaseDocument::decode(&exact(&module, &gibleed(), &[])).unwrap();
    assert_eq!(persons(&release, "persons", &[]), 2_694);
    // gi-bleed finds 479 of them after one of its drugs.
    assert!(persons(&release, "bled", &[]) >= 479);
}

#[test]
fn a_folder_in_use_and_a_bad_name_are_refused() {
    let parent = fresh();
    fs::create_dir(parent.path().join("taken")).unwrap();
    fs::write(parent.path().join("taken/thesis.txt"), "mine").unwrap();
    for (name, why) in [
        ("taken", "is not empty"),
        ("Not_Kebab", "no name for a study"),
        ("../out", "no name for a study"),
        ("serde", "a crate that the SDK uses"),
    ] {
        let output = command(&["study", "new", name]).current_dir(parent.path()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && stderr.contains(why), "{name}: {stderr}");
    }
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
}

#[test]
fn a_mistake_in_a_study_file_is_shown_with_its_place() {
    let folder = fresh();
    let study = unpacked(folder.path(), "wrong");
    let file = study.join("study.toml");
    let contract = fs::read_to_string(&file).unwrap();
    fs::write(&file, contract.replace("rows_max = 100 ", "rows_max = 0 ")).unwrap();
    let line = contract.lines().position(|line| line.starts_with("rows_max = 100 ")).unwrap() + 1;
    for place in [&study, &file] {
        let output = cloister(&["study", "check", text(place)]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success());
        assert!(stderr.contains(&format!("study.toml:{line}:12: ")), "{stderr}");
    }
    // One more in another section is told at once.
    let wrong = fs::read_to_string(&file).unwrap().replace("fuel = ", "fule = ");
    fs::write(&file, wrong).unwrap();
    let output = cloister(&["study", "check", text(&study)]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    let told: Vec<&str> = stderr.lines().collect();
    assert_eq!(told.len(), 2, "{stderr}");
    assert!(told[0].contains(&format!("study.toml:{line}:12: ")), "{stderr}");
    assert!(told[1].contains("unknown field `fule` in [limits]"), "{stderr}");
}

#[test]
fn a_slip_in_a_name_of_omops_is_warned_of() {
    let folder = fresh();
    let study = unpacked(folder.path(), "slip");
    let file = study.join("study.toml");
    let check = || {
        let output = cloister(&["study", "check", text(&study)]);
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(check(), "", "the template has no slip");
    let contract = fs::read_to_string(&file).unwrap();
    fs::write(&file, contract.replace("condition_start_date", "condition_start_dat")).unwrap();
    let wanted = "warning: condition_occurrence has no column `condition_start_dat` in OMOP CDM \
                  5.4; did you mean `condition_start_date`?\n";
    assert_eq!(check(), wanted);
}

#[test]
fn the_same_seed_invents_the_same_persons() {
    let folder = fresh();
    let count =
        "(call $contribute (i32.const 0) (i64.const 0) (f64.convert_i64_s (local.get $secret)))";
    let module = hostile::guest(folder.path(), count);
    let told = |seed| {
        let exact = ["--persons", "60", "--seed", seed, "--profile", "exact"];
        rehearsed(&module, &exact)["release"]["cells"].to_string()
    };
    assert_eq!(told("5"), told("5"));
    let spread = "(call $contribute (i32.const 2) (i64.rem_u (local.get $secret) (i64.const 5))
        (f64.const 0))";
    let module = hostile::guest(folder.path(), spread);
    let told = |seed| {
        let exact = ["--persons", "60", "--seed", seed, "--profile", "exact"];
        rehearsed(&module, &exact)["release"]["cells"].to_string()
    };
    assert_eq!(told("5"), told("5"));
    assert_ne!(told("5"), told("6"));
}

#[test]
fn what_a_site_keeps_to_itself_is_told_about_invented_persons() {
    let trapped = told("unreachable");
    assert_eq!((&trapped["trapped"], &trapped["contributed"]), (&100.into(), &0.into()));
    let first = &trapped["first_trap"];
    assert_eq!(first["trap"], "wasm trap: wasm `unreachable` instruction executed");
    assert_eq!(first["functions"], serde_json::json!(["cloister_v1_person"]));
    let endless = told("(loop $l (br $l))");
    assert_eq!(endless["out_of_fuel"], 100);
    assert!(endless["first_trap"].is_null(), "fuel is no trap");
    assert_eq!(endless["fuel"]["max"], 100_000);
    let flood = "(if (i64.ne (local.get $secret) (i64.const 0)) (then
        (call $contribute (i32.const 9) (i64.const 0) (f64.const 1))))";
    assert!(told(flood)["out_of_range"].as_u64().unwrap() > 90);

    let clamped = told("(call $contribute (i32.const 0) (i64.const 0) (f64.const 5000))");
    assert_eq!(clamped["outputs"][0]["clamped"], 100);
    let void = told("(call $contribute (i32.const 0) (i64.const 0) (f64.const nan))");
    assert_eq!(void["outputs"][0]["void"], 100);
    let cells = (0..4)
        .map(|cell| format!("(call $contribute (i32.const 2) (i64.const {cell}) (f64.const 1))"));
    let beyond = told(&cells.collect::<String>());
    assert_eq!(beyond["outputs"][2]["beyond_cells_per_person"], 200);
    // Three cells have nobody, and two have everybody, which would be said of each person.
    assert_eq!(beyond["outputs"][2]["withheld"], 5);
    assert_eq!(beyond["contributed"], 100);
}

#[test]
fn a_rehearsal_says_in_words_what_it_found() {
    let folder = fresh();
    let module = hostile::guest(folder.path(), "(loop $l (br $l))");
    let words = succeed(&["study", "test", text(&module), "--persons", "1200"]);
    assert!(words.starts_with("1,200 invented persons, seed 1\n"), "{words}");
    assert!(words.contains("out of fuel           1,200  raise `fuel`"), "{words}");
    assert!(words.contains("n: 1 of 1 cells withheld"), "{words}");
}

#[test]
fn a_trap_names_the_functions_it_was_in() {
    let folder = fresh();
    // Everybody divides by what is left of the year of birth, which is zero for some.
    let divide = "(drop (i64.div_u (i64.const 1) (i64.rem_u (local.get $secret) (i64.const 5))))";
    let module = hostile::guest(folder.path(), divide);
    let words = succeed(&["study", "test", text(&module), "--persons", "300"]);
    let wanted = "\nof the calls that trapped, the one for the fewest rows: wasm trap: integer \
                  divide by zero\n  in cloister_v1_person\n";
    assert!(words.contains(wanted), "{words}");
    let told = rehearsed(&module, &["--persons", "300"]);
    let trapped = told["trapped"].as_u64().unwrap();
    assert!((30..120).contains(&trapped), "about a fifth: {trapped}");
}

#[test]
fn where_most_cells_are_withheld_more_persons_are_advised() {
    let few = succeed(&["study", "test", text(&example("gi-bleed")), "--persons", "60"]);
    let hint = "cells are withheld: `--persons 600` may fill more, and `--profile exact` shows all";
    assert!(few.contains(hint), "{few}");
    let many = succeed(&["study", "test", text(&example("gi-bleed"))]);
    assert!(!many.contains("may fill more"), "{many}");
}

/// A panic of Rust's is told by where it came from, by way of the name section.
#[test]
fn a_panic_is_told_with_its_functions() {
    let folder = fresh();
    let study = unpacked(folder.path(), "panics");
    let file = study.join("src/lib.rs");
    let source = fs::read_to_string(&file).unwrap();
    let careless = "let born = row.year_of_birth.unwrap();";
    let careful = "let Some(born) = row.year_of_birth else { return };";
    assert!(source.contains(careful));
    fs::write(&file, source.replace(careful, careless)).unwrap();
    let module = folder.path().join("panics.wasm");
    succeed(&["study", "build", text(&study), "--out", text(&module)]);
    let first = &rehearsed(&module, &[])["first_trap"];
    assert_eq!(first["trap"], "a panic");
    let functions = first["functions"].as_array().unwrap();
    assert!(functions.contains(&"core::option::unwrap_failed".into()), "{first}");
    assert_eq!(functions.last().unwrap(), "cloister_v1_person", "{first}");
}

/// Stays, diagnoses and labs of one visit: rows of three tables that name it.
#[test]
fn invented_rows_of_several_tables_belong_together() {
    let told = rehearsed(&example("readmission"), &[]);
    for clean in ["trapped", "out_of_fuel", "too_many_contributions", "out_of_range"] {
        assert_eq!(told[clean], 0, "{clean}");
    }
    assert!(told["contributed"].as_u64().unwrap() > 300, "{told}");
    // Nobody dies twice, but for those who are there to be cut.
    assert_eq!(told["cut_at_rows_max"]["death"], 20);
    let release = serde_json::from_value(told["release"].clone()).unwrap();
    for (output, labels) in [
        ("readmitted", &[][..]),
        ("outcomes", &[("outcome", "readmitted")]),
        ("first_creatinine", &[("outcome", "neither")]),
        ("last_haemoglobin", &[("outcome", "neither")]),
    ] {
        assert_eq!(cell(&release, output, labels).status, Status::Value, "{output}");
    }
}

/// A study that reads every type of column, by names that the inventor knows and others.
const KINDS: &str = r#"
[study]
name = "kinds"
version = "1.0.0"
title = "Every type of column"
purpose = "education"
[params]
drugs = { type = "concepts", default = [5, 6] }
[codes]
drug = { concepts = "drugs", descendants = true, exclude = { concepts = [6] } }
icd = { text = ["K92.2", "I21*"], exclude = { text = ["I21.9"] } }
[tables.person]
columns = { year_of_birth = "int", month_of_birth = "int", gender_concept_id = "int" }
[tables.stay]
from = "visit_occurrence"
columns.visit_start_date = "date"
columns.visit_end_date = "date"
columns.visit_start_datetime = "datetime"
columns.visit_concept_id = "int"
columns.kind = { type = "category", labels = ["in", "out"] }
columns.note = { type = "text", bytes_max = 4 }
columns.planned = "bool"
columns.cost = "float"
columns.provider_id = "int"
where = { visit_source_value = ["icd"] }
rows_max = 9
keep = "last"
[tables.again]
from = "visit_occurrence"
columns.drug_concept_id = "int"
where = { drug_concept_id = ["drug"] }
rows_max = 2
[outputs]
n = { kind = "count" }
"#;

#[test]
fn persons_are_invented_for_every_type_of_column() {
    let study = KINDS.replace('"', "\\\"").replace('\n', "\\n");
    let module = format!(
        r#"(module
        (import "cloister" "contribute" (func $contribute (param i32 i64 f64)))
        (memory (export "memory") 2)
        (func (export "cloister_v1_arena") (param i32) (result i32) i32.const 1024)
        (func (export "cloister_v1_init") (param i32 i32))
        (func (export "cloister_v1_person") (param i32 i32)
            (call $contribute (i32.const 0) (i64.const 0) (f64.const 1)))
        (@custom "cloister.study" "{study}"))"#
    );
    let folder = fresh();
    let file = folder.path().join("kinds.wasm");
    fs::write(&file, wat::parse_str(module).unwrap()).unwrap();
    for seed in ["1", "2", "3"] {
        let told = rehearsed(&file, &["--seed", seed]);
        assert_eq!(told["contributed"], 1_000);
        let cut = |table: &str| told["cut_at_rows_max"][table].as_u64().unwrap();
        assert!(cut("stay") > 0 && cut("again") > 0, "{told}");
    }
    // A parameter's concepts are the ones that persons have.
    let none = rehearsed(&file, &["--param", "drugs="]);
    assert_eq!(none["cut_at_rows_max"]["again"], 0);
}
