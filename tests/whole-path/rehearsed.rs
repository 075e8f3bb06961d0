//! What `study test` tells of an invented person whose call trapped or ran out of fuel.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::harness::{FIRST_VALUE, fresh, small_guest, succeed, text};
use crate::hostile::STUDY;
use crate::rebuilt::unpacked;

/// Every type of column, for the template's study file.
const KINDS: &str = r#"
[tables.stay]
from = "visit_occurrence"
columns.visit_start_datetime = "datetime"
columns.visit_occurrence_id = "link"
columns.kind = { type = "category", labels = ["in-patient", "out"] }
columns.note = { type = "text", bytes_max = 9 }
columns.planned = "bool"
columns.cost = "float"
columns.visit_concept_id = "int"
rows_max = 9
where = { visit_concept_id = ["bleeding"] }
"#;

fn rehearsed(place: &Path) -> Value {
    serde_json::from_str(&succeed(&["study", "test", text(place), "--json"])).unwrap()
}

#[test]
fn who_trapped_is_a_test_that_fails_at_the_authors_line() {
    let folder = fresh();
    let study = unpacked(folder.path(), "panics");
    let (contract, file) = (study.join("study.toml"), study.join("src/lib.rs"));
    let kinds = fs::read_to_string(&contract).unwrap() + KINDS;
    fs::write(&contract, kinds).unwrap();
    let source = fs::read_to_string(&file).unwrap();
    let careful = "let Some(born) = row.year_of_birth else { return };";
    // Only who has all rows that the rehearsal had traps: a row lost or changed lets it end well.
    let careless = "let born = row.year_of_birth.unwrap_or(0);
        assert!(person.stay().filter_map(|row| row.note).count() < 4, \"too many\");";
    assert!(source.contains(careful));
    let source = source.replace(careful, careless);
    fs::write(&file, &source).unwrap();
    let module = folder.path().join("panics.wasm");
    succeed(&["study", "build", text(&study), "--out", text(&module)]);
    let told = rehearsed(&module);
    assert_eq!(told["first_trap"]["trap"], "a panic");
    let test = told["first_trap"]["test"].as_str().unwrap();
    let words = succeed(&["study", "test", text(&module)]);
    assert!(words.contains(test), "{words}");

    let (before, end) = source.trim_end().rsplit_once('}').unwrap();
    fs::write(&file, format!("{before}\n{test}{end}}}\n")).unwrap();
    let tests = Command::new("cargo")
        .args(["test", "--quiet", "--locked", "--offline", "who_trapped"])
        .current_dir(&study)
        .env("CARGO_TARGET_DIR", folder.path().join("target"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&tests.stdout) + String::from_utf8_lossy(&tests.stderr);
    let line = source.lines().position(|line| line.contains("\"too many\"")).unwrap() + 1;
    assert!(!tests.status.success() && said.contains(&format!("src/lib.rs:{line}:")), "{said}");
    assert!(said.contains("too many"), "{said}");
}

#[test]
fn who_ran_out_of_fuel_is_told_what_would_have_been_enough() {
    let folder = fresh();
    let count = "(local.set $secret (i64.mul (local.get $secret) (i64.const 100)))
        (loop $l (local.set $secret (i64.sub (local.get $secret) (i64.const 1)))
        (br_if $l (i64.gt_s (local.get $secret) (i64.const 0))))";
    let first = |fuel: u64| {
        let study = STUDY.replace("fuel = 100_000", &format!("fuel = {fuel}"));
        let module = small_guest(folder.path(), &study, &format!("{FIRST_VALUE}{count}"));
        (rehearsed(&module)["fuel_needed"].clone(), module)
    };
    let (told, module) = first(100_000);
    assert_eq!(told["rows"], 1);
    let needed = told["needed"].as_u64().unwrap();
    assert!(needed > 100_000, "{told}");
    let words = succeed(&["study", "test", text(&module)]);
    assert!(words.contains("the one for the most rows, 1: "), "{words}");
    // Fuel is looked at once a round of the loop.
    assert_eq!(first(needed - 100).0["needed"], needed);
    // Enough for this person is not enough for one who needs more.
    assert!(first(needed).0["needed"].as_u64().unwrap() > needed);

    let endless = small_guest(folder.path(), STUDY, "(loop $l (br $l))");
    let words = succeed(&["study", "test", text(&endless), "--persons", "10"]);
    assert!(words.contains("it did not end with 100,000,000 either"), "{words}");
}
