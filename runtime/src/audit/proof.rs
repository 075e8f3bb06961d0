//! Proofs that leave the site: entries of the log with all that somebody needs who has only the
//! site's public key.

use cloister_contract::digest::Digest;
use cloister_contract::merkle;
use cloister_contract::note::{Checkpoint, NotACheckpoint};
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};

use super::entry::AuditEntry;
use super::log::AuditLog;

/// Entries, the checkpoint under which they are, and what shows that they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditProof {
    /// The signed note.
    checkpoint: String,
    /// That the log began with this many entries once, if it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Since>,
    entries: Vec<Included>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Since {
    /// The older checkpoint's note.
    checkpoint: String,
    hashes: Vec<Digest>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Included {
    index: u64,
    /// The line, whose bytes are the leaf.
    entry: String,
    hashes: Vec<Digest>,
}

/// A proof does not hold, or cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotProved {
    /// The checkpoint is none, or another key's.
    #[error("the checkpoint in it does not hold: {0}")]
    Checkpoint(#[from] NotACheckpoint),
    /// An entry is not in the log.
    #[error("entry {0} is not in the log that was signed")]
    Entry(u64),
    /// The older checkpoint is not of this log.
    #[error(
        "the log of {later} entries does not begin with the one of {earlier} that was signed \
         before: what was written was changed"
    )]
    Rewritten {
        /// Entries then.
        earlier: u64,
        /// Entries now.
        later: u64,
    },
    /// The checkpoint that was kept is none, or another key's.
    #[error("the checkpoint from earlier does not hold: {0}")]
    Kept(NotACheckpoint),
    /// It says nothing of how the log began.
    #[error(
        "it does not show whether the log of {later} entries begins with the {earlier} of the \
         checkpoint from earlier; ask the site for `cloister audit export --earlier` with that \
         checkpoint"
    )]
    NotShown {
        /// Entries then.
        earlier: u64,
        /// Entries now.
        later: u64,
    },
    /// It is no proof.
    #[error("it is no proof of an audit log: {0}")]
    Form(String),
}

/// What a proof shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// The log, as the site signed it.
    pub checkpoint: Checkpoint,
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// The older log, with which this one begins.
    pub since: Option<Checkpoint>,
}

impl AuditProof {
    /// Proves `which` entries of `log`, in order, as far as they are signed; with the note of an
    /// `earlier` checkpoint, that the log began so.
    ///
    /// # Errors
    /// [`NotProved`] if the log does not begin so.
    pub fn new(
        log: &AuditLog,
        which: impl IntoIterator<Item = usize>,
        earlier: Option<&str>,
    ) -> Result<Self, NotProved> {
        let size = log.checkpoint().size;
        let leaves = usize::try_from(size).ok().and_then(|size| log.leaves().get(..size));
        let leaves = leaves.unwrap_or_default();
        let mut entries = Vec::new();
        for index in which.into_iter().take_while(|index| *index < leaves.len()) {
            let line = log.lines().get(index).cloned().unwrap_or_default();
            let hashes = merkle::inclusion(leaves, index).unwrap_or_default();
            entries.push(Included { index: index as u64, entry: line, hashes });
        }
        let since = match earlier {
            None => None,
            Some(note) => {
                let old = Checkpoint::read(note, None)?;
                let begun = usize::try_from(old.size).ok().and_then(|old| leaves.get(..old));
                let same = begun.is_some_and(|begun| merkle::root(begun) == old.root);
                if !same || old.origin != log.checkpoint().origin {
                    return Err(NotProved::Rewritten { earlier: old.size, later: size });
                }
                let begun = begun.map_or(0, <[Digest]>::len);
                let hashes = merkle::consistency(leaves, begun).unwrap_or_default();
                Some(Since { checkpoint: note.to_owned(), hashes })
            }
        };
        Ok(Self { checkpoint: log.note().to_owned(), since, entries })
    }

    /// Reads a proof.
    ///
    /// # Errors
    /// [`NotProved::Form`] if it is none.
    pub fn read(text: &str) -> Result<Self, NotProved> {
        serde_json::from_str(text).map_err(|error| NotProved::Form(error.to_string()))
    }

    /// Verifies it by the site's `key` alone; with the note of a checkpoint that was `kept`, that
    /// the log began so.
    ///
    /// # Errors
    /// [`NotProved`] with what does not hold.
    pub fn verify(&self, key: &VerifyingKey, kept: Option<&str>) -> Result<Proved, NotProved> {
        let checkpoint = Checkpoint::read(&self.checkpoint, Some(key))?;
        let since = match &self.since {
            None => None,
            Some(since) => {
                let old = Checkpoint::read(&since.checkpoint, Some(key))?;
                let (earlier, later) = ((old.size, old.root), (checkpoint.size, checkpoint.root));
                let same = old.origin == checkpoint.origin;
                if !same || !merkle::begins_with(earlier, later, &since.hashes) {
                    let (earlier, later) = (old.size, checkpoint.size);
                    return Err(NotProved::Rewritten { earlier, later });
                }
                Some(old)
            }
        };
        let kept = kept.map(|note| Checkpoint::read(note, Some(key)).map_err(NotProved::Kept));
        let kept = kept.transpose()?;
        if let Some(kept) = &kept {
            let (earlier, later) = (kept.size, checkpoint.size);
            let mut shown = [Some(&checkpoint), since.as_ref()].into_iter().flatten();
            match shown.find(|shown| shown.size == earlier) {
                Some(shown) if shown == kept => {}
                None if earlier < later => return Err(NotProved::NotShown { earlier, later }),
                _ => return Err(NotProved::Rewritten { earlier, later }),
            }
        }
        let since = kept.or(since);
        let mut entries = Vec::with_capacity(self.entries.len());
        for Included { index, entry, hashes } in &self.entries {
            let leaf = merkle::leaf(entry.as_bytes());
            let Checkpoint { size, root, .. } = checkpoint;
            let read = AuditEntry::read(entry).filter(|read| read.number == *index);
            if !merkle::includes(leaf, *index, size, hashes, root) {
                return Err(NotProved::Entry(*index));
            }
            entries.push(read.ok_or(NotProved::Entry(*index))?);
        }
        Ok(Proved { checkpoint, entries, since })
    }
}
