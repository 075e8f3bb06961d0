//! Nothing which leaves tells of a row: receipt, audit log and evidence.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use cloister_contract::envelope::Envelope;

use super::{evidence, files};
use crate::harness::{
    FIRST_VALUE, People, cloister, command, fresh, site_key, small_guest, succeed, text,
};

const STUDY: &str = r#"
[study]
name = "rows"
version = "1.0.0"
title = "What a row changes"
purpose = "scientific-research"
[tables.person]
columns = { year_of_birth = "int" }
[outputs]
n = { kind = "count" }
value = { kind = "moments", bounds = [0, 1000], grid = 1 }
[limits]
fuel = 100_000
memory_pages = 2
"#;

/// A site of its own with registered data, whose person 100 then has another `year`: written with
/// the same length and time, so that nobody notices.
fn site_with(year: &str, folder: &Path) -> PathBuf {
    let rows: String = (100..302).map(|id| format!("{id},1950\n")).collect();
    let person = folder.join("person.csv");
    fs::write(&person, format!("person_id,year_of_birth\n{rows}")).unwrap();
    let dataset = folder.join("dataset.toml");
    let lines = "name = \"rows\"\nsnapshot_date = \"2020-01-01\"\npublished_persons = 100\n\
                 unit = { table = \"person\", key = \"person_id\" }\n[tables]\n\
                 person = { path = \"person.csv\", format = \"csv\" }\n";
    fs::write(&dataset, lines).unwrap();
    succeed(&["dataset", "register", text(&dataset), "--site-key", text(&site_key())]);
    let modified = fs::metadata(&person).unwrap().modified().unwrap();
    let changed = fs::read_to_string(&person).unwrap().replace("100,1950", &format!("100,{year}"));
    fs::write(&person, changed).unwrap();
    File::options().append(true).open(&person).unwrap().set_modified(modified).unwrap();
    dataset
}

/// All that leaves, without what is of the second in which it was asked: times, what they are
/// hashed into, and signatures.
fn leaves(folder: &Path) -> BTreeMap<String, String> {
    let key = cloister::public_key(&site_key().with_extension("pub")).unwrap();
    let pack = evidence(folder, "out");
    let mut all = files(&folder.join("out"));
    all.extend(files(&pack).into_iter().map(|(name, bytes)| (format!("evidence/{name}"), bytes)));
    let log = cloister::read_audit(&folder.join("audit.jsonl"), Some(&key)).unwrap();
    let named: Vec<String> =
        log.entries().filter_map(|entry| Some(entry.receipt()?.to_string())).collect();
    let lines: Vec<String> = log.lines().to_vec();
    all.insert("audit".to_owned(), lines.join("\n").into_bytes());
    let plain = |name: &str, bytes: Vec<u8>| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let text = if name.ends_with("release.json.intoto.jsonl") {
            let envelope = Envelope::from_line(text.trim()).unwrap();
            String::from_utf8(envelope.verify(&key).unwrap().to_vec()).unwrap()
        } else if name.ends_with("audit-proof.json") {
            let proof: serde_json::Value = serde_json::from_str(&text).unwrap();
            let entries = proof["entries"].as_array().unwrap().iter();
            entries.map(|one| one["entry"].as_str().unwrap()).collect::<Vec<_>>().join("\n")
        } else {
            text
        };
        let text = named.iter().fold(text, |text, receipt| text.replace(receipt, "RECEIPT"));
        text.split_inclusive(['"', '<', '>', ' '])
            .map(|part| if is_instant(part) { "AT" } else { part })
            .collect()
    };
    all.into_iter().map(|(name, bytes)| (name.clone(), plain(&name, bytes))).collect()
}

/// Whether this begins as an instant does.
fn is_instant(part: &str) -> bool {
    part.get(..11).is_some_and(|day| {
        let digits = day.bytes().filter(u8::is_ascii_digit).count() == 8;
        digits && day.ends_with('T') && part.contains('Z')
    })
}

/// The universal oracle over what this tier of paper adds: receipt, audit log and evidence are the
/// same bytes whatever one person's record says, as long as the released numbers are.
#[test]
fn nothing_that_leaves_changes_when_a_row_changes_inside_an_epoch() {
    let people = People::new();
    let guests = fresh();
    // It traps, burns fuel and contributes elsewhere for whoever is born in 1951.
    let hostile = format!(
        "{FIRST_VALUE} (if (i64.eq (local.get $secret) (i64.const 1951)) (then
            (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
            (loop $burn (br_if $burn (i32.const 1)))))
         (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
         (call $contribute (i32.const 1) (i64.const 0) (f64.const 7))"
    );
    let module = people.signed(&small_guest(guests.path(), STUDY, &hostile));
    let folders = [fresh(), fresh()];
    let original = site_with("1950", folders[0].path());
    // The other site is a copy of the first: the same registration, another row.
    site_with("1951", folders[1].path());
    for name in ["dataset.snapshot.json", "dataset.snapshot.json.intoto.jsonl"] {
        fs::copy(original.with_file_name(name), folders[1].path().join(name)).unwrap();
    }
    let person = folders[1].path().join("person.csv");
    let modified = fs::metadata(original.with_file_name("person.csv")).unwrap().modified().unwrap();
    File::options().append(true).open(&person).unwrap().set_modified(modified).unwrap();
    assert_ne!(
        fs::read(&person).unwrap(),
        fs::read(original.with_file_name("person.csv")).unwrap()
    );
    let all = [&folders[0], &folders[1]].map(|folder| {
        // So that no two instants are the same, and each must be seen to be one.
        sleep(Duration::from_secs(1));
        let dataset = folder.path().join("dataset.toml");
        let mut run = people.run(&module, &dataset, &folder.path().join("out"));
        run.push("--at-once".to_owned());
        let mut run = command(&run.iter().map(String::as_str).collect::<Vec<_>>());
        let ended = run.output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        leaves(folder.path())
    });
    assert!(all[0].len() > 20 && all[0]["audit"].contains("AT"), "{:?}", all[0].keys());
    for (name, text) in &all[0] {
        assert_eq!(Some(text), all[1].get(name), "`{name}` tells of the row");
    }
    assert_eq!(all[0].len(), all[1].len());
    // The site itself sees it: the second data are not those that were registered.
    let out = folders[1].path().join("out");
    let words = [
        "replay",
        text(&out),
        "--dataset",
        text(&folders[1].path().join("dataset.toml")),
        "--site-key",
        text(&site_key()),
    ]
    .map(str::to_owned);
    let ended = cloister(&words.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(String::from_utf8(ended.stderr).unwrap().contains("`person.csv` has other bytes"));
}
