//! Ended before each thing that it writes: ledger, audit log, receipts and stored releases are
//! whole, what left was paid for and written down, and the same job goes on where it stopped.
//!
//! `severed.c` counts what the process writes under the site's folder, and ends it with SIGKILL.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use cloister::{AuditEvent, EntryKind};
use cloister_contract::digest::Digest;

use crate::charged::wait;
use crate::harness::{
    People, command, fresh, root, say_skipped, scratch, site_key, small_guest, succeed, text,
};
use crate::hostile::dataset;

const STUDY: &str = r#"
[study]
name = "severed"
version = "1.0.0"
title = "A job that is cut off"
purpose = "scientific-research"
[tables.person]
columns = { year_of_birth = "int" }
[outputs]
n = { kind = "count" }
[limits]
fuel = 100_000
memory_pages = 2
"#;

const COUNT: &str = "(call $contribute (i32.const 0) (i64.const 0) (f64.const 1))";

/// The library that counts, compiled once; `None` where there is no C compiler.
fn counter() -> Option<PathBuf> {
    let library = scratch().join("severed.so");
    let source = root().join("tests/whole-path/severed.c");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-O1", "-o"]).args([&library, &source]).arg("-ldl");
    let compiled = compiler.output().ok()?;
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    Some(library)
}

/// A site whose folder is put back to how it was before each run.
struct Site {
    people: People,
    module: PathBuf,
    _guests: tempfile::TempDir,
    data: tempfile::TempDir,
    library: PathBuf,
}

impl Site {
    fn new(library: PathBuf) -> Self {
        let (people, guests) = (People::new(), fresh());
        let (data, dataset) = dataset(&[7; 200]);
        succeed(&["dataset", "register", text(&dataset), "--site-key", text(&site_key())]);
        let module = people.signed(&small_guest(guests.path(), STUDY, COUNT));
        Self { people, module, _guests: guests, data, library }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.data.path().join(name)
    }

    /// Everything that a run has made goes.
    fn reset(&self) {
        for entry in fs::read_dir(self.data.path()).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() {
                fs::remove_dir_all(&path).unwrap();
            } else if !name.starts_with("person.") && !name.starts_with("dataset.") {
                fs::remove_file(&path).unwrap();
            }
        }
    }

    /// A run into `out`, which ends before it takes step `at` (never, for 0).
    fn run(&self, out: &str, at: usize, log: Option<&Path>) -> Output {
        let dataset = self.file("dataset.toml");
        let arguments = self.people.run(&self.module, &dataset, &self.file(out));
        let mut run = command(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        run.env("LD_PRELOAD", &self.library).env("SEVER_UNDER", self.data.path());
        run.env("SEVER_AT", at.to_string()).args(["--partitions", "1"]);
        run.envs(log.map(|log| ("SEVER_LOG", log))).output().unwrap()
    }

    /// Holds everything to itself and to what left as `outs`; gives how many jobs were paid.
    fn holds(&self, outs: &[&str]) -> usize {
        let key = cloister::public_key(&site_key().with_extension("pub")).unwrap();
        let left = outs.iter().filter_map(|out| fs::read(self.file(out).join("release.json")).ok());
        let left: Vec<Digest> = left.map(|bytes| Digest::of(&bytes)).collect();
        let book = match self.file("ledger.checkpoint").exists() {
            true => {
                Some(wait(cloister::read_ledger(&self.file("ledger.sqlite"), Some(&key))).unwrap())
            }
            false => None,
        };
        let entries = book.iter().flat_map(|book| book.entries());
        let released: Vec<Digest> = entries.clone().filter_map(|entry| entry.release).collect();
        assert!(left.iter().all(|left| released.contains(left)), "what left is not in the ledger");
        if let Some(book) = &book {
            assert!(cloister::verify_stored(&self.file("ledger.sqlite"), book).unwrap() <= 1);
        }
        let log = self
            .file("audit.checkpoint")
            .exists()
            .then(|| cloister::read_audit(&self.file("audit.jsonl"), Some(&key)).unwrap());
        let events: Vec<_> = log.iter().flat_map(|log| log.entries()).collect();
        let named: Vec<Digest> = events.iter().filter_map(|event| event.receipt()).collect();
        let written = |left: &Digest| {
            events.iter().any(|entry| match entry.event {
                AuditEvent::Released { release, .. } | AuditEvent::GivenAgain { release, .. } => {
                    release == *left
                }
                AuditEvent::Admitted | AuditEvent::Refused { .. } => false,
            })
        };
        assert!(left.iter().all(written), "what left is not in the audit log");
        if !named.is_empty() {
            let chain = cloister::read_chain(&self.file("receipts.jsonl"), &key).unwrap();
            let places: Vec<_> = named.iter().map(|one| chain.place(*one)).collect();
            assert_eq!(places, (0..named.len()).map(Some).collect::<Vec<_>>());
            assert!(chain.len() - named.len() <= 1, "the chain is more than one ahead");
        }
        entries.filter(|entry| entry.kind == EntryKind::Charge).count()
    }
}

