//! The ledger's head in a second place: how many entries there are and the last one's hash, under
//! the site's signature.
//!
//! It is written, whole and synced, after each commit and before anything else happens. So a
//! ledger may have an entry more than its checkpoint says, if a run ended in between; one that has
//! fewer, or others, has lost what was charged. Who puts back an old copy of both is not noticed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cloister_contract::digest::Digest;
use cloister_contract::envelope::{Envelope, PayloadType};
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};

use super::{Book, LedgerError};
use crate::bounded::read_bounded;
use crate::keys::Signer;
use crate::publish::replace_private;

/// Most bytes of a checkpoint: many times what one has.
const BYTES_MAX: u64 = 4096;

/// What a checkpoint says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Checkpoint {
    /// How many entries there are.
    entries: u64,
    /// The last one's hash.
    head: Digest,
}

impl Checkpoint {
    /// Whether it knows of all entries of `book`, to which it was held.
    pub(super) fn is_at_head(&self, book: &Book) -> bool {
        self.entries == book.entries().len() as u64
    }
}

/// Where the checkpoint of the ledger in `file` is: `ledger.checkpoint` beside `ledger.sqlite`.
pub(super) fn beside(file: &Path) -> PathBuf {
    file.with_extension("checkpoint")
}

/// Writes what `book` says, signed with the site's `key`; an ssh-agent may ask its owner first.
pub(super) async fn write(file: &Path, book: &Book, key: &Arc<Signer>) -> Result<(), LedgerError> {
    let beside = beside(file);
    let broken = |what: String| LedgerError::Checkpoint { file: beside.clone(), what };
    let checkpoint = Checkpoint { entries: book.entries().len() as u64, head: book.head() };
    let payload = serde_json::to_vec(&checkpoint).map_err(|error| broken(error.to_string()))?;
    let key = Arc::clone(key);
    let sign = move || key.envelope(PayloadType::LedgerCheckpoint, payload);
    let signed = tokio::task::spawn_blocking(sign).await;
    let envelope = signed.map_err(|error| broken(error.to_string()))?;
    let envelope = envelope.map_err(|error| broken(error.to_string()))?;
    let line = envelope.to_line().map_err(|error| broken(error.to_string()))?;
    replace_private(&beside, (line + "\n").as_bytes())
        .map_err(|source| LedgerError::File { file: beside.clone(), source })
}

/// Reads the checkpoint, if there is one; without `key` nobody asks who signed it.
pub(super) fn read(
    file: &Path,
    key: Option<&VerifyingKey>,
) -> Result<Option<Checkpoint>, LedgerError> {
    let beside = beside(file);
    let line = match read_bounded(&beside, BYTES_MAX) {
        Ok(line) => line,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(LedgerError::File { file: beside, source }),
    };
    let broken =
        |what: &str| LedgerError::Checkpoint { file: beside.clone(), what: what.to_owned() };
    let envelope = Envelope::read(PayloadType::LedgerCheckpoint, line.trim())
        .map_err(|_| broken("it is no envelope of a checkpoint"))?;
    let payload = match key {
        Some(key) => envelope.verify(key).map_err(|_| broken("this site's key did not sign it"))?,
        None => envelope.unverified(),
    };
    serde_json::from_slice(payload).map(Some).map_err(|_| broken("it is no checkpoint"))
}

/// Holds `book` to what its checkpoint says.
///
/// # Errors
/// [`LedgerError::Tail`] if entries are missing, or others than were charged.
pub(super) fn hold(book: &Book, checkpoint: Option<&Checkpoint>) -> Result<(), LedgerError> {
    let found = book.entries().len() as u64;
    let tail = |wanted| LedgerError::Tail { found, wanted };
    match checkpoint {
        None if found == 0 => Ok(()),
        None => Err(LedgerError::NoCheckpoint),
        Some(checkpoint) if book.hash(checkpoint.entries) == Some(checkpoint.head) => Ok(()),
        Some(checkpoint) => Err(tail(checkpoint.entries)),
    }
}
