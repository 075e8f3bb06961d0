//! The clauses of a policy, one by one, so that an explanation can name the fact that is missing.
//!
//! Cedar says which policy decided, and not which of its facts. A policy is a scope and `when` and
//! `unless` clauses that all must hold; so each is asked alone, as a policy of its own.

use cedar_policy::{Authorizer, Decision, Policy, PolicySet};
use serde_json::{Value, json};

use super::facts::{Facts, Question};

/// One clause of a policy, or one part of its scope.
pub(super) struct Clause {
    /// `principal`, `action` or `resource`; `when` or `unless`.
    kind: String,
    /// As Cedar writes it, on one line.
    text: String,
    /// A policy that permits if it holds.
    alone: Option<Policy>,
    /// The attributes that it names, as `context`, `purpose`.
    paths: Vec<Vec<String>>,
}

/// The parts of a policy's scope.
const SCOPE: [&str; 3] = ["principal", "action", "resource"];

/// The clauses of `policy` that could fail: parts of its scope that name somebody, then the rest.
pub(super) fn clauses(policy: &Policy) -> Vec<Clause> {
    let Ok(whole) = policy.to_json() else { return Vec::new() };
    let everybody = json!({"op": "All"});
    let any = json!({
        "effect": "permit",
        "principal": everybody,
        "action": everybody,
        "resource": everybody,
        "conditions": [],
    });
    let mut clauses = Vec::new();
    for part in SCOPE {
        let Some(named) = whole.get(part).filter(|named| **named != everybody) else { continue };
        let mut alone = any.clone();
        if let Some(slot) = alone.get_mut(part) {
            *slot = named.clone();
        }
        clauses.push(Clause::new(part, alone, vec![vec![part.to_owned()]]));
    }
    let conditions = whole.get("conditions").and_then(Value::as_array);
    let conditions: Vec<&Value> = conditions.into_iter().flatten().collect();
    let source = policy.to_cedar().unwrap_or_default();
    let written = Some(bodies(&source)).filter(|bodies| bodies.len() == conditions.len());
    for (at, condition) in conditions.into_iter().enumerate() {
        let kind = condition.get("kind").and_then(Value::as_str).unwrap_or("when");
        let mut alone = any.clone();
        if let Some(slot) = alone.get_mut("conditions") {
            *slot = json!([condition]);
        }
        let mut paths = Vec::new();
        attributes(condition, &mut paths);
        paths.sort();
        paths.dedup();
        let mut clause = Clause::new(kind, alone, paths);
        // As the site wrote it: Cedar's own form of an expression has other operators.
        if let Some(written) = written.as_ref().and_then(|bodies| bodies.get(at)) {
            clause.text.clone_from(written);
        }
        clauses.push(clause);
    }
    clauses
}

impl Clause {
    fn new(kind: &str, alone: Value, paths: Vec<Vec<String>>) -> Self {
        let alone = Policy::from_json(None, alone).ok();
        let text = alone.as_ref().and_then(Policy::to_cedar).unwrap_or_default();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let inner = if SCOPE.contains(&kind) {
            let scope = text.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')'));
            let scope = scope.map_or("", |(scope, _)| scope);
            scope.split(", ").find(|part| part.trim().len() > kind.len() && part.contains(kind))
        } else {
            let body = text.split_once('{').and_then(|(_, rest)| rest.rsplit_once('}'));
            body.map(|(body, _)| body)
        };
        let text = inner.unwrap_or(&text).trim().to_owned();
        Self { kind: kind.to_owned(), text, alone, paths }
    }

    /// Whether it is about which action is asked for.
    pub(super) fn is_action(&self) -> bool {
        self.kind == "action"
    }

    /// Whether it holds; what cannot be evaluated without the clauses before it does not.
    pub(super) fn holds(&self, question: &Question) -> bool {
        let Some(alone) = &self.alone else { return false };
        let Ok(set) = PolicySet::from_policies([alone.clone()]) else { return false };
        let Question { request, entities } = question;
        let response = Authorizer::new().is_authorized(request, &set, entities);
        response.decision() == Decision::Allow
    }

    /// It, and the facts that it is about: what a `permit` wants, or for what a `forbid` holds.
    pub(super) fn told(&self, facts: &Facts) -> String {
        let not = if self.kind == "unless" { "not " } else { "" };
        format!("{not}`{}`{}", self.text, self.seen(facts))
    }

    /// The attributes that it names, and what they are: ` (context.purpose is education)`.
    fn seen(&self, facts: &Facts) -> String {
        let seen: Vec<_> = self.paths.iter().map(|path| seen(path, facts)).collect();
        if seen.is_empty() { String::new() } else { format!(" ({})", seen.join(", ")) }
    }
}

