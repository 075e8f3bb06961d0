//! The lock file of a new study: cargo's own for the template, with the study under its name.
//!
//! It cannot be cut out of the workspace's: there other crates ask for more features, which bring
//! more crates. So it is checked in, as cargo wrote it, and a test holds it to the workspace's
//! versions.

use super::TEMPLATE_NAME;

const LOCK: &str = include_str!("../../new-study/Cargo.lock");
const PACKAGE: &str = "\n[[package]]\n";

/// The lock file of a study called `name`; `None` if another package has that name.
pub(super) fn with(name: &str) -> Option<String> {
    let mut parts = LOCK.split(PACKAGE);
    let head = parts.next()?;
    let mut packages: Vec<(&str, String)> = Vec::new();
    for package in parts {
        let package = package.trim_end();
        match name_of(package)? {
            TEMPLATE_NAME => packages.push((name, package.replace(TEMPLATE_NAME, name))),
            other if other == name => return None,
            other => packages.push((other, package.to_owned())),
        }
    }
    // Cargo writes packages in the order of their names, and compares the text.
    packages.sort_by(|a, b| a.0.cmp(b.0));
    let packages = packages.into_iter().map(|(_, package)| format!("{PACKAGE}{package}\n"));
    Some(packages.fold(head.to_owned(), |text, package| text + &package))
}

fn name_of(package: &str) -> Option<&str> {
    package.lines().next()?.strip_prefix("name = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_has_the_lock_file_that_cargo_wrote() {
        assert_eq!(with(TEMPLATE_NAME).unwrap(), LOCK);
    }

    #[test]
    fn a_study_stands_where_its_name_belongs() {
        let lock = with("aaa").unwrap();
        assert!(lock.find("\"aaa\"") < lock.find("\"base64\""), "{lock}");
        let lock = with("zzz").unwrap();
        assert!(lock.find("\"zzz\"") > lock.find("\"zeroize\""), "{lock}");
    }

    /// If this fails, run in a folder that `cloister study new my-study` made
    /// `cargo update --workspace --offline` over a copy of the workspace's `Cargo.lock`, and copy
    /// the result to `runtime/new-study/`.
    #[test]
    fn every_version_is_one_of_the_workspace() {
        let workspace = include_str!("../../../Cargo.lock");
        // What a package depends on may be less here: the lines before say which bytes it is.
        let identity = |package: &str| {
            let lines = package.lines().take_while(|line| !line.starts_with("dependencies"));
            lines.map(str::to_owned).filter(|line| !line.is_empty()).collect::<Vec<_>>()
        };
        let known: Vec<_> = workspace.split(PACKAGE).map(identity).collect();
        for package in LOCK.split(PACKAGE).skip(1) {
            let same = known.contains(&identity(package));
            assert!(same || name_of(package) == Some(TEMPLATE_NAME), "{package}");
        }
    }
}
