//! in-toto statements: who says what about which bytes. The role is inside what is signed.
//!
//! Source: in-toto attestation framework, Statement v1.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::release::StudyId;

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

/// What a statement says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// `urn:cloister:authorship:v1`: I wrote this module.
    Authorship(ModuleClaim),
    /// `urn:cloister:review:v1`: I reviewed this module and approve it.
    Review(ModuleClaim),
    /// `urn:cloister:release:v1`: my site released this document.
    Release(ReleaseClaim),
}

/// The predicate of an authorship or review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModuleClaim {
    /// `author` or `reviewer`, as the type of the statement says too.
    pub role: String,
    /// The study in the module.
    pub study: StudyId,
    /// When it was signed, RFC 3339 in UTC.
    pub signed_at: String,
}

/// The predicate of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseClaim {
    /// `site`.
    pub role: String,
    /// The module that ran.
    pub module: Digest,
    /// The dataset's name.
    pub dataset: String,
    /// The profile's name.
    pub profile: String,
    /// When it was signed, RFC 3339 in UTC.
    pub signed_at: String,
}

/// The payload is not a statement that Cloister reads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a statement of Cloister: {0}")]
pub struct NotAStatement(String);

const AUTHORSHIP: &str = "urn:cloister:authorship:v1";
const REVIEW: &str = "urn:cloister:review:v1";
const RELEASE: &str = "urn:cloister:release:v1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Subject>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: serde_json::Value,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Subject {
    name: String,
    digest: BTreeMap<String, Digest>,
}

impl Statement {
    /// The statement's bytes, to be signed.
    ///
    /// # Errors
    /// [`NotAStatement`] if it cannot be written as JSON.
    pub fn encode(&self) -> Result<Vec<u8>, NotAStatement> {
        let failed = |error: serde_json::Error| NotAStatement(error.to_string());
        let (predicate_type, predicate) = match &self.claim {
            Claim::Authorship(claim) => (AUTHORSHIP, serde_json::to_value(claim)),
            Claim::Review(claim) => (REVIEW, serde_json::to_value(claim)),
            Claim::Release(claim) => (RELEASE, serde_json::to_value(claim)),
        };
        let digest = BTreeMap::from([("sha256".to_owned(), self.subject)]);
        serde_json::to_vec(&Wire {
            kind: STATEMENT_TYPE.to_owned(),
            subject: vec![Subject { name: self.name.clone(), digest }],
            predicate_type: predicate_type.to_owned(),
            predicate: predicate.map_err(failed)?,
        })
        .map_err(failed)
    }

    /// Reads a verified payload.
    ///
    /// # Errors
    /// [`NotAStatement`] for another type, more than one subject, unknown fields, or a role that
    /// is not the one of the statement's type.
    pub fn decode(payload: &[u8]) -> Result<Self, NotAStatement> {
        let failed = |error: serde_json::Error| NotAStatement(error.to_string());
        let refused = |what: &str| NotAStatement(what.to_owned());
        let wire: Wire = serde_json::from_slice(payload).map_err(failed)?;
        if wire.kind != STATEMENT_TYPE {
            return Err(refused("its `_type` is not in-toto's Statement v1"));
        }
        let [subject] = &wire.subject[..] else {
            return Err(refused("it must have one subject"));
        };
        let (Some(digest), 1) = (subject.digest.get("sha256"), subject.digest.len()) else {
            return Err(refused("its subject must be named by `sha256` alone"));
        };
        let module = |role: &str| {
            let claim: ModuleClaim =
                serde_json::from_value(wire.predicate.clone()).map_err(failed)?;
            if claim.role == role { Ok(claim) } else { Err(refused("its role is another's")) }
        };
        let claim = match wire.predicate_type.as_str() {
            AUTHORSHIP => Claim::Authorship(module("author")?),
            REVIEW => Claim::Review(module("reviewer")?),
            RELEASE => Claim::Release(serde_json::from_value(wire.predicate).map_err(failed)?),
            _ => return Err(refused("its `predicateType` is not known")),
        };
        Ok(Self { name: subject.name.clone(), subject: *digest, claim })
    }
}
