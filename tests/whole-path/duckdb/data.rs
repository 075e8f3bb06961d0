//! The sets that are compared on: GiBleed, Synthea27Nj, and generated persons.

use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::OnceLock;

use cloister_synth::Options;
use tempfile::TempDir;

use crate::harness;

/// A set of raw Parquet files, and its description for a site.
pub(super) struct Data {
    pub(super) name: &'static str,
    pub(super) folder: PathBuf,
    pub(super) description: PathBuf,
    /// As the description says it, for the scripts, which do not read descriptions.
    pub(super) snapshot: &'static str,
    /// Whether the description has a table of deaths.
    pub(super) deaths: bool,
    /// A description that was made for the test goes with it.
    _made: Option<TempDir>,
}

/// The set that the repository ships.
pub(super) fn gibleed() -> Data {
    let description = harness::gibleed();
    let folder = description.parent().unwrap().to_owned();
    let (name, snapshot) = ("GiBleed", "2019-07-03");
    Data { name, folder, description, snapshot, deaths: false, _made: None }
}

/// GiBleed with its visits and measurements; `None`, once said, where the shared data are absent.
pub(super) fn whole_gibleed() -> Option<Data> {
    let tables = ["person", "visit_occurrence", "condition_occurrence", "measurement"];
    shared("gibleed", "GiBleed", "2019-07-03", 2_690, &tables)
}

/// The set of 28 persons in the shared data; `None`, once said, where that is absent.
pub(super) fn synthea27nj() -> Option<Data> {
    let events = ["drug_era", "condition_occurrence", "visit_occurrence", "measurement", "death"];
    let tables = [&["person"], &events[..]].concat();
    shared("synthea27nj", "Synthea27Nj", "2022-12-31", 28, &tables)
}

/// A set of the shared data with a description of its own, of just `tables`.
fn shared(
    set: &str,
    name: &'static str,
    snapshot: &'static str,
    persons: u32,
    tables: &[&str],
) -> Option<Data> {
    let folder = harness::shared().map(|shared| shared.join(set));
    let Some(folder) = folder.filter(|folder| folder.is_dir()) else {
        harness::say_skipped(&format!("{name}: there is no ../shared/data/{set}"));
        return None;
    };
    let made = harness::fresh();
    let description = made.path().join("dataset.toml");
    let path = |table: &&str| format!("{table} = '{}/{table}.parquet'\n", folder.display());
    let text = format!(
        "name = \"{set}\"\nsnapshot_date = \"{snapshot}\"\npublished_persons = {persons}\n\
         synthetic = true\nunit = {{ table = \"person\", key = \"person_id\" }}\n\
         [tables]\n{}[vocabulary]\n{}",
        tables.iter().map(path).collect::<String>(),
        path(&"concept_ancestor"),
    );
    fs::write(&description, text).unwrap();
    let deaths = tables.contains(&"death");
    Some(Data { name, folder, description, snapshot, deaths, _made: Some(made) })
}

/// The same set of a site that has no deaths.
pub(super) fn without_deaths(data: &Data) -> Data {
    let text = fs::read_to_string(&data.description).unwrap();
    let here = format!("= \"{}/", data.folder.display());
    let line = |line: &&str| !line.starts_with("death = ");
    let lines: Vec<_> = text.lines().filter(line).collect();
    assert_eq!(lines.len() + 1, text.lines().count(), "{text}");
    let tables = |line: &str| {
        if line.ends_with(".parquet\"") { line.replace("= \"", &here) } else { line.to_owned() }
    };
    let made = harness::fresh();
    let description = made.path().join("dataset.toml");
    let lines: Vec<_> = lines.into_iter().map(tables).collect();
    fs::write(&description, lines.join("\n")).unwrap();
    let (name, folder) = ("generated without deaths", data.folder.clone());
    Data { name, folder, description, snapshot: data.snapshot, deaths: false, _made: Some(made) }
}

/// The same persons twice, with the rows of each table in two orders; and the first of them.
pub(super) struct Generated {
    pub(super) sorted: Data,
    pub(super) shuffled: Data,
    /// For studies that read many rows of a person.
    pub(super) fewer: Data,
    _alone: File,
}

/// 50,000 persons, and 10,000, made once for all tests.
pub(super) fn generated() -> &'static Generated {
    static GENERATED: OnceLock<Generated> = OnceLock::new();
    GENERATED.get_or_init(|| {
        // One folder under the build's own, made anew each time, so that nothing is left to pile
        // up or to grow stale; the lock, held to the end, keeps a second run of the tests out.
        let folder = harness::scratch().join("generated");
        let alone = File::create(folder.with_extension("lock")).unwrap();
        alone.lock().unwrap();
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        let make = |name, persons, shuffled| {
            let folder = folder.join(name);
            let options = Options { persons, seed: 7, shuffled };
            cloister_synth::generate(&options, &folder).unwrap();
            let description = folder.join("dataset.toml");
            let snapshot = "2023-12-31";
            Data { name, folder, description, snapshot, deaths: true, _made: None }
        };
        Generated {
            sorted: make("sorted", 50_000, false),
            shuffled: make("shuffled", 50_000, true),
            fewer: make("fewer", 10_000, false),
            _alone: alone,
        }
    })
}
