//! `cloister inspect`: a module's contract, powers and signatures, before anybody trusts it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use cloister::{Module, Signatures, Trust};
use cloister_contract::cells::cells_max;
use cloister_contract::study::{Codes, ConceptSource, ConceptSpec, ParamKind, Study};

use super::{keys, say, words};

/// Shows the contract that the module carries, what it may do, and who signed it. Reads no data.
#[derive(Args)]
pub(crate) struct Inspect {
    /// The module.
    module: PathBuf,
    /// The keys you trust, to see which signatures count.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
}

pub(crate) fn inspect(command: &Inspect) -> anyhow::Result<ExitCode> {
    let module = Module::open(&command.module)?;
    let trust = command.trust.as_deref().map(Trust::open).transpose()?;
    let Module { study, digest, study_digest, checked } = &module;
    say(&format!("{} {}: {}", study.name, study.version, study.title));
    say(&format!("purpose: {}", study.purpose));
    say(&format!("module:  {digest} ({} bytes)", checked.bytes().len()));
    say(&format!("study:   {study_digest}"));
    contract(study);
    say("\nmay do, for each person");
    say("  contribute(output, cell, value): its only import, so its only power");
    say(&format!("  use {} units of fuel", words::grouped(study.limits.fuel)));
    let kib = u64::from(study.limits.memory_pages) * 64;
    say(&format!("  use {} KiB of memory, pristine for every person", words::grouped(kib)));
    say("\nsigned by");
    let verified = Signatures::beside(&command.module)?.verify(&module, trust.as_ref())?;
    if verified.findings().is_empty() {
        say("  nobody");
    } else if trust.is_none() {
        let count = verified.findings().len();
        say(&format!("  {count} envelopes; `--trust FILE` tells whose they are"));
    } else {
        verified.findings().iter().for_each(|finding| say(&keys::line(finding)));
    }
    Ok(ExitCode::SUCCESS)
}

fn contract(study: &Study) {
    if !study.params.is_empty() {
        say("\nmay be asked with");
    }
    for param in &study.params {
        say(&format!("  {}: {}", param.name, parameter(&param.kind)));
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
