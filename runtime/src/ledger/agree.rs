//! Whether ledger and audit log know of the same releases: neither can be put back, or taken away,
//! alone.

use std::collections::BTreeSet;

use cloister_contract::digest::Digest;

use super::{Book, Ledger, LedgerError};
use crate::audit::{AuditError, read_audit};

/// What the audit log says of what has left.
#[derive(Default)]
pub(super) struct Log {
    entries: usize,
    left: BTreeSet<Digest>,
}

impl Ledger<'_> {
    /// To be held to the audit log beside it, too.
    pub(crate) fn beside_log(self) -> Self {
        Self { has_log: true, ..self }
    }

    /// The log as it is now; empty if it is not looked at.
    pub(super) fn log(&self) -> Result<Log, LedgerError> {
        let key = self.key.public();
        match read_audit(&self.file.with_file_name("audit.jsonl"), Some(&key)) {
            _ if !self.has_log => Ok(Log::default()),
            Ok(log) => Ok(Log {
                entries: log.lines().len(),
                left: log.entries().filter_map(|entry| entry.release()).collect(),
            }),
            Err(AuditError::NotThere(_)) => Ok(Log::default()),
            Err(error) => Err(LedgerError::Audit(Box::new(error))),
        }
    }

    /// Whether `book` knows all that had left by the log of `before`; and that there is a log, if
    /// it knows any release: each was admitted first, and that was written down.
    pub(super) fn agrees(&self, book: &Book, before: &Log) -> Result<(), LedgerError> {
        let stored = book.entries().iter().filter_map(|entry| entry.release);
        let stored: BTreeSet<Digest> = stored.collect();
        if !before.left.is_subset(&stored) {
            return Err(LedgerError::Behind(self.file.clone()));
        }
        // Another run may have begun the log meanwhile.
        let is_gone = self.has_log && !stored.is_empty() && before.entries == 0;
        if is_gone && self.log()?.entries == 0 {
            return Err(LedgerError::NoLog(self.file.with_file_name("audit.jsonl")));
        }
        Ok(())
    }
}
