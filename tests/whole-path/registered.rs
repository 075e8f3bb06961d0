//! A registered dataset: a source that changes between runs is noticed and named.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::charged::Site;
use crate::harness::{cloister, example, fresh, gibleed, gibleed_in, site_key, succeed, text};

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

fn register(dataset: &Path) {
    succeed(&["dataset", "register", text(dataset)]);
}

#[test]
fn a_changed_source_is_named() {
    let folder = fresh();
    let dataset = gibleed_in(folder.path());
    register(&dataset);
    assert_eq!(run(&dataset, &["--verify"]), "");
    let drug_era = folder.path().join("drug_era.parquet");
    touch(&drug_era, 1_000_000_000);
    assert_eq!(run(&dataset, &[]), "", "its time is another, and its bytes are the same");
    register(&dataset);
    let mut bytes = fs::read(&drug_era).unwrap();
    bytes[100] ^= 1;
    fs::write(&drug_era, &bytes).unwrap();
    let message = run(&dataset, &[]);
    assert!(message.contains("`drug_era.parquet` has other bytes"), "{message}");
    assert!(message.contains("put it back as it was"), "{message}");
    assert!(message.contains("`cloister dataset register` begins a new epoch"), "{message}");
    // Whoever also puts its time back is found where all bytes are looked at.
    touch(&drug_era, 1_000_000_000);
    assert!(run(&dataset, &["--verify"]).contains("`drug_era.parquet` has other bytes"));
    bytes.push(0);
    fs::write(&drug_era, &bytes).unwrap();
    assert!(run(&dataset, &[]).contains("`drug_era.parquet` has another length"));
    fs::copy(gibleed().with_file_name("drug_era.parquet"), &drug_era).unwrap();
    register(&dataset);
    assert_eq!(run(&dataset, &[]), "");
    let described = fs::read_to_string(&dataset).unwrap();
    fs::write(&dataset, format!("{described}# a word\n")).unwrap();
    assert!(run(&dataset, &[]).contains("`dataset.toml` has another length"));
    fs::remove_file(folder.path().join("person.parquet")).unwrap();
    assert!(run(&dataset, &[]).contains("person.parquet"));
}

/// That data are synthetic is for the site to sign, and for nobody to write.
#[test]
fn what_a_dataset_says_of_itself_counts_when_the_site_has_signed_it() {
    let folder = fresh();
    let dataset = gibleed_in(folder.path());
    let described = fs::read_to_string(&dataset).unwrap();
    let patients = described.replace("synthetic = true ", "synthetic = false");
    let patients = patients.replace("synthetic = true", "synthetic = false");
    assert_ne!(patients, described);
    fs::write(&dataset, &patients).unwrap();
    register(&dataset);
    let refused = run(&dataset, &[]);
    assert!(refused.contains("not registered as `synthetic` or `public`"), "{refused}");
    // The file says otherwise now, and the registration does not.
    fs::write(&dataset, &described).unwrap();
    assert!(run(&dataset, &[]).contains("`dataset.toml` has"));
    // No registration is none that says so; harness or not, this one is the test's own.
    let note = dataset.with_extension("snapshot.json");
    let seal = dataset.with_extension("snapshot.json.intoto.jsonl");
    register(&dataset);
    let (said, signed) = (fs::read_to_string(&note).unwrap(), fs::read_to_string(&seal).unwrap());
    assert_eq!(run(&dataset, &[]), "");
    fs::write(&note, said.replacen("\"secret\": \"", "\"secret\": \"0", 1)).unwrap();
    assert!(run(&dataset, &[]).contains("another note was signed"));
    fs::write(&note, &said).unwrap();
    fs::write(&seal, signed.replacen("\"sig\":\"", "\"sig\":\"AAAA", 1)).unwrap();
    assert!(run(&dataset, &[]).contains("is not a snapshot"));
    fs::write(&seal, [signed.as_str(), signed.as_str()].concat()).unwrap();
    assert!(run(&dataset, &[]).contains("it must hold one signature"));
    fs::remove_file(&seal).unwrap();
    assert!(run(&dataset, &[]).contains("it must hold one signature"));
    // Another site's word is none of this site's.
    let other = folder.path().join("other.key");
    crate::harness::new_key(&other);
    succeed(&["dataset", "register", text(&dataset), "--site-key", text(&other)]);
    let people = crate::harness::People::new();
    let arguments =
        people.run(&people.signed(&example("age-sex")), &dataset, &folder.path().join("out"));
    let refused = cloister(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let refused = String::from_utf8(refused.stderr).unwrap();
    assert!(refused.contains("is not signed by the site's key"), "{refused}");
}

/// What is published counts as it was signed: whoever takes the note away, to write another number
/// or another name, asks nothing more.
#[test]
fn without_their_note_data_that_were_registered_are_asked_nothing() {
    let site = Site::new();
    let described = fs::read_to_string(&site.dataset).unwrap();
    let described = described.replace("synthetic = true\n", "");
    let described = described.replace("published_persons = 100\n", "published_persons = 200\n");
    fs::write(&site.dataset, &described).unwrap();
    let run = |year: u32, out: &str| {
        let output = site.command(year, out).arg("--at-once").output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        if output.status.success() { Ok(()) } else { Err(said) }
    };
    run(1, "unregistered").unwrap();
    register(&site.dataset);
    run(1, "registered").unwrap();
    let beside = ["snapshot.json", "snapshot.json.intoto.jsonl"];
    let beside = beside.map(|end| site.dataset.with_extension(end));
    let kept = beside.clone().map(|file| fs::read(file).unwrap());
    beside.iter().for_each(|file| fs::remove_file(file).unwrap());
    let more = described.replace("published_persons = 200\n", "published_persons = 2000\n");
    let renamed = more.replace("name = \"secrets\"", "name = \"others\"");
    for (edited, name) in [(&described, "secrets"), (&more, "secrets"), (&renamed, "others")] {
        fs::write(&site.dataset, edited).unwrap();
        let refused = run(2, "edited").unwrap_err();
        assert!(
            refused.contains(&format!("`{name}` is not registered, and this ledger")),
            "{refused}"
        );
    }
    assert_eq!(site.charges(), 2);
    // What was answered before is no new answer, and with its note all is as it was.
    fs::write(&site.dataset, &described).unwrap();
    run(1, "again").unwrap();
    for (file, bytes) in beside.iter().zip(kept) {
        fs::write(file, bytes).unwrap();
    }
    run(2, "later").unwrap();
    assert_eq!(site.charges(), 3);
}

#[test]
fn a_snapshot_tells_nothing_of_the_data() {
    let folder = fresh();
    let dataset = gibleed_in(folder.path());
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

/// Whoever has another key than the site's registers nothing in its name, for exact numbers either.
#[test]
fn where_the_site_has_a_key_no_other_registers_its_data() {
    let folder = fresh();
    let dataset = gibleed_in(folder.path());
    let other = folder.path().join("other.key");
    crate::harness::new_key(&other);
    succeed(&["dataset", "register", text(&dataset), "--site-key", text(&other)]);
    assert_eq!(
        run(&dataset, &[]),
        "",
        "a copy of somebody else's data, without a key of one's own"
    );
    for (end, beside) in [("pub", "site.pub"), ("key", "site.key")] {
        fs::copy(site_key().with_extension(end), folder.path().join(beside)).unwrap();
        let refused = run(&dataset, &[]);
        assert!(refused.contains("is not signed by the site's key"), "{beside}: {refused}");
    }
}
