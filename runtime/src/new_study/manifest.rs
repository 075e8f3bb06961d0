//! Makes the manifests of the SDK's crates stand alone: what they inherit from the workspace of
//! this repository is written out, and what only its own tests need is left out.

use toml::{Table, Value};

use super::NewStudyError;

const WORKSPACE: &str = include_str!("../../../Cargo.toml");

/// The SDK's crates and their manifests.
const CRATES: [(&str, &str); 3] = [
    ("cloister-guest", include_str!("../../../guest-sdk/Cargo.toml")),
    ("cloister-guest-macros", include_str!("../../../guest-sdk/macros/Cargo.toml")),
    ("cloister-contract", include_str!("../../contract/Cargo.toml")),
];

const HEAD: &str = "# Part of the SDK, as `cloister study new` unpacked it.\n\n";

/// Each crate's name and manifest.
pub(super) fn all() -> Result<Vec<(&'static str, String)>, NewStudyError> {
    let broken = |what: &str| NewStudyError::Broken(what.to_owned());
    let root: Table = WORKSPACE.parse().map_err(|_| broken("the workspace is no TOML"))?;
    let root = root.get("workspace").and_then(Value::as_table);
    let root = root.ok_or_else(|| broken("there is no workspace"))?;
    let one = |(name, text): (&'static str, &str)| {
        let manifest = text.parse().map_err(|_| broken(name))?;
        let alone = standalone(manifest, root).ok_or_else(|| broken(name))?;
        let text = toml::to_string(&alone).map_err(|_| broken(name))?;
        Ok((name, format!("{HEAD}{text}")))
    };
    CRATES.into_iter().map(one).collect()
}

/// `manifest` with all that it inherits from the workspace `root`; `None` if that is not there.
fn standalone(mut manifest: Table, root: &Table) -> Option<Table> {
    // Lints are for whoever works on the SDK; so are its tests, and what they depend on.
    for section in ["lints", "dev-dependencies", "test"] {
        manifest.remove(section);
    }
    let package = root.get("package")?.as_table()?;
    for (field, value) in manifest.get_mut("package")?.as_table_mut()?.iter_mut() {
        if inherits(value) {
            *value = package.get(field)?.clone();
        }
    }
    let known = root.get("dependencies")?.as_table()?;
    let mut sections: Vec<&mut Table> = Vec::new();
    for (section, value) in manifest.iter_mut() {
        match section.as_str() {
            "dependencies" => sections.extend(value.as_table_mut()),
            "target" => {
                for (_, target) in value.as_table_mut()?.iter_mut() {
                    let section = target.get_mut("dependencies");
                    sections.extend(section.and_then(Value::as_table_mut));
                }
            }
            _ => {}
        }
    }
    for (name, dependency) in sections.into_iter().flatten() {
        if inherits(dependency) {
            *dependency = inherited(name, dependency.as_table()?, known.get(name)?)?;
        }
    }
    Some(manifest)
}

fn inherits(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

/// The workspace's dependency, with the features that `own` adds and beside the other crates.
fn inherited(name: &str, own: &Table, known: &Value) -> Option<Value> {
    let mut whole = match known {
        Value::String(version) => {
            Table::from_iter([("version".to_owned(), version.clone().into())])
        }
        known => known.as_table()?.clone(),
    };
    if whole.contains_key("path") {
        whole.insert("path".to_owned(), format!("../{name}").into());
    }
    if let Some(optional) = own.get("optional") {
        whole.insert("optional".to_owned(), optional.clone());
    }
    let features = [whole.get("features"), own.get("features")];
    let features = features.into_iter().flatten().filter_map(Value::as_array);
    let features: Vec<Value> = features.flatten().cloned().collect();
    if !features.is_empty() {
        whole.insert("features".to_owned(), Value::Array(features));
    }
    Some(Value::Table(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_inherited_and_nothing_lies_elsewhere() {
        let all = all().unwrap();
        for (name, text) in &all {
            assert!(!text.contains("workspace") && !text.contains("dev-dependencies"), "{text}");
            let manifest: Table = text.parse().unwrap();
            assert_eq!(manifest["package"]["name"].as_str(), Some(*name));
            assert_eq!(manifest["package"]["edition"].as_str(), Some("2024"));
            let paths = text.lines().filter_map(|line| line.trim().strip_prefix("path = "));
            for path in paths {
                let beside = path.trim_matches('"').strip_prefix("../").unwrap();
                assert!(all.iter().any(|(other, _)| *other == beside), "{path}");
            }
        }
    }

    #[test]
    fn a_dependency_has_the_features_of_both() {
        let root: Table = "[package]\nedition = \"2024\"\n[dependencies]\n\
            a = { version = \"1\", features = [\"x\"] }\n"
            .parse()
            .unwrap();
        let manifest: Table = "[package]\nedition.workspace = true\n\
            [target.unix.dependencies]\na = { workspace = true, features = [\"y\"] }\n\
            [dependencies]\na = { workspace = true, optional = true }\n[lints]\nworkspace = true\n"
            .parse()
            .unwrap();
        let alone = standalone(manifest, &root).unwrap();
        let features = |value: &Value| value["features"].as_array().unwrap().len();
        assert_eq!(features(&alone["target"]["unix"]["dependencies"]["a"]), 2);
        assert_eq!(features(&alone["dependencies"]["a"]), 1);
        assert_eq!(alone["dependencies"]["a"]["optional"].as_bool(), Some(true));
        assert_eq!(alone["package"]["edition"].as_str(), Some("2024"));
        assert!(
            standalone("[package]\nedition.workspace = true\n".parse().unwrap(), &Table::new())
                .is_none()
        );
    }
}
