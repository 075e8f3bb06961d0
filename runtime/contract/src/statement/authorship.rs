//! An authorship: I wrote this module, from these sources, with these tools.

use serde::{Deserialize, Serialize};

use super::Study;
use crate::digest::Digest;

/// The predicate of `urn:cloister:authorship:v1`; its subject is the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authorship {
    /// `author`.
    pub role: String,
    /// The study in the module.
    pub study: Study,
    /// The commit of the sources, as their repository names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_commit: Option<String>,
    /// With what the module was built, as it says itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<BuildClaim>,
    /// When it was signed, RFC 3339 in UTC.
    pub signed_at: String,
}

/// The recipe and tools of a build, as the module's section `cloister.build` has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuildClaim {
    /// The version of the recipe.
    pub recipe: u32,
    /// The compiler, as it names itself.
    pub rustc: String,
    /// The linker, as it names itself.
    pub linker: String,
    /// Which standard library.
    pub std: String,
    /// SHA-256 over the standard library's files.
    pub std_sha256: Digest,
}
