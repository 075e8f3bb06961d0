//! The audit log: who asked what, what was decided and why, and what left, in an append-only tree.
//!
//! Each entry is a line of `audit.jsonl` and a leaf of a Merkle tree; the site signs the tree's
//! size and root as `audit.checkpoint`. Whoever has kept an old checkpoint can tell whether the log
//! still begins with what it said then, and one entry can be shown to somebody without the others.
//! Source: the European Health Data Space, Regulation (EU) 2025/327, article 73 (logs of who used
//! what, kept for a year at least). It holds nothing that depends on a row but the digest of a
//! release.

mod entry;
mod log;
mod proof;
#[cfg(test)]
mod timing;

pub use entry::{AuditEntry, AuditEvent, Subject};
pub(crate) use log::append;
pub use log::{AuditError, AuditLog, read_audit};
pub use proof::{AuditProof, NotProved, Proved};
