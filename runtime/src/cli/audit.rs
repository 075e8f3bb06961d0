//! `cloister audit`: who asked what of this site, what was decided, and what left.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use cloister::{AuditEntry, AuditEvent, AuditLog, AuditProof};
use cloister_contract::note::Checkpoint;
use ed25519_dalek::VerifyingKey;

use super::{plain, say};

#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// Show the entries: what was asked, by whom, and what was decided.
    Show(Show),
    /// Check the log, or what was exported of it: each entry is under the signed root, and the log
    /// begins with what an earlier checkpoint signed.
    Verify(Verify),
    /// Write entries with proofs, for somebody who has only the site's public key.
    ///
    /// They prove that the site wrote this, that nothing was put between, and, with --earlier, that
    /// nothing was changed since; not that the site wrote down all that it did.
    Export(Export),
}

/// What is said where nobody knows who signed.
pub(super) const NO_KEY: &str =
    "not held against a key, so anybody may have written it: name the site's with --site";

/// Whose signature counts.
#[derive(Args)]
pub(crate) struct SitePublic {
    /// The site's public key; by default site.pub beside the file, if it is there.
    #[arg(long, value_name = "FILE")]
    site: Option<PathBuf>,
}

impl SitePublic {
    /// The key's file and the key: the named one, or the one beside `file`.
    pub(super) fn find(&self, file: &Path) -> anyhow::Result<Option<(PathBuf, VerifyingKey)>> {
        let beside = file.with_file_name("site.pub");
        let site = self.site.clone().or(Some(beside).filter(|file| file.exists()));
        Ok(site.map(|site| cloister::public_key(&site).map(|key| (site, key))).transpose()?)
    }
}

#[derive(Args)]
pub(crate) struct Show {
    /// The log; the last checkpoint lies beside it.
    #[arg(value_name = "FILE", default_value = "audit.jsonl")]
    log: PathBuf,
    #[command(flatten)]
    site: SitePublic,
}

