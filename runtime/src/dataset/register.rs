//! Registers a dataset: notes the files it is made of, and signs the note as the site.
//!
//! The note lies beside the dataset.toml and stays at the site: digests of patients' data are
//! never part of a release. Its id is random, and so is its secret: the digest of the whole note,
//! which receipts have, binds the site to its files and tells nothing of them.

use std::fmt::Display;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use cloister_contract::digest::Digest;
use cloister_contract::envelope::PayloadType;
use cloister_contract::public_key::PublicKey;
use cloister_contract::statement::{Claim, Registration, Statement};
use datafusion::prelude::{SessionConfig, SessionContext};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::check::{keys_of_units, readable, sensitive, withheld};
use super::{Dataset, DatasetError, Source};
use crate::faults::{Mechanism, off};
use crate::keys::{KeyError, Signer};
use crate::publish::{replace, replace_private};
use crate::run::{Memory, RunFault};
use crate::trust::signatures_of;

/// The files of a dataset as they were when it was registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// Random, in hexadecimal: the name of the epoch that it begins.
    pub id: String,
    /// 256 random bits, in hexadecimal, which never leave the site: without them the digest of this
    /// note confirms no guess about a file.
    pub secret: String,
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
    /// The note is damaged, or is not what was signed.
    #[error("`{}` is not a snapshot: {what}; put it back from a copy", file.display())]
    Parse {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// Another key than the site's signed the note.
    #[error(
        "`{}` is not signed by the site's key; name the key that the dataset was registered with, \
         or put that file back from a copy", .0.display()
    )]
    OtherKey(PathBuf),
    /// The site's key does not sign.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The files are not those that were registered.
    #[error(
        "the dataset has changed since it was registered: `{}` {how}; put it back as it was",
        file.display()
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

impl RegisterError {
    /// Whether registering the dataset again would help, too: as a new epoch, with new noise.
    #[must_use]
    pub const fn is_of_its_state(&self) -> bool {
        matches!(self, Self::Parse { .. } | Self::OtherKey(_) | Self::Changed { .. })
    }
}

/// Where the note of `dataset` lies: `dataset.snapshot.json` beside `dataset.toml`.
#[must_use]
pub fn snapshot_file(dataset: &Dataset) -> PathBuf {
    dataset.file.with_extension("snapshot.json")
}

/// Registers `dataset` as it is now, in the name of the site with `key`; an earlier note is
/// replaced. `now` is RFC 3339 in UTC.
///
/// # Errors
/// [`RegisterError`] if a table cannot be read, a unit key is missing or there twice, or a column
/// is withheld or sensitive that is nowhere.
pub async fn register(
    dataset: &Dataset,
    key: &Arc<Signer>,
    memory: &Memory,
    now: &str,
) -> Result<Snapshot, RegisterError> {
    let session = SessionContext::new_with_config_rt(SessionConfig::new(), memory.environment()?);
    // Of data that are synthetic may be told what does not fit; nothing leaves here in any case.
    let declared = dataset.clone().of_kind(dataset.declared);
    let source = Source::open(&declared, &session).await?;
    readable(&source).await?;
    withheld(&source).await?;
    sensitive(&source).await?;
    let wrong = keys_of_units(&source).await?.filter(|_| !off(Mechanism::KeyRegisteredOnce));
    if let Some(wrong) = wrong {
        return Err(RegisterError::Keys(wrong));
    }
    // Elsewhere, so that a Ctrl-C is heard in between, and while an agent asks its owner.
    let (dataset, key, now) = (dataset.clone(), Arc::clone(key), now.to_owned());
    let noted =
        tokio::task::spawn_blocking(move || Snapshot::now(&dataset, &now)?.sign(&dataset, &key));
    noted.await.map_err(|_| RunFault::Engine("the files were not digested"))?
}

impl Snapshot {
    /// The files of `dataset` as they are at `now`. That their keys are sound is not looked at:
    /// [`register`] does.
    ///
    /// # Errors
    /// [`RegisterError`] if one cannot be read.
    pub fn now(dataset: &Dataset, now: &str) -> Result<Self, RegisterError> {
        let mut random = [0; 48];
        getrandom::fill(&mut random)
            .map_err(|_| RunFault::Engine("the system gives no random numbers"))?;
        let (id, secret) = random.split_at_mut(16);
        if off(Mechanism::SnapshotSecret) {
            secret.fill(0);
        }
        let files = digest_all(dataset)?;
        Ok(Self { id: hex(id), secret: hex(secret), registered: now.to_owned(), files })
    }

    /// Writes it beside `dataset`, signed with the site's `key`.
    ///
    /// # Errors
    /// [`RegisterError`] if it cannot be signed or written.
    pub fn sign(self, dataset: &Dataset, key: &Signer) -> Result<Self, RegisterError> {
        let file = snapshot_file(dataset);
        let failed = |what: &dyn Display| RegisterError::Parse {
            file: file.clone(),
            what: what.to_string(),
        };
        let text = serde_json::to_vec_pretty(&self).map_err(|error| failed(&error))?;
        let claim = Claim::Registration(Registration {
            role: "site".to_owned(),
            dataset: dataset.name.clone(),
            epoch: self.id.clone(),
            population: dataset.population.clone(),
            published_persons: dataset.published_persons,
            snapshot_date: dataset.snapshot_date.to_string(),
            synthetic: dataset.declared.synthetic,
            public: dataset.declared.public,
            signed_at: self.registered.clone(),
        });
        let name = PublicKey::from(key.public()).to_string();
        let payload = Statement { name, subject: Digest::of(&text), claim }.encode();
        let payload = payload.map_err(|error| failed(&error))?;
        let envelope = key.envelope(PayloadType::Statement, payload)?.to_line();
        let envelope = envelope.map_err(|error| failed(&error))?;
        let write = |file: &Path, bytes: &[u8], private: bool| {
            let written = if private { replace_private(file, bytes) } else { replace(file, bytes) };
            written.map_err(|source| RegisterError::File { file: file.to_owned(), source })
        };
        // In between, the note is not what was signed: nobody takes it then.
        write(&file, &text, true)?;
        write(&signatures_of(&file), format!("{envelope}\n").as_bytes(), false)?;
        Ok(self)
    }
}

fn digest_all(dataset: &Dataset) -> Result<Vec<SnapshotFile>, RegisterError> {
    let files = files(dataset)?.into_iter().map(|path| {
        let (bytes, modified_nanos) = stat(dataset, &path)?;
        let sha256 = digest(dataset, &path)?;
        Ok(SnapshotFile { path, bytes, modified_nanos, sha256 })
    });
    files.collect()
}

/// The description and all files of tables and vocabulary, sorted, relative to its folder.
pub(super) fn files(dataset: &Dataset) -> Result<Vec<PathBuf>, RegisterError> {
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

pub(super) fn stat(dataset: &Dataset, path: &Path) -> Result<(u64, u128), RegisterError> {
    let file = folder(dataset).join(path);
    let found = fs::metadata(&file).and_then(|found| Ok((found.len(), found.modified()?)));
    let (bytes, modified) = found.map_err(|source| RegisterError::File { file, source })?;
    let nanos = modified.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    Ok((bytes, nanos))
}

pub(super) fn digest(dataset: &Dataset, path: &Path) -> Result<String, RegisterError> {
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
