//! Facts -> Decision: what Cedar says, and what of each policy that said no was missing.

use cedar_policy::ffi::DetailedError;
use cedar_policy::{AuthorizationError, Authorizer, Effect, Policy};
use cloister_contract::digest::Digest;
use serde::{Deserialize, Serialize};

use super::clause::{Clause, clauses};
use super::facts::{Facts, Question};
use super::nesting::with_room;
use super::{ALWAYS, Denied, Policies};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// To run a module over the dataset.
    Run,
    /// To look at a module's page beside the dataset's description.
    Inspect,
    /// To let what the profile protects leave the site.
    Release,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 3] = [Self::Run, Self::Inspect, Self::Release];

    /// Its name in policies.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Inspect => "inspect",
            Self::Release => "release",
        }
    }
}

/// What policies say, and the facts that they saw. Plain data, to be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// What was asked for.
    pub action: Action,
    /// Whether it is allowed.
    pub allowed: bool,
    /// The policies that permit it, by name; none if it is not allowed.
    pub allowed_by: Vec<String>,
    /// The policies that forbid it, and why.
    pub forbidden_by: Vec<Forbidden>,
    /// The policies that could not be evaluated, which counts as a refusal.
    pub not_evaluated: Vec<NotEvaluated>,
    /// The policies that might have permitted it, the nearest first; none if it is allowed.
    pub not_permitted_by: Vec<NotPermitted>,
    /// The digest of all policies that were asked.
    pub policies: Digest,
    /// What they saw.
    pub facts: Facts,
}

/// A policy that forbids what is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forbidden {
    /// Its name.
    pub policy: String,
    /// The facts for which it does.
    pub because: Vec<String>,
    /// What to do next, as its `@next` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A policy that might have permitted what is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotPermitted {
    /// Its name.
    pub policy: String,
    /// The facts that it wants, and what is there instead.
    pub missing: Vec<String>,
    /// What to do next, as its `@next` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A policy that could not be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotEvaluated {
    /// Its name; none if the facts are not such as any policy knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Why.
    pub what: String,
}

/// The facts are not such as the schema has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct CannotDecide(String);

impl CannotDecide {
    pub(super) fn facts(error: &DetailedError) -> Self {
        let help = error.help.iter().map(|help| format!("; {help}"));
        let what = error.message.clone() + &help.collect::<String>();
        Self(what.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

impl Decision {
    /// That it is allowed.
    ///
    /// # Errors
    /// [`Denied`] if it is not.
    pub fn allow(self) -> Result<Self, Denied> {
        if self.allowed { Ok(self) } else { Err(Denied(Box::new(self))) }
    }
}

impl Policies {
    /// Whether `action` is allowed, given `facts`.
    #[must_use]
    pub fn decide(&self, action: Action, facts: &Facts) -> Decision {
        let mut decision = Decision {
            action,
            allowed: false,
            allowed_by: Vec::new(),
            forbidden_by: Vec::new(),
            not_evaluated: Vec::new(),
            not_permitted_by: Vec::new(),
            policies: self.digest(),
            facts: facts.clone(),
        };
        match Question::new(self, action, facts) {
            Ok(question) => with_room(|| self.answer(&question, &mut decision)),
            Err(error) => {
                let what = error.to_string();
                decision.not_evaluated.push(NotEvaluated { policy: None, what });
            }
        }
        decision
    }

    fn answer(&self, question: &Question, decision: &mut Decision) {
        let Question { request, entities } = question;
        let response = Authorizer::new().is_authorized(request, &self.set, entities);
        // Cedar passes over what it cannot evaluate: a `forbid`, too.
        let errors = response.diagnostics().errors();
        let errors = errors.map(|AuthorizationError::PolicyEvaluationError(error)| NotEvaluated {
            policy: Some(error.policy_id().to_string()),
            what: error.inner().to_string(),
        });
        decision.not_evaluated = errors.collect();
        if decision.not_evaluated.is_empty() {
            self.without_errors(question, &response, decision);
        }
    }

    fn without_errors(
        &self,
        question: &Question,
        response: &cedar_policy::Response,
        decision: &mut Decision,
    ) {
        let mut reasons: Vec<_> = response.diagnostics().reason().collect();
        // What nothing lifts comes first.
        reasons.sort_by_key(|id| (!id.to_string().starts_with(ALWAYS), id.to_string()));
        if response.decision() == cedar_policy::Decision::Allow {
            decision.allowed = true;
            decision.allowed_by = reasons.iter().map(ToString::to_string).collect();
            return;
        }
        let facts = &decision.facts;
        let forbid = reasons.iter().filter_map(|id| self.set.policy(id));
        let forbid = forbid.map(|policy| Forbidden {
            policy: policy.id().to_string(),
            because: clauses(policy)
                .iter()
                .filter(|clause| !clause.is_action())
                .map(|clause| clause.told(facts))
                .collect(),
            next: next(policy),
        });
        let forbidden_by = forbid.collect::<Vec<_>>();
        let permits = self.set.policies().filter(|policy| policy.effect() == Effect::Permit);
        let mut missing: Vec<_> =
            permits.filter_map(|policy| missing(policy, question, facts)).collect();
        // The nearest is the one of which the least part is missing; a set has no order of its own.
        missing.sort_by_key(|(part, one)| (*part, one.missing.len(), one.policy.clone()));
        decision.forbidden_by = forbidden_by;
        decision.not_permitted_by = missing.into_iter().map(|(_, one)| one).collect();
    }
}

/// What `policy` wants and does not find, and how many thousandths of what it wants that is; `None`
/// if it is about another action, or permits.
fn missing(policy: &Policy, question: &Question, facts: &Facts) -> Option<(usize, NotPermitted)> {
    let (scope, clauses): (Vec<_>, Vec<_>) =
        clauses(policy).into_iter().partition(Clause::is_action);
    if !scope.iter().all(|clause| clause.holds(question)) {
        return None;
    }
    let missing = clauses.iter().filter(|clause| !clause.holds(question));
    let missing: Vec<_> = missing.map(|clause| clause.told(facts)).collect();
    let part = (missing.len() * 1_000).checked_div(clauses.len())?;
    let (policy, next) = (policy.id().to_string(), next(policy));
    (part > 0).then_some((part, NotPermitted { policy, missing, next }))
}

fn next(policy: &Policy) -> Option<String> {
    policy.annotation("next").map(|next| next.split_whitespace().collect::<Vec<_>>().join(" "))
}
