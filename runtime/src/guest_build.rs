//! Builds a study for `wasm32-unknown-unknown`: the same sources give the same bytes in any folder.
//!
//! There are two ways to a standard library for that target, because not every machine can fetch
//! the first: the toolchain's own, compiled ahead, or Debian's compiler and library sources, from
//! which cargo compiles it. All that shapes the code is given here, on cargo's command line, so
//! that neither the study's workspace nor the caller's environment has a say in the digest.
//!
//! The paths of the study, of its path dependencies, of homes and of compilers get other names in
//! the module, so that it says nothing of the machine.

use std::fmt::{self, Display};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde_json::Value;

use tools::{Tools, answer};

// The path is said because `xtask` compiles this file too, from its own folder.
#[path = "guest_build/tools.rs"]
mod tools;

/// The target every guest is compiled for.
const TARGET: &str = "wasm32-unknown-unknown";

/// Which standard library a guest is built with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuestStd {
    /// The one that the active toolchain has for the target, compiled ahead.
    Toolchain,
    /// Debian's sources, compiled by Debian's compiler.
    Debian,
}

/// A study's module, as compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The name of the study's package.
    pub package: String,
    /// Where the module is.
    pub wasm: PathBuf,
    /// What it was built with.
    pub toolchain: Toolchain,
    /// The folders of the packages it is made of that no registry has, and the packages' names.
    pub sources: Vec<(PathBuf, String)>,
    /// The folder of the study's workspace, where its lock file is.
    pub workspace: PathBuf,
}

/// All of a machine that has a say in a module's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolchain {
    /// The standard library.
    pub std: GuestStd,
    /// The compiler, as it names itself: `rustc 1.95.0 (59807616e 2026-04-14)`.
    pub rustc: String,
    /// The linker, as it names itself: `LLD 22.1.2`.
    pub linker: String,
    /// Where the standard library is: compiled ahead, or its sources.
    pub library: PathBuf,
}

/// Why a study was not built; the second line says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A word that names no standard library.
    #[error("unknown standard library `{0}`\nuse `toolchain` or `debian`")]
    UnknownStd(String),
    /// The toolchain has nothing for the target.
    #[error(
        "the toolchain has no standard library for `{TARGET}`\n\
         run `rustup target add {TARGET}`, or use Debian's with `--std debian`"
    )]
    NoToolchainStd,
    /// A part of the Debian way is missing.
    #[error(
        "`{}` is missing\n\
         run `apt-get install rustc-web cargo-web rust-web-src` as root, on Debian",
        .0.display()
    )]
    NoDebianStd(PathBuf),
    /// The Debian way has no linker for the target.
    #[error("there is no linker for `{TARGET}`\nrun `apt-get install lld` as root, on Debian")]
    NoLinker,
    /// Neither way is open.
    #[error(
        "there is no standard library for `{TARGET}`\n\
         run `rustup target add {TARGET}`, or, on Debian, \
         `apt-get install rustc-web cargo-web rust-web-src` as root"
    )]
    NoStd,
    /// The folder holds no package.
    #[error(
        "`{}` is not a study, or not there\ngive a folder with a package's `Cargo.toml`",
        .0.display()
    )]
    NotAStudy(PathBuf),
    /// The package has no library.
    #[error("package `{0}` has no library\nput the analysis into `src/lib.rs`")]
    NoLibrary(String),
    /// A file of the study or of the standard library cannot be read.
    #[error("`{}` cannot be read: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A tool could not be started at all.
    #[error("could not start `{program}`: {source}\ninstall it, or put it on the PATH")]
    Start {
        /// The tool.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// A tool ran and failed.
    #[error("`{command}` failed\n{tail}")]
    Failed {
        /// What ran.
        command: String,
        /// The end of its standard error, which names the line to mend.
        tail: String,
    },
    /// A tool answered something unforeseen.
    #[error("did not understand the answer of `{0}`\ncheck that it is version 1.95 or newer")]
    Answer(String),
}

