//! The evidence pack of a release: one folder that a supervisory authority can read without us.
//!
//! All of it is copied from what the site has kept, and each file can be verified by itself: the
//! index page says how. Nothing of the data is in it but what the release shows.

mod page;

use std::path::Path;

use cloister_contract::digest::Digest;
use cloister_contract::envelope::Envelope;
use cloister_contract::public_key::PublicKey;
use cloister_contract::statement::Receipt;
use ed25519_dalek::VerifyingKey;

use crate::admit::{Module, Refusal};
use crate::audit::{
    AuditEntry, AuditError, AuditEvent, AuditLog, AuditProof, NotProved, read_audit,
};
use crate::dossier::Dossier;
use crate::ledger::{self, Entry, LedgerError, Stored};
use crate::publish::{Place, PublishError};
use crate::receipt::{NotSealed, check_seal};
use crate::trust::{Signed, counted_then};
use crate::views::{self, ViewError};

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
    /// A view of the release cannot be made.
    #[error(transparent)]
    View(#[from] ViewError),
    /// What was kept cannot be written as JSON.
    #[error("what was kept cannot be written: {0}")]
    Json(#[from] serde_json::Error),
    /// The folder cannot be written.
    #[error(transparent)]
    Write(#[from] PublishError),
}

/// All that the page tells of.
struct Case<'c> {
    receipt: &'c Receipt,
    module: &'c Module,
    stored: &'c Stored,
    charge: &'c Entry,
    /// The entries of the audit log about it, in order.
    entries: &'c [AuditEntry],
    /// What counted of the signatures beside the module.
    signed: &'c [Signed],
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
    let (stored, _, charge) = ledger::stored(ledger, key, (Digest::of(bytes), &receipt)).await?;
    let log = read_audit(&ledger.with_file_name("audit.jsonl"), Some(key))?;
    let (which, entries) = about(&log, Digest::of(bytes));
    let statement = Envelope::from_line(line.trim()).map(|found| Digest::of(found.unverified()));
    let is_named = |entry: &AuditEntry| entry.receipt().is_some_and(|it| Ok(it) == statement);
    let asked = entries.iter().find(|entry| is_named(entry)).ok_or(EvidenceError::NotInTheLog)?;
    let asked = asked.at.clone();
    let proof = serde_json::to_string_pretty(&AuditProof::new(&log, which, None)?)?;
    let module = Module::of(stored.module.clone())?;
    let (receipt, module, entries) = (&receipt, &module, &*entries);
    let (lines, trust) = (&stored.dossier.statements, &stored.dossier.trust);
    let root = trust.as_ref().map(|trust| &*trust.root).unwrap_or_default();
    let signed = &counted_then(lines, module, root, &asked);
    let case = Case { receipt, module, stored: &stored, charge: &charge, entries, signed };
    let page = page::page(&case);
    let mut files = vec![
        ("index.html".to_owned(), page.html().into_bytes()),
        ("release.json".to_owned(), bytes.to_vec()),
        ("release.json.intoto.jsonl".to_owned(), format!("{}\n", line.trim()).into_bytes()),
        ("cells.csv".to_owned(), views::csv(stored.kept.document())?),
        ("study.toml".to_owned(), module.checked.study().as_bytes().to_vec()),
        ("audit-proof.json".to_owned(), (proof + "\n").into_bytes()),
        ("dossier.json".to_owned(), stored.dossier_bytes.clone()),
        ("site.pub".to_owned(), format!("{}\n", PublicKey::from(*key)).into_bytes()),
    ];
    files.extend(of_dossier(&stored.dossier)?);
    files.push(("module.wasm".to_owned(), stored.module));
    Ok(place.write(files)?)
}

/// The files of a dossier, by name.
fn of_dossier(dossier: &Dossier) -> Result<Vec<(String, Vec<u8>)>, serde_json::Error> {
    let lines = |lines: &[String]| {
        lines.iter().flat_map(|line| format!("{}\n", line.trim()).into_bytes()).collect::<Vec<u8>>()
    };
    let mut files = vec![
        ("module.wasm.intoto.jsonl".to_owned(), lines(&dossier.statements)),
        ("profile.toml".to_owned(), dossier.profile.clone().into_bytes()),
    ];
    if let Some(trust) = &dossier.trust {
        files.push(("trust.toml".to_owned(), trust.root.clone().into_bytes()));
        files.push(("trust.toml.intoto.jsonl".to_owned(), lines(&trust.signatures)));
        files.push(("certificates.intoto.jsonl".to_owned(), lines(&trust.certificates)));
    }
    if let Some(registration) = &dossier.registration {
        let line = lines(std::slice::from_ref(registration));
        files.push(("registration.intoto.jsonl".to_owned(), line));
    }
    for policy in &dossier.policies {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "-.".contains(c) { c } else { '_' };
        let name: String = policy.name.chars().map(plain).collect();
        // The schema is one of them, and has an ending of its own.
        let end = if policy.name.ends_with(".cedarschema") { "" } else { ".cedar" };
        files.push((format!("policy-{name}{end}"), policy.text.clone().into_bytes()));
    }
    if let Some(decision) = &dossier.decision {
        let decision = serde_json::to_string_pretty(decision)?;
        files.push(("decision.json".to_owned(), (decision + "\n").into_bytes()));
    }
    Ok(files)
}

/// The entries of `log` about the job that released `release`: when it was admitted, and each time
/// it left. Those of other requests are nobody's business here.
fn about(log: &AuditLog, release: Digest) -> (Vec<usize>, Vec<AuditEntry>) {
    let entries: Vec<AuditEntry> = log.entries().collect();
    let leaves = |entry: &AuditEntry| entry.release() == Some(release);
    let left = entries.iter().position(leaves);
    let subject = left.and_then(|at| entries.get(at)).map(|entry| &entry.subject);
    let admitted = entries
        .iter()
        .take(left.unwrap_or(0))
        .rposition(|entry| entry.event == AuditEvent::Admitted && Some(&entry.subject) == subject);
    let is_about = |(at, entry): &(usize, &AuditEntry)| Some(*at) == admitted || leaves(entry);
    let found = entries.iter().enumerate().filter(is_about);
    found.map(|(at, entry)| (at, entry.clone())).unzip()
}
