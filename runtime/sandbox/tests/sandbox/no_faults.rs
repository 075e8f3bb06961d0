//! The feature `faults`, which breaks the sandbox for its tests, is in no release: no crate asks
//! for it, and no command that builds one does.

use std::path::{Path, PathBuf};

/// The files below a folder, but for what is built, with this ending.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let own = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name != "target" && !name.starts_with('.')
    };
    let below = |path: PathBuf| match path.is_dir() {
        true => files(&path, ending),
        false => path.to_string_lossy().ends_with(ending).then_some(path).into_iter().collect(),
    };
    paths.filter(own).flat_map(below).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn no_manifest_asks_for_it() {
    let manifests = files(&root(), "Cargo.toml");
    assert!(manifests.len() > 9, "manifests are missing: there are {}", manifests.len());
    for manifest in manifests {
        let text = std::fs::read_to_string(&manifest).unwrap();
        let asks: Vec<&str> = text.lines().filter(|line| line.contains("faults")).collect();
        let own = ["faults = []", "required-features = [\"faults\"]"];
        let is_own = manifest.parent().unwrap().ends_with("runtime/sandbox");
        // The host's feature of the same name hands it on, and may break the contract's checks.
        let hands_on = |own: &str| manifest == root().join(own).join("Cargo.toml");
        if hands_on("runtime") || hands_on("runtime/contract") {
            let stated = asks.iter().filter(|line| !line.starts_with('#'));
            assert!(stated.copied().all(|line| line.starts_with("faults = [")), "{asks:?}");
            continue;
        }
        assert!(
            asks.is_empty() || (is_own && asks.iter().all(|line| own.contains(line))),
            "{}: {asks:?}",
            manifest.display()
        );
        assert!(!is_own || !text.contains("default = "), "the sandbox has no default features");
    }
}

#[test]
fn no_command_builds_with_it() {
    let sources = files(&root().join("xtask/src"), ".rs");
    assert!(sources.len() > 5, "sources are missing: there are {}", sources.len());
    for source in sources {
        let text = std::fs::read_to_string(&source).unwrap();
        assert!(!text.contains("--all-features"), "{}", source.display());
        // A command may be written over two lines.
        let commands = text.split("\"cargo ").skip(1);
        let commands = commands.map(|rest| rest.split_once('"').map_or(rest, |(line, _)| line));
        for command in commands.filter(|command| command.contains("faults")) {
            let verb = command.split_whitespace().next().unwrap();
            assert!(["test", "clippy", "bench"].contains(&verb), "cargo {command}");
        }
    }
}
