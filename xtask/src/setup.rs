//! `setup`: finds, or fetches, a standard library that guests can be built with.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::guest_build::GuestStd;
use crate::shell;

pub(crate) const HELP: &str = "\
Usage: cargo xtask setup [--std auto|toolchain|debian]

Provides what guests need to build for wasm32-unknown-unknown.

  auto        the toolchain's own standard library if it is there or rustup can
              fetch it, else Debian's (the default)
  toolchain   the toolchain's own, or fail
  debian      Debian's compiler and library sources (rustc-web, cargo-web,
              rust-web-src), from which cargo builds it; installing needs root

The choice is kept in target/guest-std, where ci, demo and the tests find it.
";

const RUSTUP: &str = "rustup target add wasm32-unknown-unknown";
const INSTALL: &str =
    "apt-get install --yes --no-install-recommends rustc-web cargo-web rust-web-src";
const UPDATE: &str = "apt-get update";
/// Debian's library sources depend on a few crates, which are then at hand without a network.
const FETCH: &str = "/usr/bin/cargo fetch --locked --target wasm32-unknown-unknown \
    --manifest-path /usr/lib/rustlib/src/rust/library/sysroot/Cargo.toml";

pub(crate) fn main(arguments: &[String]) -> Result<()> {
    provide(wanted(arguments)?).map(drop)
}

/// What an earlier setup chose, if it is still there, else what there is.
pub(crate) fn ensure() -> Result<GuestStd> {
    let chosen = fs::read_to_string(choice_file()).unwrap_or_default();
    let chosen = chosen.trim().parse().and_then(|std| GuestStd::find(Some(std)));
    match chosen {
        Ok(std) => {
            println!("guests are built with the standard library of: {std}");
            Ok(std)
        }
        Err(_) => provide(None),
    }
}

fn wanted(arguments: &[String]) -> Result<Option<GuestStd>> {
    let words: Vec<&str> = arguments.iter().flat_map(|word| word.split('=')).collect();
    match words.as_slice() {
        [] | ["--std", "auto"] => Ok(None),
        ["--std", word] => Ok(Some(word.parse()?)),
        _ => bail!("did not understand `{}`\n\n{HELP}", arguments.join(" ")),
    }
}

fn provide(wanted: Option<GuestStd>) -> Result<GuestStd> {
    let std = match wanted {
        Some(GuestStd::Toolchain) => toolchain()?,
        Some(GuestStd::Debian) => debian()?,
        None => toolchain().or_else(|_| debian()).context("guests cannot be built here")?,
    };
    let file = choice_file();
    fs::create_dir_all(shell::target_dir())
        .and_then(|()| fs::write(&file, format!("{std}\n")))
        .with_context(|| format!("cannot write `{}`", file.display()))?;
    println!("guests are built with the standard library of: {std} ({})", file.display());
    Ok(std)
}

fn choice_file() -> PathBuf {
    shell::target_dir().join("guest-std")
}

fn toolchain() -> Result<GuestStd> {
    if GuestStd::find(Some(GuestStd::Toolchain)).is_err() {
        // Not every machine has rustup, or reaches its server: whether it worked, `find` says.
        if let Err(error) = shell::run(&shell::words(RUSTUP, &[])) {
            println!("{error}");
        }
    }
    Ok(GuestStd::find(Some(GuestStd::Toolchain))?)
}

fn debian() -> Result<GuestStd> {
    if GuestStd::find(Some(GuestStd::Debian)).is_err() {
        install()?;
    }
    let found = GuestStd::find(Some(GuestStd::Debian))?;
    let fetch = shell::words(FETCH, &[]);
    let environment = [("RUSTC", "/usr/bin/rustc"), ("RUSTC_BOOTSTRAP", "1")];
    if let Err(error) = shell::run_with(&fetch, &environment) {
        println!("{error}; the first build of a guest will try again");
    }
    Ok(found)
}

fn install() -> Result<()> {
    if !is_there("apt-get") {
        bail!("this is not Debian, so its packages cannot help\nrun `{RUSTUP}`");
    }
    if !is_root() {
        bail!("installing Debian's packages needs root\nrun `sudo {INSTALL}`, then setup again");
    }
    let install = shell::words(INSTALL, &[]);
    let environment = [("DEBIAN_FRONTEND", "noninteractive")];
    shell::run_with(&install, &environment).or_else(|_| {
        // A fresh image has no package lists, so it does not know the names yet.
        shell::run(&shell::words(UPDATE, &[]))?;
        shell::run_with(&install, &environment)
    })
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).status().is_ok()
}

fn is_root() -> bool {
    let answer = Command::new("id").arg("-u").output();
    answer.is_ok_and(|answer| answer.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Option<GuestStd>> {
        wanted(&shell::words(line, &[]))
    }

    #[test]
    fn the_standard_library_is_chosen_by_name() {
        assert_eq!(read("").unwrap(), None);
        assert_eq!(read("--std auto").unwrap(), None);
        assert_eq!(read("--std toolchain").unwrap(), Some(GuestStd::Toolchain));
        assert_eq!(read("--std=debian").unwrap(), Some(GuestStd::Debian));
    }

    #[test]
    fn a_slip_of_the_hand_is_an_error() {
        for line in ["--std", "--std fedora", "debian", "--std debian now"] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