/// Compiles the study in `dir` (a folder with `Cargo.toml`) to a module.
///
/// Compiled files go to a folder of each standard library's own under `target_dir`; without one,
/// under `guests` in the target folder of the study's workspace.
pub fn build(dir: &Path, target_dir: Option<&Path>, std: GuestStd) -> Result<Built, BuildError> {
    let not_a_study = || BuildError::NotAStudy(dir.to_owned());
    let dir = dir.canonicalize().map_err(|_| not_a_study())?;
    if !dir.join("Cargo.toml").is_file() {
        return Err(not_a_study());
    }
    let tools = Tools::find(std, &dir)?;
    let study = Study::read(&tools, dir)?;
    let target = target_dir.unwrap_or(&study.target_dir.join("guests")).join(std.to_string());
    let target = std::path::absolute(&target).unwrap_or(target);
    tools.compile(&study, &target)?;
    let wasm = target.join(TARGET).join("release").join(study.library).with_extension("wasm");
    if !wasm.is_file() {
        return Err(BuildError::Answer("cargo rustc".to_owned()));
    }
    let Study { package, sources, workspace, .. } = study;
    Ok(Built { package, wasm, toolchain: tools.toolchain(std)?, sources, workspace })
}

/// What a study in `dir` would be built with.
///
/// # Errors
/// [`BuildError`] if a part of it is missing.
pub(crate) fn toolchain(dir: &Path, std: GuestStd) -> Result<Toolchain, BuildError> {
    Tools::find(std, dir)?.toolchain(std)
}

impl GuestStd {
    /// Checks that the wanted standard library is there; without a wish, takes the first that is.
    pub fn find(wanted: Option<GuestStd>) -> Result<GuestStd, BuildError> {
        let here = Path::new(".");
        match wanted {
            Some(std) => Tools::find(std, here).map(|_| std),
            None => [GuestStd::Toolchain, GuestStd::Debian]
                .into_iter()
                .find(|std| Tools::find(*std, here).is_ok())
                .ok_or(BuildError::NoStd),
        }
    }
}

impl FromStr for GuestStd {
    type Err = BuildError;

    fn from_str(word: &str) -> Result<Self, BuildError> {
        match word {
            "toolchain" => Ok(GuestStd::Toolchain),
            "debian" => Ok(GuestStd::Debian),
            other => Err(BuildError::UnknownStd(other.to_owned())),
        }
    }
}

impl Display for GuestStd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            GuestStd::Toolchain => "toolchain",
            GuestStd::Debian => "debian",
        })
    }
}

/// What cargo knows of the study.
struct Study {
    /// The folder of its manifest.
    dir: PathBuf,
    package: String,
    /// The library's name, which is the module's file name.
    library: String,
    /// The folder its relative paths start at.
    workspace: PathBuf,
    target_dir: PathBuf,
    /// The folders of all packages that no registry has, and their names.
    paths: Vec<(PathBuf, String)>,
    /// Those of them that the study is made of.
    sources: Vec<(PathBuf, String)>,
}

impl Study {
    fn read(tools: &Tools, dir: PathBuf) -> Result<Study, BuildError> {
        let mut command = tools.cargo(&dir);
        command.args(["metadata", "--format-version", "1", "--manifest-path"]);
        let text = answer(command.arg(dir.join("Cargo.toml")))?;
        Study::parse(&text, dir)
    }

    fn parse(metadata: &str, dir: PathBuf) -> Result<Study, BuildError> {
        let unclear = || BuildError::Answer("cargo metadata".to_owned());
        let metadata: Value = serde_json::from_str(metadata).map_err(|_| unclear())?;
        let manifest = dir.join("Cargo.toml");
        let package = list(&metadata, "packages")
            .find(|package| word(package, "manifest_path").map(Path::new) == Some(&manifest))
            .ok_or_else(|| BuildError::NotAStudy(dir.clone()))?;
        let name = word(package, "name").ok_or_else(unclear)?;
        let library = list(package, "targets")
            .find(|target| list(target, "kind").any(|kind| LIBRARIES.iter().any(|l| kind == l)))
            .and_then(|target| word(target, "name"))
            .ok_or_else(|| BuildError::NoLibrary(name.to_owned()))?;
        // A package without a source is there by its path.
        let by_path = || list(&metadata, "packages").filter(|p| word(p, "source").is_none());
        let place = |package: &Value| {
            let folder = Path::new(word(package, "manifest_path")?).parent()?;
            Some((folder.to_owned(), word(package, "name")?.to_owned()))
        };
        let used = used_by(&metadata, word(package, "id").unwrap_or_default());
        let is_used = |p: &&Value| word(p, "id").is_some_and(|id| used.contains(&id));
        let sources = by_path().filter(is_used).filter_map(place).collect();
        let paths = by_path().filter_map(place).collect();
        let folder = |key| word(&metadata, key).map(PathBuf::from).ok_or_else(unclear);
        Ok(Study {
            dir,
            package: name.to_owned(),
            library: library.replace('-', "_"),
            workspace: folder("workspace_root")?,
            target_dir: folder("target_directory")?,
            paths,
            sources,
        })
    }
}

