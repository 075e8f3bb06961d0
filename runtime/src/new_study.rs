//! Unpacks a new study: a workspace of its own, with its lock file and the SDK inside.
//!
//! All of it is in the binary, so that nothing unpublished has to be found. The SDK's sources are
//! the repository's own (`build.rs`); their manifests are made to stand alone (`manifest.rs`). The
//! SDK lies inside the study's workspace because cargo hashes the path of a crate that lies
//! outside: so a study gives the same module in any folder.

mod lock;
mod manifest;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cloister_contract::study::is_name;

/// The name under which the template is written.
const TEMPLATE_NAME: &str = "my-study";

/// The files of a new study but for the SDK and the lock file.
const TEMPLATE: [(&str, &str); 5] = [
    ("Cargo.toml", include_str!("../new-study/Cargo.toml")),
    ("study.toml", include_str!("../new-study/study.toml")),
    ("src/lib.rs", include_str!("../new-study/src/lib.rs")),
    ("README.md", include_str!("../new-study/README.md")),
    // Under its own name it would hide files of this repository.
    (".gitignore", include_str!("../new-study/gitignore")),
];

/// The SDK's sources: path below `sdk/`, and text.
const SDK: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/sdk.rs"));

/// Why a study was not unpacked.
#[derive(Debug, thiserror::Error)]
pub enum NewStudyError {
    /// The name is not in kebab-case.
    #[error("`{0}` is no name for a study; write letters, digits and hyphens, as in `gi-bleed`")]
    Name(String),
    /// A crate that the SDK uses has this name.
    #[error("`{0}` is the name of a crate that the SDK uses; choose another")]
    Taken(String),
    /// The folder has something in it.
    #[error("`{}` is not empty; choose another name, or another folder", .0.display())]
    NotEmpty(PathBuf),
    /// The folder cannot be written.
    #[error("`{}` cannot be written: {source}", folder.display())]
    Write {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A manifest of the SDK is not as expected; a test sees to it that it is.
    #[error("the SDK in this program is broken: {0}")]
    Broken(String),
}

/// Unpacks a study called `name` into a folder of that name below `parent`; gives the folder.
///
/// # Errors
/// [`NewStudyError`]; then nothing is there.
pub fn new_study(parent: &Path, name: &str) -> Result<PathBuf, NewStudyError> {
    let files = files(name)?;
    let folder = parent.join(name);
    let failed = |source| NewStudyError::Write { folder: folder.clone(), source };
    match fs::read_dir(&folder).map(Iterator::count) {
        Ok(0) => {}
        Ok(_) => return Err(NewStudyError::NotEmpty(folder)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    // Written beside it and renamed: all of a study or nothing.
    let partial = tempfile::Builder::new().prefix(".cloister-partial-").tempdir_in(parent);
    let partial = partial.map_err(failed)?;
    for (place, text) in &files {
        let file = partial.path().join(place);
        file.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
        fs::write(&file, text).map_err(failed)?;
    }
    #[cfg(unix)]
    {
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(partial.path(), open).map_err(failed)?;
    }
    fs::rename(partial.path(), &folder).map_err(failed)?;
    // What the guard would remove has moved.
    drop(partial.keep());
    Ok(folder)
}

/// Every file of a study called `name`: its path in the study's folder, and its text.
fn files(name: &str) -> Result<Vec<(String, String)>, NewStudyError> {
    let kebab = !name.contains('_') && is_name(&name.replace('-', "_"));
    // The library would hide one that every crate has.
    if !kebab || matches!(name, "alloc" | "core" | "std" | "test" | "proc-macro") {
        return Err(NewStudyError::Name(cut(name)));
    }
    let named = |(place, text): (&str, &str)| (place.to_owned(), text.replace(TEMPLATE_NAME, name));
    let mut files: Vec<_> = TEMPLATE.into_iter().map(named).collect();
    let lock = lock::with(name).ok_or_else(|| NewStudyError::Taken(name.to_owned()))?;
    files.push(("Cargo.lock".to_owned(), lock));
    for (package, text) in manifest::all()? {
        files.push((format!("sdk/{package}/Cargo.toml"), text));
    }
    files.extend(SDK.iter().map(|(place, text)| (format!("sdk/{place}"), (*text).to_owned())));
    Ok(files)
}

/// As much of what was typed as an error repeats.
fn cut(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloister_contract::study::Study;

    #[test]
    fn a_name_is_in_kebab_case_and_free() {
        for name in ["a", "gi-bleed", "study-2"] {
            assert!(files(name).is_ok(), "{name}");
        }
        let long = "a".repeat(65);
        for name in ["", "-a", "a-", "a--b", "A", "a_b", "2a", "a/b", "..", "fn", "test", &long] {
            assert!(matches!(files(name), Err(NewStudyError::Name(_))), "{name}");
        }
        for name in ["serde", "cloister-guest"] {
            assert!(matches!(files(name), Err(NewStudyError::Taken(_))), "{name}");
        }
    }

    #[test]
    fn the_study_has_the_name_and_its_contract_holds() {
        let files = files("first-try").unwrap();
        let text = |place: &str| &files.iter().find(|(other, _)| other == place).unwrap().1;
        let study = Study::parse("study.toml", text("study.toml")).unwrap();
        assert_eq!(study.name, "first-try");
        assert!(text("Cargo.toml").contains("name = \"first-try\""));
        assert!(
            files.iter().all(|(place, text)| {
                place.starts_with("sdk/") || !text.contains(TEMPLATE_NAME)
            })
        );
    }

    #[test]
    fn a_folder_with_something_in_it_is_left_alone() {
        let parent = tempfile::tempdir().unwrap();
        fs::create_dir(parent.path().join("mine")).unwrap();
        assert!(new_study(parent.path(), "mine").is_ok());
        let again = new_study(parent.path(), "mine");
        assert!(matches!(again, Err(NewStudyError::NotEmpty(_))));
        let left = fs::read_dir(parent.path()).unwrap().count();
        assert_eq!(left, 1, "nothing else is left behind");
    }
}
