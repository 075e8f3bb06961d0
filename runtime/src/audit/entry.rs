//! One entry of the audit log, as it is written and hashed: a line of JSON.

use cloister_contract::digest::Digest;
use serde::{Deserialize, Serialize};

use crate::admit::{Module, Request};
use crate::trust::{Signatures, Trust, Verified};

/// What happened. Nothing of it depends on a row but the digest of what left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum AuditEvent {
    /// The request may run, and has paid.
    Admitted,
    /// The request was answered before: what was released is given again.
    GivenAgain {
        /// SHA-256 of the release.
        release: Digest,
    },
    /// The request may not run.
    Refused {
        /// Why, as whoever asked was told.
        reason: String,
    },
    /// This leaves.
    Released {
        /// SHA-256 of the release.
        release: Digest,
    },
}

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// SHA-256 of the module; none if the file is no guest.
    pub module: Option<Digest>,
    /// The study's name and version.
    pub study: Option<String>,
    /// What the study is for.
    pub purpose: Option<String>,
    /// Who stands behind the module by a signature that counts: `person (role)`.
    pub signed_by: Vec<String>,
    /// The parameters, as given.
    pub params: Vec<(String, String)>,
    /// The dataset's name.
    pub dataset: String,
    /// The profile's name.
    pub profile: String,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its place in the log, from 0.
    pub number: u64,
    /// When it was asked, RFC 3339 in UTC; never when a run ended.
    pub at: String,
    /// What happened.
    #[serde(flatten)]
    pub event: AuditEvent,
    /// What was asked.
    #[serde(flatten)]
    pub subject: Subject,
}

impl AuditEntry {
    /// The entry in a line of the log; `None` if it is none, or written in another way.
    pub(super) fn read(line: &str) -> Option<Self> {
        let entry: Self = serde_json::from_str(line).ok()?;
        (serde_json::to_string(&entry).ok()? == line).then_some(entry)
    }
}

/// The longest reason, in characters.
const REASON_MAX: usize = 1_000;

impl AuditEvent {
    /// A refusal for this reason, on one line.
    pub(crate) fn refused(reason: &str) -> Self {
        let reason = reason.chars().map(|c| if c.is_control() { ' ' } else { c });
        Self::Refused { reason: reason.take(REASON_MAX).collect() }
    }
}

impl Subject {
    /// What `request` asks of a site that trusts `trust`.
    pub(crate) fn of(request: &Request, trust: Option<&Trust>) -> Self {
        let module = Module::open(&request.module).ok();
        let study = module.as_ref().map(|module| &module.study);
        let signatures = Signatures::beside(&request.module).ok();
        let verified = module.as_ref().zip(signatures).map(|(m, all)| all.verify(m, trust));
        let findings = verified.iter().flat_map(Verified::findings);
        let signed = findings.filter_map(|finding| finding.said.as_ref().ok());
        Self {
            signed_by: signed.map(|by| format!("{} ({})", by.person, by.role.name())).collect(),
            study: study.map(|study| format!("{} {}", study.name, study.version)),
            purpose: study.map(|study| study.purpose.clone()),
            module: module.as_ref().map(|module| module.digest),
            params: request.params.clone(),
            dataset: request.dataset.id().name,
            profile: request.profile.name().to_owned(),
        }
    }
}
