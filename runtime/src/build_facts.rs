//! With what a module was built: a custom section `cloister.build`, written by `study build`.
//!
//! It is a claim like any other until somebody rebuilds the module: it says which toolchain to
//! take, so that a mismatch between two compilers is told from one between two sources. It holds
//! nothing of a machine or a day, so the same sources still give the same bytes.
//!
//! ```toml
//! recipe = 1
//! rustc = "rustc 1.95.0 (59807616e 2026-04-14)"
//! linker = "LLD 22.1.2"
//! std = "toolchain"
//! std_sha256 = "0123…"
//! ```

use std::fmt;
use std::path::{Path, PathBuf};

use cloister_contract::abi::BUILD_SECTION;
use cloister_contract::digest::Digest;
use serde::{Deserialize, Serialize};

use crate::custom_section;
use crate::guest_build::{BuildError, Toolchain};

/// The version of what `study build` gives to cargo: the profile, the flags, the names of folders.
/// It changes with anything there that changes a module's bytes.
pub const RECIPE: u32 = 1;

/// With what a module was built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuildFacts {
    /// The recipe's version, [`RECIPE`].
    pub recipe: u32,
    /// The compiler, as it names itself.
    pub rustc: String,
    /// The linker, as it names itself.
    pub linker: String,
    /// Which standard library: `toolchain` or `debian`.
    pub std: String,
    /// SHA-256 over the standard library's files.
    pub std_sha256: Digest,
}

/// The module does not say with what it was built, or not so that it can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotBuildFacts {
    /// There is no such section, or more than one.
    #[error(
        "the module has {0} sections `{BUILD_SECTION}`, and one would say with what it was built; \
         ask its author to build it with `cloister study build`"
    )]
    Sections(usize),
    /// The section is not what `study build` writes.
    #[error("the module's section `{BUILD_SECTION}` cannot be read; ask its author to build again")]
    Broken,
}

/// Files of a standard library that shape a module, where it was compiled ahead: not the metadata
/// beside them.
const COMPILED: &str = "rlib";

impl BuildFacts {
    /// What `toolchain` is on this machine.
    ///
    /// # Errors
    /// [`BuildError`] if the standard library cannot be read.
    pub fn of(toolchain: &Toolchain) -> Result<Self, BuildError> {
        let library = &toolchain.library;
        let compiled = |path: &Path| path.extension().is_some_and(|end| end == COMPILED);
        let mut files = files_below(library, &|_| true)?;
        if files.iter().any(|file| compiled(file)) {
            files.retain(|file| compiled(file));
        }
        Ok(Self {
            recipe: RECIPE,
            rustc: toolchain.rustc.clone(),
            linker: toolchain.linker.clone(),
            std: toolchain.std.to_string(),
            std_sha256: digest_of(library, &files)?,
        })
    }

    /// What the module in `bytes` says.
    ///
    /// # Errors
    /// [`NotBuildFacts`] if it says nothing, or more than one thing.
    pub fn in_module(bytes: &[u8]) -> Result<Self, NotBuildFacts> {
        let sections = wasmparser::Parser::new(0).parse_all(bytes).filter_map(|payload| {
            match payload.ok()? {
                wasmparser::Payload::CustomSection(section) if section.name() == BUILD_SECTION => {
                    Some(section.data())
                }
                _ => None,
            }
        });
        let sections: Vec<_> = sections.collect();
        let [section] = sections[..] else { return Err(NotBuildFacts::Sections(sections.len())) };
        let text = std::str::from_utf8(section).map_err(|_| NotBuildFacts::Broken)?;
        let facts: Self = toml::from_str(text).map_err(|_| NotBuildFacts::Broken)?;
        // They are shown to people, and written to a terminal.
        let names = [&facts.rustc, &facts.linker, &facts.std];
        let printable = |name: &&String| {
            name.len() <= 100 && name.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
        };
        // One spelling, so that no comment hides in it.
        let same = facts.text().as_deref() == Ok(text);
        if same && names.iter().all(printable) { Ok(facts) } else { Err(NotBuildFacts::Broken) }
    }

    /// The module in `bytes` with these facts as its last section.
    ///
    /// # Errors
    /// [`NotBuildFacts`] if they cannot be written.
    pub fn append_to(&self, mut bytes: Vec<u8>) -> Result<Vec<u8>, NotBuildFacts> {
        custom_section::append(&mut bytes, BUILD_SECTION, self.text()?.as_bytes());
        Ok(bytes)
    }

