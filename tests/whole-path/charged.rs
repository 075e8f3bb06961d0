//! The ledger of a site: what is charged, refused, given again, and what a crash leaves.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use cloister::{Amounts, Book, EntryKind};
use sqlx::{Connection as _, SqliteConnection};

use crate::harness::{
    People, cloister, command, example, fresh, gibleed, root, say_skipped, small_guest, succeed,
    text,
};
use crate::hostile::dataset;

/// A study of four numbers with a parameter, so that each value is a job of its own; its dataset
/// has 100 published persons, so ten numbers may be asked over its life: two jobs.
const STUDY: &str = r#"
[study]
name = "four"
version = "1.0.0"
title = "Four numbers a job"
purpose = "scientific-research"
[params]
year = { type = "int", min = 1, max = 99, default = 1 }
[tables.person]
columns = { year_of_birth = "int" }
[outputs]
n = { kind = "count" }
value = { kind = "moments", bounds = [0, 1000], grid = 1 }
[limits]
fuel = 100_000
memory_pages = 2
"#;

const COUNT: &str = "(call $contribute (i32.const 0) (i64.const 0) (f64.const 1))";

/// A site with two hundred persons, its people, and a module that they have signed.
pub(crate) struct Site {
    pub(crate) people: People,
    pub(crate) data: tempfile::TempDir,
    pub(crate) dataset: PathBuf,
    module: PathBuf,
    pub(crate) outs: tempfile::TempDir,
}

impl Site {
    pub(crate) fn new() -> Self {
        let people = People::new();
        let (data, dataset) = dataset(&[7; 200]);
        let guests = fresh();
        let module = people.signed(&small_guest(guests.path(), STUDY, COUNT));
        Self { people, data, dataset, module, outs: fresh() }
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.data.path().join("ledger.sqlite")
    }

    /// The arguments of a run that writes to `out`.
    pub(crate) fn arguments(&self, year: u32, out: &str) -> Vec<String> {
        let out = self.outs.path().join(out);
        let mut arguments = self.people.run(&self.module, &self.dataset, &out);
        arguments.extend(["--param".to_owned(), format!("year={year}")]);
        arguments
    }

