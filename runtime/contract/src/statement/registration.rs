//! A registration: my site's data are these from now on, and of such a kind.

use serde::{Deserialize, Serialize};

/// The predicate of `urn:cloister:registration:v1`; its subject is the note with the digests of all
/// files, which stays at the site. The digest of that note tells nothing: a random number is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// `site`.
    pub role: String,
    /// The dataset's name.
    pub dataset: String,
    /// The epoch that it begins: random, in hexadecimal.
    pub epoch: String,
    /// The persons, by the name that all datasets over them share.
    pub population: String,
    /// The rounded number of persons that the site publishes.
    pub published_persons: u64,
    /// No row is later.
    pub snapshot_date: String,
    /// Whether its persons are invented.
    pub synthetic: bool,
    /// Whether anybody may have it.
    pub public: bool,
    /// When, RFC 3339 in UTC.
    pub signed_at: String,
}