/// What stands in the braces of each `when` and `unless` of a policy's text, on one line each and
/// without comments.
fn bodies(source: &str) -> Vec<String> {
    let (mut bodies, mut body, mut depth) = (Vec::new(), String::new(), 0_usize);
    let (mut quoted, mut escaped) = (false, false);
    let mut chars = source.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            _ if quoted => {
                quoted = escaped || char != '"';
                escaped = !escaped && char == '\\';
            }
            '"' => quoted = true,
            '/' if chars.peek() == Some(&'/') => {
                while chars.next_if(|next| *next != '\n').is_some() {}
                continue;
            }
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match (char, quoted, depth) {
            ('{', false, 1) => body.clear(),
            ('}', false, 0) => {
                bodies.push(body.split_whitespace().collect::<Vec<_>>().join(" "));
            }
            (_, _, 0) => {}
            _ => body.push(char),
        }
    }
    bodies
}

/// What an attribute is.
fn seen(path: &[String], facts: &Facts) -> String {
    let name = path.join(".");
    match name.as_str() {
        "principal" => {
            return facts.author.as_ref().map_or_else(
                || "nobody who is known asks".to_owned(),
                |author| format!("{} of {} asks", author.person, author.organisation),
            );
        }
        "resource" => return format!("the dataset is {}", facts.dataset.name),
        _ => {}
    }
    match facts.named(path) {
        None => format!("there is no {name}"),
        Some(value) => format!("{name} is {}", words(&value)),
    }
}

/// The most entries of a set that are told.
const TOLD_MAX: usize = 5;

fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) if list.is_empty() => "empty".to_owned(),
        Value::Array(list) => {
            let mut told: Vec<_> = list.iter().take(TOLD_MAX).map(words).collect();
            if list.len() > TOLD_MAX {
                told.push(format!("and {} more", list.len() - TOLD_MAX));
            }
            format!("[{}]", told.join(", "))
        }
        Value::Object(object) => match object.get("id") {
            Some(id) => words(id),
            None => object
                .iter()
                .map(|(name, value)| format!("{name} {}", words(value)))
                .collect::<Vec<_>>()
                .join(", "),
        },
        other => other.to_string(),
    }
}

/// Gathers the attributes that an expression names into `paths`.
fn attributes(expression: &Value, paths: &mut Vec<Vec<String>>) {
    if let Some(path) = path(expression) {
        paths.push(path);
        return;
    }
    match expression {
        Value::Object(object) => object.values().for_each(|value| attributes(value, paths)),
        Value::Array(list) => list.iter().for_each(|value| attributes(value, paths)),
        _ => {}
    }
}

/// The attribute that an expression is, if it is one: `context.permit`, or `context has permit`.
fn path(expression: &Value) -> Option<Vec<String>> {
    let object = expression.as_object()?;
    if let Some(variable) = object.get("Var") {
        return Some(vec![variable.as_str()?.to_owned()]);
    }
    let access = object.get(".").or_else(|| object.get("has"))?;
    let mut before = path(access.get("left")?)?;
    before.push(access.get("attr")?.as_str()?.to_owned());
    Some(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clause_is_told_as_it_is_written() {
        let source = "// when { not }\n@id(\"when {\")\npermit (principal, action, resource)\n\
                      when { context.cells // when { }\n  >= 2 }\n\
                      unless { context.certificates.contains(\"a } \\\" b\") }\n\
                      when { {a: 1}.a == 1 };";
        let told = ["context.cells >= 2", "context.certificates.contains(\"a } \\\" b\")"];
        assert_eq!(bodies(source)[..2], told);
        assert_eq!(bodies(source)[2..], ["{a: 1}.a == 1"]);
        let policy: Policy = source.parse().unwrap();
        let clauses = clauses(&policy);
        let kinds: Vec<_> = clauses.iter().map(|clause| clause.kind.as_str()).collect();
        assert_eq!(kinds, ["when", "unless", "when"]);
        assert_eq!(clauses[1].text, told[1]);
    }
}
