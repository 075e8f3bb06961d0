//! The examples with one fault each, in a workspace of its own that is no part of the repository's.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::harness;

/// An example with a fault; the comparison must notice each.
pub(super) struct Mutant {
    /// What it lacks or does wrong, as a package's name.
    pub(super) name: &'static str,
    example: &'static str,
    /// The file of the example that is changed.
    file: &'static str,
    /// What is replaced in it; each text is there exactly once.
    changes: &'static [(&'static str, &'static str)],
}

/// Faults of gi-bleed.
pub(super) const GI_BLEED: [Mutant; 4] = [
    Mutant {
        name: "without-date-test",
        example: "gi-bleed",
        file: "src/lib.rs",
        changes: &[("(0..=params.horizon_days).contains", "(..=params.horizon_days).contains")],
    },
    Mutant {
        name: "without-horizon",
        example: "gi-bleed",
        file: "src/lib.rs",
        changes: &[("(0..=params.horizon_days).contains", "(0..).contains")],
    },
    Mutant {
        name: "without-descendants",
        example: "gi-bleed",
        file: "study.toml",
        changes: &[
            ("[1118084], descendants = true", "[1118084], descendants = false"),
            ("[1124300], descendants = true", "[1124300], descendants = false"),
            ("[192671], descendants = true", "[192671], descendants = false"),
        ],
    },
    Mutant {
        name: "without-cut",
        example: "gi-bleed",
        file: "study.toml",
        changes: &[(
            "order_by = \"condition_start_date\"\nrows_max = 200\n",
            "order_by = \"condition_start_date\"\nrows_max = 100_000\n",
        )],
    },
];

/// Faults of readmission.
pub(super) const READMISSION: [Mutant; 7] = [
    Mutant {
        name: "without-links",
        example: "readmission",
        file: "src/stays.rs",
        changes: &[("any(|own| Some(*own) == visit)", "any(|_| visit == visit)")],
    },
    Mutant {
        name: "without-transfers",
        example: "readmission",
        file: "src/stays.rs",
        changes: &[("admitted <= stay.discharged", "admitted < stay.discharged")],
    },
    Mutant {
        name: "grid-shifted-by-a-day",
        example: "readmission",
        file: "src/lib.rs",
        changes: &[(
            "Days::of(stay.admitted - index.discharged, params)",
            "Days::of(stay.admitted - index.discharged + 1, params)",
        )],
    },
    Mutant {
        name: "planned-counts",
        example: "readmission",
        file: "src/lib.rs",
        changes: &[(".filter(|stay| !stay.planned)", "")],
    },
    Mutant {
        name: "labs-swapped",
        example: "readmission",
        file: "study.toml",
        changes: &[
            ("haemoglobin = { concepts = [3000963] }", "haemoglobin = { concepts = [3004410] }"),
            ("haemoglobin_unit = { concepts = [8713, ", "haemoglobin_unit = { concepts = [8554, "),
        ],
    },
    Mutant {
        name: "without-units",
        example: "readmission",
        file: "src/lib.rs",
        changes: &[("Unit::new(8749, 1.0 / 88.42)", "Unit::new(8749, 1.0)")],
    },
    Mutant {
        name: "last-lab-first",
        example: "readmission",
        file: "src/lib.rs",
        changes: &[("person.haemoglobin().rev()", "person.haemoglobin()")],
    },
];

/// The mutant as a module.
pub(super) fn module(mutant: &Mutant) -> PathBuf {
    static WRITTEN: OnceLock<(PathBuf, File)> = OnceLock::new();
    let (workspace, _) = WRITTEN.get_or_init(|| {
        let workspace = harness::scratch().join("mutants");
        let alone = File::create(workspace.with_extension("lock")).unwrap();
        alone.lock().unwrap();
        write_workspace(&workspace);
        (workspace, alone)
    });
    harness::guest(&workspace.join(mutant.name))
}

/// One workspace for all, so that what they depend on is compiled once.
fn write_workspace(workspace: &Path) {
    let mutants = GI_BLEED.iter().chain(&READMISSION);
    let members: Vec<_> = mutants.clone().map(|mutant| mutant.name).collect();
    write(
        &workspace.join("Cargo.toml"),
        &format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n"),
    );
    // The versions and the compiler that the example itself is built with.
    for file in ["Cargo.lock", "rust-toolchain.toml"] {
        fs::copy(harness::root().join(file), workspace.join(file)).unwrap();
    }
    for mutant in mutants {
        write_mutant(mutant, &workspace.join(mutant.name));
    }
}

fn write_mutant(mutant: &Mutant, folder: &Path) {
    let (package, sdk) = (mutant.name, harness::root().join("guest-sdk"));
    let manifest = format!(
        "[package]\nname = \"{package}\"\nedition = \"2024\"\n\n\
         [lib]\ncrate-type = [\"cdylib\"]\n\n\
         [dependencies]\ncloister-guest = {{ path = '{}' }}\n",
        sdk.display()
    );
    write(&folder.join("Cargo.toml"), &manifest);
    let example = harness::root().join("examples").join(mutant.example);
    let sources = fs::read_dir(example.join("src")).unwrap();
    let sources = sources.map(|file| file.unwrap().file_name().into_string().unwrap());
    let sources = sources.filter(|name| name != "tests.rs").map(|name| format!("src/{name}"));
    for file in sources.chain(["study.toml".to_owned()]) {
        let mut text = fs::read_to_string(example.join(&file)).unwrap();
        for (right, wrong) in mutant.changes.iter().filter(|_| file == mutant.file) {
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
