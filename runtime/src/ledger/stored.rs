//! Releases as they left, in a folder beside the ledger: the same job gets the same bytes again.
//!
//! A release is written whole, synced, renamed, its folder synced, and then entered in the ledger
//! with its digest: one that does not match is not given. Before it, in the same way, all that
//! stays at the site is: the module, the dossier, the sets that it told and its trace (`sets.rs`).
//! Two runs of one job never meet: the second waits at a locked file, which the system unlocks when
//! a run ends, however it ends.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cloister_contract::digest::Digest;
use cloister_contract::release::{RELEASE_BYTES_MAX, ReleaseDocument};
use cloister_sandbox::MODULE_LIMITS;

use super::LedgerError;
use super::entry::Entry;
use super::sets::SetsKey;
use crate::dossier::{Dossier, Papers};
use crate::protect::{Release, ToldSet, Trace};
use crate::publish::{replace_private, sync_folder};

/// How the files of releases end, and those of what is kept beside them: the sets that they told,
/// the trace of the draft, and what the job was admitted on.
const RELEASE: &str = "json";
const SETS: &str = "sets";
const TRACE: &str = "trace";
const DOSSIER: &str = "dossier";

/// Most bytes of a trace: noise for more numbers than any job has.
const TRACE_BYTES_MAX: u64 = 64 << 20;
/// Most bytes of a dossier: the files that it holds are shorter.
const DOSSIER_BYTES_MAX: u64 = 64 << 20;

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
        let is_release = |entry: fs::DirEntry| entry.path().extension() == Some(RELEASE.as_ref());
        fs::read_dir(&self.0).is_ok_and(|entries| entries.flatten().any(is_release))
    }

    /// Waits until no other run works on `job`.
    pub(super) async fn lock(&self, job: Digest) -> Result<Lock, LedgerError> {
        self.lock_name(&format!("{job}.lock")).await
    }

    /// Waits until no other run is compared with what was told over `population`. Its file stays,
    /// so that all who wait do so at the same one.
    pub(super) async fn lock_population(&self, population: &str) -> Result<Lock, LedgerError> {
        let name = Digest::of(population.as_bytes());
        self.lock_name(&format!("population-{name}.lock")).await
    }

    /// Waits at the file called `name`; makes the folder for its owner alone.
    async fn lock_name(&self, name: &str) -> Result<Lock, LedgerError> {
        let mut folder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        match folder.create(&self.0) {
            Err(source) if source.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(LedgerError::File { file: self.0.clone(), source });
            }
            _ => {}
        }
        let path = self.0.join(name);
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

    /// Stores `release`, and before it what stays: under `key` the sets that it told and its
    /// trace, and the `papers` that the job was admitted on.
    pub(super) fn put(
        &self,
        job: Digest,
        release: &Release,
        papers: &Papers,
        key: &SetsKey,
    ) -> Result<Kept, LedgerError> {
        let encode = |error: &dyn std::fmt::Display| LedgerError::Encode(error.to_string());
        let bytes = release.encode().map_err(|error| encode(&error))?;
        let digest = Digest::of(&bytes);
        let closed = |what: &[u8], end: &str| {
            let closed = key.close(what, &bound_to(end, job, digest));
            closed.ok_or_else(|| encode(&"there is no randomness to encrypt what stays with"))
        };
        self.file_papers(papers)?;
        let sets = ToldSet::encode(release.told());
        self.write(&self.file(job, SETS), &closed(&sets, SETS)?)?;
        self.write(&self.file(job, TRACE), &closed(&release.trace().encode(), TRACE)?)?;
        self.write(&self.file(job, RELEASE), &bytes)?;
        Ok(Kept { document: release.document().clone(), bytes })
    }

    /// The trace of the draft of what `entry` says is stored.
    pub(super) fn trace(&self, entry: &Entry, key: &SetsKey) -> Result<Trace, LedgerError> {
        let file = self.file(entry.job, TRACE);
        let bytes = self.kept(&file, TRACE_BYTES_MAX)?;
        let bound = entry.release.map(|release| bound_to(TRACE, entry.job, release));
        let trace = bound.and_then(|bound| Trace::decode(&key.open(&bytes, &bound)?));
        trace.ok_or(LedgerError::OtherKept(file))
    }

    /// Stores `papers`, each under its digest.
    pub(super) fn file_papers(&self, papers: &Papers) -> Result<(), LedgerError> {
        let (module, module_bytes) = &papers.module;
        for (file, bytes) in [
            (self.module_file(*module), module_bytes),
            (self.file(papers.digest(), DOSSIER), &papers.dossier),
        ] {
            replace_private(&file, bytes).map_err(|source| LedgerError::File { file, source })?;
        }
        Ok(())
    }

    /// The dossier with this digest, and its file's bytes.
    pub(super) fn dossier(&self, digest: Digest) -> Result<(Dossier, Vec<u8>), LedgerError> {
        let file = self.file(digest, DOSSIER);
        let bytes = self.kept(&file, DOSSIER_BYTES_MAX)?;
        let right = Digest::of(&bytes) == digest;
        let dossier = serde_json::from_slice(&bytes).ok().filter(|_| right);
        dossier.map(|dossier| (dossier, bytes)).ok_or(LedgerError::OtherKept(file))
    }

    /// The module of `entry`.
    pub(super) fn module(&self, entry: &Entry) -> Result<Vec<u8>, LedgerError> {
        let file = self.module_file(entry.module);
        let module = self.kept(&file, MODULE_LIMITS.module_bytes_max as u64)?;
        let right = Digest::of(&module) == entry.module;
        right.then_some(module).ok_or(LedgerError::OtherKept(file))
    }

    /// The bytes of `file`, which was kept beside a release.
    fn kept(&self, file: &Path, bytes_max: u64) -> Result<Vec<u8>, LedgerError> {
        let failed = |source| LedgerError::KeptGone { file: file.to_owned(), source };
        if fs::metadata(file).map_err(failed)?.len() > bytes_max {
            return Err(LedgerError::OtherKept(file.to_owned()));
        }
        fs::read(file).map_err(failed)
    }

    /// Writes `whole`, whole or not at all.
    fn write(&self, whole: &Path, bytes: &[u8]) -> Result<(), LedgerError> {
        let partial = whole.with_extension("partial");
        let write = || {
            let mut opened = private(&partial)?;
            opened.set_len(0)?;
            opened.write_all(bytes)?;
            opened.sync_all()?;
            fs::rename(&partial, whole)?;
            sync_folder(&self.0)
        };
        write().map_err(|source| LedgerError::File { file: whole.to_owned(), source })
    }

    /// The sets that the release of `entry` told.
    pub(super) fn sets(&self, entry: &Entry, key: &SetsKey) -> Result<Vec<ToldSet>, LedgerError> {
        let file = self.file(entry.job, SETS);
        let bytes = fs::read(&file)
            .map_err(|source| LedgerError::SetsGone { file: file.clone(), source })?;
        let bound = entry.release.map(|release| bound_to(SETS, entry.job, release));
        let told = bound.and_then(|bound| ToldSet::decode(&key.open(&bytes, &bound)?));
        told.ok_or(LedgerError::OtherSets(file))
    }

    /// Removes the sets that `job` told, if they are there.
    pub(super) fn forget(&self, job: Digest) -> Result<(), LedgerError> {
        let file = self.file(job, SETS);
        match fs::remove_file(&file) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(LedgerError::File { file, source })
            }
            _ => Ok(()),
        }
    }

    /// Takes what `entry` says is stored.
    pub(super) fn take(&self, entry: &Entry) -> Result<Kept, LedgerError> {
        let file = self.file(entry.job, RELEASE);
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

    fn module_file(&self, module: Digest) -> PathBuf {
        self.0.join(format!("{module}.wasm"))
    }

    fn file(&self, job: Digest, end: &str) -> PathBuf {
        self.0.join(format!("{job}.{end}"))
    }
}

/// What is bound to a job and release: the file of another does not open in its place.
fn bound_to(what: &str, job: Digest, release: Digest) -> String {
    format!("cloister.{what}/1 {job} {release}")
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
