//! What a hostile guest tries, and what the site sees of it: nothing but protected numbers.
//!
//! Each guest is a small WebAssembly text over persons whose `year_of_birth` is the secret.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cloister_contract::release::{ReleaseDocument, Status};
use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch};
use datafusion::parquet::arrow::ArrowWriter;
use tempfile::TempDir;

use crate::harness::{FIRST_VALUE, People, exact, fresh, persons, small_guest, succeed, text};

/// Outputs: 0 `value`, the sum of a number in [0, 1000]; 1 `n`, a count; 2 `spread`, a count over
/// five cells of which one person may enter two.
pub(crate) const STUDY: &str = r#"
[study]
name = "secret"
version = "1.0.0"
title = "What the guests of this suite carry"
purpose = "scientific-research"
[tables.person]
columns = { year_of_birth = "int" }
[dimensions]
cell = { range = [0, 4] }
[outputs]
value = { kind = "sum", bounds = [0, 1000], grid = 1 }
n = { kind = "count" }
spread = { kind = "count", by = ["cell"], cells_per_person = 2, totals = [[]] }
[limits]
fuel = 100_000
memory_pages = 2
"#;

/// A module around `person`, the body of `cloister_v1_person`; `$secret` is the year of birth.
pub(crate) fn guest(folder: &Path, person: &str) -> PathBuf {
    small_guest(folder, STUDY, &format!("{FIRST_VALUE}{person}"))
}

/// A dataset of persons with these secrets.
pub(crate) fn dataset(secrets: &[i64]) -> (TempDir, PathBuf) {
    let folder = fresh();
    let ids = (0..secrets.len() as i64).map(|id| 1_000 + id).collect::<Int64Array>();
    let columns = [
        ("person_id", Arc::new(ids) as ArrayRef),
        ("year_of_birth", Arc::new(Int64Array::from(secrets.to_vec())) as ArrayRef),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let file = fs::File::create(folder.path().join("person.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let description = folder.path().join("dataset.toml");
    let lines = "name = \"secrets\"\nsnapshot_date = \"2020-01-01\"\npublished_persons = 100\n\
                 synthetic = true\nunit = { table = \"person\", key = \"person_id\" }\n\
                 [tables]\nperson = \"person.parquet\"\n";
    fs::write(&description, lines).unwrap();
    (folder, description)
}

/// What `person` releases over persons with `secrets`, exactly.
fn exactly(person: &str, secrets: &[i64]) -> ReleaseDocument {
    let folder = fresh();
    let module = guest(folder.path(), person);
    let (_data, dataset) = dataset(secrets);
    ReleaseDocument::decode(&exact(&module, &dataset, &[])).unwrap()
}

/// What `person` releases over persons with `secrets` under `hospital`.
fn protected(person: &str, secrets: &[i64]) -> ReleaseDocument {
    let folder = fresh();
    let module = guest(folder.path(), person);
    let (_data, dataset) = dataset(secrets);
    People::new().release(&module, &dataset)
}

fn sum(document: &ReleaseDocument) -> f64 {
    document.cells.first().unwrap().sum.unwrap()[0]
}

/// A hundred zeros and, for the target, a one.
fn target_among(zeros: usize) -> Vec<i64> {
    let mut secrets = vec![0; zeros];
    secrets.push(1);
    secrets
}

pub(crate) const HONEST: &str = "
    (call $contribute (i32.const 0) (i64.const 0) (f64.convert_i64_s (local.get $secret)))
    (call $contribute (i32.const 1) (i64.const 0) (f64.const 0))";

fn repeated(ones: usize, zeros: usize) -> Vec<i64> {
    [vec![1; ones], vec![0; zeros]].concat()
}

#[test]
fn three_ones_among_zeros_are_withheld() {
    let release = protected(HONEST, &repeated(3, 1_844));
    assert_eq!(release.cells[0].status, Status::Withheld);
    assert_eq!(release.cells[1].persons, Some([1_845, 1_849]), "the count itself is not small");
}

#[test]
fn zeros_lift_no_cell_over_the_threshold() {
    assert_eq!(protected(HONEST, &repeated(9, 500)).cells[0].status, Status::Withheld);
    assert_eq!(protected(HONEST, &repeated(10, 500)).cells[0].status, Status::Value);
}

#[test]
fn fewer_than_the_smallest_population_release_nothing() {
    let all_withheld =
        |document: ReleaseDocument| document.cells.iter().all(|c| c.status == Status::Withheld);
    assert!(all_withheld(protected(HONEST, &repeated(49, 0))));
    assert!(!all_withheld(protected(HONEST, &repeated(50, 0))));
}

#[test]
fn a_thousand_contributions_of_one_person_move_a_cell_by_its_bound() {
    let flood = "
        (if (i64.eqz (local.get $secret)) (then (return)))
        (loop $again
            (call $contribute (i32.const 0) (i64.const 0) (f64.const 1000))
            (call $contribute (i32.const 1) (i64.const 0) (f64.const 1000))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_s (local.get $i) (i32.const 1000))))";
    let document = exactly(flood, &target_among(20));
    assert_eq!(sum(&document), 1_000.0);
    assert_eq!(persons(&document, "n", &[]), 1);
}

#[test]
fn values_beyond_the_bounds_are_clamped_and_no_number_is_none() {
    let huge = "(call $contribute (i32.const 0) (i64.const 0)
        (select (f64.const 1e300) (f64.const nan) (i64.ne (local.get $secret) (i64.const 0))))";
    let document = exactly(huge, &repeated(7, 5));
    assert_eq!((sum(&document), persons(&document, "value", &[])), (7_000.0, 7));
}

