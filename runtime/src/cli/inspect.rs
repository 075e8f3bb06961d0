//! `cloister inspect`: a module's contract, powers and signatures, before anybody trusts it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use cloister::{Inspection, Module, Signatures};

use super::profile::ProfileArgs;
use super::say;

/// Shows the contract that the module carries, what it may do and how much it can release, the
/// checks it passed, who signed it, what differs from an earlier version, and what no check can
/// see. Reads no data.
#[derive(Args)]
pub(crate) struct Inspect {
    /// The module.
    module: PathBuf,
    /// Write the page as one HTML file too: for a browser, or for paper.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write a review.toml that asks every question of the checklist, for you to answer.
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// An earlier version of the module, to tell what differs.
    #[arg(long, value_name = "OLD.wasm")]
    earlier: Option<PathBuf>,
    /// The adopted trust root, to see which signatures count.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    #[command(flatten)]
    profile: ProfileArgs,
    /// The persons that the site publishes, for the bits that can leave.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    persons: u64,
}

pub(crate) fn inspect(command: &Inspect) -> anyhow::Result<ExitCode> {
    let module = Module::open(&command.module)?;
    let trust = super::trust::open(command.trust.as_deref(), jiff::Timestamp::now())?;
    let earlier = command.earlier.as_deref().map(Module::open).transpose()?;
    let signatures = Signatures::beside(&command.module)?;
    let verified = signatures.verify(&module, trust.as_ref());
    let claims = trust.is_none().then(|| signatures.claims());
    let page = cloister::inspect(&Inspection {
        module: &module,
        verified: &verified,
        claims: claims.as_deref(),
        earlier: earlier.as_ref(),
        profile: &command.profile.open()?,
        persons: command.persons,
    })?;
    say(page.text().trim_end());
    let wrote = |file: &Path| super::note(&format!("wrote {}", file.display()));
    if let Some(file) = &command.html {
        std::fs::write(file, page.html())
            .with_context(|| format!("`{}` cannot be written", file.display()))?;
        wrote(file);
    }
    if let Some(file) = &command.answers {
        let name = command.module.file_name().unwrap_or_default().to_string_lossy();
        let text = cloister::review_template(&name)?;
        // Answers that somebody gave already stay.
        std::fs::File::create_new(file)
            .and_then(|mut opened| opened.write_all(text.as_bytes()))
            .with_context(|| format!("`{}` is not written; name another file", file.display()))?;
        wrote(file);
    }
    Ok(ExitCode::SUCCESS)
}
