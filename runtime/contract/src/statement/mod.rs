//! in-toto statements: who says what about which bytes. The role is inside what is signed.
//!
//! One file a kind. Each is read in one meaning or refused: unknown fields, keys given twice, lists
//! in place of objects.
//!
//! Source: in-toto attestation framework, Statement v1.

mod approval;
mod authorship;
mod certificate;
mod receipt;
mod registration;
mod review;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::digest::Digest;
pub use crate::release::StudyId as Study;

pub use approval::{Approval, ApprovedParam};
pub use authorship::{Authorship, BuildClaim};
pub use certificate::{Certificate, organisation_id};
pub use receipt::{PolicyId, Receipt, SnapshotId};
pub use registration::Registration;
pub use review::{Answer, REBUILT, Review, ReviewAnswer, Verdict};

/// The type of every statement.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// What somebody says about a module or a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The name of the file that it is about: for people only.
    pub name: String,
    /// The SHA-256 of what it is about.
    pub subject: Digest,
    /// What is said.
    pub claim: Claim,
}

/// What a statement says; `docs/schemas/` has a JSON schema of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// `urn:cloister:authorship:v1`: I wrote this module.
    Authorship(Authorship),
    /// `urn:cloister:review:v1`: I reviewed this module, and approve or reject it.
    Review(Review),
    /// `urn:cloister:certificate:v1`: I certify this person or organisation.
    Certificate(Certificate),
    /// `urn:cloister:approval:v1`: my site answers this module over this dataset.
    Approval(Approval),
    /// `urn:cloister:receipt:v1`: my site released this document.
    Receipt(Box<Receipt>),
    /// `urn:cloister:registration:v1`: my site's data are these from now on.
    Registration(Registration),
}

/// The payload is not a statement that Cloister reads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a statement of Cloister: {0}")]
pub struct NotAStatement(String);

const AUTHORSHIP: &str = "urn:cloister:authorship:v1";
const REVIEW: &str = "urn:cloister:review:v1";
const CERTIFICATE: &str = "urn:cloister:certificate:v1";
const APPROVAL: &str = "urn:cloister:approval:v1";
const RECEIPT: &str = "urn:cloister:receipt:v1";
const REGISTRATION: &str = "urn:cloister:registration:v1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<P> {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Subject>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: P,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Subject {
    name: String,
    digest: Sha256Alone,
}

/// The names of a subject. A field each and not a map: a map would take one key twice.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sha256Alone {
    sha256: Digest,
}

impl Statement {
    /// The statement's bytes, to be signed.
    ///
    /// # Errors
    /// [`NotAStatement`] if it cannot be written as JSON.
    pub fn encode(&self) -> Result<Vec<u8>, NotAStatement> {
        let (name, sha256) = (&self.name, self.subject);
        match &self.claim {
            Claim::Authorship(claim) => wire(name, sha256, AUTHORSHIP, claim),
            Claim::Review(claim) => wire(name, sha256, REVIEW, claim),
            Claim::Certificate(claim) => wire(name, sha256, CERTIFICATE, claim),
            Claim::Approval(claim) => wire(name, sha256, APPROVAL, claim),
            Claim::Receipt(claim) => wire(name, sha256, RECEIPT, claim),
            Claim::Registration(claim) => wire(name, sha256, REGISTRATION, claim),
        }
    }

    /// Reads a verified payload.
    ///
    /// # Errors
    /// [`NotAStatement`] for another type, more than one subject, unknown or repeated fields,
    /// lists where objects belong, or a role that is not the one of the statement's type.
    pub fn decode(payload: &[u8]) -> Result<Self, NotAStatement> {
        let refused = |what: &str| NotAStatement(what.to_owned());
        let wire: Wire<IgnoredAny> = read(payload)?;
        if wire.kind != STATEMENT_TYPE {
            return Err(refused("its `_type` is not in-toto's Statement v1"));
        }
        let [subject] = &wire.subject[..] else {
            return Err(refused("it must have one subject"));
        };
        let (role, claim) = match wire.predicate_type.as_str() {
            AUTHORSHIP => ("author", Claim::Authorship(predicate(payload)?)),
            REVIEW => ("reviewer", Claim::Review(predicate(payload)?)),
            CERTIFICATE => ("certifier", Claim::Certificate(predicate(payload)?)),
            APPROVAL => ("site", Claim::Approval(predicate(payload)?)),
            RECEIPT => ("site", Claim::Receipt(predicate(payload)?)),
            REGISTRATION => ("site", Claim::Registration(predicate(payload)?)),
            _ => return Err(refused("its `predicateType` is not known")),
        };
        if claim.role() != role {
            return Err(refused("its role is another's"));
        }
        match &claim {
            Claim::Review(review) => review.check()?,
            Claim::Approval(approval) => approval.check()?,
            Claim::Authorship(_)
            | Claim::Certificate(_)
            | Claim::Receipt(_)
            | Claim::Registration(_) => {}
        }
        let statement = Self { name: subject.name.clone(), subject: subject.digest.sha256, claim };
        // Serde also reads the fields of a struct from a list: there is one spelling too many.
        let values = (read::<Value>(payload)?, read::<Value>(&statement.encode()?)?);
        if values.0 == values.1 {
            Ok(statement)
        } else {
            Err(refused("an object is a list, or a field is null"))
        }
    }
}

impl Claim {
    /// The role in which it is signed.
    #[must_use]
    pub fn role(&self) -> &str {
        match self {
            Self::Authorship(claim) => &claim.role,
            Self::Review(claim) => &claim.role,
            Self::Certificate(claim) => &claim.role,
            Self::Approval(claim) => &claim.role,
            Self::Receipt(claim) => &claim.role,
            Self::Registration(claim) => &claim.role,
        }
    }

    /// When it was signed, as the signer says: RFC 3339 in UTC.
    #[must_use]
    pub fn signed_at(&self) -> &str {
        match self {
            Self::Authorship(claim) => &claim.signed_at,
            Self::Review(claim) => &claim.signed_at,
            Self::Certificate(claim) => &claim.signed_at,
            Self::Approval(claim) => &claim.signed_at,
            Self::Receipt(claim) => &claim.signed_at,
            Self::Registration(claim) => &claim.signed_at,
        }
    }
}

/// Refuses a name that comes twice.
fn distinct<'n>(what: &str, names: impl Iterator<Item = &'n str>) -> Result<(), NotAStatement> {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(NotAStatement(format!("it names {what} twice")));
        }
    }
    Ok(())
}

fn wire<P: Serialize>(
    name: &str,
    sha256: Digest,
    predicate_type: &str,
    predicate: P,
) -> Result<Vec<u8>, NotAStatement> {
    let subject = Subject { name: name.to_owned(), digest: Sha256Alone { sha256 } };
    serde_json::to_vec(&Wire {
        kind: STATEMENT_TYPE.to_owned(),
        subject: vec![subject],
        predicate_type: predicate_type.to_owned(),
        predicate,
    })
    .map_err(|error| NotAStatement(error.to_string()))
}

fn predicate<P: DeserializeOwned>(payload: &[u8]) -> Result<P, NotAStatement> {
    read::<Wire<P>>(payload).map(|wire| wire.predicate)
}

fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, NotAStatement> {
    serde_json::from_slice(json).map_err(|error| NotAStatement(error.to_string()))
}
