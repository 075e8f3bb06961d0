//! The three sets that are compared on: GiBleed, Synthea27Nj, and 50,000 generated persons.

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
    /// A description that was made for the test goes with it.
    _made: Option<TempDir>,
}

/// The set that the repository ships.
pub(super) fn gibleed() -> Data {
    let description = harness::gibleed();
    let folder = description.parent().unwrap().to_owned();
    Data { name: "GiBleed", folder, description, snapshot: "2019-07-03", _made: None }
}

/// The set of 28 persons in the shared data; `None`, once said, where that is absent.
pub(super) fn synthea27nj() -> Option<Data> {
    let folder = harness::shared().map(|shared| shared.join("synthea27nj"));
    let Some(folder) = folder.filter(|folder| folder.is_dir()) else {
        harness::say_skipped("Synthea27Nj: there is no ../shared/data/synthea27nj");
        return None;
    };
    let made = harness::fresh();
    let description = made.path().join("dataset.toml");
    let path = |table: &str| format!("{table} = '{}/{table}.parquet'\n", folder.display());
    let tables = ["person", "drug_era", "condition_occurrence"].map(path).concat();
    let snapshot = "2022-12-31";
    let text = format!(
        "name = \"synthea27nj\"\nsnapshot_date = \"{snapshot}\"\npublished_persons = 28\n\
         synthetic = true\nunit = {{ table = \"person\", key = \"person_id\" }}\n\
         [tables]\n{tables}[vocabulary]\n{}",
        path("concept_ancestor"),
    );
    fs::write(&description, text).unwrap();
    Some(Data { name: "Synthea27Nj", folder, description, snapshot, _made: Some(made) })
}

/// The same persons twice, with the rows of each table in two orders.
pub(super) struct Generated {
    pub(super) sorted: Data,
    pub(super) shuffled: Data,
    _alone: File,
}

/// 50,000 persons, made once for all tests.
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
        let make = |name, shuffled| {
            let folder = folder.join(name);
            let options = Options { persons: 50_000, seed: 7, shuffled };
            cloister_synth::generate(&options, &folder).unwrap();
            let description = folder.join("dataset.toml");
            Data { name, folder, description, snapshot: "2023-12-31", _made: None }
        };
        let (sorted, shuffled) = (make("sorted", false), make("shuffled", true));
        Generated { sorted, shuffled, _alone: alone }
    })
}
