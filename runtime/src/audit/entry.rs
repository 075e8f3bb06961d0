//! One entry of the audit log, as it is written and hashed: a line of JSON.

use cloister_contract::digest::Digest;
use serde::{Deserialize, Serialize};

use crate::admit::Opened;
use crate::trust::Signed;

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
        /// SHA-256 of its receipt's statement.
        receipt: Digest,
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
        /// SHA-256 of its receipt's statement.
        receipt: Digest,
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
    /// Who stands behind the module by a signature that counts: `person of organisation (role)`.
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

impl AuditEntry {
    /// SHA-256 of what left, if anything did.
    #[must_use]
    pub const fn release(&self) -> Option<Digest> {
        match self.event {
            AuditEvent::Released { release, .. } | AuditEvent::GivenAgain { release, .. } => {
                Some(release)
            }
            AuditEvent::Admitted | AuditEvent::Refused { .. } => None,
        }
    }

    /// The receipt that it names, if anything left.
    #[must_use]
    pub const fn receipt(&self) -> Option<Digest> {
        match self.event {
            AuditEvent::Released { receipt, .. } | AuditEvent::GivenAgain { receipt, .. } => {
                Some(receipt)
            }
            AuditEvent::Admitted | AuditEvent::Refused { .. } => None,
        }
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
    /// What is asked, as admission has read it.
    pub(crate) fn of(opened: &Opened) -> Self {
        let module = opened.module();
        let study = module.map(|module| &module.study);
        let findings = opened.findings().iter();
        let signed = findings.filter_map(|finding| finding.said.as_ref().ok());
        Self {
            signed_by: signed.map(Signed::who).collect(),
            study: study.map(|study| format!("{} {}", study.name, study.version)),
            purpose: study.map(|study| study.purpose.clone()),
            module: module.map(|module| module.digest),
            params: opened.params().to_vec(),
            dataset: opened.dataset().id().name,
            profile: opened.profile().name().to_owned(),
        }
    }
}
