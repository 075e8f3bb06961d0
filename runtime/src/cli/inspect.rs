//! `cloister inspect`: a module's contract, powers and signatures, before anybody trusts it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use cloister::{Module, Signatures, Trust};
use cloister_contract::envelope::Envelope;
use cloister_contract::statement::{Claim, Statement};

use super::{contract, keys, plain, say};

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
    let signatures = Signatures::beside(&command.module)?;
    let lines: Vec<String> = match &trust {
        Some(_) => {
            let verified = signatures.verify(&module, trust.as_ref())?;
            verified.findings().iter().map(keys::line).collect()
        }
        None => signatures.lines().map(claimed).collect(),
    };
    if lines.is_empty() {
        say("  nobody");
    } else if trust.is_none() {
        say("  (not checked: this is what the envelopes say; `--trust FILE` checks them)");
    }
    lines.iter().for_each(|line| say(line));
    Ok(ExitCode::SUCCESS)
}

/// Who an envelope says it is by, which anybody may write.
fn claimed(line: &str) -> String {
    let said = Envelope::from_line(line).map_err(|error| error.to_string()).and_then(|envelope| {
        let statement = Statement::decode(envelope.unverified());
        let statement = statement.map_err(|error| error.to_string())?;
        let (Claim::Authorship(claim) | Claim::Review(claim)) = statement.claim else {
            return Err("it is about a release".to_owned());
        };
        let key = envelope.key_id();
        Ok(format!("{:<9} key {key} ({})", claim.role, claim.signed_at))
    });
    let said = said.unwrap_or_else(|why| format!("no signature: {why}"));
    plain(&format!("  not checked {said}"))
}
