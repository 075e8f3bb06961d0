//! What a release is: the known answers, sealed, in order, and nothing besides.

use std::fs;
use std::path::Path;
use std::process::Command;

use cloister_contract::envelope::{Envelope, key_id};
use cloister_contract::release::{CellDocument, ReleaseDocument, Status};
use cloister_contract::statement::{Claim, Statement};

use crate::documented::under;
use crate::harness::{
    People, cell, cloister, exact, example, fresh, gibleed, gibleed_in, new_key, persons,
    say_skipped, succeed, text,
};

#[test]
fn gibleed_has_its_known_answers() {
    let release = ReleaseDocument::decode(&exact(&example("gi-bleed"), &gibleed(), &[])).unwrap();
    let of = |output, arm| persons(&release, output, &[("arm", arm)]);
    assert_eq!((of("exposed", "celecoxib"), of("bled", "celecoxib")), (1_844, 355));
    assert_eq!((of("exposed", "diclofenac"), of("bled", "diclofenac")), (850, 124));
    let release = ReleaseDocument::decode(&exact(&example("age-sex"), &gibleed(), &[])).unwrap();
    let of = |sex| persons(&release, "persons", &[("sex", sex)]);
    assert_eq!((of("male"), of("female")), (1_321, 1_373));
}

#[test]
fn the_hospital_shows_intervals_that_hold_the_known_answers() {
    let release = People::new().release(&example("gi-bleed"), &gibleed());
    let arm = |output, arm| cell(&release, output, &[("arm", arm)]);
    assert_eq!(arm("exposed", "celecoxib").persons, Some([1_840, 1_844]));
    assert_eq!(arm("bled", "celecoxib").persons, Some([355, 359]));
    let empty = cell(&release, "exposed", &[("arm", "celecoxib"), ("age", "[80, 120)")]);
    assert_eq!(empty.status, Status::Withheld);
    assert_eq!(empty.persons, None);
}

/// Under `strict` each site shows other numbers, and each of them holds the exact one.
#[test]
fn noise_is_each_sites_own_and_intervals_hold_the_exact_numbers() {
    let module = example("gi-bleed");
    let exact = ReleaseDocument::decode(&exact(&module, &gibleed(), &[])).unwrap();
    let one = People::new();
    let one = under(&["strict"], &one, &one.signed(&module));
    // Another site has another key, and has registered the same persons with it.
    let (two, folder) = (People::new(), fresh());
    let (dataset, key) = (gibleed_in(folder.path()), folder.path().join("site.key"));
    new_key(&key);
    for end in ["key", "pub"] {
        fs::copy(key.with_extension(end), two.file(&format!("site.{end}"))).unwrap();
    }
    let out = folder.path().join("out");
    let mut arguments = two.run(&two.signed(&module), &dataset, &out);
    arguments.extend(["--profile", "strict"].map(str::to_owned));
    succeed(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let two = ReleaseDocument::decode(&fs::read(out.join("release.json")).unwrap()).unwrap();
    let mut shown = 0;
    for release in [&one, &two] {
        for (cell, exact) in release.cells.iter().zip(&exact.cells) {
            let holds = |shown: Option<[f64; 2]>, exact: Option<[f64; 2]>| match (shown, exact) {
                (Some([low, high]), Some([exact, _])) => low <= exact && exact <= high,
                (shown, _) => shown.is_none(),
            };
            let persons = |cell: &CellDocument| cell.persons.map(|ends| ends.map(|n| n as f64));
            assert!(holds(persons(cell), persons(exact)), "{cell:?}");
            assert!(holds(cell.excess, exact.excess), "{cell:?}");
            assert!(holds(cell.excess_squares, exact.excess_squares), "{cell:?}");
            shown += usize::from(cell.status == Status::Value);
        }
    }
    assert!(shown > 10, "{shown} cells are shown");
    assert_ne!(one.cells, two.cells);
}

#[test]
fn a_release_is_sealed_by_the_site_and_only_by_it() {
    let people = People::new();
    let out = fresh();
    let out = out.path().join("release");
    let arguments = people.run(&people.signed(&example("gi-bleed")), &gibleed(), &out);
    let printed = succeed(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(printed.contains("withheld") && printed.contains("1840–1844"), "{printed}");
    let mut files: Vec<_> = fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let wanted = ["cells.csv", "cells.parquet", "release.json", "release.json.intoto.jsonl"];
    assert_eq!(files, wanted);
    let bytes = fs::read(out.join("release.json")).unwrap();
    let line = fs::read_to_string(out.join("release.json.intoto.jsonl")).unwrap();
    let envelope = Envelope::from_line(line.trim()).unwrap();
    let site = cloister::public_key(&people.file("site.pub")).unwrap();
    let statement = Statement::decode(envelope.verify(&site).unwrap()).unwrap();
    assert_eq!(statement.subject, cloister_contract::digest::Digest::of(&bytes));
    assert!(matches!(statement.claim, Claim::Receipt(_)));
    let author = cloister::public_key(&people.file("author.pub")).unwrap();
    assert!(envelope.verify(&author).is_err());
    views_agree(&out, &ReleaseDocument::decode(&bytes).unwrap());
}

/// The CSV has one row per cell, in order, with the same status.
fn views_agree(out: &Path, release: &ReleaseDocument) {
    let text = fs::read_to_string(out.join("cells.csv")).unwrap();
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("output,arm,age,status,persons_low,persons_high"));
    for cell in &release.cells {
        let line = lines.next().unwrap();
        let status = if cell.status == Status::Value { ",value," } else { ",withheld," };
        assert!(line.starts_with(&cell.output) && line.contains(status), "{line}");
    }
    assert_eq!(lines.next(), None);
}

#[test]
fn exact_numbers_are_marked_and_never_sealed() {
    let out = fresh();
    let out = out.path().join("exact");
    let module = example("gi-bleed");
    let dataset = gibleed();
    let arguments = ["run", text(&module), "--dataset", text(&dataset), "--profile", "exact"];
    succeed(&[&arguments[..], &["--out", text(&out)]].concat());
    for entry in fs::read_dir(&out).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(name.starts_with("UNPROTECTED-") && !name.contains("intoto"), "{name}");
    }
    let verified = cloister(&["verify", text(&out.join("UNPROTECTED-release.json"))]);
    let stderr = String::from_utf8(verified.stderr).unwrap();
    assert!(stderr.contains("is an exact release, which is never sealed"), "{stderr}");
    assert_eq!(verified.status.code(), Some(1));
}

