//! gi-bleed with one fault each, in a workspace of its own that is no part of the repository's.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::harness;

/// What a mutant lacks; the comparison must notice each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Without {
    /// Outcomes before the index date count.
    DateTest,
    /// Outcomes count however late they are.
    Horizon,
    /// Only the listed concepts count, not those below them.
    Descendants,
    /// A person's outcomes count beyond the first 200 rows.
    Cut,
}

const ALL: [Without; 4] = [Without::DateTest, Without::Horizon, Without::Descendants, Without::Cut];

/// A file of the example, and what is replaced in it; each text is there exactly once.
type Fault = (&'static str, &'static [(&'static str, &'static str)]);

impl Without {
    const fn package(self) -> &'static str {
        match self {
            Self::DateTest => "without-date-test",
            Self::Horizon => "without-horizon",
            Self::Descendants => "without-descendants",
            Self::Cut => "without-cut",
        }
    }

    const fn fault(self) -> Fault {
        match self {
            Self::DateTest => (
                "src/lib.rs",
                &[("(0..=params.horizon_days).contains", "(..=params.horizon_days).contains")],
            ),
            Self::Horizon => {
                ("src/lib.rs", &[("(0..=params.horizon_days).contains", "(0..).contains")])
            }
            Self::Descendants => (
                "study.toml",
                &[
                    ("[1118084], descendants = true", "[1118084], descendants = false"),
                    ("[1124300], descendants = true", "[1124300], descendants = false"),
                    ("[192671], descendants = true", "[192671], descendants = false"),
                ],
            ),
            Self::Cut => (
                "study.toml",
                &[(
                    "order_by = \"condition_start_date\"\nrows_max = 200\n",
                    "order_by = \"condition_start_date\"\nrows_max = 100_000\n",
                )],
            ),
        }
    }
}

/// The mutant as a module.
pub(super) fn module(mutant: Without) -> PathBuf {
    static WRITTEN: OnceLock<(PathBuf, File)> = OnceLock::new();
    let (workspace, _) = WRITTEN.get_or_init(|| {
        let workspace = harness::scratch().join("mutants");
        let alone = File::create(workspace.with_extension("lock")).unwrap();
        alone.lock().unwrap();
        write_workspace(&workspace);
        (workspace, alone)
    });
    harness::guest(&workspace.join(mutant.package()))
}

/// One workspace for all, so that what they depend on is compiled once.
fn write_workspace(workspace: &Path) {
    let members = ALL.map(Without::package);
    write(
        &workspace.join("Cargo.toml"),
        &format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n"),
    );
    // The versions and the compiler that the example itself is built with.
    for file in ["Cargo.lock", "rust-toolchain.toml"] {
        fs::copy(harness::root().join(file), workspace.join(file)).unwrap();
    }
    for mutant in ALL {
        write_mutant(mutant, &workspace.join(mutant.package()));
    }
}

fn write_mutant(mutant: Without, folder: &Path) {
    let (package, sdk) = (mutant.package(), harness::root().join("guest-sdk"));
    let manifest = format!(
        "[package]\nname = \"{package}\"\nedition = \"2024\"\n\n\
         [lib]\ncrate-type = [\"cdylib\"]\n\n\
         [dependencies]\ncloister-guest = {{ path = '{}' }}\n",
        sdk.display()
    );
    write(&folder.join("Cargo.toml"), &manifest);
    let example = harness::root().join("examples/gi-bleed");
    let (faulty, replacements) = mutant.fault();
    for file in ["study.toml", "src/lib.rs"] {
        let mut text = fs::read_to_string(example.join(file)).unwrap();
        for (right, wrong) in replacements.iter().filter(|_| file == faulty) {
            assert_eq!(text.matches(right).count(), 1, "`{right}` in {file}");
            text = text.replace(right, wrong);
        }
        write(&folder.join(file), &text);
    }
}

/// Writes what is new, and leaves alone what cargo has compiled already.
fn write(file: &Path, text: &str) {
    if fs::read_to_string(file).is_ok_and(|before| before == text) {
        return;
    }
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}
