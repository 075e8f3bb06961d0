//! Which crate may know which: the arrows of the design, kept true.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Finding;

/// For each crate of the workspace, those it may depend on. Studies stand for themselves.
const EDGES: &[(&str, &[&str])] = &[
    ("cloister-contract", &[]),
    ("cloister-sandbox", &["cloister-contract"]),
    ("cloister-guest-macros", &["cloister-contract"]),
    ("cloister-guest", &["cloister-contract", "cloister-guest-macros"]),
    ("cloister", &["cloister-contract", "cloister-sandbox"]),
    ("cloister-broker", &["cloister-contract", "cloister-sandbox"]),
    ("cloister-synth", &[]),
    ("xtask", &[]),
];

/// What a study, a crate under `examples/`, may depend on: it need not be trusted, so it gets
/// nothing of what must be.
const STUDY: &[&str] = &["cloister-guest"];

/// What the host's tests may use beside: the generator of data, and a study run natively.
const HOST_TESTS: &[&str] = &["cloister-synth", "gi-bleed"];

/// Checks what `cargo metadata --no-deps` says against the edges of the design.
pub(super) fn check(metadata: &str) -> Result<Vec<Finding>> {
    let metadata: Value = serde_json::from_str(metadata).context("cargo metadata is not JSON")?;
    let root = word(&metadata, "workspace_root");
    let mut findings = Vec::new();
    for package in list(&metadata, "packages") {
        let name = word(package, "name");
        let manifest = Path::new(word(package, "manifest_path"));
        let path = manifest.strip_prefix(root).unwrap_or(manifest);
        for what in wrong(name, path, package) {
            findings.push(Finding { path: path.to_owned(), line: 1, what });
        }
    }
    Ok(findings)
}

fn wrong(name: &str, path: &Path, package: &Value) -> Vec<String> {
    let allowed = if path.starts_with("examples") {
        STUDY
    } else if let Some((_, allowed)) = EDGES.iter().find(|(known, _)| *known == name) {
        allowed
    } else {
        let right = "say what it may depend on in xtask/src/style/edges.rs";
        return vec![format!("the design does not know crate `{name}`; {right}")];
    };
    let right = match allowed {
        [] => "it may depend on no crate of the workspace".to_owned(),
        some => format!("it may depend on {}", some.join(", ")),
    };
    list(package, "dependencies")
        .filter(|dependency| dependency.get("path").is_some_and(Value::is_string))
        .filter(|dependency| {
            let tests = name == "cloister" && word(dependency, "kind") == "dev";
            !(tests && HOST_TESTS.contains(&word(dependency, "name")))
        })
        .map(|dependency| word(dependency, "name"))
        .filter(|dependency| !allowed.contains(dependency))
        .map(|dependency| format!("crate `{name}` depends on `{dependency}`; {right}"))
        .collect()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found for one crate in a folder that depends on others.
    fn found(name: &str, folder: &str, dependencies: &[&str]) -> Vec<String> {
        let dependencies: String = dependencies
            .iter()
            .map(|name| format!(r#", {{"name": "{name}", "path": "/w/{name}"}}"#))
            .collect();
        let metadata = format!(
            r#"{{"workspace_root": "/w", "packages": [{{
                "name": "{name}",
                "manifest_path": "/w/{folder}/Cargo.toml",
                "dependencies": [{{"name": "serde", "path": null}}{dependencies}]
            }}]}}"#
        );
        check(&metadata).unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_edges_of_the_design_pass() {
        for (name, allowed) in EDGES {
            assert_eq!(found(name, "somewhere", allowed), Vec::<String>::new(), "{name}");
        }
        assert_eq!(found("gi-bleed", "examples/gi-bleed", STUDY), Vec::<String>::new());
    }

    #[test]
    fn the_contract_knows_nobody() {
        assert_eq!(
            found("cloister-contract", "runtime/contract", &["cloister-sandbox"]),
            ["runtime/contract/Cargo.toml:1: crate `cloister-contract` depends on \
              `cloister-sandbox`; it may depend on no crate of the workspace"]
        );
    }

    #[test]
    fn nobody_knows_the_host() {
        for (name, _) in EDGES {
            assert_eq!(found(name, "somewhere", &["cloister"]).len(), 1, "{name}");
        }
        assert_eq!(found("gi-bleed", "examples/gi-bleed", &["cloister"]).len(), 1);
    }

    #[test]
    fn the_host_knows_its_test_data_in_tests_only() {
        assert_eq!(found("cloister", "runtime", &["cloister-synth"]).len(), 1);
    }

    #[test]
    fn a_new_crate_must_be_placed_in_the_design() {
        let found = found("newcomer", "newcomer", &[]);
        assert!(found.iter().any(|what| what.contains("does not know crate `newcomer`")));
    }
}
