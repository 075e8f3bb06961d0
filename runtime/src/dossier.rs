//! A dossier: all that a job was admitted on, kept at the site beside its release.
//!
//! It is what the evidence pack shows to others and what a replay begins with. Nothing of it
//! depends on a row; the module lies beside it under its digest, once for all of its jobs.

use cloister_contract::digest::Digest;
use cloister_contract::statement::PolicyId;
use serde::{Deserialize, Serialize};

/// What a job was admitted on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dossier {
    /// SHA-256 of the module.
    pub module: Digest,
    /// The parameters, as given.
    pub params: Vec<(String, String)>,
    /// The profile's file.
    pub profile: String,
    /// The tier.
    pub tier: String,
    /// The envelopes beside the module, whatever they were worth.
    pub statements: Vec<String>,
    /// The trust root's file, and the envelopes beside it.
    pub trust: Option<TrustFiles>,
    /// The site's envelope over its registration of the data.
    pub registration: Option<String>,
    /// The policies that were asked.
    pub policies: Vec<PolicyFile>,
    /// What they decided, and on which facts.
    pub decision: Option<serde_json::Value>,
}

/// Whom the site trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustFiles {
    /// The `trust.toml`.
    pub root: String,
    /// The envelopes of its root keys.
    pub signatures: Vec<String>,
    /// The certificates beside it.
    pub certificates: Vec<String>,
}

/// A policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyFile {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A dossier as it is kept, beside the module that it is about.
#[derive(Clone, Debug)]
pub struct Papers {
    /// The bytes of its file.
    pub(crate) dossier: Vec<u8>,
    /// The module's digest and bytes.
    pub(crate) module: (Digest, Vec<u8>),
}

impl Papers {
    /// Of the job that `dossier` tells of, with the bytes of its module.
    ///
    /// # Errors
    /// [`serde_json::Error`] if the dossier cannot be written as JSON.
    pub fn of(dossier: &Dossier, module: Vec<u8>) -> Result<Self, serde_json::Error> {
        let bytes = serde_json::to_vec_pretty(dossier)?;
        Ok(Self { dossier: bytes, module: (dossier.module, module) })
    }

    /// The digest by which a receipt names the dossier, and under which it is kept.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of(&self.dossier)
    }
}

impl PolicyFile {
    /// What a receipt says of it.
    pub(crate) fn id(&self) -> PolicyId {
        PolicyId { name: self.name.clone(), sha256: Digest::of(self.text.as_bytes()) }
    }
}

/// Whether the policy called so is the schema of all of them, which decides nothing.
pub(crate) fn is_schema(name: &str) -> bool {
    name.ends_with(".cedarschema")
}
