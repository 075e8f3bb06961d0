//! The log's file and its checkpoint: added to under a lock, synced before anything counts.
//!
//! ```text
//! line --sync--> audit.jsonl --sync--> audit.checkpoint      both, and then what it is about
//! ```
//!
//! *Invariant `one ahead`*: the log has what its checkpoint says, and at most one entry more, if
//! the site stopped in between. That one was never signed and nothing came of it: nobody reads it,
//! and the next one is written over it, as over a last line without its end.
//! What the log alone cannot show is that both files were put back at once: an old checkpoint that
//! somebody else kept can.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cloister_contract::digest::Digest;
use cloister_contract::envelope::key_id;
use cloister_contract::merkle;
use cloister_contract::note::{Checkpoint, NOTE_BYTES_MAX, NotACheckpoint};
use ed25519_dalek::VerifyingKey;

use super::entry::{AuditEntry, AuditEvent, Subject};
use crate::bounded::read_bounded;
use crate::keys::{KeyError, Signer};
use crate::publish::{replace_private, sync_folder};
use crate::receipt::{ChainError, SealError};

/// Most bytes of a log that are read: some millions of entries.
const LOG_BYTES_MAX: u64 = 4 << 30;

/// The audit log cannot be used. Nothing runs or leaves then.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// A file cannot be read or written.
    #[error("`{}` cannot be used, and nothing was released: {source}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is no log.
    #[error("there is no audit log `{}`; the first run under `hospital` makes one", .0.display())]
    NotThere(PathBuf),
    /// An entry is wrong.
    #[error(
        "the audit log `{}` does not verify: {what}; put it back from a copy that `cloister audit \
         verify` accepts", file.display()
    )]
    Broken {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The checkpoint is wrong.
    #[error("`{}` does not hold: {source}", file.display())]
    Checkpoint {
        /// The file.
        file: PathBuf,
        /// Why.
        source: NotACheckpoint,
    },
    /// The site's key does not sign.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The receipts that the log names cannot be used.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// What is to leave cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// What asks the key was stopped.
    #[error("the audit log was not written to the end, so nothing is released; run it again")]
    Stopped,
}

/// A log that verifies.
#[derive(Clone, Debug)]
pub struct AuditLog {
    lines: Vec<String>,
    leaves: Vec<Digest>,
    /// The signed note, as it is in its file.
    note: String,
    checkpoint: Checkpoint,
}

impl AuditLog {
    /// Its entries' lines, without their ends.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The hashes of its entries.
    #[must_use]
    pub fn leaves(&self) -> &[Digest] {
        &self.leaves
    }

    /// What the site has signed of it.
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The signed note itself.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.note
    }

    /// Its entries, as many as read as such.
    pub fn entries(&self) -> impl Iterator<Item = AuditEntry> {
        self.lines.iter().filter_map(|line| AuditEntry::read(line))
    }
}

/// Where the checkpoint of the log in `file` is: `audit.checkpoint` beside `audit.jsonl`.
fn beside(file: &Path) -> PathBuf {
    file.with_extension("checkpoint")
}

/// Adds what happened to the log in `file`, which need not be there yet: when this returns, it is
/// on the disk, under a checkpoint that the site's `key` has signed. `what` is asked while nobody
/// else adds anything; it is told which receipts the log names, in order.
///
/// # Errors
/// [`AuditError`] if the log does not verify or cannot be written.
pub(crate) async fn append<T: Send + 'static>(
    file: &Path,
    key: &Arc<Signer>,
    (at, subject): (&str, &Subject),
    what: impl FnOnce(&[Digest]) -> Result<(AuditEvent, T), AuditError> + Send + 'static,
) -> Result<T, AuditError> {
    let (file, key, at, subject) =
        (file.to_owned(), Arc::clone(key), at.to_owned(), subject.clone());
    // An ssh-agent may ask its owner, and another run may hold the lock.
    let written = tokio::task::spawn_blocking(move || {
        let mut opened = open(&file)?;
        let failed = |source| AuditError::File { file: file.clone(), source };
        opened.lock().map_err(failed)?;
        let Found { lines, leaves, whole, .. } =
            Found::read(&mut opened, &file, Some(&key.public()))?;
        let entries = lines.iter().filter_map(|line| AuditEntry::read(line));
        let named: Vec<Digest> = entries.filter_map(|entry| entry.receipt()).collect();
        let (event, made) = what(&named)?;
        let entry = AuditEntry { number: lines.len() as u64, at, event, subject };
        let line = serde_json::to_string(&entry).map_err(|error| failed(error.into()))?;
        let write = |opened: &mut File| {
            opened.set_len(whole)?;
            opened.seek(SeekFrom::Start(whole))?;
            opened.write_all(format!("{line}\n").as_bytes())?;
            opened.sync_all()?;
            sync_folder(
                file.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new(".")),
            )
        };
        write(&mut opened).map_err(failed)?;
        let leaves = [&leaves[..], &[merkle::leaf(line.as_bytes())]].concat();
        sign(&file, &key, &leaves)?;
        Ok(made)
    });
    written.await.map_err(|_| AuditError::Stopped)?
}

