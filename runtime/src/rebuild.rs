//! A module from its sources, and the proof that a given module is just that.
//!
//! A rebuild compares bytes: a module is what its sources give, or it is not. Before it compiles
//! anything it compares what the module says of its toolchain with this machine's, because two
//! compilers give two modules and that tells nothing of the sources.

use std::fmt;
use std::path::{Path, PathBuf};

use cloister_contract::digest::Digest;
use cloister_contract::study::{BOUNDS, Study};

use crate::admit::{Module, Refusal};
use crate::bounded::read_bounded;
use crate::build_facts::{BuildFacts, NotBuildFacts, digest_of, files_below};
use crate::custom_section::with_plain_names;
use crate::guest_build::{self, BuildError, Built, GuestStd};

/// A module just built, and from what.
#[derive(Clone, Debug)]
pub struct SourceModule {
    /// The module, with its build facts in it.
    pub module: Module,
    /// With what it was built.
    pub facts: BuildFacts,
    /// SHA-256 over the sources: the study's packages but those of a registry, and the lock file
    /// that names these. What a build leaves, and what `git` keeps, is not of the sources.
    pub sources: Digest,
}

/// What a rebuild found.
#[derive(Clone, Debug)]
pub enum Rebuilt {
    /// The sources give the module, byte for byte.
    Same(Box<SourceModule>),
    /// They give another one.
    Another(Box<SourceModule>),
}

/// The module was built with something that is not here, so its bytes cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing was compared: the module was built with another {}", list(.0))]
pub struct NotComparable(Vec<OtherTool>);

/// A tool that is another one here.
#[derive(Clone, Debug, PartialEq, Eq)]
struct OtherTool {
    what: &'static str,
    there: String,
    here: String,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The study cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// What was built is no module that a site would take.
    #[error(transparent)]
    Module(#[from] Refusal),
    /// The module does not say with what it was built.
    #[error(transparent)]
    Facts(#[from] NotBuildFacts),
    /// It was built with something else.
    #[error(transparent)]
    NotComparable(#[from] NotComparable),
    /// The sources do not say which versions they are built with.
    #[error(
        "there is no `Cargo.lock` in or above `{}`, which says with which versions the module was \
         built; ask the author for it", .0.display()
    )]
    NoLock(PathBuf),
    /// There is no room for the build.
    #[error("no folder can be made to build in: {0}")]
    Folder(std::io::Error),
}

/// Builds the study in `dir`; compiled files go to `target_dir`, or to the study's own.
///
/// # Errors
/// [`RebuildError`] if it does not compile, or a site would refuse the module.
pub fn build_module(
    dir: &Path,
    target_dir: Option<&Path>,
    std: GuestStd,
) -> Result<SourceModule, RebuildError> {
    // A mistake in the contract is told at once, and not after a minute of compiling.
    if let Ok(text) = read_bounded(&dir.join("study.toml"), BOUNDS.file_bytes_max as u64) {
        Study::parse("study.toml", &text).map_err(Refusal::Study)?;
    }
    let built = guest_build::build(dir, target_dir, std)?;
    let facts = BuildFacts::of(&built.toolchain)?;
    let bytes = std::fs::read(&built.wasm)
        .map_err(|source| BuildError::Read { path: built.wasm.clone(), source })?;
    let bytes =
        with_plain_names(&bytes).map_err(|_| BuildError::Answer("cargo rustc".to_owned()))?;
    let module = Module::of(facts.append_to(bytes)?)?;
    Ok(SourceModule { module, facts, sources: sources(&built)? })
}

/// Builds the study in `dir` into a folder of its own and compares it with `expected`. The standard
/// library is the one that `expected` names, unless `std` is another.
///
/// # Errors
/// [`RebuildError`] if there is nothing to compare; [`NotComparable`] names another toolchain.
pub fn rebuild(
    dir: &Path,
    expected: &Module,
    std: Option<GuestStd>,
) -> Result<Rebuilt, RebuildError> {
    let not_a_study = |_| BuildError::NotAStudy(dir.to_owned());
    let whole = dir.canonicalize().map_err(not_a_study)?;
    let claimed = BuildFacts::in_module(expected.checked.bytes())?;
    // Without one, cargo would choose today's versions, and write them into the sources.
    if !whole.ancestors().any(|above| above.join("Cargo.lock").exists()) {
        return Err(RebuildError::NoLock(dir.to_owned()));
    }
    let std = std.map_or_else(|| claimed.std.parse(), Ok)?;
    let toolchain = guest_build::toolchain(dir, std)?;
    comparable(&claimed, &BuildFacts::of(&toolchain)?)?;
    // Compiled files that came with the sources are somebody else's word.
    let fresh = tempfile::tempdir().map_err(RebuildError::Folder)?;
    let found = Box::new(build_module(dir, Some(fresh.path()), std)?);
    let same = found.module.checked.bytes() == expected.checked.bytes();
    Ok(if same { Rebuilt::Same(found) } else { Rebuilt::Another(found) })
}

fn comparable(there: &BuildFacts, here: &BuildFacts) -> Result<(), NotComparable> {
    let digest = |digest: Digest| format!("sha256:{digest}");
    let tools = [
        ("compiler", there.rustc.clone(), here.rustc.clone()),
        ("linker", there.linker.clone(), here.linker.clone()),
        ("standard library", there.std.clone(), here.std.clone()),
        ("standard library's files", digest(there.std_sha256), digest(here.std_sha256)),
        ("recipe", there.recipe.to_string(), here.recipe.to_string()),
    ];
    let others = tools.into_iter().filter(|(_, there, here)| there != here);
    let others: Vec<_> =
        others.map(|(what, there, here)| OtherTool { what, there, here }).collect();
    if others.is_empty() { Ok(()) } else { Err(NotComparable(others)) }
}

fn list(others: &[OtherTool]) -> String {
    let one = |OtherTool { what, there, here }: &OtherTool| {
        format!("{what} (`{there}`; here is `{here}`)")
    };
    others.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// SHA-256 over a line for each package's files, and one for the lock file.
fn sources(built: &Built) -> Result<Digest, BuildError> {
    let left_out = |name: &str| {
        matches!(name, "target" | ".git") || name.ends_with(".wasm") || name.ends_with(".jsonl")
    };
    let enter =
        |path: &Path| path.file_name().is_none_or(|name| !left_out(&name.to_string_lossy()));
    let mut lines = Vec::new();
    for (folder, name) in &built.sources {
        // A package within another's folder has a line of its own.
        let others = built.sources.iter().map(|(other, _)| other);
        let inner: Vec<_> = others.filter(|other| *other != folder).collect();
        let files =
            files_below(folder, &|path| enter(path) && !inner.iter().any(|other| *other == path))?;
        lines.push(format!("{} {name}\n", digest_of(folder, &files)?));
    }
    lines.sort();
    let lock = built.workspace.join("Cargo.lock");
    let lock = std::fs::read(&lock).map_err(|source| BuildError::Read { path: lock, source })?;
    lines.push(format!("{} Cargo.lock\n", Digest::of(&lock)));
    Ok(Digest::of(lines.concat().as_bytes()))
}

impl fmt::Display for SourceModule {
    /// The line that a review quotes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Module { study, digest, study_digest, .. } = &self.module;
        let (name, version) = (&study.name, &study.version);
        write!(f, "{name} {version}, module sha256:{digest}, study file sha256:{study_digest}, ")?;
        write!(f, "sources sha256:{}, {}", self.sources, self.facts)
    }
}
