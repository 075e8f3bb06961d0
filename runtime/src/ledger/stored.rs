//! Releases as they left, in a folder beside the ledger: the same job gets the same bytes again.
//!
//! A release is written whole, synced, renamed, its folder synced, and then entered in the ledger
//! with its digest: one that does not match is not given. Two runs of one job never meet: the
//! second waits at a locked file, which the system unlocks when a run ends, however it ends.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cloister_contract::digest::Digest;
use cloister_contract::release::{RELEASE_BYTES_MAX, ReleaseDocument};

use super::LedgerError;
use super::entry::Entry;
use crate::protect::Release;
use crate::publish::sync_folder;

/// How often a run looks whether the same job has ended.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A release that is on the disk: no other can be sealed.
#[derive(Clone, Debug)]
pub struct Kept {
    document: ReleaseDocument,
    bytes: Vec<u8>,
}

impl Kept {
    /// The document.
    #[must_use]
    pub const fn document(&self) -> &ReleaseDocument {
        &self.document
    }

    /// Its canonical bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Their digest.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of(&self.bytes)
    }
}

/// The folder of stored releases.
pub(super) struct Shelf(PathBuf);

impl Shelf {
    /// The folder `releases` beside the ledger in `file`.
    pub(super) fn beside(file: &Path) -> Self {
        Self(file.with_file_name("releases"))
    }

    /// Whether anything was ever stored.
    pub(super) fn has_any(&self) -> bool {
        let is_release = |entry: fs::DirEntry| entry.path().extension() == Some("json".as_ref());
        fs::read_dir(&self.0).is_ok_and(|entries| entries.flatten().any(is_release))
    }

    /// Waits until no other run works on `job`; makes the folder for its owner alone.
    pub(super) async fn lock(&self, job: Digest) -> Result<Lock, LedgerError> {
        let mut folder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        match folder.create(&self.0) {
            Err(source) if source.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(LedgerError::File { file: self.0.clone(), source });
            }
            _ => {}
        }
        let path = self.0.join(format!("{job}.lock"));
        let failed = |source| LedgerError::File { file: path.clone(), source };
        let file = private(&path).map_err(failed)?;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock { path, _file: file }),
                Err(TryLockError::Error(source)) => return Err(failed(source)),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(LOOK_EVERY).await,
            }
        }
    }

    /// Stores `release`.
    pub(super) fn put(&self, job: Digest, release: &Release) -> Result<Kept, LedgerError> {
        let encoded = release.encode();
        let bytes = encoded.map_err(|error| LedgerError::Encode(error.to_string()))?;
        let partial = self.0.join(format!("{job}.partial"));
        let whole = self.file(job);
        let write = || {
            let mut opened = private(&partial)?;
            opened.set_len(0)?;
            opened.write_all(&bytes)?;
            opened.sync_all()?;
            fs::rename(&partial, &whole)?;
            sync_folder(&self.0)
        };
        write().map_err(|source| LedgerError::File { file: whole.clone(), source })?;
        Ok(Kept { document: release.document().clone(), bytes })
    }

    /// Takes what `entry` says is stored.
    pub(super) fn take(&self, entry: &Entry) -> Result<Kept, LedgerError> {
        let file = self.file(entry.job);
        let failed = |source| LedgerError::Stored { file: file.clone(), source };
        if fs::metadata(&file).map_err(failed)?.len() > RELEASE_BYTES_MAX as u64 {
            return Err(LedgerError::OtherRelease(file));
        }
        let bytes = fs::read(&file).map_err(failed)?;
        if Some(Digest::of(&bytes)) != entry.release {
            return Err(LedgerError::OtherRelease(file));
        }
        let document = ReleaseDocument::decode(&bytes);
        let document = document.map_err(|_| LedgerError::OtherRelease(file))?;
        Ok(Kept { document, bytes })
    }

    fn file(&self, job: Digest) -> PathBuf {
        self.0.join(format!("{job}.json"))
    }
}

/// That this run alone works on a job, until it is dropped or the process ends.
pub(super) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Tidies up: the release is stored, and whoever waited finds it.
    pub(super) fn done(self) {
        let _ = fs::remove_file(self.path);
    }
}

/// Opens `file`, made for its owner alone if it is not there.
fn private(file: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}