#[test]
fn ended_before_each_write_nothing_is_torn_lost_or_paid_twice() {
    let Some(library) = counter() else {
        return say_skipped("there is no C compiler: runs were not ended at each write");
    };
    let site = Site::new(library);
    let list = fresh();
    let list = list.path().join("steps");
    let whole = site.run("out", 0, Some(&list));
    assert!(whole.status.success(), "{}", String::from_utf8_lossy(&whole.stderr));
    let steps = fs::read_to_string(&list).unwrap();
    let steps: Vec<&str> = steps.lines().collect();
    for what in
        ["ledger.sqlite", "audit.jsonl", "receipts.jsonl", "releases/", ".cloister-partial-"]
    {
        let wrote = |step: &&&str| step.contains(&format!("{}/{what}", text(site.data.path())));
        assert!(steps.iter().filter(wrote).count() >= 2, "{what}: {steps:?}");
    }
    let release = fs::read(site.file("out/release.json")).unwrap();
    let mut paid = 0;
    for (at, step) in (1..).zip(&steps) {
        site.reset();
        let cut = site.run("out", at, None);
        assert_eq!(cut.status.code(), None, "{at} {step}: it was not ended");
        paid += site.holds(&["out"]);
        // Cut off once more at the same place, then let be: twice one ahead would be two.
        let again = site.run("again", at, None);
        assert_ne!(
            again.status.code(),
            Some(1),
            "{step}: {}",
            String::from_utf8_lossy(&again.stderr)
        );
        site.holds(&["out", "again"]);
        let last = site.run("last", 0, None);
        assert!(last.status.success(), "{step}: {}", String::from_utf8_lossy(&last.stderr));
        assert_eq!(site.holds(&["out", "again", "last"]), 1, "{step}: paid twice, or never");
        assert_eq!(fs::read(site.file("last/release.json")).unwrap(), release, "{step}");
    }
    assert!(paid > 10 && paid < steps.len(), "{paid} of {} were cut after they paid", steps.len());
}

/// What is written and not on the disk yet, as system calls tell it: files, and folders whose names
/// have changed.
#[derive(Default)]
struct Unsynced {
    files: BTreeSet<String>,
    folders: BTreeSet<String>,
}

impl Unsynced {
    /// Takes one call; what it gives is the name that a file or folder has got by it.
    fn take(&mut self, call: &str) -> Option<String> {
        let of_file = || call.split_once('<')?.1.split_once('>').map(|(path, _)| path.to_owned());
        let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
        let quoted: Vec<&str> = call.split('"').skip(1).step_by(2).collect();
        match call.split_once('(')?.0 {
            "write" | "pwrite64" | "ftruncate" => {
                let file = of_file()?;
                // A new file is a new name, too.
                self.folders.extend(folder(&file));
                self.files.insert(file);
            }
            "fsync" | "fdatasync" => {
                let synced = of_file()?;
                self.files.remove(&synced);
                self.folders.remove(&synced);
            }
            "rename" | "renameat" | "renameat2" => {
                let [from, to] = [quoted.first()?, quoted.get(1)?].map(|name| (*name).to_owned());
                assert!(!self.files.contains(&from), "`{from}` got a name before it was synced");
                self.folders.extend(folder(&to));
                return Some(to);
            }
            "unlink" => {
                let gone = (*quoted.first()?).to_owned();
                self.files.remove(&gone);
                // A lock that comes back says nothing: the system holds it for nobody.
                let counts = !gone.ends_with(".lock");
                self.folders.extend(folder(&gone).filter(|_| counts));
            }
            _ => {}
        }
        None
    }

