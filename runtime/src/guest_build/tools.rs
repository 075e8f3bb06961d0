//! The programs of the two ways to a guest, and how they are called.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::{BuildError, GuestStd, Study, TARGET, Toolchain};

/// Where Debian's `cargo-web`, `rustc-web` and `rust-web-src` put what a build needs.
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_LIBRARY: &str = "/usr/lib/rustlib/src/rust/library";
/// From Debian's `lld`; used where no toolchain brings its own `rust-lld`.
const DEBIAN_LINKER: &str = "/usr/bin/wasm-ld";

/// Every setting that shapes the code, over whatever the study's workspace says.
const PROFILE: &[&str] = &[
    "profile.release.opt-level='s'",
    "profile.release.lto=true",
    "profile.release.codegen-units=1",
    "profile.release.panic='abort'",
    // The names of functions stay: by them a reviewer sees what changed between two versions.
    "profile.release.strip='debuginfo'",
    "profile.release.debug=false",
    "profile.release.incremental=false",
    "profile.release.debug-assertions=false",
    // A sum that overflows traps, and a trap contributes nothing: better than a wrong number.
    "profile.release.overflow-checks=true",
];

/// Far above what a person's bundle needs, a quarter of what rustc would reserve.
const STACK_BYTES: u32 = 256 * 1024;

/// What of cargo's and rustup's environment reaches the build: where things are, never what to do.
const KEPT: &[&str] = &[
    "CARGO_HOME",
    "CARGO_HTTP_",
    "CARGO_NET_",
    "CARGO_REGISTR",
    "CARGO_TARGET_DIR",
    "RUSTUP_AUTO_INSTALL",
    "RUSTUP_DIST_",
    "RUSTUP_HOME",
    "RUSTUP_UPDATE_ROOT",
];

/// How much of a failed child's standard error an error carries.
const TAIL_LINES: usize = 60;

/// The programs of one way, found and known to work.
pub(super) struct Tools {
    cargo: &'static str,
    rustc: &'static str,
    /// Where the compiler and its libraries are.
    sysroot: PathBuf,
    /// First line of `rustc -vV`.
    pub(super) version: String,
    /// The commit the compiler was made from; its own libraries carry it in their paths.
    commit: String,
    /// Set where the compiler does not bring its own.
    linker: Option<PathBuf>,
}

impl Tools {
    /// Checks that all of one way is there, as seen from `dir`.
    pub(super) fn find(std: GuestStd, dir: &Path) -> Result<Tools, BuildError> {
        let (cargo, rustc) = match std {
            GuestStd::Toolchain => ("cargo", "rustc"),
            GuestStd::Debian => (DEBIAN_CARGO, DEBIAN_RUSTC),
        };
        if std == GuestStd::Debian {
            let library = Path::new(DEBIAN_LIBRARY).join("std/Cargo.toml");
            let needed = [DEBIAN_CARGO.into(), DEBIAN_RUSTC.into(), library];
            if let Some(missing) = needed.into_iter().find(|path: &PathBuf| !path.exists()) {
                return Err(BuildError::NoDebianStd(missing));
            }
        }
        let sysroot = sysroot(rustc, dir)?;
        let ahead = sysroot.join("lib/rustlib").join(TARGET).join("lib");
        if std == GuestStd::Toolchain && !ahead.is_dir() {
            return Err(BuildError::NoToolchainStd);
        }
        let about = answer(child(rustc, dir).arg("-vV"))?;
        let line = |start: &str| about.lines().find_map(|line| line.strip_prefix(start));
        Ok(Tools {
            cargo,
            rustc,
            sysroot,
            version: about.lines().next().unwrap_or_default().to_owned(),
            commit: line("commit-hash: ").unwrap_or("unknown").to_owned(),
            linker: match std {
                GuestStd::Toolchain => None,
                GuestStd::Debian => Some(debian_linker(dir)?),
            },
        })
    }

    /// What these programs are, for whoever wants the same bytes.
    pub(super) fn toolchain(&self, std: GuestStd) -> Result<Toolchain, BuildError> {
        let library = match std {
            GuestStd::Toolchain => self.sysroot.join("lib/rustlib").join(TARGET).join("lib"),
            GuestStd::Debian => DEBIAN_LIBRARY.into(),
        };
        let linker = self.linker.clone().or_else(|| rust_lld(&self.sysroot));
        let linker =
            linker.map_or_else(|| Ok("unknown".to_owned()), |path| linker_version(&path))?;
        Ok(Toolchain { std, rustc: self.version.clone(), linker, library })
    }

