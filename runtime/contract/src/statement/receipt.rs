//! A receipt: my site released this document, for this question, over this state of its data.
//!
//! It is a function of the request, of published numbers and of the release itself: nothing else of
//! the data is in it. The commitment to the data was made when they were registered and hides them
//! behind a random number that stays at the site.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::release::{DatasetId, EngineId, ProfileId, ReleaseDocument, StudyId};

/// The predicate of `urn:cloister:receipt:v1`; its subject is the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// `site`.
    pub role: String,
    /// SHA-256 of the site's statement before this one; none in its first receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Digest>,
    /// The study.
    pub study: StudyId,
    /// The module that ran.
    pub module: Digest,
    /// The parameters by name.
    pub params: BTreeMap<String, serde_json::Value>,
    /// The digest of each code set as resolved at the site.
    pub codes: BTreeMap<String, Digest>,
    /// The dataset, by what is published about it.
    pub dataset: DatasetId,
    /// The state of the data; none if the site has not registered them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<SnapshotId>,
    /// The profile.
    pub profile: ProfileId,
    /// `reviewed` or `open`.
    pub tier: String,
    /// The policies that were asked.
    pub policies: Vec<PolicyId>,
    /// SHA-256 of what the job was admitted on, which the site keeps: statements, trust root,
    /// registration, policies and their decision.
    pub dossier: Digest,
    /// What ran the guest.
    pub engine: EngineId,
    /// When it was asked for, RFC 3339 in UTC; never when a run ended.
    pub signed_at: String,
}

/// The state of a dataset's files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotId {
    /// Random, made when it was registered: the id of its epoch.
    pub id: String,
    /// SHA-256 of the note that was made then, which has the digests of all files and a random
    /// number of 256 bits.
    pub commitment: Digest,
}

/// A policy by name and the digest of its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyId {
    /// Its name.
    pub name: String,
    /// SHA-256 of its text.
    pub sha256: Digest,
}

impl Receipt {
    /// What in `document` is other than the receipt says; `None` if it is about such a document.
    #[must_use]
    pub fn differs(&self, document: &ReleaseDocument) -> Option<&'static str> {
        let same = [
            (self.study == document.study, "study"),
            (self.module == document.module, "module"),
            (self.params == document.params, "parameters"),
            (self.codes == document.codes, "code sets"),
            (self.dataset == document.dataset, "dataset"),
            (self.profile == document.profile, "profile"),
            (self.engine == document.engine, "engine"),
            ((self.tier == "open") == document.noise.is_some(), "tier"),
        ];
        same.into_iter().find(|(same, _)| !same).map(|(_, what)| what)
    }
}
