//! `cloister study`: what a researcher does with a study.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use cloister::{GuestStd, Module};

use super::say;

#[derive(Subcommand)]
pub(crate) enum StudyCommand {
    /// Compile a study to a module.
    ///
    /// Builds the crate in DIR for wasm32-unknown-unknown, checks the module as a site will, and
    /// writes it beside the study. The same sources and compiler give the same bytes in any
    /// folder.
    Build(Build),
}

#[derive(Args)]
pub(crate) struct Build {
    /// The study's folder, with Cargo.toml and study.toml.
    dir: PathBuf,
    /// Where to write the module; by default NAME.wasm in the study's folder.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The standard library to build with: `toolchain` or `debian`; by default the first there is.
    #[arg(long, value_name = "WHICH")]
    std: Option<GuestStd>,
}

pub(crate) fn study(command: StudyCommand) -> anyhow::Result<ExitCode> {
    match command {
        StudyCommand::Build(command) => build(&command),
    }
}

fn build(command: &Build) -> anyhow::Result<ExitCode> {
    let std = GuestStd::find(command.std)?;
    if std::io::stderr().is_terminal() {
        super::progress("compiling; the first time takes a minute");
    }
    let built = cloister::build(&command.dir, None, std)?;
    // What a site would refuse is refused here, before anybody signs it.
    let module = Module::open(&built.wasm)?;
    let default = || command.dir.join(format!("{}.wasm", module.study.name));
    let out = command.out.clone().unwrap_or_else(default);
    std::fs::write(&out, module.checked.bytes())
        .with_context(|| format!("`{}` cannot be written", out.display()))?;
    let bytes = module.checked.bytes().len();
    say(&format!("study    {} {}", module.study.name, module.study.version));
    say(&format!("module   {} ({} KiB)", out.display(), bytes.div_ceil(1024)));
    say(&format!("sha256   {}", module.digest));
    say(&format!("built    {}, standard library: {}", built.rustc, built.std));
    say("next     cloister inspect MODULE, then cloister sign MODULE --key K --role author");
    Ok(ExitCode::SUCCESS)
}
