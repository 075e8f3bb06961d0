//! A certificate: this person or organisation is certified for a role under a code of conduct.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// The predicate of `urn:cloister:certificate:v1`. Its subject is a person's public key, by its
/// [key id](crate::envelope::key_id), or an organisation, by [`organisation_id`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// `certifier`.
    pub role: String,
    /// For which role the subject is certified: `author`, `reviewer` or `site`.
    pub certified_role: String,
    /// Under which code of conduct, as the trust root names it.
    pub code_of_conduct: String,
    /// Which organisation certifies.
    pub issuer: String,
    /// The last day on which it counts, as `2027-01-31`.
    pub valid_until: String,
    /// When it was signed, RFC 3339 in UTC.
    pub signed_at: String,
}

/// The SHA-256 by which a certificate names an organisation: of `organisation:` and its name, so
/// that no organisation has the id of a key.
#[must_use]
pub fn organisation_id(name: &str) -> Digest {
    Digest::of(format!("organisation:{name}").as_bytes())
}
