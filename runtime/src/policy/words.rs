//! A decision in words: one sentence for who was refused, and lines for who wants to know more.

use super::{Decision, Facts};

/// A policy refuses what is asked: which one, which fact was missing, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.sentence())]
pub struct Denied(pub(super) Box<Decision>);

impl Denied {
    /// The decision.
    #[must_use]
    pub fn decision(&self) -> &Decision {
        &self.0
    }
}

impl Decision {
    /// The decision in one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let action = self.action.name();
        if self.allowed {
            return format!("`{action}` is allowed by {}", quoted(&self.allowed_by));
        }
        if let Some(failed) = self.not_evaluated.first() {
            let what = &failed.what;
            return match &failed.policy {
                Some(policy) => format!(
                    "the policy `{policy}` cannot be evaluated, which counts as a refusal to \
                     `{action}`: {what}; the site corrects the policy"
                ),
                None => format!(
                    "the policies refuse to `{action}`, as they know no such fact: {what}; \
                     `policies/cloister.cedarschema` has those that they know"
                ),
            };
        }
        if let Some(forbidden) = self.forbidden_by.first() {
            let (policy, because) = (&forbidden.policy, forbidden.because.join(" and "));
            let because = if because.is_empty() { String::new() } else { format!(": {because}") };
            let next = or_more(forbidden.next.as_ref());
            return format!("the policy `{policy}` forbids to `{action}`{because}; {next}");
        }
        match self.not_permitted_by.first() {
            Some(nearest) => format!(
                "no policy permits to `{action}`: `{}` comes nearest, and wants {}; {}",
                nearest.policy,
                nearest.missing.join(" and "),
                or_more(nearest.next.as_ref())
            ),
            None => format!(
                "no policy permits to `{action}` at all; the site adds one that does, beside \
                 those that only forbid: `--policy national-default`"
            ),
        }
    }

    /// The decision at length: the sentence, and what each policy wants.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.sentence()];
        if self.allowed {
            return lines;
        }
        for forbidden in &self.forbidden_by {
            lines.push(format!("  forbidden by `{}`, for", forbidden.policy));
            lines.extend(forbidden.because.iter().map(|because| format!("    {because}")));
        }
        for one in &self.not_permitted_by {
            lines.push(format!("  `{}` would permit it with", one.policy));
            lines.extend(one.missing.iter().map(|missing| format!("    {missing}")));
        }
        lines.extend(self.not_evaluated.iter().map(|one| {
            let policy = one.policy.as_deref().unwrap_or("the facts");
            format!("  not evaluated: {policy}: {}", one.what)
        }));
        lines
    }
}

impl Facts {
    /// The facts in lines for people.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.told().into_iter().map(|(name, fact)| format!("{name:<11} {fact}")).collect()
    }

    /// Each fact by a short name.
    pub(crate) fn told(&self) -> Vec<(&'static str, String)> {
        let list = |names: &std::collections::BTreeSet<String>| {
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            if names.is_empty() { "none".to_owned() } else { names.join(", ") }
        };
        let author = self.author.as_ref().map_or_else(
            || "nobody whom the trust root lists".to_owned(),
            |author| format!("{} of {}", author.person, author.organisation),
        );
        let signatures = self.signatures;
        let kind = match (self.dataset.synthetic, self.dataset.public) {
            (true, _) => "synthetic",
            (_, true) => "public",
            _ => "of patients",
        };
        let permit = self.permit.as_ref().map(|it| format!("{}, until {}", it.number, it.until));
        let bits = self.bits.map_or_else(String::new, |bits| format!(", {bits} bits"));
        vec![
            ("who", author),
            ("purpose", self.purpose.clone()),
            ("dataset", format!("{}, {kind}, {} persons", self.dataset.name, self.dataset.persons)),
            ("profile", format!("{}, in the tier {}", self.profile, self.tier)),
            ("columns", list(&self.columns)),
            ("sensitive", list(&self.sensitive)),
            (
                "signatures",
                format!(
                    "{} of authors, {} of reviewers ({} of other organisations), the site's \
                     approval: {}",
                    signatures.authors,
                    signatures.reviewers,
                    signatures.other_organisations,
                    if signatures.approval { "yes" } else { "no" }
                ),
            ),
            ("certified", list(&self.certificates)),
            ("permit", permit.unwrap_or_else(|| "none".to_owned())),
            ("volume", format!("{} cells{bits}", self.cells)),
            ("day", self.day.clone()),
        ]
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ")
}

fn or_more(next: Option<&String>) -> String {
    next.cloned().unwrap_or_else(|| "`cloister policy check` says more".to_owned())
}