#[derive(Args)]
pub(crate) struct Verify {
    /// The log, or a file that `export` wrote.
    #[arg(value_name = "FILE", default_value = "audit.jsonl")]
    log: PathBuf,
    #[command(flatten)]
    site: SitePublic,
    /// A checkpoint that was kept from earlier, with which the log must begin.
    #[arg(long, value_name = "FILE")]
    earlier: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Export {
    /// The log.
    #[arg(value_name = "FILE", default_value = "audit.jsonl")]
    log: PathBuf,
    #[command(flatten)]
    site: SitePublic,
    /// The entries: one, or the first and the last, as `7` or `0..99`; by default all.
    #[arg(long, value_name = "N..M", value_parser = entries)]
    entries: Option<[usize; 2]>,
    /// A checkpoint that was kept from earlier, with which the log must begin.
    #[arg(long, value_name = "FILE")]
    earlier: Option<PathBuf>,
    /// The file to write; it must not exist. By default standard output.
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// First and last entry.
fn entries(text: &str) -> Result<[usize; 2], &'static str> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let number = |text: &str| text.parse().map_err(|_| "write it as 7 or as 0..99");
    let [first, last] = [number(first)?, number(last)?];
    if first <= last { Ok([first, last]) } else { Err("the first entry comes before the last") }
}

pub(crate) fn audit(command: AuditCommand) -> anyhow::Result<ExitCode> {
    match command {
        AuditCommand::Show(command) => show(&command),
        AuditCommand::Verify(command) => verify(&command),
        AuditCommand::Export(command) => export(&command),
    }
}

fn show(command: &Show) -> anyhow::Result<ExitCode> {
    let key = command.site.find(&command.log)?.map(|(_, key)| key);
    cloister::read_audit(&command.log, key.as_ref())?.entries().for_each(|entry| tell(&entry));
    if key.is_none() {
        super::warn(NO_KEY);
    }
    Ok(ExitCode::SUCCESS)
}

/// An entry in two or three lines.
fn tell(entry: &AuditEntry) {
    let subject = &entry.subject;
    let what = match &entry.event {
        AuditEvent::Admitted => "admitted".to_owned(),
        AuditEvent::Refused { reason } => format!("refused: {reason}"),
        AuditEvent::GivenAgain { release, .. } => format!("given again: release {release}"),
        AuditEvent::Released { release, .. } => format!("released: {release}"),
    };
    let study = subject.study.as_deref().unwrap_or("no guest");
    let params = subject.params.iter().map(|(name, value)| format!(" {name}={value}"));
    let params: String = params.collect();
    say(&plain(&format!("{:>6}  {}  {what}", entry.number, entry.at)));
    let asked = format!("{study}{params} of {} under {}", subject.dataset, subject.profile);
    say(&plain(&format!("        {asked}; signed by {}", listed(&subject.signed_by))));
}

fn listed(words: &[String]) -> String {
    if words.is_empty() { "nobody who is trusted".to_owned() } else { words.join(", ") }
}

fn verify(command: &Verify) -> anyhow::Result<ExitCode> {
    let found = command.site.find(&command.log)?;
    let (site, key) = found.context("name the site's public key with --site")?;
    let earlier = note(command.earlier.as_deref())?;
    let proof = match proof(&command.log)? {
        Some(proof) => proof,
        None => {
            let log = cloister::read_audit(&command.log, Some(&key))?;
            AuditProof::new(&log, 0..usize::MAX, earlier.as_deref())?
        }
    };
    let proved = proof.verify(&key, earlier.as_deref())?;
    say(&format!(
        "log         {}, signed by the key in {}",
        proved.checkpoint.origin,
        site.display()
    ));
    say(&format!(
        "signed      {} entries, root {}",
        proved.checkpoint.size, proved.checkpoint.root
    ));
    say(&format!("in it       {} entries, each under that root", proved.entries.len()));
    if let Some(Checkpoint { size: since, .. }) = proved.since {
        say(&format!("unchanged   it begins with the {since} entries that were signed earlier"));
    }
    Ok(ExitCode::SUCCESS)
}

/// What `export` wrote into `file`; `None` if that is a log.
fn proof(file: &Path) -> anyhow::Result<Option<AuditProof>> {
    if file.extension().is_some_and(|end| end == "jsonl") {
        return Ok(None);
    }
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("`{}` cannot be read", file.display()))?;
    Ok(Some(AuditProof::read(&text)?))
}

fn note(file: Option<&Path>) -> anyhow::Result<Option<String>> {
    let read = |file: &Path| {
        std::fs::read_to_string(file)
            .with_context(|| format!("`{}` cannot be read", file.display()))
    };
    file.map(read).transpose()
}

fn export(command: &Export) -> anyhow::Result<ExitCode> {
    let key = command.site.find(&command.log)?.map(|(_, key)| key);
    let log = cloister::read_audit(&command.log, key.as_ref())?;
    if key.is_none() {
        super::warn(NO_KEY);
    }
    let range = match command.entries {
        None => 0..usize::MAX,
        Some([first, last]) => {
            known(&log, last)?;
            first..last.saturating_add(1)
        }
    };
    let proof = AuditProof::new(&log, range, note(command.earlier.as_deref())?.as_deref())?;
    let text = serde_json::to_string_pretty(&proof)?;
    match &command.out {
        None => say(&text),
        Some(file) => {
            use std::io::Write as _;
            let mut opened = std::fs::File::create_new(file)
                .with_context(|| format!("`{}` cannot be written", file.display()))?;
            opened.write_all((text + "\n").as_bytes())?;
            opened.sync_all()?;
            let file = file.display();
            say(&format!("wrote {file}; next  cloister audit verify {file} --site site.pub"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether entry `last` is in the log that was signed.
fn known(log: &AuditLog, last: usize) -> anyhow::Result<()> {
    let size = log.checkpoint().size;
    if (last as u64) < size {
        return Ok(());
    }
    anyhow::bail!("the log has the entries 0 to {}, and no entry {last}", size.saturating_sub(1))
}
