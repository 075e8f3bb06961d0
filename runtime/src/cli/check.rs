//! `cloister dataset check`: one page for the site.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use cloister::{CheckedTable, Checkup, Dataset, Module, Severity};
use cloister_contract::job::Params;

use super::dataset::until_interrupted;
use super::memory::MemoryArgs;
use super::run::pair;
use super::{complain, say, words};

#[derive(Args)]
pub(crate) struct Check {
    /// The dataset.toml.
    dataset: PathBuf,
    /// A module: say what its study needs and does not find.
    #[arg(long, value_name = "MODULE")]
    study: Option<PathBuf>,
    /// A parameter of the study; lists are separated by commas. May be repeated.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = pair, requires = "study")]
    params: Vec<(String, String)>,
    /// Print the page as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    memory: MemoryArgs,
}

pub(crate) fn check(command: &Check) -> anyhow::Result<ExitCode> {
    let dataset = Dataset::open(&command.dataset)?;
    let study = command.study.as_deref().map(Module::open).transpose()?.map(|module| module.study);
    let params = study.as_ref().map(|study| Params::bind(study, &command.params)).transpose()?;
    let memory = command.memory.open()?;
    let needs = study.as_ref().zip(params.as_ref());
    let Some(checkup) = until_interrupted(cloister::check(&dataset, needs, &memory))? else {
        complain("interrupted");
        return Ok(ExitCode::from(130));
    };
    let checkup = checkup?;
    if command.json {
        say(&serde_json::to_string_pretty(&checkup)?);
    } else {
        page(&checkup, command.study.is_some());
    }
    Ok(if checkup.has_errors() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn page(checkup: &Checkup, with_study: bool) {
    let vocabulary = checkup.vocabulary_version.as_deref().unwrap_or("of unknown version");
    let (name, date) = (&checkup.dataset, &checkup.snapshot_date);
    say(&format!("{name}, as of {date}, vocabulary {vocabulary}"));
    say("For the site only: these numbers are exact.\n");
    for table in &checkup.tables {
        show(table);
    }
    say("");
    for finding in &checkup.findings {
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        say(&format!("{severity:<8} {}: {}", finding.place, finding.what));
    }
    let count = |of| checkup.findings.iter().filter(|finding| finding.severity == of).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let what = if with_study { "a run of this study" } else { "a run" };
    let then = if errors > 0 { "would fail" } else { "would not fail on the data" };
    say(&format!("\nerrors: {errors}, warnings: {warnings}; {what} {then}"));
}

/// A table's rows, and its columns with their types, wrapped.
fn show(table: &CheckedTable) {
    say(&format!("{:<24} {:>14} rows", table.name, words::grouped(table.rows)));
    let mut line = String::from("   ");
    for (name, ty) in &table.columns {
        let column = format!(" {name} {ty},");
        if line.len() + column.len() > 100 {
            say(&line);
            line = String::from("   ");
        }
        line += &column;
    }
    say(line.trim_end_matches(','));
}
