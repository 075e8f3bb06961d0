//! Releases under `strict` are compared with earlier ones, whatever study, dataset and epoch of the
//! same people they are of.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use cloister_contract::release::{ReleaseDocument, Status};

use crate::harness::{FIRST_VALUE, People, cloister, command, fresh, small_guest, succeed, text};
use crate::hostile::dataset;

const STUDY: &str = r#"
[study]
name = "some"
version = "1.0.0"
title = "How many there are"
purpose = "scientific-research"
[params]
time = { type = "int", min = 1, max = 99, default = 1 }
[tables.person]
columns = { year_of_birth = "int" }
[outputs]
n = { kind = "count" }
[limits]
fuel = 100_000
memory_pages = 2
"#;

const COUNT: &str = "(call $contribute (i32.const 0) (i64.const 0) (f64.const 1))";

/// Four hundred persons, of whom the last `nines` have a nine.
fn values(nines: usize) -> Vec<i64> {
    (0..400).map(|at| if at < 400 - nines { 7 } else { 9 }).collect()
}

/// People who ask a site, and two modules that they have signed.
struct Site {
    people: People,
    _data: tempfile::TempDir,
    dataset: PathBuf,
    /// Counts everybody.
    all: PathBuf,
    /// Counts everybody who has no nine.
    but: PathBuf,
    outs: tempfile::TempDir,
}

impl Site {
    /// With so many nines; ten times more persons are published than there are, so that the ledger
    /// stops nobody.
    fn new(nines: usize) -> Self {
        let (people, guests) = (People::new(), fresh());
        let (data, dataset) = dataset(&values(nines));
        publish(&dataset);
        let but =
            format!("{FIRST_VALUE} (if (i64.ne (local.get $secret) (i64.const 9)) (then {COUNT}))");
        let all = people.signed(&small_guest(guests.path(), STUDY, COUNT));
        let but = people.signed(&small_guest(guests.path(), STUDY, &but));
        Self { people, _data: data, dataset, all, but, outs: fresh() }
    }

    fn arguments(&self, module: &Path, time: u32, profile: &str) -> (Vec<String>, PathBuf) {
        let outs = fs::read_dir(self.outs.path()).unwrap().count();
        let out = self.outs.path().join(outs.to_string());
        let mut arguments = self.people.run(module, &self.dataset, &out);
        let time = format!("time={time}");
        let more = ["--profile", profile, "--param", &time];
        arguments.extend(more.map(str::to_owned));
        (arguments, out)
    }

