//! Registers a dataset: notes the files it is made of, so that a change between runs is noticed.
//!
//! The note lies beside the dataset.toml and stays at the site: digests of patients' data are
//! never part of a release. Its id is random, so that it tells nothing of the data either.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use datafusion::prelude::{SessionConfig, SessionContext};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::check::{keys_of_units, readable, sensitive, withheld};
use super::{Dataset, DatasetError, Source};
use crate::faults::{Mechanism, off};
use crate::publish::replace;
use crate::run::{Memory, RunFault};

/// The files of a registered dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// Random, in hexadecimal: made when the dataset was registered.
    pub id: String,
    /// When that was, RFC 3339 in UTC.
    pub registered: String,
    /// The files, by path.
    pub files: Vec<SnapshotFile>,
}

/// A file as it was when the dataset was registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotFile {
    /// Its path, relative to the dataset.toml where it can be.
    pub path: PathBuf,
    /// Its length in bytes.
    pub bytes: u64,
    /// When it was last modified: nanoseconds since 1970.
    pub modified_nanos: u128,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// A dataset cannot be registered, or is not what was registered. For the site only.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// A file cannot be read or written.
    #[error("`{}`: {source}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The note is damaged.
    #[error("`{}` is not a snapshot: {what}; register the dataset again", file.display())]
    Parse {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The files are not those that were registered.
    #[error(
        "the dataset has changed since it was registered: `{}` {how}; if that is meant, register \
         it again, which begins a new epoch", file.display()
    )]
    Changed {
        /// The first file that differs.
        file: PathBuf,
        /// How.
        how: &'static str,
    },
    /// The dataset cannot be read, or its unit keys are wrong.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// Reading failed.
    #[error(transparent)]
    Run(#[from] RunFault),
    /// The keys of the unit table are wrong.
    #[error("a dataset with a wrong key cannot be registered: {0}")]
    Keys(String),
}

/// Where the note of `dataset` lies: `dataset.snapshot.json` beside `dataset.toml`.
#[must_use]
pub fn snapshot_file(dataset: &Dataset) -> PathBuf {
    dataset.file.with_extension("snapshot.json")
}

/// Registers `dataset` as it is now; an earlier note is replaced. `now` is RFC 3339 in UTC.
///
/// # Errors
/// [`RegisterError`] if a table cannot be read, a unit key is missing or there twice, or a column
/// is withheld or sensitive that is nowhere.
pub async fn register(
    dataset: &Dataset,
    memory: &Memory,
    now: &str,
) -> Result<Snapshot, RegisterError> {
    let session = SessionContext::new_with_config_rt(SessionConfig::new(), memory.environment()?);
    let source = Source::open(dataset, &session).await?;
    readable(&source).await?;
    withheld(&source).await?;
    sensitive(&source).await?;
    let wrong = keys_of_units(&source).await?.filter(|_| !off(Mechanism::KeyRegisteredOnce));
    if let Some(wrong) = wrong {
        return Err(RegisterError::Keys(wrong));
    }
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|_| RunFault::Engine("the system gives no random numbers"))?;
    // Elsewhere, so that a Ctrl-C is heard in between.
    let digested = dataset.clone();
    let files = tokio::task::spawn_blocking(move || digest_all(&digested)).await;
    let files = files.map_err(|_| RunFault::Engine("the files were not digested"))??;
    let snapshot = Snapshot { id: hex(&id), registered: now.to_owned(), files };
    let file = snapshot_file(dataset);
    let text = serde_json::to_vec_pretty(&snapshot)
        .map_err(|error| RegisterError::Parse { file: file.clone(), what: error.to_string() })?;
    replace(&file, &text).map_err(|source| RegisterError::File { file, source })?;
    Ok(snapshot)
}

fn digest_all(dataset: &Dataset) -> Result<Vec<SnapshotFile>, RegisterError> {
    let files = files(dataset)?.into_iter().map(|path| {
        let (bytes, modified_nanos) = stat(dataset, &path)?;
        let sha256 = digest(dataset, &path)?;
        Ok(SnapshotFile { path, bytes, modified_nanos, sha256 })
    });
    files.collect()
}