    pub(crate) fn command(&self, year: u32, out: &str) -> Command {
        let arguments = self.arguments(year, out);
        command(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// What a run releases, or says.
    pub(crate) fn run(&self, year: u32, out: &str) -> Result<Vec<u8>, String> {
        let output = self.command(year, out).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let release = fs::read(self.outs.path().join(out).join("release.json"));
        if output.status.success() {
            return Ok(release.unwrap());
        }
        assert!(output.status.code() == Some(1) && release.is_err(), "{:?}: {said}", output.status);
        Err(said)
    }

    pub(crate) fn book(&self) -> Book {
        let key = cloister::public_key(&self.people.file("site.pub")).unwrap();
        wait(cloister::read_ledger(&self.ledger(), Some(&key))).unwrap()
    }

    pub(crate) fn charges(&self) -> usize {
        let book = self.book();
        book.entries().iter().filter(|entry| entry.kind == EntryKind::Charge).count()
    }
}

pub(crate) fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// By hand: 32 numbers and 290.29 bits (`protect/volume.rs`), of min(5,000, 2,690 / 10) numbers.
#[test]
fn gi_bleed_costs_32_numbers_and_291_bits_of_its_account() {
    let people = People::new();
    let release = people.release(&example("gi-bleed"), &gibleed());
    assert_eq!(release.bits, Some(291));
    let ledger = people.ledger();
    let json = succeed(&["ledger", "show", text(&ledger), "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let account = &json["accounts"][0];
    assert_eq!(account["population"], "gibleed");
    assert_eq!(account["study"], "by author");
    let amounts = |name: &str| serde_json::to_value(account[name].clone()).unwrap();
    let spent = Amounts { scalars: 32, bits: 291, jobs: 1 };
    let allowed = Amounts { scalars: 269, bits: 100_000, jobs: 50 };
    assert_eq!(amounts("spent"), serde_json::to_value(spent).unwrap());
    assert_eq!(amounts("allowed"), serde_json::to_value(allowed).unwrap());
    let page = succeed(&["ledger", "show", text(&ledger)]);
    for fact in ["32 of 269", "291 of 100,000", "1 of 50", "charged", "released"] {
        assert!(page.contains(fact), "{fact}: {page}");
    }
    let site = people.file("site.pub");
    let verified = succeed(&["ledger", "verify", text(&ledger), "--site", text(&site)]);
    assert!(verified.contains("2, each with the hash of all before it"), "{verified}");
    assert!(verified.contains("signed by the key"), "{verified}");
    assert!(verified.contains("1, each as it left"), "{verified}");
    let author = people.file("author.pub");
    let other = cloister(&["ledger", "verify", text(&ledger), "--site", text(&author)]);
    assert_eq!(other.status.code(), Some(1));
}

#[test]
fn the_same_job_is_given_again_without_a_run_or_a_charge() {
    let site = Site::new();
    let first = site.run(1, "first").unwrap();
    // Other data, which nobody has registered as a new epoch: a run would show them.
    let (_other, other) = dataset(&[7; 100]);
    fs::copy(other.with_file_name("person.parquet"), site.data.path().join("person.parquet"))
        .unwrap();
    assert_eq!(site.run(1, "again").unwrap(), first);
    assert_eq!(site.book().entries().len(), 2);
    let out = site.outs.path();
    let public = site.people.file("site.pub");
    succeed(&["verify", text(&out.join("again/release.json")), "--site", text(&public)]);
    let exact = String::from_utf8(first).unwrap();
    let other = String::from_utf8(site.run(2, "other").unwrap()).unwrap();
    assert_ne!(exact, other, "another job sees the other data");
    // Admission comes first, for what was answered too.
    let trust = site.people.file("trust.toml");
    let known = fs::read_to_string(&trust).unwrap();
    fs::write(&trust, known + "# edited\n").unwrap();
    let refused = site.run(1, "untrusted").unwrap_err();
    assert!(refused.contains("is not the trust root that was adopted"), "{refused}");
}

#[test]
fn what_is_spent_is_refused_before_any_data_is_read() {
    let site = Site::new();
    site.run(1, "one").unwrap();
    site.run(2, "two").unwrap();
    fs::write(site.data.path().join("person.parquet"), "no table at all").unwrap();
    let refused = site.run(3, "three").unwrap_err();
    let words = "no numbers left for this job: it can release 4, and the study has spent 8 of 10, \
                 so 2 are left over its life; fewer cells would help";
    assert!(refused.contains(words), "{refused}");
    assert_eq!(site.charges(), 2);
    // The next epoch gives new jobs, and nothing of what a study has over its life.
    let (_other, other) = dataset(&[7; 200]);
    fs::copy(other.with_file_name("person.parquet"), site.data.path().join("person.parquet"))
        .unwrap();
    succeed(&["dataset", "register", text(&site.dataset)]);
    assert!(site.run(1, "later").unwrap_err().contains("spent 8 of 10"));
}

#[test]
fn datasets_over_the_same_people_share_an_account() {
    let site = Site::new();
    site.run(1, "one").unwrap();
    let (_other, other) = dataset(&[7; 200]);
    let described = fs::read_to_string(&other).unwrap();
    let renamed =
        described.replace("name = \"secrets\"", "name = \"other\"\npopulation = \"secrets\"");
    fs::write(&other, renamed).unwrap();
    let run = |year: u32, out: &str| {
        let mut arguments = site.arguments(year, out);
        let at = arguments.iter().position(|word| word == "--dataset").unwrap();
        arguments[at + 1] = text(&other).to_owned();
        cloister(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert_eq!(run(1, "two").status.code(), Some(0));
    let third = run(2, "three");
    let said = String::from_utf8(third.stderr).unwrap();
    assert!(said.contains("spent 8 of 10"), "{said}");
}

/// Catalogue 78: another name buys nothing. Only the site gives a study an account of its own.
#[test]
fn a_study_pays_from_the_account_of_its_author_or_from_the_one_that_the_site_approved() {
    let site = Site::new();
    site.run(1, "one").unwrap();
    site.run(2, "two").unwrap();
    let guests = fresh();
    let renamed = STUDY.replace("name = \"four\"", "name = \"other\"");
    let module = site.people.signed(&small_guest(guests.path(), &renamed, COUNT));
    let run = |out: &str| {
        let out = site.outs.path().join(out);
        let arguments = site.people.run(&module, &site.dataset, &out);
        cloister(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let refused = String::from_utf8(run("renamed").stderr).unwrap();
    assert!(refused.contains("spent 8 of 10"), "{refused}");
    let (key, data) = (site.people.file("site.key"), text(&site.dataset));
    let approve = ["approve", text(&module), "--key", text(&key), "--dataset", data];
    let account = ["--account", "bleeding", "--valid-until", "2999-12-31"];
    succeed(&[&approve[..], &account].concat());
    assert!(run("approved").status.success());
    let book = site.book();
    let accounts: Vec<_> = cloister::account_lines(&book);
    let accounts: Vec<_> = accounts.iter().map(|line| (&*line.population, &*line.study)).collect();
    assert_eq!(accounts, [("secrets", "approved as bleeding"), ("secrets", "by author")]);
}

#[test]
fn two_identical_jobs_at_once_are_one() {
    let site = Site::new();
    let start = |out: &str| {
        let mut command = site.command(1, out);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let runs = ["one", "two", "three"].map(|out| (out, start(out)));
    let released = runs.map(|(out, run)| {
        let ended = run.wait_with_output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        fs::read(site.outs.path().join(out).join("release.json")).unwrap()
    });
    assert!(released.iter().all(|release| *release == released[0]));
    assert_eq!(site.book().entries().len(), 2);
}

/// Killed at some hundred instants from its first to its last: the ledger verifies, what left was
/// paid for, and nobody pays twice for one job.
#[test]
fn a_run_that_is_killed_at_any_instant_leaves_the_ledger_whole() {
    let site = Site::new();
    site.run(1, "whole").unwrap();
    let (mut left, mut killed, mut paid) = (0, 0, 0);
    // A machine that is busier than when a whole run was measured takes another round.
    for round in 0..10 {
        let begin = Instant::now();
        restore(&site);
        let whole = begin.elapsed();
        for instant in 0..100_u32 {
            let out = format!("killed-{round}-{instant}");
            let mut command = site.command(2, &out);
            let mut run = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
            std::thread::sleep(whole.mul_f64(f64::from(instant) / 60.0));
            // SIGKILL: nothing of the process runs any more.
            run.kill().unwrap();
            let ended = run.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&ended.stderr);
            assert_ne!(ended.status.code(), Some(1), "the one before left it unusable: {said}");
            killed += u32::from(ended.status.code().is_none());
            let has_left = site.outs.path().join(&out).exists();
            left += u32::from(has_left);
            let charges = site.charges();
            assert!(charges <= 2, "one job paid twice");
            assert!(!has_left || charges == 2, "what left is not paid for");
            paid += u32::from(charges == 2);
            if site.book().entries().len() == 4 {
                // Start over: what was answered once is only given again.
                restore(&site);
            }
        }
        if killed > 20 && left > 0 && paid > 0 {
            break;
        }
    }
    assert!(killed > 20 && left > 0 && paid > 0, "{killed} killed, {left} left, {paid} paid");
    let again = site.run(2, "at-last").unwrap();
    assert_eq!(site.run(2, "once-more").unwrap(), again);
    assert_eq!((site.charges(), site.book().entries().len()), (2, 4));
}

/// Makes the site's ledger and audit log anew, with the first job alone.
fn restore(site: &Site) {
    let ledger = ["ledger.sqlite", "ledger.checkpoint"];
    for name in ledger.into_iter().chain(["audit.jsonl", "audit.checkpoint", "receipts.jsonl"]) {
        fs::remove_file(site.data.path().join(name)).unwrap();
    }
    fs::remove_dir_all(site.data.path().join("releases")).unwrap();
    let _ = fs::remove_file(site.data.path().join("ledger.sqlite-journal"));
    let out = site.outs.path().join("whole");
    fs::remove_dir_all(out).unwrap();
    site.run(1, "whole").unwrap();
}

#[test]
fn a_ledger_that_was_changed_admits_nobody() {
    let site = Site::new();
    let first = site.run(1, "one").unwrap();
    let good = fs::read(site.ledger()).unwrap();
    let execute = |sql: &'static str| {
        wait(async {
            let url = format!("sqlite://{}", text(&site.ledger()));
            let mut connection = SqliteConnection::connect(&url).await.unwrap();
            sqlx::query(sql).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        });
    };
    for (sql, words) in [
        ("UPDATE entry SET scalars = 0 WHERE number = 1", "entry 1 is wrong"),
        ("DELETE FROM entry WHERE number = 2", "its checkpoint knows of 2"),
        ("DROP TABLE entry", "its checkpoint knows of 2"),
    ] {
        execute(sql);
        for (year, out) in [(1, "changed"), (2, "changed")] {
            let refused = site.run(year, out).unwrap_err();
            assert!(refused.contains(words), "{sql}: {refused}");
        }
        let verified = cloister(&["ledger", "verify", text(&site.ledger())]);
        assert_eq!(verified.status.code(), Some(1), "{sql}");
        fs::write(site.ledger(), &good).unwrap();
    }
    assert_eq!(site.run(1, "again").unwrap(), first);
}

#[test]
fn a_ledger_that_another_program_holds_is_waited_for_and_then_refused() {
    let site = Site::new();
    site.run(1, "one").unwrap();
    wait(async {
        let url = format!("sqlite://{}", text(&site.ledger()));
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        sqlx::query("BEGIN EXCLUSIVE").execute(&mut connection).await.unwrap();
        let refused = site.run(2, "two").unwrap_err();
        assert!(refused.contains("is in use by another program, and nothing ran"), "{refused}");
        sqlx::query("ROLLBACK").execute(&mut connection).await.unwrap();
    });
    assert_eq!(site.charges(), 1);
    site.run(2, "two").unwrap();
}

/// The dataset's folder, with its ledger, on a disk with `kib` KiB, or one that is read-only.
#[cfg(target_os = "linux")]
fn mounted(site: &Site, options: &str, then: &str) -> Option<String> {
    let script = format!(
        "cp -a \"$0\" /tmp/cloister-copy-$$ && mount -t tmpfs -o {options} none \"$0\" && \
         cp -a /tmp/cloister-copy-$$/. \"$0\"/ && rm -r /tmp/cloister-copy-$$ && {then} && \
         exec \"$@\""
    );
    let mut run = Command::new("unshare");
    run.args(["--mount", "sh", "-c", &script, text(site.data.path())]);
    run.arg(env!("CARGO_BIN_EXE_cloister")).args(site.arguments(2, "mounted")).current_dir(root());
    let output = run.output().ok()?;
    let said = String::from_utf8(output.stderr).unwrap();
    let cannot = said.contains("mount:") || said.contains("unshare:") || said.contains("cp:");
    if cannot { None } else { Some(said) }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_or_read_only_disk_charges_nothing_and_releases_nothing() {
    let site = Site::new();
    site.run(1, "one").unwrap();
    let fill = "(cat /dev/zero >\"$0/filler\" 2>/dev/null; true)";
    let Some(full) = mounted(&site, "size=256k", fill) else {
        return say_skipped("no file system can be mounted to fill");
    };
    let plain = full.contains("the disk is full") || full.contains("No space left on device");
    assert!(full.starts_with("error: ") && plain, "{full}");
    let Some(fixed) = mounted(&site, "size=1m", "mount -o remount,ro \"$0\"") else {
        return say_skipped("no file system can be mounted read-only");
    };
    assert!(fixed.starts_with("error: ") && fixed.contains("cannot be"), "{fixed}");
    assert!(!site.outs.path().join("mounted").exists());
    assert_eq!(site.charges(), 1);
}

/// The file is not a ledger, or cannot be made.
#[test]
fn what_is_no_ledger_is_named() {
    let site = Site::new();
    fs::write(site.ledger(), "a text, and no database: it only has the name of one").unwrap();
    let refused = site.run(1, "one").unwrap_err();
    assert!(refused.contains("is no ledger"), "{refused}");
    let arguments = site.arguments(1, "one");
    let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let at = arguments.iter().position(|word| *word == "--ledger").unwrap();
    arguments[at + 1] = "/nowhere/at/all/ledger.sqlite";
    let output = cloister(&arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("`/nowhere/at/all/ledger.sqlite` cannot be used"), "{said}");
    let show = cloister(&["ledger", "show", "/nowhere/at/all/ledger.sqlite"]);
    let said = String::from_utf8(show.stderr).unwrap();
    assert!(said.contains("there is no ledger"), "{said}");
}
