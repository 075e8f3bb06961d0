//! A release: my site released this document.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// The predicate of `urn:cloister:release:v1`; its subject is the document.
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
