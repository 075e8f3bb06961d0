//! The evidence pack of a release: one folder that a supervisory authority can read without us.
//!
//! All of it is copied from what the site has kept, and each file can be verified by itself: the
//! index page says how. Nothing of the data is in it but what the release shows.

mod page;

use std::collections::BTreeSet;
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
use crate::inspection::{BrokenChecklist, ChecklistItem, checklist};
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
}

/// All that the page tells of.
struct Case<'c> {
    receipt: &'c Receipt,
    module: &'c Module,
    stored: &'c Stored,
    charge: &'c Entry,
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
    let (stored, _, charge) = ledger::stored(ledger, key, (Digest::of(bytes), &receipt)).await?;
    let log = read_audit(&ledger.with_file_name("audit.jsonl"), Some(key))?;
    let (which, entries) = about(&log, Digest::of(bytes));
    let statement = Envelope::from_line(line.trim()).map(|found| Digest::of(found.unverified()));
    let is_named = |entry: &AuditEntry| entry.receipt().is_some_and(|it| Ok(it) == statement);
    let asked = entries.iter().find(|entry| is_named(entry)).ok_or(EvidenceError::NotInTheLog)?;
    let proof = serde_json::to_string_pretty(&AuditProof::new(&log, which, None)?)?;
    let module = Module::of(stored.module.clone())?;
    let signed = &signed(&stored.dossier, &module, asked)?;
    let checklist = &checklist()?;
    let case = Case {
        receipt: &receipt,
        module: &module,
        stored: &stored,
        charge: &charge,
        entries: &entries,
        asked,
        signed,
        checklist,
    };
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

/// The signatures of `dossier` over `module` that counted when it was `asked`, as the log has it.
fn signed(
    dossier: &Dossier,
    module: &Module,
    asked: &AuditEntry,
) -> Result<Vec<Signed>, EvidenceError> {
    let Some(trust) = &dossier.trust else { return Ok(Vec::new()) };
    let counted = counted_then(&dossier.statements, module, (&trust.root, &asked.at));
    let mut signed = counted.map_err(EvidenceError::Trust)?;
    signed.retain(|signed| asked.subject.signed_by.contains(&signed.who()));
    Ok(signed)
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

/// The entries of `log` about what released `release`: each time that it left, and before it left
/// for the first time in an epoch when it was admitted. Those of other requests are nobody's
/// business here.
fn about(log: &AuditLog, release: Digest) -> (Vec<usize>, Vec<AuditEntry>) {
    let entries: Vec<AuditEntry> = log.entries().collect();
    let mut found = BTreeSet::new();
    for (at, entry) in entries.iter().enumerate().filter(|(_, it)| it.release() == Some(release)) {
        // What was stopped while it waited for its instant is given again for the first time.
        let is_first = found.is_empty();
        found.insert(at);
        if is_first || matches!(entry.event, AuditEvent::Released { .. }) {
            let mut before = entries.iter().take(at);
            found.extend(before.rposition(|earlier| {
                earlier.event == AuditEvent::Admitted && earlier.subject == entry.subject
            }));
        }
    }
    found.into_iter().filter_map(|at| Some((at, entries.get(at)?.clone()))).unzip()
}
