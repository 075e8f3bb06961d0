//! A review: I read this module with the checklist, and approve or reject it.

use serde::{Deserialize, Serialize};

use super::{NotAStatement, Study, distinct};

/// The item of the checklist that only a quoted rebuild answers.
pub const REBUILT: &str = "rebuilt";

/// The predicate of `urn:cloister:review:v1`; its subject is the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// `reviewer`.
    pub role: String,
    /// For which organisation; where it is given, it must be the one that the trust root knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// The study in the module.
    pub study: Study,
    /// Whether it may run.
    pub verdict: Verdict,
    /// Answers to the checklist of `docs/review.md`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<ReviewAnswer>,
    /// The last day on which the review counts, as `2027-01-31`; without one it does not end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// The line of `cloister study rebuild`, if the reviewer rebuilt the module.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rebuilt: Option<String>,
    /// When it was signed, RFC 3339 in UTC.
    pub signed_at: String,
}

/// What a reviewer concludes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It may run.
    Approve,
    /// It must not run: where the reviewer is trusted, it does not.
    Reject,
}

/// An answer to one item of the checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewAnswer {
    /// The item's id.
    pub item: String,
    /// The answer; `yes` is the good one.
    pub answer: Answer,
    /// What there is to say about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An answer in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It is so.
    Yes,
    /// It is not.
    No,
    /// The question does not arise.
    NotApplicable,
}

impl Review {
    /// What of an approval its own answers contradict: an item is answered `no`, or `rebuilt` is
    /// answered `yes` and no rebuild is quoted. `None` for a rejection.
    #[must_use]
    pub fn contradiction(&self) -> Option<String> {
        if self.verdict == Verdict::Reject {
            return None;
        }
        let of = |answer| self.answers.iter().filter(move |one| one.answer == answer);
        if let Some(no) = of(Answer::No).next() {
            return Some(format!("answers no to `{}`", no.item));
        }
        let unquoted = self.rebuilt.is_none() && of(Answer::Yes).any(|one| one.item == REBUILT);
        unquoted.then(|| format!("answers yes to `{REBUILT}` and quotes no rebuild"))
    }

    pub(super) fn check(&self) -> Result<(), NotAStatement> {
        distinct("an item", self.answers.iter().map(|answer| answer.item.as_str()))
    }
}
