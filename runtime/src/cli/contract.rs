//! `cloister study check`: a study's contract in words, or the line of a mistake.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use cloister::Module;
use cloister_contract::study::Study;

use super::{complain, say, warn};

/// Reads the study file and says in words what it allows; or prints the first mistake of each
/// section with its line and column, and what would be right. Names that are nearly those of OMOP
/// CDM 5.4 are warned of.
#[derive(Args)]
pub(crate) struct Check {
    /// The study's folder, its study.toml, or a module.
    study: PathBuf,
}

pub(crate) fn check(command: &Check) -> anyhow::Result<ExitCode> {
    let Some(study) = read(&command.study)? else { return Ok(ExitCode::FAILURE) };
    say(cloister::contract_page(&study)?.text().trim_end());
    warn_of_slips(&study);
    Ok(ExitCode::SUCCESS)
}

/// Warns of what in `study` is a slip, most likely.
pub(super) fn warn_of_slips(study: &Study) {
    cloister::slips(study).iter().for_each(|slip| warn(slip));
}

/// The study; `None` if its mistakes were told.
fn read(path: &Path) -> anyhow::Result<Option<Study>> {
    let file = if path.is_dir() { path.join("study.toml") } else { path.to_owned() };
    if file.extension().is_some_and(|extension| extension == "wasm") {
        return Ok(Some(Module::open(&file)?.study));
    }
    let name = file.display().to_string();
    let text = std::fs::read_to_string(&file).with_context(|| {
        format!("`{name}` cannot be read; give a study's folder, its study.toml, or a module")
    })?;
    let mistakes = Study::mistakes(&name, &text);
    mistakes.iter().for_each(|mistake| complain(&mistake.to_string()));
    if mistakes.is_empty() { Ok(Some(Study::parse(&name, &text)?)) } else { Ok(None) }
}
