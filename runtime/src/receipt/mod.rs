//! Receipts: the site's signed word about a release, the only thing that leaves besides it.
//!
//! A receipt says which module ran over which state of the data, under which rules, and which
//! receipt was before it (`chain.rs`). A signature proves that the site said it. Only running the
//! job again (`cloister replay`) proves that it is so.

mod chain;

use cloister_contract::digest::Digest;
use cloister_contract::envelope::{ENVELOPE_BYTES_MAX, Envelope, PayloadType};
use cloister_contract::release::ReleaseDocument;
use cloister_contract::statement::{Claim, PolicyId, Receipt, SnapshotId, Statement};
use ed25519_dalek::VerifyingKey;

use crate::keys::Signer;
use crate::ledger::Kept;
use crate::protect::Tier;

pub use chain::{Chain, ChainError, read_chain};
pub(crate) use chain::{Last, add, beside};

/// The only thing that leaves a site.
#[derive(Clone, Debug)]
pub struct Sealed {
    kept: Kept,
    envelope: String,
    receipt: Digest,
}

/// What a receipt says beside what is in the release: of the state of the data, and of who decided.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The state of the data, if the site has registered them.
    pub snapshot: Option<SnapshotId>,
    /// The policies that were asked.
    pub policies: Vec<PolicyId>,
    /// SHA-256 of what the request was admitted on.
    pub dossier: Digest,
}

/// A release cannot be sealed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the release cannot be sealed: {0}")]
pub struct SealError(String);

/// A release is not sealed by the key that it is checked against.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this release is not sealed by this site: {0}")]
pub struct NotSealed(String);

/// Signs the release that is `kept` with the site's `key`, after the statement `before`;
/// `signed_at` is RFC 3339 in UTC.
///
/// # Errors
/// [`SealError`] if the document or its statement cannot be written, or an ssh-agent that holds the
/// key does not sign.
pub fn seal(
    kept: Kept,
    terms: Terms,
    before: Option<Digest>,
    (key, signed_at): (&Signer, &str),
) -> Result<Sealed, SealError> {
    let document = kept.document();
    let tier = if document.noise.is_some() { Tier::Open } else { Tier::Reviewed };
    let claim = Claim::Receipt(Box::new(Receipt {
        role: "site".to_owned(),
        before,
        study: document.study.clone(),
        module: document.module,
        params: document.params.clone(),
        codes: document.codes.clone(),
        dataset: document.dataset.clone(),
        snapshot: terms.snapshot,
        profile: document.profile.clone(),
        tier: tier.name().to_owned(),
        policies: terms.policies,
        dossier: terms.dossier,
        engine: document.engine.clone(),
        signed_at: signed_at.to_owned(),
    }));
    let statement =
        Statement { name: "release.json".to_owned(), subject: Digest::of(kept.bytes()), claim };
    let payload = statement.encode().map_err(|error| SealError(error.to_string()))?;
    let receipt = Digest::of(&payload);
    let envelope = key
        .envelope(PayloadType::Statement, payload)
        .map_err(|error| SealError(error.to_string()))?;
    let envelope = envelope.to_line().map_err(|error| SealError(error.to_string()))?;
    if envelope.len() > ENVELOPE_BYTES_MAX {
        return Err(SealError("its parameters are too long for a receipt".to_owned()));
    }
    Ok(Sealed { kept, envelope, receipt })
}

/// The receipt of the release in `bytes`, if `line` is its envelope.
///
/// # Errors
/// [`NotSealed`] if the bytes are no release, or `key` did not sign a receipt of just these bytes.
pub fn check_seal(bytes: &[u8], line: &str, key: &VerifyingKey) -> Result<Receipt, NotSealed> {
    let failed = |what: String| NotSealed(what);
    let document = ReleaseDocument::decode(bytes).map_err(|error| failed(error.to_string()))?;
    let envelope = Envelope::from_line(line.trim()).map_err(|error| failed(error.to_string()))?;
    let payload = envelope.verify(key).map_err(|error| failed(error.to_string()))?;
    let statement = Statement::decode(payload).map_err(|error| failed(error.to_string()))?;
    let Claim::Receipt(receipt) = statement.claim else {
        return Err(failed("the site signed something else".to_owned()));
    };
    if statement.subject != Digest::of(bytes) {
        return Err(failed("its receipt is of another release".to_owned()));
    }
    match receipt.differs(&document) {
        Some(what) => Err(failed(format!("its receipt says another {what}"))),
        None => Ok(*receipt),
    }
}

impl Sealed {
    /// The released document.
    #[must_use]
    pub const fn document(&self) -> &ReleaseDocument {
        self.kept.document()
    }

    /// The document's canonical bytes: `release.json`.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.kept.bytes()
    }

    /// The site's envelope over them: the line of `release.json.intoto.jsonl`.
    #[must_use]
    pub fn envelope(&self) -> &str {
        &self.envelope
    }

    /// SHA-256 of the receipt's statement, by which the next one and the audit log name it.
    #[must_use]
    pub const fn receipt(&self) -> Digest {
        self.receipt
    }
}
