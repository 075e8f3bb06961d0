//! The evidence pack of a release: one folder that a supervisory authority can read without us.
//!
//! All of it is copied from what the site has kept, and each file can be verified by itself: the
//! index page says how. Nothing of the data is in it but what the release shows.

mod pack;
mod page;
mod people;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cloister_contract::digest::Digest;
use cloister_contract::public_key::PublicKey;
use cloister_contract::release::ReleaseDocument;
use cloister_contract::statement::Receipt;
use ed25519_dalek::VerifyingKey;

use crate::admit::{Module, Refusal};
use crate::audit::{
    AuditEntry, AuditError, AuditEvent, AuditLog, AuditProof, NotProved, read_audit,
};
use crate::dossier::Dossier;
use crate::inspection::{BrokenChecklist, ChecklistItem};
use crate::ledger::{self, Entry, LedgerError};
use crate::publish::{Place, PublishError};
use crate::receipt::{NotSealed, check_seal};
use crate::trust::Signed;
use crate::views::ViewError;
use pack::{Charge, Pack, json};

pub use pack::{EvidenceShown, verify_evidence};

/// There is no evidence to show.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The receipt does not hold.
    #[error(transparent)]
    Receipt(#[from] NotSealed),
    /// What was kept of the release is gone, or the ledger does not verify.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The audit log does not verify.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// An entry of the audit log cannot be proved.
    #[error(transparent)]
    Proof(#[from] NotProved),
    /// The audit log does not name the receipt.
    #[error("the audit log does not name this receipt; is it another ledger's?")]
    NotInTheLog,
    /// The module that was kept is none.
    #[error(transparent)]
    Module(#[from] Refusal),
    /// The trust root that was kept cannot be read.
    #[error("the trust root that was kept of the request cannot be read by this version: {0}")]
    Trust(String),
    /// The checklist that was compiled in is none.
    #[error(transparent)]
    Checklist(#[from] BrokenChecklist),
    /// A view of the release cannot be made.
    #[error(transparent)]
    View(#[from] ViewError),
    /// What was kept cannot be written as JSON.
    #[error("what was kept cannot be written: {0}")]
    Json(#[from] serde_json::Error),
    /// The folder cannot be written.
    #[error(transparent)]
    Write(#[from] PublishError),
    /// A file of a pack is not there, or cannot be read.
    #[error("`{}` cannot be read: {source}; name the folder of an evidence pack", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of a pack is another one.
    #[error("`{0}` is not the one that the site signed or named in its receipt")]
    Other(&'static str),
    /// The site says one thing here and another there.
    #[error("the receipt names another {0} than the dossier has: ask the site which it was")]
    Apart(&'static str),
    /// An entry of the audit log is about something else.
    #[error("entry {0} of the audit log is not about this release")]
    OtherEntry(u64),
    /// A file of a pack does not read as such.
    #[error("`{0}` is damaged, or of another version: {1}")]
    Form(&'static str, String),
}

/// All that the page tells of.
struct Case<'c> {
    /// The site's.
    key: PublicKey,
    receipt: &'c Receipt,
    document: &'c ReleaseDocument,
    module: &'c Module,
    dossier: &'c Dossier,
    charge: &'c Charge,
    /// The entries of the audit log about it, in order.
    entries: &'c [AuditEntry],
    /// The entry of the request that was answered with the receipt.
    asked: &'c AuditEntry,
    /// The signatures beside the module that counted then.
    signed: &'c [Signed],
    /// What reviewers answer.
    checklist: &'c [ChecklistItem],
}

/// Writes the evidence of the release in `bytes`, whose receipt is in `line`, to the `place`: from
/// what lies beside the ledger in `ledger`, of the site with this public `key`. Gives the names of
/// the files.
///
/// # Errors
/// [`EvidenceError`] if something does not verify, or cannot be written; then nothing is there.
pub async fn evidence(
    (bytes, line): (&[u8], &str),
    ledger: &Path,
    key: &VerifyingKey,
    place: Place,
) -> Result<Vec<String>, EvidenceError> {
    let receipt = check_seal(bytes, line, key)?;
    let (stored, released, charge) =
        ledger::stored(ledger, key, (Digest::of(bytes), &receipt)).await?;
    let log = read_audit(&ledger.with_file_name("audit.jsonl"), Some(key))?;
    let proof = AuditProof::new(&log, about(&log, (Digest::of(bytes), &released)), None)?;
    let pack = Pack {
        release: bytes.to_vec(),
        receipt: line.as_bytes().to_vec(),
        dossier: stored.dossier_bytes,
        module: stored.module,
        proof: json(&proof)?,
        charge: json(&Charge::of(&charge))?,
    };
    let (files, _) = pack.files(key)?;
    Ok(place.write(files.into_iter().collect())?)
}

/// The entries of `log` about what released `release`: each time that it left, and before it left
/// for the first time in an epoch when it was admitted, which is when the ledger says so in
/// `stored`. Those of other requests are nobody's business here.
fn about(log: &AuditLog, (release, stored): (Digest, &Entry)) -> BTreeSet<usize> {
    let entries: Vec<AuditEntry> = log.entries().collect();
    let mut found = BTreeSet::new();
    for (at, entry) in entries.iter().enumerate().filter(|(_, it)| it.release() == Some(release)) {
        // What was stopped while it waited for its instant is given again for the first time,
        // perhaps to another signer, or with parameters that were typed in another way.
        let is_first = found.is_empty();
        found.insert(at);
        if is_first || matches!(entry.event, AuditEvent::Released { .. }) {
            let then = |earlier: &AuditEntry| {
                let second = earlier.at.parse().map(jiff::Timestamp::as_second);
                second.is_ok_and(|second| second == stored.at)
            };
            let likely = entries.iter().take(at).enumerate().filter(|(_, earlier)| {
                let same = earlier.subject.module == Some(stored.module);
                let known = earlier.subject == entry.subject || then(earlier);
                same && known && earlier.event == AuditEvent::Admitted
            });
            let nearest = likely.max_by_key(|(index, earlier)| {
                (then(earlier), earlier.subject == entry.subject, *index)
            });
            found.extend(nearest.map(|(index, _)| index));
        }
    }
    found
}
