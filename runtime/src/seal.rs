//! From a kept release to a sealed one: the site's signature over the digest of the document.
//!
//! A signature proves that the site said it. Only running the job again proves that it is so.

use std::sync::Arc;

use cloister_contract::digest::Digest;
use cloister_contract::envelope::{Envelope, PayloadType};
use cloister_contract::release::ReleaseDocument;
use cloister_contract::statement::{Claim, ReleaseClaim, Statement};
use ed25519_dalek::VerifyingKey;

use crate::keys::Signer;
use crate::ledger::Kept;

/// The only thing that leaves a site.
#[derive(Clone, Debug)]
pub struct Sealed {
    kept: Kept,
    envelope: String,
}

/// A release cannot be sealed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the release cannot be sealed: {0}")]
pub struct SealError(String);

/// A release is not sealed by the key that it is checked against.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this release is not sealed by this site: {0}")]
pub struct NotSealed(String);

/// Signs the release that is `kept` with the site's `key`; `signed_at` is RFC 3339 in UTC.
///
/// # Errors
/// [`SealError`] if the document or its statement cannot be written, or an ssh-agent that holds the
/// key does not sign.
pub fn seal(kept: Kept, key: &Signer, signed_at: &str) -> Result<Sealed, SealError> {
    let document = kept.document();
    let statement = Statement {
        name: "release.json".to_owned(),
        subject: Digest::of(kept.bytes()),
        claim: Claim::Release(ReleaseClaim {
            role: "site".to_owned(),
            module: document.module,
            dataset: document.dataset.name.clone(),
            profile: document.profile.name.clone(),
            signed_at: signed_at.to_owned(),
        }),
    };
    let payload = statement.encode().map_err(|error| SealError(error.to_string()))?;
    let envelope = key
        .envelope(PayloadType::Statement, payload)
        .map_err(|error| SealError(error.to_string()))?;
    let envelope = envelope.to_line().map_err(|error| SealError(error.to_string()))?;
    Ok(Sealed { kept, envelope })
}

/// As [`seal`], beside what else is to be done: an agent may ask its owner, and whoever waits for
/// that can still interrupt the run.
pub(crate) async fn seal_aside(
    kept: Kept,
    key: &Arc<Signer>,
    signed_at: &str,
) -> Result<Sealed, SealError> {
    let (key, signed_at) = (Arc::clone(key), signed_at.to_owned());
    let sealed = tokio::task::spawn_blocking(move || seal(kept, &key, &signed_at)).await;
    sealed.unwrap_or_else(|error| Err(SealError(error.to_string())))
}

/// What the site said when it sealed the release in `bytes`, if `line` is its envelope.
///
/// # Errors
/// [`NotSealed`] if the bytes are no release, or `key` did not sign just these bytes.
pub fn check_seal(bytes: &[u8], line: &str, key: &VerifyingKey) -> Result<ReleaseClaim, NotSealed> {
    let failed = |what: String| NotSealed(what);
    let document = ReleaseDocument::decode(bytes).map_err(|error| failed(error.to_string()))?;
    let envelope = Envelope::from_line(line.trim()).map_err(|error| failed(error.to_string()))?;
    let payload = envelope.verify(key).map_err(|error| failed(error.to_string()))?;
    let statement = Statement::decode(payload).map_err(|error| failed(error.to_string()))?;
    match statement.claim {
        Claim::Release(claim)
            if statement.subject == Digest::of(bytes) && claim.module == document.module =>
        {
            Ok(claim)
        }
        _ => Err(failed("the site signed something else".to_owned())),
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
}