#[test]
fn a_loop_for_ever_drops_one_person_and_nobody_else() {
    let spin = format!(
        "(if (i64.ne (local.get $secret) (i64.const 0)) (then (loop $ever (br $ever)))){HONEST}"
    );
    assert_eq!(persons(&exactly(&spin, &target_among(60)), "n", &[]), 60);
}

#[test]
fn a_trap_after_contributions_takes_them_back() {
    let trap =
        format!("{HONEST}(if (i64.ne (local.get $secret) (i64.const 0)) (then (unreachable)))");
    assert_eq!(persons(&exactly(&trap, &target_among(60)), "n", &[]), 60);
}

#[test]
fn a_trap_on_every_person_changes_neither_exit_nor_shape() {
    let shape = |document: &ReleaseDocument| -> Vec<_> {
        document.cells.iter().map(|cell| (cell.output.clone(), cell.cell.clone())).collect()
    };
    let trapped = protected("(unreachable)", &repeated(60, 40));
    assert_eq!(shape(&trapped), shape(&protected(HONEST, &repeated(60, 40))));
    assert!(trapped.cells.iter().all(|cell| cell.status == Status::Withheld));
}

#[test]
fn an_output_or_cell_that_is_not_there_drops_the_person_silently() {
    for (output, cell) in [(3, 0), (-1, 0), (2, 5), (2, -1), (0, 1)] {
        let beyond = format!(
            "{HONEST}(if (i64.ne (local.get $secret) (i64.const 0)) (then
                (call $contribute (i32.const {output}) (i64.const {cell}) (f64.const 1))))"
        );
        let document = exactly(&beyond, &target_among(60));
        assert_eq!(persons(&document, "n", &[]), 60, "output {output}, cell {cell}");
    }
}

#[test]
fn only_the_first_cells_of_a_person_count_and_a_total_counts_persons() {
    let flood = "
        (loop $again
            (call $contribute (i32.const 2)
                (i64.sub (i64.const 4) (i64.extend_i32_s (local.get $i))) (f64.const 1))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_s (local.get $i) (i32.const 5))))";
    let document = exactly(flood, &repeated(0, 12));
    let counts = ["0", "1", "2", "3", "4"].map(|at| persons(&document, "spread", &[("cell", at)]));
    assert_eq!(counts, [0, 0, 0, 12, 12], "call order decides, not the number of the cell");
    assert_eq!(persons(&document, "spread", &[]), 12);
}

#[test]
fn nothing_of_one_person_is_seen_by_the_next() {
    // Each person leaves marks in memory, in grown memory and in a global, and reports what was
    // there before: one mark or more would make the sum larger than the number of persons.
    let marks = "
        (drop (memory.grow (i32.const 1)))
        (global.set $seen (i64.add (global.get $seen) (i64.const 1)))
        (i64.store (i32.const 100000) (i64.add (i64.load (i32.const 100000)) (i64.const 1)))
        (call $contribute (i32.const 0) (i64.const 0)
            (f64.convert_i64_s (i64.mul (global.get $seen) (i64.load (i32.const 100000)))))";
    assert_eq!(sum(&exactly(marks, &repeated(0, 40))), 40.0);
}

#[test]
fn a_target_with_another_secret_leaves_the_same_bytes_but_for_numbers() {
    // The guest does its worst for the target alone: traps, spins, floods, in turn.
    for worst in ["(unreachable)", "(loop $ever (br $ever))", "(drop (memory.grow (i32.const 9)))"]
    {
        let person =
            format!("(if (i64.ne (local.get $secret) (i64.const 0)) (then {worst})){HONEST}");
        let folder = fresh();
        let people = People::new();
        let module = people.signed(&guest(folder.path(), &person));
        let run = |secrets: &[i64], name: &str| {
            let (_data, dataset) = dataset(secrets);
            let out = folder.path().join(name);
            let arguments = people.run(&module, &dataset, &out);
            let stdout = succeed(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
            (fs::read(out.join("release.json")).unwrap(), stdout.replace(text(&out), "OUT"))
        };
        // 62 and 63 persons lie in one interval, so even the numbers agree.
        assert_eq!(run(&target_among(62), "with"), run(&vec![0; 63], "without"), "{worst}");
    }
}

#[test]
fn a_sum_between_one_and_two_is_a_count_of_twos() {
    // Seven of two hundred persons have the secret; each contributes 1 or 2.
    let shifted = "(call $contribute (i32.const 0) (i64.const 0)
        (f64.convert_i64_s (i64.sub (i64.const 1000) (local.get $secret))))";
    let release = protected(shifted, &repeated(7, 193));
    assert_eq!(release.cells[0].status, Status::Withheld);
}