/// The kinds of target that `cargo rustc --lib` can make a module of.
const LIBRARIES: &[&str] = &["lib", "rlib", "cdylib", "dylib", "staticlib"];

/// The ids of `package` and all that it is compiled from; what only its tests use is left out.
fn used_by<'m>(metadata: &'m Value, package: &'m str) -> Vec<&'m str> {
    let nodes = metadata.get("resolve").map(|resolve| list(resolve, "nodes").collect::<Vec<_>>());
    let nodes = nodes.unwrap_or_default();
    let mut used = vec![package];
    let mut at = 0;
    while let Some(id) = used.get(at).copied() {
        at += 1;
        let node = nodes.iter().find(|node| word(node, "id") == Some(id));
        for dependency in node.into_iter().flat_map(|node| list(node, "deps")) {
            let test = |kind: &Value| word(kind, "kind") == Some("dev");
            let needed = !list(dependency, "dep_kinds").all(test);
            match word(dependency, "pkg") {
                Some(id) if needed && !used.contains(&id) => used.push(id),
                _ => {}
            }
        }
    }
    used
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn word<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    const METADATA: &str = r#"{
        "packages": [
            {"name": "other", "id": "o", "manifest_path": "/w/other/Cargo.toml", "targets": []},
            {"name": "gi-bleed", "id": "g", "manifest_path": "/w/gi/Cargo.toml", "targets": [
                {"name": "tool", "kind": ["bin"]},
                {"name": "gi-bleed", "kind": ["cdylib", "rlib"]}
            ]},
            {"name": "sdk", "id": "s", "manifest_path": "/w/sdk/Cargo.toml", "targets": []},
            {"name": "toml", "id": "t", "manifest_path": "/c/toml/Cargo.toml", "source": "registry"}
        ],
        "resolve": {"nodes": [
            {"id": "g", "deps": [
                {"pkg": "s", "dep_kinds": [{"kind": null}]},
                {"pkg": "o", "dep_kinds": [{"kind": "dev"}]}
            ]},
            {"id": "s", "deps": [{"pkg": "t", "dep_kinds": [{"kind": "build"}]}]}
        ]},
        "workspace_root": "/w",
        "target_directory": "/t"
    }"#;

    #[test]
    fn the_package_is_the_one_of_the_given_folder() {
        let study = Study::parse(METADATA, "/w/gi".into()).unwrap();
        assert_eq!((study.package.as_str(), study.library.as_str()), ("gi-bleed", "gi_bleed"));
        assert_eq!((study.workspace, study.target_dir), ("/w".into(), "/t".into()));
    }

    #[test]
    fn its_sources_are_what_it_is_compiled_from() {
        let study = Study::parse(METADATA, "/w/gi".into()).unwrap();
        let names = |list: &[(PathBuf, String)]| list.iter().map(|(_, n)| n.clone()).collect();
        let sources: Vec<String> = names(&study.sources);
        assert_eq!(sources, ["gi-bleed", "sdk"]);
        let paths: Vec<String> = names(&study.paths);
        assert_eq!(paths, ["other", "gi-bleed", "sdk"]);
    }

    #[test]
    fn what_is_no_study_is_refused() {
        let parse = |text, dir: &str| Study::parse(text, dir.into()).map(|study| study.package);
        assert!(matches!(parse(METADATA, "/w"), Err(BuildError::NotAStudy(_))));
        assert!(matches!(parse(METADATA, "/w/other"), Err(BuildError::NoLibrary(_))));
        assert!(matches!(parse("{", "/w/gi"), Err(BuildError::Answer(_))));
        let nowhere = build(Path::new("no/such/folder"), None, GuestStd::Toolchain);
        assert!(matches!(nowhere, Err(BuildError::NotAStudy(_))));
    }

    #[test]
    fn a_standard_library_is_named_as_it_is_read() {
        for std in [GuestStd::Toolchain, GuestStd::Debian] {
            assert_eq!(std.to_string().parse::<GuestStd>().unwrap(), std);
        }
        assert!("Debian".parse::<GuestStd>().is_err());
    }
}
