//! A study's contract in words: for a researcher who writes it, and a custodian who reads it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use cloister::Module;
use cloister_contract::cells::cells_max;
use cloister_contract::study::{Codes, ConceptSource, ConceptSpec, ParamKind, Study};

use super::{say, words};

/// Reads the study file and says in words what it allows; or prints the first mistake with its
/// line and column, and what would be right.
#[derive(Args)]
pub(crate) struct Check {
    /// The study's folder, its study.toml, or a module.
    study: PathBuf,
}

pub(crate) fn check(command: &Check) -> anyhow::Result<ExitCode> {
    let study = read(&command.study)?;
    say(&format!("{} {}: {}", study.name, study.version, study.title));
    say(&format!("purpose: {}", study.purpose));
    say_contract(&study);
    say("\nwhat follows from it");
    for line in follows(&study) {
        say(&format!("  {line}"));
    }
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> anyhow::Result<Study> {
    let file = if path.is_dir() { path.join("study.toml") } else { path.to_owned() };
    if file.extension().is_some_and(|extension| extension == "wasm") {
        return Ok(Module::open(&file)?.study);
    }
    let name = file.display().to_string();
    let text = std::fs::read_to_string(&file).with_context(|| {
        format!("`{name}` cannot be read; give a study's folder, its study.toml, or a module")
    })?;
    Ok(Study::parse(&name, &text)?)
}

/// What the contract means for people, beyond its lines.
fn follows(study: &Study) -> Vec<String> {
    let mut lines =
        vec!["nothing is read of a person but the columns above, and no identifier".to_owned()];
    for table in &study.tables {
        let undeclared = |name: &&str| table.columns.iter().all(|column| column.name != *name);
        let filters = table.filters.iter().map(|filter| filter.column.as_str());
        let hidden: Vec<_> = filters.filter(undeclared).collect();
        if !hidden.is_empty() {
            let hidden = hidden.join(", ");
            lines.push(format!("the site filters {} by {hidden}, which stays unseen", table.name));
        }
        if table.optional {
            let name = &table.name;
            lines.push(format!("at a site without {}, {name} is empty", table.from));
        }
    }
    for output in &study.outputs {
        if output.cells_per_person > 1 {
            let (name, cells) = (&output.name, output.cells_per_person);
            lines.push(format!("one person counts in at most {cells} cells of {name}"));
        }
        if let Some(of) = output.of.and_then(|at| study.outputs.get(at)) {
            let name = &output.name;
            lines.push(format!("who is not in a cell of {} is not in that of {name}", of.name));
        }
    }
    let unset = study.params.iter().filter(|param| default(&param.kind).is_none());
    lines.extend(unset.map(|param| format!("a run must set `{}`", param.name)));
    lines.push("a person whose call fails contributes nothing, and nobody is told".to_owned());
    lines.push("which cells are shown, the site's profile decides".to_owned());
    lines
}

/// Says what the study reads, releases and may do.
pub(super) fn say_contract(study: &Study) {
    contract(study);
    say("\nmay do, for each person");
    say("  contribute(output, cell, value): its only import, so its only power");
    say(&format!("  use {} units of fuel", words::grouped(study.limits.fuel)));
    let kib = u64::from(study.limits.memory_pages) * 64;
    say(&format!("  use {} KiB of memory, pristine for every person", words::grouped(kib)));
}

fn contract(study: &Study) {
    if !study.params.is_empty() {
        say("\nmay be asked with");
    }
    for param in &study.params {
        let unless = default(&param.kind).map(|value| format!("; unless set, {value}"));
        let kind = parameter(&param.kind);
        say(&format!("  {}: {kind}{}", param.name, unless.unwrap_or_default()));
    }
    if !study.codes.is_empty() {
        say("\nknows the codes");
    }
    for set in &study.codes {
        say(&format!("  {}: {}", set.name, codes(study, &set.codes)));
    }
    say("\nreads, of each person");
    for table in &study.tables {
        let from = if table.from == table.name {
            String::new()
        } else {
            format!(" (from {})", table.from)
        };
        say(&format!("  {}{from}: {}", table.name, words::reads(study, table)));
    }
    if let Ok(cells) = cells_max(study) {
        say(&format!("\nreleases at most {} cells", words::grouped(cells as u64)));
    }
    for output in &study.outputs {
        say(&format!("  {}: {}", output.name, words::releases(study, output)));
    }
    for dimension in &study.dimensions {
        let values = words::values(study, &dimension.domain, dimension.other);
        say(&format!("  by {}: {values}", dimension.name));
    }
}

fn parameter(kind: &ParamKind) -> String {
    match kind {
        ParamKind::Int { min, max, .. } => format!("a whole number, {min} to {max}"),
        ParamKind::Float { min, max, .. } => format!("a number, {min} to {max}"),
        ParamKind::Bool { .. } => "true or false".to_owned(),
        ParamKind::Date { min, max, .. } => format!("a date, {min} to {max}"),
        ParamKind::Enum { labels, .. } => format!("one of {}", labels.join(", ")),
        ParamKind::Floats { len_max, .. } => format!("at most {len_max} numbers"),
        ParamKind::Edges { len_max, .. } => format!("at most {len_max} bin edges"),
        ParamKind::Concepts { len_max, .. } => format!("at most {len_max} concept ids"),
    }
}

/// What a parameter is if a run sets none, as it would be written.
fn default(kind: &ParamKind) -> Option<String> {
    fn list<T: ToString>(values: &[T]) -> String {
        values.iter().map(T::to_string).collect::<Vec<_>>().join(",")
    }
    match kind {
        ParamKind::Int { default, .. } => default.map(|value| value.to_string()),
        ParamKind::Float { default, .. } => default.map(|value| value.to_string()),
        ParamKind::Bool { default } => default.map(|value| value.to_string()),
        ParamKind::Date { default, .. } => default.map(|value| value.to_string()),
        ParamKind::Enum { labels, default } => {
            default.and_then(|at| labels.get(at as usize)).cloned()
        }
        ParamKind::Floats { default, .. } | ParamKind::Edges { default, .. } => {
            default.as_deref().map(list)
        }
        ParamKind::Concepts { default, .. } => default.as_deref().map(list),
    }
}

fn codes(study: &Study, codes: &Codes) -> String {
    let spec = |spec: &ConceptSpec| {
        let concepts = match &spec.source {
            ConceptSource::Listed(concepts) => {
                concepts.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
            }
            ConceptSource::Param(at) => {
                study.params.get(*at).map(|p| format!("`{}`", p.name)).unwrap_or_default()
            }
        };
        let below = if spec.descendants { " and descendants" } else { "" };
        format!("{concepts}{below}")
    };
    match codes {
        Codes::Concepts { include, exclude: None } => spec(include),
        Codes::Concepts { include, exclude: Some(out) } => {
            format!("{}; without {}", spec(include), spec(out))
        }
        Codes::Text(text) => {
            let starred = text.prefixes.iter().map(|prefix| format!("{prefix}*"));
            let codes = text.exact.iter().cloned().chain(starred);
            let mut line = codes.collect::<Vec<_>>().join(", ");
            let starred = text.exclude_prefixes.iter().map(|prefix| format!("{prefix}*"));
            let out: Vec<_> = text.exclude_exact.iter().cloned().chain(starred).collect();
            if !out.is_empty() {
                line += &format!("; without {}", out.join(", "));
            }
            line
        }
    }
}