#[test]
fn json_is_the_release_and_nothing_else() {
    let people = People::new();
    let out = fresh();
    let out = out.path().join("release");
    let mut arguments = people.run(&people.signed(&example("age-sex")), &gibleed(), &out);
    arguments.push("--json".to_owned());
    let output = cloister(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(output.stdout, fs::read(out.join("release.json")).unwrap());
    assert!(output.stderr.is_empty(), "a pipe hears nothing else");
}

#[test]
fn verify_and_inspect_say_who_stands_behind_a_module() {
    let people = People::new();
    let module = people.signed(&example("gi-bleed"));
    let trust = people.file("trust.toml");
    let verified = succeed(&["verify", text(&module), "--trust", text(&trust)]);
    assert_eq!(verified.matches("counts      ").count(), 3, "{verified}");
    let inspected = succeed(&["inspect", text(&module), "--trust", text(&trust)]);
    for fact in ["drug_concept_id (int)", "contribute(output, cell, value)", "200,000", "author"] {
        assert!(inspected.contains(fact), "{fact}: {inspected}");
    }
    // Without keys to check them by, it is told what the envelopes say, and that nobody checked.
    let claimed = succeed(&["inspect", text(&module)]);
    assert!(claimed.contains("what the envelopes say, and anybody may write one"), "{claimed}");
    for (name, role) in [("author", "author"), ("one", "reviewer"), ("two", "reviewer")] {
        let key = cloister::public_key(&people.file(&format!("{name}.pub"))).unwrap();
        let line = format!("not checked {role} {}", key_id(&key));
        let mut lines = claimed.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        assert!(lines.any(|words| words.join(" ").starts_with(&line)), "{line}: {claimed}");
    }
    let three = ["verify", text(&module), "--trust", text(&trust), "--reviewers", "3"];
    assert!(!cloister(&three).status.success());
}

#[test]
fn a_module_is_small() {
    for study in ["gi-bleed", "age-sex", "readmission"] {
        let bytes = fs::metadata(example(study)).unwrap().len();
        assert!(bytes < 40 * 1024, "{study} has {bytes} bytes");
    }
}

#[test]
fn a_terminal_sees_progress() {
    let out = fresh();
    let out = out.path().join("exact");
    let (module, dataset) = (example("gi-bleed"), gibleed());
    let arguments = ["run", text(&module), "--dataset", text(&dataset), "--profile", "exact"];
    let line = [&[env!("CARGO_BIN_EXE_cloister")], &arguments[..], &["--out", text(&out)]].concat();
    // `script` runs a command on a terminal of its own.
    let ran = Command::new("script").args(["-qec", &line.join(" "), "/dev/null"]).output();
    let Ok(ran) = ran else { return say_skipped("there is no `script` to make a terminal") };
    let seen = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "{seen}");
    assert!(seen.contains("/2690 persons") && seen.contains(" left"), "{seen}");
    assert!(!seen.contains("2694/"), "the bar does not tell the exact number of persons");
}