    fn text(&self) -> Result<String, NotBuildFacts> {
        toml::to_string(self).map_err(|_| NotBuildFacts::Broken)
    }
}

impl fmt::Display for BuildFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { recipe, rustc, linker, std, std_sha256 } = self;
        write!(f, "{rustc}, {linker}, standard library {std} sha256:{std_sha256}, recipe {recipe}")
    }
}

/// Every file below `folder` but those in folders that `enter` leaves out, sorted by path. Links
/// are not followed: what they point to is not here.
pub(crate) fn files_below(
    folder: &Path,
    enter: &dyn Fn(&Path) -> bool,
) -> Result<Vec<PathBuf>, BuildError> {
    let unread = |source| BuildError::Read { path: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in folder.read_dir().map_err(unread)? {
        let entry = entry.map_err(unread)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(unread)?);
        if kind.is_file() && enter(&path) {
            files.push(path);
        } else if kind.is_dir() && enter(&path) {
            files.extend(files_below(&path, enter)?);
        }
    }
    files.sort();
    Ok(files)
}

/// SHA-256 over a line for each file: its path below `folder` and the SHA-256 of what it holds.
pub(crate) fn digest_of(folder: &Path, files: &[PathBuf]) -> Result<Digest, BuildError> {
    let mut lines = String::new();
    for file in files {
        let bytes = std::fs::read(file)
            .map_err(|source| BuildError::Read { path: file.clone(), source })?;
        let name = file.strip_prefix(folder).unwrap_or(file);
        lines += &format!("{} {}\n", Digest::of(&bytes), name.display());
    }
    Ok(Digest::of(lines.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> BuildFacts {
        BuildFacts {
            recipe: RECIPE,
            rustc: "rustc 1.95.0".to_owned(),
            linker: "LLD 22.1.2".to_owned(),
            std: "toolchain".to_owned(),
            std_sha256: Digest::of(b""),
        }
    }

    #[test]
    fn what_is_written_reads_back_and_the_module_stays_one() {
        let empty = wat::parse_str("(module)").unwrap();
        assert_eq!(BuildFacts::in_module(&empty), Err(NotBuildFacts::Sections(0)));
        let bytes = facts().append_to(empty).unwrap();
        assert_eq!(BuildFacts::in_module(&bytes).unwrap(), facts());
        wasmparser::validate(&bytes).unwrap();
        let twice = facts().append_to(bytes).unwrap();
        assert_eq!(BuildFacts::in_module(&twice), Err(NotBuildFacts::Sections(2)));
    }

    #[test]
    fn another_spelling_is_refused() {
        for (from, to) in [
            ("recipe = 1", "recipe =  1"),
            ("recipe", "# hidden\nrecipe"),
            ("LLD", "\u{1b}[2J"),
            ("LLD", "\u{430}"),
        ] {
            let text = facts().text().unwrap().replacen(from, to, 1);
            let name: String = BUILD_SECTION.into();
            let quoted: String = text.bytes().map(|byte| format!("\\{byte:02x}")).collect();
            let module = format!("(module (@custom \"{name}\" \"{quoted}\"))");
            let bytes = wat::parse_str(module).unwrap();
            assert_eq!(BuildFacts::in_module(&bytes), Err(NotBuildFacts::Broken), "{to}");
        }
    }

    #[test]
    fn a_digest_of_a_folder_is_of_names_and_contents() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("a")).unwrap();
        std::fs::write(at("a/one"), "1").unwrap();
        std::fs::write(at("two"), "2").unwrap();
        let digest = || {
            let files = files_below(folder.path(), &|_| true).unwrap();
            digest_of(folder.path(), &files).unwrap()
        };
        // What `sha256sum a/one two | sed 's/  / /' | sha256sum` says.
        let wanted = "9d4785b0d3ab86d80d149346670e855216f33dd5c16a17568ead566d4d5cc02d";
        let first = digest();
        std::fs::rename(at("two"), at("three")).unwrap();
        assert_ne!(digest(), first);
        std::fs::rename(at("three"), at("two")).unwrap();
        assert_eq!(digest(), first);
        assert_eq!(first.to_string(), wanted);
    }
}
