//! `cloister evidence`: one folder about a release for whoever supervises, and whether it holds.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use cloister::Place;

use super::receipt::Found;
use super::{complain, plain, say};

/// Writes the evidence pack of a release: module, statements, study file, profile, policies and
/// decision, receipt, proofs from the audit log, and an index page in plain words.
///
/// Everything is copied from what the site has kept, and verified before. It needs no private key
/// and no data; nothing of the data is in it but what the release shows.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Evidence {
    #[command(flatten)]
    write: Option<Write>,
    #[command(subcommand)]
    verify: Option<EvidenceCommand>,
}

#[derive(Args)]
struct Write {
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

#[derive(Subcommand)]
enum EvidenceCommand {
    /// Verify an evidence pack whole: receipt, dossier, module and proofs by the site's public key,
    /// and that each other file, the page too, is what follows from them. Needs nothing else.
    Verify(Verify),
}

#[derive(Args)]
struct Verify {
    /// The folder that `cloister evidence` wrote.
    pack: PathBuf,
    /// The site's public key: site.pub in the pack, once you compared it over another channel.
    #[arg(long, value_name = "FILE")]
    site: PathBuf,
}

pub(crate) fn evidence(command: &Evidence) -> anyhow::Result<ExitCode> {
    match (&command.verify, &command.write) {
        (Some(EvidenceCommand::Verify(command)), _) => verify(command),
        (None, Some(command)) => write(command),
        (None, None) => anyhow::bail!("name the release.json, and with --out the folder to write"),
    }
}

fn write(command: &Write) -> anyhow::Result<ExitCode> {
    let found = Found::read(&command.release)?;
    let beside = Some(command.ledger.with_file_name("site.pub")).filter(|file| file.exists());
    let site = command.site.clone().or(beside).context("name the site's public key with --site")?;
    let key = cloister::public_key(&site)?;
    let place = Place::prepare(&command.out)?;
    let work = cloister::evidence((&found.release, &found.line), &command.ledger, &key, place);
    let Some(files) = super::dataset::until_interrupted(work)? else {
        complain("interrupted; nothing was written");
        return Ok(ExitCode::from(130));
    };
    let files = files?;
    say(&format!("{} files in {}", files.len(), command.out.display()));
    say(&format!("open  {}", Path::new(&command.out).join("index.html").display()));
    Ok(ExitCode::SUCCESS)
}

fn verify(command: &Verify) -> anyhow::Result<ExitCode> {
    let key = cloister::public_key(&command.site)?;
    let shown = cloister::verify_evidence(&command.pack, &key)?;
    if !shown.wrong.is_empty() {
        complain("this pack is not whole; ask the site to write it again");
        shown.wrong.iter().for_each(|line| say(&plain(&format!("  {line}"))));
        return Ok(ExitCode::FAILURE);
    }
    say(&format!("{} files belong together, as the key in {} signed", shown.files, {
        command.site.display()
    }));
    say(&format!("log         {} entries, each under the root that it signed", shown.entries));
    if let Some(trust) = shown.trust {
        say(&format!("trust root  {trust}: compare it over another channel, as the key"));
    }
    Ok(ExitCode::SUCCESS)
}