    /// Cargo, with nothing of the caller's cargo in its environment.
    pub(super) fn cargo(&self, dir: &Path) -> Command {
        let mut command = child(self.cargo, dir);
        if let Some(linker) = &self.linker {
            command.env("RUSTC", self.rustc);
            // Compiling the standard library is an unstable feature of a stable compiler.
            command.env("RUSTC_BOOTSTRAP", "1");
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
        command
    }

    /// Compiles the study's library as a module into `target`.
    pub(super) fn compile(&self, study: &Study, target: &Path) -> Result<(), BuildError> {
        let cargo_home = cargo_home();
        // The folder of a registry's sources is named after the registry's host, so each gets a
        // remapping; where the build itself made the folder, a second build knows it.
        let mut sources = registry_sources(&cargo_home);
        loop {
            let remaps = self.remaps(study, target, &cargo_home, &sources);
            answer(self.rustc(study, target).env("CARGO_ENCODED_RUSTFLAGS", flags(&remaps)))?;
            let after = registry_sources(&cargo_home);
            if after == sources {
                return Ok(());
            }
            sources = after;
        }
    }

    fn rustc(&self, study: &Study, target: &Path) -> Command {
        let mut command = self.cargo(&study.dir);
        // `cargo rustc` may say the crate type. With an `rlib` beside it, as in a study's own
        // manifest, cargo leaves link-time optimisation out, and the module is half as large again.
        command.args(["rustc", "--release", "--lib", "--crate-type", "cdylib", "--target", TARGET]);
        command.arg("--manifest-path").arg(study.dir.join("Cargo.toml"));
        command.arg("--target-dir").arg(target);
        for setting in PROFILE {
            command.args(["--config", setting]);
        }
        if self.linker.is_some() {
            command.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features="]);
        }
        command
    }

    /// What each path of this machine is called in the module. Of those that match, the compiler
    /// takes the last.
    fn remaps(
        &self,
        study: &Study,
        target: &Path,
        cargo_home: &Path,
        sources: &BTreeSet<PathBuf>,
    ) -> Vec<(PathBuf, String)> {
        let library = self.sysroot.join("lib/rustlib/src/rust");
        // What a standard library that was compiled ahead calls itself.
        let rust = format!("/rustc/{}", self.commit);
        let mut remaps = vec![(home(), "/home".to_owned()), (cargo_home.into(), "/cargo".into())];
        remaps.extend(sources.iter().map(|source| (source.clone(), "/cargo/registry".into())));
        remaps.push((self.sysroot.clone(), "/sysroot".into()));
        remaps.extend(library.canonicalize().map(|real| (real, rust.clone())));
        remaps.push((library, rust));
        let crates = study.paths.iter();
        remaps.extend(crates.map(|(folder, name)| (folder.clone(), format!("/crates/{name}"))));
        remaps.push((study.dir.clone(), "/study".into()));
        remaps.push((study.workspace.clone(), "/study".into()));
        remaps.push((target.into(), "/target".into()));
        // A home that is empty or `/` says nothing, and would match everything.
        remaps.retain(|(from, _)| from.parent().is_some());
        remaps
    }
}

/// The compiler's flags: no path of this machine in the module, and a small stack.
fn flags(remaps: &[(PathBuf, String)]) -> OsString {
    let mut flags = OsString::from(format!("-Clink-arg=-zstack-size={STACK_BYTES}"));
    for (from, to) in remaps {
        flags.push("\u{1f}--remap-path-prefix=");
        flags.push(from);
        flags.push("=");
        flags.push(to);
    }
    flags
}

/// A child that behaves the same from a shell and from under `cargo test`.
fn child(program: &str, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(dir).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(leaks) {
            command.env_remove(name);
        }
    }
    command
}

/// Whether a variable tells an inner cargo what only the outer one, or its caller, meant.
fn leaks(name: &str) -> bool {
    (name.starts_with("CARGO") || name.starts_with("RUST"))
        && !KEPT.iter().any(|kept| name.starts_with(kept))
}

/// Runs a command to its end and gives its standard output.
pub(super) fn answer(command: &mut Command) -> Result<String, BuildError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .map_err(|source| BuildError::Start { program: program.clone(), source })?;
    let verb = command.get_args().next().unwrap_or_default().to_string_lossy();
    let command = format!("{program} {verb}");
    if !output.status.success() {
        return Err(BuildError::Failed { command, tail: tail(&output) });
    }
    String::from_utf8(output.stdout).map_err(|_| BuildError::Answer(command))
}

/// The last lines of standard error: the first mistakes scroll away before the last one does.
fn tail(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(TAIL_LINES);
    lines.get(from..).unwrap_or_default().join("\n")
}

fn sysroot(rustc: &str, dir: &Path) -> Result<PathBuf, BuildError> {
    let path = answer(child(rustc, dir).args(["--print", "sysroot"]))?;
    Ok(PathBuf::from(path.trim_end()))
}