/// Holds `dataset` to its note, if it has one: lengths and times, and digests if `digests`.
///
/// # Errors
/// [`RegisterError::Changed`] with the first file that differs.
pub fn unchanged(dataset: &Dataset, digests: bool) -> Result<Option<Snapshot>, RegisterError> {
    let Some(snapshot) = noted(dataset)? else {
        return Ok(None);
    };
    let changed = |file: &Path, how| RegisterError::Changed { file: file.to_owned(), how };
    let now = files(dataset)?;
    if let Some(new) = now.iter().find(|file| !snapshot.files.iter().any(|f| f.path == **file)) {
        return Err(changed(new, "is new"));
    }
    for file in &snapshot.files {
        if !now.contains(&file.path) {
            return Err(changed(&file.path, "is gone"));
        }
        let (bytes, modified_nanos) = stat(dataset, &file.path)?;
        if bytes != file.bytes {
            return Err(changed(&file.path, "has another length"));
        }
        if digests && digest(dataset, &file.path)? != file.sha256 {
            return Err(changed(&file.path, "has other bytes"));
        }
        // With equal bytes, a later time says nothing.
        if !digests && modified_nanos != file.modified_nanos {
            return Err(changed(
                &file.path,
                "was modified later (`--verify` compares its bytes instead)",
            ));
        }
    }
    Ok(Some(snapshot))
}

/// The id of the epoch of `dataset`: the random one of its note or, without a note, its snapshot
/// date, as then nobody says when the data change.
///
/// # Errors
/// [`RegisterError`] if the note cannot be read.
pub(crate) fn epoch(dataset: &Dataset) -> Result<String, RegisterError> {
    let note = noted(dataset)?.map(|snapshot| snapshot.id);
    Ok(note.unwrap_or_else(|| format!("{} unregistered", dataset.snapshot_date())))
}

/// The note beside `dataset`, if it is registered.
fn noted(dataset: &Dataset) -> Result<Option<Snapshot>, RegisterError> {
    let note = snapshot_file(dataset);
    let text = match fs::read_to_string(&note) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(RegisterError::File { file: note, source }),
    };
    let parsed = serde_json::from_str(&text);
    parsed.map(Some).map_err(|error| RegisterError::Parse { file: note, what: error.to_string() })
}

/// The description and all files of tables and vocabulary, sorted, relative to its folder.
fn files(dataset: &Dataset) -> Result<Vec<PathBuf>, RegisterError> {
    let mut found = vec![dataset.file.clone()];
    for file in dataset.tables.values().chain(dataset.vocabulary.values()) {
        let path = &file.path;
        let failed = |source| RegisterError::File { file: path.clone(), source };
        walk(path, &[], &mut found).map_err(failed)?;
    }
    let folder = folder(dataset);
    let relative = |path: PathBuf| match path.strip_prefix(folder) {
        Ok(inside) => inside.to_owned(),
        Err(_) => path,
    };
    let mut files: Vec<PathBuf> = found.into_iter().map(relative).collect();
    files.sort_unstable();
    files.dedup();
    Ok(files)
}

/// Adds `path`, or all files in it; `above` are the folders on the way to it.
fn walk(path: &Path, above: &[PathBuf], found: &mut Vec<PathBuf>) -> io::Result<()> {
    if !fs::metadata(path)?.is_dir() {
        found.push(path.to_owned());
        return Ok(());
    }
    let real = fs::canonicalize(path)?;
    if above.contains(&real) {
        let what = format!("`{}` links to a folder that it lies in", path.display());
        return Err(io::Error::other(what));
    }
    let above = [above, &[real]].concat();
    for entry in fs::read_dir(path)? {
        walk(&entry?.path(), &above, found)?;
    }
    Ok(())
}

fn folder(dataset: &Dataset) -> &Path {
    dataset.file.parent().unwrap_or_else(|| Path::new(""))
}

fn stat(dataset: &Dataset, path: &Path) -> Result<(u64, u128), RegisterError> {
    let file = folder(dataset).join(path);
    let found = fs::metadata(&file).and_then(|found| Ok((found.len(), found.modified()?)));
    let (bytes, modified) = found.map_err(|source| RegisterError::File { file, source })?;
    let nanos = modified.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    Ok((bytes, nanos))
}

fn digest(dataset: &Dataset, path: &Path) -> Result<String, RegisterError> {
    let path = folder(dataset).join(path);
    let failed = |source| RegisterError::File { file: path.clone(), source };
    let mut file = File::open(&path).map_err(failed)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match io::Read::read(&mut file, &mut buffer).map_err(failed)? {
            0 => return Ok(hex(&hasher.finalize())),
            read => hasher.update(buffer.get(..read).unwrap_or_default()),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