    /// What a run shows: the interval of its count, or nothing.
    fn shows(&self, module: &Path, time: u32, profile: &str) -> Option<[u64; 2]> {
        let (arguments, out) = self.arguments(module, time, profile);
        succeed(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        persons(&out)
    }

    /// A new epoch, with these persons.
    fn register(&self, nines: usize) {
        let (_other, other) = dataset(&values(nines));
        fs::copy(
            other.with_file_name("person.parquet"),
            self.dataset.with_file_name("person.parquet"),
        )
        .unwrap();
        succeed(&["dataset", "register", text(&self.dataset)]);
    }

    fn releases(&self) -> PathBuf {
        self.dataset.with_file_name("releases")
    }
}

fn publish(dataset: &Path) {
    let described = fs::read_to_string(dataset).unwrap();
    let described = described.replace("published_persons = 100", "published_persons = 4_000");
    fs::write(dataset, described).unwrap();
}

fn persons(out: &Path) -> Option<[u64; 2]> {
    let release = ReleaseDocument::decode(&fs::read(out.join("release.json")).unwrap()).unwrap();
    let cell = release.cells.first().unwrap();
    assert_eq!(cell.status == Status::Withheld, cell.persons.is_none());
    cell.persons
}

fn holds(shown: Option<[u64; 2]>, exact: u64) -> bool {
    shown.is_some_and(|[low, high]| low <= exact && exact <= high && high - low < 20)
}

#[test]
fn another_study_that_leaves_three_persons_out_is_withheld() {
    let site = Site::new(3);
    assert!(holds(site.shows(&site.all, 1, "strict"), 400));
    assert_eq!(site.shows(&site.but, 1, "strict"), None);
    // What is withheld was not told, and what was told is told again.
    assert!(holds(site.shows(&site.all, 2, "strict"), 400));
    assert_eq!(site.shows(&site.but, 2, "strict"), None);
    // `hospital` does not compare, and what it tells is compared with.
    let site = Site::new(3);
    assert_eq!(site.shows(&site.but, 1, "hospital"), Some([395, 399]));
    assert_eq!(site.shows(&site.all, 1, "hospital"), Some([400, 404]));
    assert!(holds(site.shows(&site.all, 1, "strict"), 400));
    let site = Site::new(3);
    assert_eq!(site.shows(&site.but, 1, "hospital"), Some([395, 399]));
    assert_eq!(site.shows(&site.all, 1, "strict"), None);
    // Enough persons are no difference of a few.
    let site = Site::new(60);
    assert!(holds(site.shows(&site.all, 1, "strict"), 400));
    assert!(holds(site.shows(&site.but, 1, "strict"), 340));
}

/// Catalogue 22 and 78: one admission later, and a second extract of the same patients.
#[test]
fn neither_the_next_epoch_nor_another_dataset_forgets() {
    let site = Site::new(3);
    site.register(3);
    assert!(holds(site.shows(&site.all, 1, "strict"), 400));
    site.register(3);
    assert_eq!(site.shows(&site.but, 1, "strict"), None);
    // However often the data are registered, it is remembered for 180 days.
    site.register(3);
    assert_eq!(site.shows(&site.but, 1, "strict"), None);
    let mut site = Site::new(3);
    assert!(holds(site.shows(&site.all, 1, "strict"), 400));
    let described = fs::read_to_string(&site.dataset).unwrap();
    let other = "name = \"extract\"\npopulation = \"secrets\"";
    let extract = site.dataset.with_file_name("extract.toml");
    fs::write(&extract, described.replace("name = \"secrets\"", other)).unwrap();
    site.dataset = extract;
    assert_eq!(site.shows(&site.but, 1, "strict"), None);
}

#[test]
fn a_file_that_is_missing_or_changed_admits_nobody_and_charges_nothing() {
    let site = Site::new(3);
    assert!(holds(site.shows(&site.all, 1, "strict"), 400));
    let files = || fs::read_dir(site.releases()).unwrap().map(|entry| entry.unwrap().path());
    let sets = files().find(|file| file.extension() == Some("sets".as_ref())).unwrap();
    let kept = fs::read(&sets).unwrap();
    let refused = || {
        let (arguments, _) = site.arguments(&site.but, 1, "strict");
        let output = cloister(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    fs::remove_file(&sets).unwrap();
    assert!(refused().contains("put it back"), "{}", refused());
    let mut changed = kept.clone();
    changed[30] ^= 1;
    fs::write(&sets, changed).unwrap();
    assert!(refused().contains("is not what this site wrote"), "{}", refused());
    fs::write(&sets, kept).unwrap();
    let ledger = site.dataset.with_file_name("ledger.sqlite");
    let shown = succeed(&["ledger", "show", text(&ledger)]);
    assert!(shown.contains("1 of 200"), "one number is spent: {shown}");
    assert_eq!(site.shows(&site.but, 1, "strict"), None);
}

/// Of two that run at once, one is shown.
#[test]
fn two_at_once_do_not_look_past_each_other() {
    let site = Site::new(3);
    let runs = [&site.all, &site.but].map(|module| {
        let (arguments, _) = site.arguments(module, 1, "strict");
        let out = site.outs.path().join(module.parent().unwrap().file_name().unwrap());
        let at = arguments.iter().position(|word| word == "--out").unwrap();
        let mut arguments = arguments;
        arguments[at + 1] = text(&out).to_owned();
        let mut run = command(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        (run.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap(), out)
    });
    let shown = runs.map(|(run, out)| {
        let ended = run.wait_with_output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        persons(&out)
    });
    assert_eq!(shown.iter().flatten().count(), 1, "{shown:?}");
}
