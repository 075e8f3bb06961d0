//! A registered dataset: a source that changes between runs is noticed and named.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::harness::{cloister, example, fresh, gibleed, succeed, text};

/// A copy of GiBleed that may be changed.
fn copy(folder: &Path) -> PathBuf {
    for entry in fs::read_dir(gibleed().parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
    }
    folder.join("dataset.toml")
}

/// What a run says; empty if it succeeds.
fn run(dataset: &Path, more: &[&str]) -> String {
    let folder = fresh();
    let (module, out) = (example("age-sex"), folder.path().join("out"));
    let run = ["run", text(&module), "--dataset", text(dataset), "--profile", "exact", "--out"];
    let output = cloister(&[&run[..], &[text(&out)], more].concat());
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.success(), message.is_empty(), "{message}");
    message
}

fn touch(file: &Path, seconds: u64) {
    let opened = File::options().append(true).open(file).unwrap();
    opened.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
}

#[test]
fn a_changed_source_is_named() {
    let folder = fresh();
    let dataset = copy(folder.path());
    assert_eq!(run(&dataset, &[]), "", "a dataset need not be registered");
    succeed(&["dataset", "register", text(&dataset)]);
    assert_eq!(run(&dataset, &["--verify"]), "");
    let drug_era = folder.path().join("drug_era.parquet");
    touch(&drug_era, 1_000_000_000);
    let message = run(&dataset, &[]);
    assert!(message.contains("`drug_era.parquet` was modified"), "{message}");
    assert!(message.contains("register it again"), "{message}");
    assert_eq!(run(&dataset, &["--verify"]), "", "its bytes are the same");
    let mut bytes = fs::read(&drug_era).unwrap();
    bytes[100] ^= 1;
    fs::write(&drug_era, &bytes).unwrap();
    touch(&drug_era, 1_000_000_000);
    assert!(run(&dataset, &["--verify"]).contains("`drug_era.parquet` has other bytes"));
    bytes.push(0);
    fs::write(&drug_era, &bytes).unwrap();
    assert!(run(&dataset, &[]).contains("`drug_era.parquet` has another length"));
    fs::copy(gibleed().with_file_name("drug_era.parquet"), &drug_era).unwrap();
    succeed(&["dataset", "register", text(&dataset)]);
    assert_eq!(run(&dataset, &[]), "");
    let described = fs::read_to_string(&dataset).unwrap();
    fs::write(&dataset, described + "# a word\n").unwrap();
    assert!(run(&dataset, &[]).contains("`dataset.toml` has another length"));
}

#[test]
fn a_snapshot_tells_nothing_of_the_data() {
    let folder = fresh();
    let dataset = copy(folder.path());
    let id = || {
        let said = succeed(&["dataset", "register", text(&dataset)]);
        said.split_whitespace().nth(1).unwrap().to_owned()
    };
    assert_ne!(id(), id(), "its id is random");
    let out = folder.path().join("out");
    let module = example("age-sex");
    let run = ["run", text(&module), "--dataset", text(&dataset), "--profile", "exact"];
    succeed(&[&run[..], &["--out", text(&out)]].concat());
    let note = fs::read_to_string(dataset.with_extension("snapshot.json")).unwrap();
    let note: serde_json::Value = serde_json::from_str(&note).unwrap();
    let release = fs::read_to_string(out.join("UNPROTECTED-release.json")).unwrap();
    for file in note["files"].as_array().unwrap() {
        assert!(!release.contains(file["sha256"].as_str().unwrap()));
    }
}
