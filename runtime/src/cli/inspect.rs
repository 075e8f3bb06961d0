//! `cloister inspect`: a module's contract, powers and signatures, before anybody trusts it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use cloister::{Module, Signatures, Trust};

use super::{contract, keys, say};

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
    contract::say_contract(study);
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
