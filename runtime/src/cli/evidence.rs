//! `cloister evidence`: one folder about a release for whoever supervises.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use cloister::Place;

use super::receipt::Found;
use super::say;

/// Writes the evidence pack of a release: module, statements, study file, profile, policies and
/// decision, receipt, proofs from the audit log, and an index page in plain words.
///
/// Everything is copied from what the site has kept, and verified before. It needs no private key
/// and no data; nothing of the data is in it but what the release shows.
#[derive(Args)]
pub(crate) struct Evidence {
    /// The release.json, or its folder.
    release: PathBuf,
    /// The ledger beside which it was stored.
    #[arg(long, value_name = "FILE", default_value = "ledger.sqlite")]
    ledger: PathBuf,
    /// The site's public key; by default site.pub beside the ledger.
    #[arg(long, value_name = "FILE")]
    site: Option<PathBuf>,
    /// The folder to write; it must not exist or be empty.
    #[arg(long, short, value_name = "DIR")]
    out: PathBuf,
}

pub(crate) fn evidence(command: &Evidence) -> anyhow::Result<ExitCode> {
    let found = Found::read(&command.release)?;
    let beside = Some(command.ledger.with_file_name("site.pub")).filter(|file| file.exists());
    let site = command.site.clone().or(beside).context("name the site's public key with --site")?;
    let key = cloister::public_key(&site)?;
    let place = Place::prepare(&command.out)?;
    let work = cloister::evidence((&found.release, &found.line), &command.ledger, &key, place);
    let Some(files) = super::dataset::until_interrupted(work)? else {
        super::complain("interrupted; nothing was written");
        return Ok(ExitCode::from(130));
    };
    let files = files?;
    say(&format!("{} files in {}", files.len(), command.out.display()));
    say(&format!("open  {}", Path::new(&command.out).join("index.html").display()));
    Ok(ExitCode::SUCCESS)
}
