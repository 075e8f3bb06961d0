//! An approval: a site opts in to one study over one dataset of its own.

use serde::{Deserialize, Serialize};

use super::{NotAStatement, Study, distinct};

/// The predicate of `urn:cloister:approval:v1`; its subject is the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// `site`.
    pub role: String,
    /// The study in the module.
    pub study: Study,
    /// The dataset, by the name in its description.
    pub dataset: String,
    /// The account of the site's ledger that pays for it; without one the account is named after
    /// the study.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The only parameters with which it may run; without them, any that the study allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub params: Option<Vec<ApprovedParam>>,
    /// The step of the study that makes its parameters, in place of `params`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// For which purpose: the study's own.
    pub purpose: String,
    /// The number of the data permit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permit: Option<String>,
    /// The persons who may ask and see the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub persons: Vec<String>,
    /// The last day on which it counts, as `2027-01-31`.
    pub valid_until: String,
    /// When it was signed, RFC 3339 in UTC.
    pub signed_at: String,
}

/// A parameter and its only value, as typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovedParam {
    /// The parameter.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl Approval {
    pub(super) fn check(&self) -> Result<(), NotAStatement> {
        if self.params.is_some() && self.step.is_some() {
            let what = "it names parameters and the step that makes them";
            return Err(NotAStatement(what.to_owned()));
        }
        let names = self.params.iter().flatten().map(|param| param.name.as_str());
        distinct("a parameter", names)?;
        distinct("a person", self.persons.iter().map(String::as_str))
    }
}