/// The linker of the rustup toolchain, if there is one, else Debian's.
fn debian_linker(dir: &Path) -> Result<PathBuf, BuildError> {
    let toolchain = sysroot("rustc", dir).ok();
    toolchain
        .and_then(|sysroot| rust_lld(&sysroot))
        .or_else(|| Some(PathBuf::from(DEBIAN_LINKER)).filter(|path| path.is_file()))
        .ok_or(BuildError::NoLinker)
}

/// The linker that a toolchain brings.
fn rust_lld(sysroot: &Path) -> Option<PathBuf> {
    let hosts = sysroot.join("lib/rustlib").read_dir().ok()?;
    hosts.flatten().map(|host| host.path().join("bin/rust-lld")).find(|path| path.is_file())
}

/// The linker's name and version, without where it was built: `LLD 22.1.2`.
fn linker_version(linker: &Path) -> Result<String, BuildError> {
    let mut command = Command::new(linker);
    if linker.ends_with("rust-lld") {
        command.args(["-flavor", "wasm"]);
    }
    let said = answer(command.arg("--version"))?;
    let line = said.lines().next().unwrap_or_default();
    Ok(line.split(" (").next().unwrap_or_default().trim().to_owned())
}

/// The user's home, or an empty path.
fn home() -> PathBuf {
    std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default()
}

fn cargo_home() -> PathBuf {
    std::env::var_os("CARGO_HOME").map_or_else(|| home().join(".cargo"), PathBuf::from)
}

/// One folder for each registry whose sources were ever unpacked here.
fn registry_sources(cargo_home: &Path) -> BTreeSet<PathBuf> {
    let folders = cargo_home.join("registry/src").read_dir();
    folders.into_iter().flatten().flatten().map(|folder| folder.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outer_cargo_does_not_leak_into_the_build() {
        for name in ["CARGO", "CARGO_MANIFEST_DIR", "CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS"] {
            assert!(leaks(name), "{name}");
        }
        for name in ["RUSTC", "RUSTUP_TOOLCHAIN", "CARGO_BUILD_TARGET", "CARGO_PROFILE_RELEASE_LTO"]
        {
            assert!(leaks(name), "{name}");
        }
        for name in ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "CARGO_NET_OFFLINE"] {
            assert!(!leaks(name), "{name}");
        }
    }

    /// The remappings of a study in `/w/gi`, with so much else about the machine.
    fn remaps(target: &str, cargo_home: &str, sources: &[&str]) -> Vec<(PathBuf, String)> {
        let tools = Tools {
            cargo: "cargo",
            rustc: "rustc",
            sysroot: "/r".into(),
            version: String::new(),
            commit: "abc".to_owned(),
            linker: None,
        };
        let study = Study {
            dir: "/w/gi".into(),
            package: String::new(),
            library: String::new(),
            workspace: "/w".into(),
            target_dir: PathBuf::new(),
            paths: vec![("/sdk".into(), "cloister-guest".to_owned())],
            sources: Vec::new(),
        };
        let sources = sources.iter().map(PathBuf::from).collect();
        let mut remaps = tools.remaps(&study, Path::new(target), Path::new(cargo_home), &sources);
        remaps.retain(|(_, to)| to != "/home");
        remaps
    }

    #[test]
    fn every_folder_of_this_machine_has_another_name() {
        let flags = flags(&remaps("/w/t", "/c", &["/c/registry/src/host-1"]));
        let flags = flags.into_string().unwrap();
        assert_eq!(
            flags.split("\u{1f}--remap-path-prefix=").collect::<Vec<_>>(),
            [
                "-Clink-arg=-zstack-size=262144",
                "/c=/cargo",
                "/c/registry/src/host-1=/cargo/registry",
                "/r=/sysroot",
                "/r/lib/rustlib/src/rust=/rustc/abc",
                "/sdk=/crates/cloister-guest",
                "/w/gi=/study",
                "/w=/study",
                "/w/t=/target",
            ]
        );
    }

    #[test]
    fn a_folder_that_would_match_everything_is_left_out() {
        let remaps = remaps("/", "", &[]);
        let names: Vec<&str> = remaps.iter().map(|(_, to)| to.as_str()).collect();
        let wanted = ["/sysroot", "/rustc/abc", "/crates/cloister-guest", "/study", "/study"];
        assert_eq!(names, wanted);
    }

    #[test]
    fn a_failure_carries_the_end_of_what_was_said() {
        let said: String = (0..100).map(|n| format!("line {n}\n")).collect();
        let script = format!("printf '{said}' >&2; exit 3");
        let error = answer(Command::new("sh").args(["-c", &script])).unwrap_err().to_string();
        assert!(error.starts_with("`sh -c` failed\nline 40\n"), "{error}");
        assert!(error.ends_with("line 99"), "{error}");
    }
}