    /// What of it lies under `site`, but for the folder of the release to come.
    fn of(&self, site: &str) -> Vec<&String> {
        let own = |path: &&String| path.starts_with(site) && !path.contains(".cloister-partial-");
        self.files.iter().chain(&self.folders).filter(own).collect()
    }
}

/// The calls of a trace in the order in which they ended.
fn ended(trace: &str) -> Vec<String> {
    let mut begun: HashMap<&str, &str> = HashMap::new();
    let mut calls = Vec::new();
    for line in trace.lines() {
        let Some((process, call)) = line.split_once(' ') else { continue };
        let call = call.trim_start();
        if let Some(begin) = call.strip_suffix("<unfinished ...>") {
            begun.insert(process, begin);
        } else if let Some((_, rest)) = call.split_once("resumed>") {
            calls.push(begun.remove(process).unwrap_or_default().to_owned() + rest);
        } else {
            calls.push(call.to_owned());
        }
    }
    calls
}

/// When the first guest may run, the charge is on the disk; when the release appears, all of it is:
/// file and folder, ledger and checkpoint, receipt, audit log, and what is kept.
#[test]
fn file_and_folder_are_synced_before_anything_counts() {
    let Some(library) = counter() else {
        return say_skipped("there is no C compiler: what is synced when was not looked at");
    };
    let site = Site::new(library);
    let folder = text(site.data.path()).to_owned();
    let trace = fresh();
    let trace = trace.path().join("trace");
    let calls =
        "trace=write,pwrite64,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,execve";
    let mut run = Command::new("strace");
    run.args(["-f", "-qq", "-y", "-s", "200", "-e", calls, "-o", text(&trace)]);
    run.arg(env!("CARGO_BIN_EXE_cloister"));
    run.args(site.people.run(&site.module, &site.file("dataset.toml"), &site.file("out")));
    run.env_remove("CLOISTER_LOG");
    let Ok(output) = run.output() else {
        return say_skipped("there is no `strace` to see what is synced when");
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut unsynced = Unsynced::default();
    let (mut worker, mut released, mut seen) = (false, false, BTreeSet::new());
    for call in ended(&fs::read_to_string(&trace).unwrap()) {
        if call.starts_with("execve(") && call.contains(":worker") {
            let unsynced = unsynced.of(&folder);
            assert!(unsynced.is_empty(), "a guest may run, and there is unsynced {unsynced:?}");
            assert!(seen.contains("ledger.sqlite"), "nobody has paid");
            worker = true;
        }
        if let Some(name) = unsynced.take(&call)
            && name == format!("{folder}/out")
        {
            unsynced.folders.remove(&folder);
            let unsynced = unsynced.of(&folder);
            assert!(unsynced.is_empty(), "it is released, and there is unsynced {unsynced:?}");
            released = true;
        }
        let file = unsynced.files.iter().find_map(|file| file.strip_prefix(&format!("{folder}/")));
        seen.extend(file.map(str::to_owned));
    }
    assert!(worker && released, "no worker, or nothing released");
    for file in ["ledger.sqlite", "audit.jsonl", "receipts.jsonl"] {
        assert!(seen.contains(file), "`{file}` was not seen: {seen:?}");
    }
    assert!(seen.iter().any(|file| file.starts_with("releases/")), "{seen:?}");
    assert!(!unsynced.folders.contains(&folder), "the release's own name is not synced");
}
