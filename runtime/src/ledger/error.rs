//! Why the ledger admits nobody. Nothing of it depends on a row.

use std::path::{Path, PathBuf};

use super::Exhausted;
use crate::audit::AuditError;

/// The ledger refuses, or cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The account has not enough left.
    #[error(transparent)]
    Exhausted(#[from] Exhausted),
    /// This dataset is not registered, and registered ones were asked before.
    #[error(
        "`{0}` is not registered, and this ledger has answers over data that were; put the \
         `.snapshot.json` back beside its description, with its signature, or register it with \
         `cloister dataset register`"
    )]
    Unregistered(String),
    /// An entry is wrong.
    #[error(
        "the ledger does not verify: entry {number} is wrong: {what}; nothing runs until the \
         ledger is put back from a copy that `cloister ledger verify` accepts"
    )]
    Broken {
        /// The entry.
        number: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// Entries are missing at the end, or are others than were charged.
    #[error(
        "the ledger has {found} entries, and its checkpoint knows of {wanted}, not all of them \
         among those; nothing runs until the ledger is put back as it was"
    )]
    Tail {
        /// There.
        found: u64,
        /// By the checkpoint.
        wanted: u64,
    },
    /// The checkpoint is missing.
    #[error(
        "the ledger has entries, and its checkpoint is gone; put the file back that lay beside it"
    )]
    NoCheckpoint,
    /// The checkpoint is damaged, or another key's.
    #[error("`{}` does not hold: {what}; put it back as it was", file.display())]
    Checkpoint {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// There was a ledger, and it is gone.
    #[error(
        "`{}` is gone, and what lay beside it is not; put the ledger back, as nobody knows \
         what was spent", .0.display()
    )]
    Gone(PathBuf),
    /// The audit log knows of releases that the ledger does not.
    #[error(
        "the audit log beside `{}` names releases that the ledger does not know: it was taken away \
         or put back; put back the one that belongs to the log", .0.display()
    )]
    Behind(PathBuf),
    /// The ledger knows of releases, and there is no audit log.
    #[error(
        "`{}` is gone, and the ledger beside it knows of releases; put the log back, with its \
         checkpoint and its receipts", .0.display()
    )]
    NoLog(PathBuf),
    /// The audit log has not admitted what the ledger knows to be released.
    #[error(
        "the audit log `{}` does not name all that the ledger beside it has released: an older \
         copy was put back; put back the one that belongs to the ledger, with its checkpoint and \
         its receipts", .0.display()
    )]
    LogBehind(PathBuf),
    /// The audit log cannot be used.
    #[error(transparent)]
    Audit(Box<AuditError>),
    /// There is no ledger to read.
    #[error(
        "there is no ledger `{}`; name the site's with --ledger, or run under `hospital`, which \
         makes one", .0.display()
    )]
    NotThere(PathBuf),
    /// The clock was set back.
    #[error(
        "the clock says a time {seconds} seconds before the ledger's last entry; set the clock \
         right, as epochs and accounts go by it"
    )]
    Clock {
        /// By how much.
        seconds: i64,
    },
    /// What the caller calls now is no time.
    #[error("the time is not written as RFC 3339")]
    Now,
    /// Another program writes all the time.
    #[error(
        "the ledger `{}` is in use by another program, and nothing ran; try again when it has \
         ended", .0.display()
    )]
    Locked(PathBuf),
    /// The disk is full.
    #[error("the disk is full, and nothing ran: `{}` cannot be written; make room", .0.display())]
    Full(PathBuf),
    /// The ledger may not be written.
    #[error(
        "the ledger `{}` cannot be written, and nothing ran; it and its folder must be \
         yours to write, or name another with --ledger", .0.display()
    )]
    ReadOnly(PathBuf),
    /// The file is something else, or damaged.
    #[error("`{}` is no ledger, or a damaged one; put it back from a copy", .0.display())]
    NotALedger(PathBuf),
    /// SQLite failed otherwise.
    #[error("the ledger `{}` cannot be used: {what}", file.display())]
    Database {
        /// The file.
        file: PathBuf,
        /// Its words.
        what: String,
    },
    /// A file cannot be read or written.
    #[error("`{}` cannot be used, and nothing was released: {source}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A release that the ledger knows is not where it was stored.
    #[error(
        "the stored release `{}` cannot be read: {source}; put it back, as no release is made \
         twice", file.display()
    )]
    Stored {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A stored release is not the one that the ledger knows.
    #[error(
        "the stored release `{}` is not the one that the ledger knows; put it back, as no \
         release is made twice", .0.display()
    )]
    OtherRelease(PathBuf),
    /// The sets that a release told are not where they were stored.
    #[error(
        "`{}`, by which releases are compared, cannot be read: {source}; put it back, as nothing \
         is shown without a look at what was shown before", file.display()
    )]
    SetsGone {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Those that a release of long ago was compared with are gone.
    #[error(
        "`{}` is gone: what releases told is kept for two epochs of their profile, and what was \
         compared with it cannot be replayed after that", .0.display()
    )]
    Forgotten(PathBuf),
    /// They are others, or another key's.
    #[error(
        "`{}`, by which releases are compared, is not what this site wrote for that release; put \
         it back, as nothing is shown without a look at what was shown before", .0.display()
    )]
    OtherSets(PathBuf),
    /// What is kept beside a release is not where it was stored.
    #[error(
        "`{}`, which was kept beside a release, cannot be read: {source}; put it back from a copy",
        file.display()
    )]
    KeptGone {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is another, or another key's.
    #[error(
        "`{}` is not what this site kept beside that release; put it back from a copy",
        .0.display()
    )]
    OtherKept(PathBuf),
    /// The release is none of this site.
    #[error("the ledger knows no such release; is it another site's, or another ledger's?")]
    NoSuchRelease,
    /// A release cannot be written as bytes.
    #[error("the release cannot be stored: {0}")]
    Encode(String),
}

impl LedgerError {
    /// What SQLite's `error` means; the file is named by [`LedgerError::of`].
    pub(super) fn database(error: sqlx::Error) -> Self {
        let file = PathBuf::new();
        let code = match &error {
            sqlx::Error::Database(inner) => inner.code().and_then(|code| code.parse::<u32>().ok()),
            _ => None,
        };
        // The lowest byte of an extended code is the code: https://sqlite.org/rescode.html
        match code.map(|code| code & 0xff) {
            Some(5 | 6) => Self::Locked(file),
            Some(13) => Self::Full(file),
            Some(3 | 8 | 14) => Self::ReadOnly(file),
            Some(11 | 26) => Self::NotALedger(file),
            _ => Self::Database { file, what: error.to_string() },
        }
    }

    /// The same of the ledger in `name`.
    pub(super) fn of(self, name: &Path) -> Self {
        let name = name.to_owned();
        match self {
            Self::Locked(_) => Self::Locked(name),
            Self::Full(_) => Self::Full(name),
            Self::ReadOnly(_) => Self::ReadOnly(name),
            Self::NotALedger(_) => Self::NotALedger(name),
            Self::Database { what, .. } => Self::Database { file: name, what },
            other => other,
        }
    }
}
