//! A site shows that a release came of its data: the same bytes again, or what is different.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use cloister_synth::{Options, generate};

use crate::harness::{
    FIRST_VALUE, People, cloister, command, example, fresh, gibleed_in, site_key, small_guest,
    succeed, text,
};

/// A registered copy of GiBleed with people of its own, and what was released of it.
struct Site {
    people: People,
    folder: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let folder = fresh();
        gibleed_in(folder.path());
        Self::of(folder)
    }

    /// Over invented persons who have stays and laboratories, too.
    fn of_stays() -> Self {
        let folder = fresh();
        generate(&Options { persons: 3_000, seed: 5, shuffled: true }, folder.path()).unwrap();
        Self::of(folder)
    }

    fn of(folder: tempfile::TempDir) -> Self {
        fs::copy(site_key(), folder.path().join("site.key")).unwrap();
        let site = Self { people: People::new(), folder };
        site.register();
        site
    }

    fn register(&self) {
        succeed(&["dataset", "register", text(&self.dataset()), "--site-key", text(&site_key())]);
    }

    fn dataset(&self) -> PathBuf {
        self.folder.path().join("dataset.toml")
    }

    /// Releases `module`, and gives the folder.
    fn release(&self, module: &Path, out: &str, more: &[&str]) -> PathBuf {
        let out = self.folder.path().join(out);
        let mut arguments = self.people.run(module, &self.dataset(), &out);
        arguments.extend(more.iter().copied().map(str::to_owned));
        succeed(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        out
    }

    /// What a replay says, if it finds the same; what it says if not.
    fn replay(&self, out: &Path, more: &[&str]) -> Result<String, String> {
        let dataset = self.dataset();
        let arguments = ["replay", text(out), "--dataset", text(&dataset)];
        let ended = command(&[&arguments[..], more].concat()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (said, complained) = (text(ended.stdout), text(ended.stderr));
        if ended.status.success() { Ok(said) } else { Err(complained + &said) }
    }

    /// The ledger with all that lies beside it, by name.
    fn kept(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        let releases = self.folder.path().join("releases");
        for entry in
            fs::read_dir(self.folder.path()).unwrap().chain(fs::read_dir(releases).unwrap())
        {
            let path = entry.unwrap().path();
            if path.is_file() {
                found.push((path.clone(), fs::read(path).unwrap()));
            }
        }
        found.sort();
        found
    }
}

/// Writes one byte of `file` anew, and keeps its length and time: as who hides it would.
fn change_secretly(file: &Path, at: usize) {
    let modified = fs::metadata(file).unwrap().modified().unwrap();
    let mut bytes = fs::read(file).unwrap();
    bytes[at] ^= 1;
    fs::write(file, bytes).unwrap();
    File::options().append(true).open(file).unwrap().set_modified(modified).unwrap();
}

#[test]
fn every_example_replays_to_the_same_bytes_however_the_machine_is_used() {
    let open = ["--profile", "strict", "--tier", "open"];
    for study in ["gi-bleed", "age-sex", "readmission"] {
        // A year and a life pay for no more.
        let site = if study == "readmission" { Site::of_stays() } else { Site::new() };
        let module = site.people.signed(&example(study));
        for (profile, more) in [
            ("hospital", &["--profile", "hospital"][..]),
            ("strict", &["--profile", "strict"]),
            ("open", &open),
        ] {
            let out = site.release(&module, &format!("{study}-{profile}"), more);
            for machine in [
                &["--partitions", "1"][..],
                &["--partitions", "7", "--isolation", "fresh"],
                &["--partitions", "3", "--memory-limit", "256MiB"],
            ] {
                let said = site.replay(&out, machine);
                assert!(
                    said.as_ref().is_ok_and(|said| said.contains("the same bytes")),
                    "{said:?}"
                );
            }
        }
    }
}

#[test]
fn a_replay_charges_stores_and_writes_nothing() {
    let site = Site::new();
    let module = site.people.signed(&example("age-sex"));
    let out = site.release(&module, "out", &["--profile", "strict"]);
    let before = site.kept();
    site.replay(&out, &[]).unwrap();
    assert_eq!(site.kept(), before);
}

#[test]
fn one_changed_byte_of_the_data_fails_it_and_is_named() {
    let site = Site::new();
    let module = site.people.signed(&example("age-sex"));
    let out = site.release(&module, "out", &[]);
    change_secretly(&site.folder.path().join("person.parquet"), 4_000);
    let said = site.replay(&out, &[]).unwrap_err();
    assert!(said.contains("`person.parquet` has other bytes"), "{said}");
    // Registered again it is another epoch, and the receipt is of the first.
    change_secretly(&site.folder.path().join("person.parquet"), 4_000);
    site.register();
    let said = site.replay(&out, &[]).unwrap_err();
    assert!(said.contains("and this was released in the epoch"), "{said}");
}

/// Unchanged data that are registered again make the same bytes: each release is of its own epoch.
#[test]
fn the_same_bytes_of_two_epochs_are_two_releases() {
    let site = Site::new();
    let module = site.people.signed(&example("age-sex"));
    let first = site.release(&module, "first", &[]);
    site.register();
    let second = site.release(&module, "second", &[]);
    let bytes = |out: &Path| fs::read(out.join("release.json")).unwrap();
    assert_eq!(bytes(&first), bytes(&second));
    assert!(site.replay(&second, &[]).unwrap().contains("the same bytes"));
    let said = site.replay(&first, &[]).unwrap_err();
    assert!(said.contains("and this was released in the epoch"), "{said}");
    // Evidence of each has when it was admitted in its own.
    let (ledger, pack) =
        (site.folder.path().join("ledger.sqlite"), site.folder.path().join("pack"));
    let public = site_key().with_extension("pub");
    let evidence = ["evidence", text(&second), "--ledger", text(&ledger), "--out", text(&pack)];
    succeed(&[&evidence[..], &["--site", text(&public)]].concat());
    let page = fs::read_to_string(pack.join("index.html")).unwrap();
    assert_eq!(page.matches("admitted, and charged before").count(), 2, "{page}");
}

const YEARS: &str = r#"
[study]
name = "years"
version = "1.0.0"
title = "How old"
purpose = "scientific-research"
[tables.person]
columns = { year_of_birth = "int" }
[outputs]
n = { kind = "count" }
age = { kind = "moments", bounds = [0, 1000], grid = 1 }
[limits]
fuel = 100_000
memory_pages = 2
"#;

/// The library looks at all digests, and a replay wants that it did. Here it did not: all persons
/// have another year, in a file of the same length and time.
#[test]
fn numbers_that_the_data_do_not_make_are_named_cell_by_cell() {
    let folder = fresh();
    let person = folder.path().join("person.csv");
    let rows: String = (100..302).map(|id| format!("{id},19{}\n", 10 + id % 80)).collect();
    fs::write(&person, format!("person_id,year_of_birth\n{rows}")).unwrap();
    let described = "name = \"years\"\nsnapshot_date = \"2020-01-01\"\npublished_persons = 200\n\
                     unit = { table = \"person\", key = \"person_id\" }\n[tables]\n\
                     person = { path = \"person.csv\", format = \"csv\" }\n";
    fs::write(folder.path().join("dataset.toml"), described).unwrap();
    let site = Site::of(folder);
    let age = format!(
        "{FIRST_VALUE} (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
         (call $contribute (i32.const 1) (i64.const 0)
            (f64.convert_i64_s (i64.sub (i64.const 2000) (local.get $secret))))"
    );
    let guests = fresh();
    let module = site.people.signed(&small_guest(guests.path(), YEARS, &age));
    let out = site.release(&module, "out", &["--at-once"]);
    let release = fs::read(out.join("release.json")).unwrap();
    let line = fs::read_to_string(out.join("release.json.intoto.jsonl")).unwrap();
    let key = std::sync::Arc::new(crate::harness::signer(&site_key()));
    let host = cloister::Site {
        trust: None,
        key: Some(key.clone()),
        ledger: Some(site.folder.path().join("ledger.sqlite")),
        policies: cloister::Policies::open(&[]).unwrap(),
        options: cloister::RunOptions { partitions: 1, memory: cloister::Memory::default() },
        processes: cloister::Processes::One(cloister::Isolation::Restored),
        holds: false,
    };
    let replay = || {
        let receipt = cloister::check_seal(&release, &line, &key.public()).unwrap();
        let dataset = cloister::Dataset::open(&site.dataset()).unwrap();
        let dataset = cloister::registered(dataset, Some(&key.public()), false).unwrap();
        let (at, tally) = ((&host, "2999-01-01T00:00:00Z"), std::sync::Arc::default());
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(cloister::replay(&release, &receipt, dataset, at, tally)).unwrap()
    };
    assert_eq!(replay(), cloister::Replayed::Same);
    let modified = fs::metadata(&person).unwrap().modified().unwrap();
    let older = fs::read_to_string(&person).unwrap().replace(",19", ",13");
    fs::write(&person, older).unwrap();
    File::options().append(true).open(&person).unwrap().set_modified(modified).unwrap();
    let cloister::Replayed::Differs(lines) = replay() else { panic!("it is the same") };
    assert_eq!(lines[0], "the persons' contributions are others than those that were released");
    // The count is what it was; the age is not, and what it is now was never released.
    assert!(lines.len() == 2 && lines[1].starts_with("age () is another; it was "), "{lines:?}");
    assert!(!lines[1].contains("withheld"), "{lines:?}");
}

/// As if somebody had put another registration in the place of the one that was made: nothing but
/// the site's own key could.
#[test]
fn a_registration_that_was_written_anew_is_not_the_one_of_the_receipt() {
    let site = Site::new();
    let module = site.people.signed(&example("age-sex"));
    let out = site.release(&module, "out", &[]);
    // One row fewer, and a note that the site signs as if it had always been so.
    let note = site.folder.path().join("dataset.snapshot.json");
    let text_of = |file: &Path| fs::read_to_string(file).unwrap();
    let then: serde_json::Value = serde_json::from_str(&text_of(&note)).unwrap();
    let described = text_of(&site.dataset());
    let fewer = described.replace("[tables]\nperson =", "[tables]\nall =");
    let fewer =
        format!("{fewer}\n[views]\nperson = \"SELECT * FROM all WHERE person_id % 2 = 0\"\n");
    assert_ne!(fewer, described);
    fs::write(site.dataset(), &fewer).unwrap();
    let dataset = cloister::Dataset::open(&site.dataset()).unwrap();
    let noted = cloister::Snapshot::now(&dataset, "2020-01-01T00:00:00Z").unwrap();
    let noted = cloister::Snapshot { id: then["id"].as_str().unwrap().to_owned(), ..noted };
    noted.sign(&dataset, &crate::harness::signer(&site_key())).unwrap();
    let said = site.replay(&out, &[]).unwrap_err();
    assert!(said.contains("the commitment of the receipt is not that"), "{said}");
}

#[test]
fn what_is_not_kept_is_not_replayed() {
    let site = Site::new();
    let module = site.people.signed(&example("age-sex"));
    let out = site.release(&module, "out", &[]);
    // Another's receipt, or another release under it.
    let release = out.join("release.json");
    let bytes = fs::read(&release).unwrap();
    let other = site.release(&module, "other", &["--profile", "cms"]);
    fs::copy(other.join("release.json"), &release).unwrap();
    assert!(site.replay(&out, &[]).unwrap_err().contains("is of another release"));
    fs::write(&release, &bytes).unwrap();
    // Exact numbers have no receipt.
    let exact = site.folder.path().join("exact");
    let run = ["run", text(&module), "--profile", "exact", "--out", text(&exact), "--dataset"];
    succeed(&[&run[..], &[text(&site.dataset())]].concat());
    let unsealed = exact.join("UNPROTECTED-release.json");
    let arguments =
        ["replay", text(&unsealed), "--dataset", text(&site.dataset())].map(str::to_owned);
    let ended = cloister(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(String::from_utf8(ended.stderr).unwrap().contains("never sealed"));
    // What was kept is gone, or another's.
    let kept = |end: &str| {
        let files = fs::read_dir(site.folder.path().join("releases")).unwrap();
        let files = files.map(|entry| entry.unwrap().path());
        files.filter(|file| file.extension().is_some_and(|has| has == end)).collect::<Vec<_>>()
    };
    for (end, says) in [
        ("trace", "is not what this site kept"),
        ("dossier", "is not what this site kept"),
        ("wasm", "is not what this site kept"),
        ("json", "is not the one that the ledger knows"),
    ] {
        let files = kept(end);
        let bytes: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
        for file in &files {
            change_secretly(file, 0);
        }
        let said = site.replay(&out, &[]).unwrap_err();
        assert!(said.contains(says), "{end}: {said}");
        for file in &files {
            fs::remove_file(file).unwrap();
        }
        let said = site.replay(&out, &[]).unwrap_err();
        assert!(said.contains("cannot be read"), "{end}: {said}");
        for (file, bytes) in files.iter().zip(bytes) {
            fs::write(file, bytes).unwrap();
        }
    }
    assert!(site.replay(&out, &[]).is_ok());
    // Sets of this epoch were to stay.
    let strict = site.release(&module, "strict", &["--profile", "strict", "--at-once"]);
    kept("sets").iter().for_each(|file| fs::remove_file(file).unwrap());
    let said = site.replay(&strict, &[]).unwrap_err();
    assert!(said.contains("put it back"), "{said}");
    fs::remove_file(site.folder.path().join("dataset.snapshot.json")).unwrap();
    let said = site.replay(&out, &[]).unwrap_err();
    assert!(said.contains("put back the one of the epoch"), "{said}");
}
