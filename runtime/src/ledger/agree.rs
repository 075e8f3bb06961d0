//! Whether ledger and audit log know of the same releases: neither can be taken away alone, or put
//! back to before a release of the other was admitted.

use std::collections::{BTreeMap, BTreeSet};

use cloister_contract::digest::Digest;

use super::{Book, Entry, Ledger, LedgerError};
use crate::audit::{AuditError, AuditEvent, AuditLog, read_audit};

/// What the audit log says of what has left.
#[derive(Default)]
pub(super) struct Log {
    entries: usize,
    /// What left, and when that was asked for last, in seconds since 1970.
    left: BTreeMap<Digest, i64>,
    /// How often a module was admitted in a second since 1970.
    admitted: BTreeMap<(i64, Digest), usize>,
}

impl Log {
    fn of(log: &AuditLog) -> Self {
        let mut found = Self { entries: log.lines().len(), ..Self::default() };
        for entry in log.entries() {
            let at = entry.at.parse().map_or(i64::MIN, jiff::Timestamp::as_second);
            if let Some(release) = entry.release() {
                let last = found.left.entry(release).or_insert(at);
                *last = at.max(*last);
            }
            if let (AuditEvent::Admitted, Some(module)) = (&entry.event, entry.subject.module) {
                *found.admitted.entry((at, module)).or_default() += 1;
            }
        }
        found
    }

    /// Whether what `entry` says is stored has left.
    pub(super) fn has_left(&self, entry: &Entry) -> bool {
        let left = entry.release.and_then(|release| self.left.get(&release));
        left.is_some_and(|at| *at >= entry.at)
    }

    /// Whether each release of `book` was admitted: that is written down before anything runs.
    fn admits(&self, book: &Book) -> bool {
        let mut left = self.admitted.clone();
        let mut released = book.entries().iter().filter(|entry| entry.release.is_some());
        released.all(|entry| match left.get_mut(&(entry.at, entry.module)) {
            Some(often @ 1..) => {
                *often -= 1;
                true
            }
            _ => false,
        })
    }
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
            Ok(log) => Ok(Log::of(&log)),
            Err(AuditError::NotThere(_)) => Ok(Log::default()),
            Err(error) => Err(LedgerError::Audit(Box::new(error))),
        }
    }

    /// Whether `book` knows all that had left by the log of `before`, and the log the admission of
    /// all that it knows to be released.
    pub(super) fn agrees(&self, book: &Book, before: &Log) -> Result<(), LedgerError> {
        let stored = book.entries().iter().filter_map(|entry| entry.release);
        let stored: BTreeSet<Digest> = stored.collect();
        if !before.left.keys().all(|release| stored.contains(release)) {
            return Err(LedgerError::Behind(self.file.clone()));
        }
        if !self.has_log || before.admits(book) {
            return Ok(());
        }
        // Another run may have been admitted, and ended, meanwhile.
        let (now, file) = (self.log()?, self.file.with_file_name("audit.jsonl"));
        match now.entries {
            _ if now.admits(book) => Ok(()),
            0 => Err(LedgerError::NoLog(file)),
            _ => Err(LedgerError::LogBehind(file)),
        }
    }
}
