//! `policies/cases/decisions`: facts in, decision out, one file a case, one folder a policy.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::super::source::{SHIPPED, Source};
use super::super::*;

/// A decision by hand; `policies/README.md` says how to write one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    shows: String,
    like: String,
    #[serde(default)]
    without: Vec<String>,
    action: Option<Action>,
    policies: Option<Vec<String>>,
    policy: Option<String>,
    #[serde(default)]
    facts: toml::Table,
    decision: Expected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    allowed: bool,
    by: Vec<String>,
    #[serde(default)]
    says: Vec<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/cases/decisions")
}

fn table(file: &Path) -> toml::Table {
    let text = fs::read_to_string(file).unwrap();
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The facts that cases begin with.
pub(in crate::policy) fn like(name: &str) -> Facts {
    table(&folder().join(format!("like/{name}.toml"))).try_into().unwrap()
}

/// The facts of a case: those of another, but for what it says.
fn changed(mut facts: toml::Table, changes: &toml::Table) -> toml::Table {
    for (name, value) in changes {
        match (facts.get_mut(name), value) {
            (Some(toml::Value::Table(inner)), toml::Value::Table(changes)) => {
                *inner = changed(inner.clone(), changes);
            }
            _ => drop(facts.insert(name.clone(), value.clone())),
        }
    }
    facts
}

/// One case, ready to be asked.
struct Asked {
    name: String,
    case: Case,
    policies: Policies,
    facts: Facts,
}

impl Asked {
    fn open(file: &Path) -> Self {
        let case: Case = table(file).try_into().unwrap_or_else(|error| {
            panic!("{}: {error}", file.display());
        });
        let mut facts = table(&folder().join(format!("like/{}.toml", case.like)));
        case.without.iter().for_each(|name| assert!(facts.remove(name).is_some(), "{name}"));
        let facts: Facts = changed(facts, &case.facts).try_into().unwrap();
        let named = case.policies.clone().unwrap_or(vec!["national-default".to_owned()]);
        let mut sources: Vec<_> = std::iter::once("prohibited-uses")
            .chain(named.iter().map(String::as_str).filter(|name| *name != "prohibited-uses"))
            .map(|name| Source::open(name).unwrap())
            .collect();
        sources.extend(case.policy.iter().map(|text| Source::of("own", "own.cedar", text)));
        let name = format!("{}", file.strip_prefix(folder()).unwrap().display());
        let policies = Policies::of(sources).unwrap_or_else(|error| panic!("{name}: {error}"));
        Self { name, case, policies, facts }
    }

    fn decide(&self, policies: &Policies) -> Decision {
        policies.decide(self.case.action.unwrap_or(Action::Run), &self.facts)
    }
}

fn cases() -> Vec<Asked> {
    let mut files = Vec::new();
    for inner in fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()) {
        if inner.file_name().is_some_and(|name| name != "like") {
            files.extend(fs::read_dir(inner).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    files.sort();
    files.iter().map(|file| Asked::open(file)).collect()
}

#[test]
fn each_case_is_decided_as_it_says_and_for_its_reason() {
    let cases = cases();
    assert!(cases.len() >= 40, "{} cases", cases.len());
    for asked in &cases {
        let (decision, expected) = (asked.decide(&asked.policies), &asked.case.decision);
        let words = decision.lines().join("\n");
        let at = format!("{}: {}\n{words}", asked.name, asked.case.shows);
        assert_eq!(decision.allowed, expected.allowed, "{at}");
        let by: Vec<&String> = if decision.allowed {
            decision.allowed_by.iter().collect()
        } else if !decision.not_evaluated.is_empty() {
            decision.not_evaluated.iter().filter_map(|one| one.policy.as_ref()).collect()
        } else if !decision.forbidden_by.is_empty() {
            decision.forbidden_by.iter().map(|one| &one.policy).collect()
        } else {
            decision.not_permitted_by.iter().map(|one| &one.policy).take(1).collect()
        };
        let wanted: BTreeSet<&String> = expected.by.iter().collect();
        assert_eq!(by.into_iter().collect::<BTreeSet<_>>(), wanted, "{at}");
        for says in &expected.says {
            assert!(decision.sentence().contains(says), "`{says}` is not in: {at}");
        }
        assert!(decision.allowed || !expected.says.is_empty(), "a denial without words: {at}");
    }
}

#[test]
fn each_shipped_policy_has_a_folder_of_cases_and_decides_one() {
    let cases = cases();
    let decided: BTreeSet<&String> =
        cases.iter().flat_map(|asked| &asked.case.decision.by).collect();
    let policies = folder().join("../..");
    let files = fs::read_dir(policies).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> =
        files.filter(|file| file.extension().is_some_and(|e| e == "cedar")).collect();
    assert_eq!(files.len(), SHIPPED.len(), "a file in policies/ is not compiled in");
    for file in files {
        let name = file.file_stem().unwrap().to_str().unwrap();
        assert!(folder().join(name).is_dir(), "{name} has no folder of cases");
        for policy in Policies::open(&[name.to_owned()]).unwrap().policies() {
            assert!(decided.contains(&policy), "no case is decided by {policy}");
        }
    }
}

/// A clause that could be left out without a case that changes protects nothing that is tested.
#[test]
fn each_clause_of_a_shipped_policy_decides_a_case() {
    let cases = cases();
    let mut clauses = 0;
    for (name, _) in SHIPPED {
        let source = Source::open(name).unwrap();
        let schema = Policies::open(&[]).unwrap().schema;
        for policy in source.policies(&schema).unwrap() {
            let whole = policy.to_json().unwrap();
            for at in 0..whole["conditions"].as_array().unwrap().len() {
                let mut without = whole.clone();
                without["conditions"].as_array_mut().unwrap().remove(at);
                let without =
                    cedar_policy::Policy::from_json(Some(policy.id().clone()), without).unwrap();
                let flips = |asked: &Asked| {
                    let mut policies = asked.policies.clone();
                    if policies.set.remove_static(policy.id().clone()).is_err() {
                        return false;
                    }
                    policies.set.add(without.clone()).unwrap();
                    asked.decide(&policies).allowed != asked.case.decision.allowed
                };
                assert!(cases.iter().any(flips), "{}: clause {at}", policy.id());
                clauses += 1;
            }
        }
    }
    assert!(clauses > 15, "{clauses} clauses");
}