/// Writes the checkpoint of the log in `file`, which has these `leaves`, signed with `key`.
pub(super) fn sign(file: &Path, key: &Signer, leaves: &[Digest]) -> Result<(), AuditError> {
    let (origin, size) = (origin(&key.public()), leaves.len() as u64);
    let checkpoint = Checkpoint { origin, size, root: merkle::root(leaves) };
    let signature = key.sign(checkpoint.text().as_bytes())?;
    let note = checkpoint.signed(&key.public(), &signature);
    replace_private(&beside(file), note.as_bytes())
        .map_err(|source| AuditError::File { file: file.to_owned(), source })
}

/// The name of a site's log, from the key that signs it.
fn origin(key: &VerifyingKey) -> String {
    format!("cloister.audit/{:.16}", key_id(key).to_string())
}

/// Opens the log, made for its owner alone if it is not there.
fn open(file: &Path) -> Result<File, AuditError> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map_err(|source| AuditError::File { file: file.to_owned(), source })
}

/// Reads and verifies the log in `file`; with `key` who signed its checkpoint, too.
///
/// # Errors
/// [`AuditError`] if there is none, it cannot be read, or does not verify.
pub fn read_audit(file: &Path, key: Option<&VerifyingKey>) -> Result<AuditLog, AuditError> {
    let mut opened = File::open(file).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => AuditError::NotThere(file.to_owned()),
        _ => AuditError::File { file: file.to_owned(), source },
    })?;
    // Entries and checkpoint of one moment; where there are no locks, nobody writes either.
    let _ = opened.lock_shared();
    let Found { lines, leaves, signed, .. } = Found::read(&mut opened, file, key)?;
    let (note, checkpoint) = signed.ok_or_else(|| AuditError::NotThere(beside(file)))?;
    Ok(AuditLog { lines, leaves, note, checkpoint })
}

/// What is in the files of a log that verifies.
struct Found {
    /// The lines that were signed, and their hashes.
    lines: Vec<String>,
    leaves: Vec<Digest>,
    /// Their bytes.
    whole: u64,
    signed: Option<(String, Checkpoint)>,
}

impl Found {
    fn read(
        opened: &mut File,
        file: &Path,
        key: Option<&VerifyingKey>,
    ) -> Result<Self, AuditError> {
        let failed = |source| AuditError::File { file: file.to_owned(), source };
        let broken = |what: String| AuditError::Broken { file: file.to_owned(), what };
        let mut text = String::new();
        opened.take(LOG_BYTES_MAX).read_to_string(&mut text).map_err(failed)?;
        let whole = text.rfind('\n').map_or(0, |at| at + 1);
        // By this end alone: whatever else is in a line is hashed, and seen.
        let mut lines: Vec<String> = text
            .get(..whole)
            .unwrap_or_default()
            .split_terminator('\n')
            .map(str::to_owned)
            .collect();
        for (number, line) in lines.iter().enumerate() {
            if AuditEntry::read(line).is_none_or(|entry| entry.number != number as u64) {
                return Err(broken(format!("line {} is no entry of that number", number + 1)));
            }
        }
        let mut leaves: Vec<Digest> =
            lines.iter().map(|line| merkle::leaf(line.as_bytes())).collect();
        let beside = beside(file);
        let signed = match read_bounded(&beside, NOTE_BYTES_MAX as u64) {
            Ok(note) => {
                let read = Checkpoint::read(&note, key);
                let checkpoint =
                    read.map_err(|source| AuditError::Checkpoint { file: beside, source })?;
                Some((note, checkpoint))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(source) => return Err(AuditError::File { file: beside, source }),
        };
        let size = signed.as_ref().map_or(0, |(_, checkpoint)| checkpoint.size);
        let known = usize::try_from(size).ok().and_then(|size| leaves.get(..size));
        let there = lines.len() as u64;
        let Some(known) = known.filter(|_| there <= size.saturating_add(1)) else {
            return Err(broken(format!("it has {there} entries, and its checkpoint {size}")));
        };
        let root = signed.as_ref().map(|(_, checkpoint)| checkpoint.root);
        if root.is_some_and(|root| root != merkle::root(known)) {
            return Err(broken("its entries are others than those that were signed".to_owned()));
        }
        leaves.truncate(known.len());
        lines.truncate(leaves.len());
        let whole = lines.iter().map(|line| line.len() as u64 + 1).sum();
        Ok(Self { lines, leaves, whole, signed })
    }
}
