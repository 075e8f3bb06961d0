//! `cloister study`: what a researcher does with a study.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use cloister::{GuestStd, Module, Rebuilt};

use super::{contract, rehearse, say};

#[derive(Subcommand)]
pub(crate) enum StudyCommand {
    /// Begin a study: a folder with a contract, an analysis, its tests and the SDK.
    New(New),
    /// Say in words what a study reads and releases, or where its study file is wrong.
    Check(contract::Check),
    /// Try a study on invented persons, and tell what a site would not.
    Test(rehearse::Test),
    /// Compile a study to a module.
    ///
    /// Builds the crate in DIR for wasm32-unknown-unknown, checks the module as a site will, and
    /// writes it beside the study. The same sources and compiler give the same bytes in any
    /// folder.
    Build(Build),
    /// Prove that a module is what its sources give, and print the line that a review quotes.
    ///
    /// Builds the crate in DIR into a folder of its own, with the standard library that the module
    /// names, and compares the bytes. What differs is shown by function and section; another
    /// compiler or standard library is said to be that. A build runs the build scripts and macros
    /// of the sources: do it where they may do no harm.
    Rebuild(Rebuild),
}

#[derive(Args)]
pub(crate) struct Rebuild {
    /// The study's folder, as its author gave it.
    dir: PathBuf,
    /// The module that it should give.
    #[arg(long, value_name = "MODULE")]
    expect: PathBuf,
    /// The standard library to build with; by default the one that the module names.
    #[arg(long, value_name = "WHICH")]
    std: Option<GuestStd>,
}

/// Unpacks a complete study into a new folder NAME. It builds as it is, and needs nothing from
/// elsewhere but crates of the registry, at the versions of its lock file.
#[derive(Args)]
pub(crate) struct New {
    /// The study's name, in kebab-case, as in `gi-bleed`.
    name: String,
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
        StudyCommand::New(command) => new(&command),
        StudyCommand::Check(command) => contract::check(&command),
        StudyCommand::Test(command) => rehearse::test(&command),
        StudyCommand::Build(command) => build(&command),
        StudyCommand::Rebuild(command) => rebuild(&command),
    }
}

fn new(command: &New) -> anyhow::Result<ExitCode> {
    cloister::new_study(Path::new("."), &command.name)?;
    let name = &command.name;
    say(&format!("study    {name}"));
    say(&format!("contract {name}/study.toml"));
    say(&format!("analysis {name}/src/lib.rs, with its tests"));
    say(&format!("next     cd {name} && cargo test, then cloister study test ."));
    Ok(ExitCode::SUCCESS)
}

fn build(command: &Build) -> anyhow::Result<ExitCode> {
    let std = GuestStd::find(command.std)?;
    super::progress("compiling; the first time takes a minute or two");
    // What a site would refuse is refused here, before anybody signs it.
    let built = cloister::build_module(&command.dir, None, std)?;
    let module = &built.module;
    contract::warn_of_slips(&module.study);
    let default = || command.dir.join(format!("{}.wasm", module.study.name));
    let out = command.out.clone().unwrap_or_else(default);
    std::fs::write(&out, module.checked.bytes())
        .with_context(|| format!("`{}` cannot be written", out.display()))?;
    let bytes = module.checked.bytes().len();
    say(&format!("study    {} {}", module.study.name, module.study.version));
    say(&format!("module   {} ({} KiB)", out.display(), bytes.div_ceil(1024)));
    say(&format!("sha256   {}", module.digest));
    say(&format!("sources  {}", built.sources));
    say(&format!("built    {}", built.facts));
    let module = out.display();
    say(&format!(
        "next     cloister inspect {module}, then cloister sign {module} --key K --role author"
    ));
    Ok(ExitCode::SUCCESS)
}

fn rebuild(command: &Rebuild) -> anyhow::Result<ExitCode> {
    let expected = Module::open(&command.expect)?;
    super::progress("compiling afresh; this takes a minute or two");
    match cloister::rebuild(&command.dir, &expected, command.std)? {
        Rebuilt::Same(found) => {
            say(&format!("rebuilt: {found}"));
            Ok(ExitCode::SUCCESS)
        }
        Rebuilt::Another(found) => {
            let heading = "the module, and what the sources give";
            say(cloister::difference(heading, &expected, &found.module)?.text().trim_end());
            anyhow::bail!(
                "the sources give another module, sha256:{}, with the same toolchain; ask the \
                 author for the sources of this one, and do not sign it",
                found.module.digest
            )
        }
    }
}
