//! `cloister receipt`: what a site says of its release, verified with its public key alone.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use cloister_contract::digest::Digest;
use cloister_contract::envelope::{ENVELOPE_BYTES_MAX, Envelope};
use cloister_contract::release::{Protection, RELEASE_BYTES_MAX, ReleaseDocument};
use cloister_contract::statement::Receipt;

use super::{plain, say};

#[derive(Subcommand)]
pub(crate) enum ReceiptCommand {
    /// Verify the receipt of a release: that the site signed just these bytes, what it says of
    /// them, and that cells.csv and cells.parquet beside them have their numbers. Needs neither
    /// data nor a network.
    ///
    /// A receipt proves that the site said it. That it is so, the site alone can show, by running
    /// the job again: `cloister replay`.
    Verify(Verify),
}

#[derive(Args)]
pub(crate) struct Verify {
    /// The release.json, or its folder; the receipt lies beside it as release.json.intoto.jsonl.
    release: PathBuf,
    /// The public key of the site that released it.
    #[arg(long, value_name = "FILE")]
    site: PathBuf,
    /// The site's receipts.jsonl: whether each of them follows the one before it, and this one is
    /// among them.
    #[arg(long, value_name = "FILE")]
    chain: Option<PathBuf>,
}

pub(crate) fn receipt(command: &ReceiptCommand) -> anyhow::Result<ExitCode> {
    let ReceiptCommand::Verify(command) = command;
    verify(&Found::read(&command.release)?, &command.site, command.chain.as_deref())
}

/// A release and its receipt as they lie in a folder.
pub(super) struct Found {
    /// The folder.
    folder: PathBuf,
    /// The release's bytes.
    pub(super) release: Vec<u8>,
    /// The receipt's envelope.
    pub(super) line: String,
}

impl Found {
    /// Reads `release`, a release.json or the folder that it lies in.
    pub(super) fn read(release: &Path) -> anyhow::Result<Self> {
        let inside = release.join("release.json");
        let file = if release.is_dir() { &inside } else { release };
        let bytes = read(file, RELEASE_BYTES_MAX)?;
        let exact = |it: ReleaseDocument| it.protection != Protection::Protected;
        if ReleaseDocument::decode(&bytes).is_ok_and(exact) {
            anyhow::bail!(
                "`{}` is an exact release, which is never sealed: it stays at the site, and the \
                 release of a protecting profile is what is sealed and verified",
                file.display()
            );
        }
        let line = read(&cloister::signatures_of(file), ENVELOPE_BYTES_MAX)?;
        Ok(Self {
            folder: file.parent().unwrap_or_else(|| Path::new("")).to_owned(),
            release: bytes,
            line: String::from_utf8_lossy(&line).into_owned(),
        })
    }
}

/// Verifies the receipt of what is `found` with the key in `site`, and its place in `chain`.
pub(super) fn verify(found: &Found, site: &Path, chain: Option<&Path>) -> anyhow::Result<ExitCode> {
    let key = cloister::public_key(site)?;
    let receipt = cloister::check_seal(&found.release, &found.line, &key)?;
    let strange =
        cloister::strange_tables(&found.folder, &ReleaseDocument::decode(&found.release)?)?;
    if let Some(table) = strange.first() {
        anyhow::bail!(
            "`{}` is not what this version makes of the release, which the site sealed: take the \
             numbers from release.json, or ask the site with which version it was written",
            found.folder.join(table).display()
        );
    }
    say(&format!("the site sealed this release on {}", receipt.signed_at));
    for (name, what) in lines(&receipt) {
        say(&plain(&format!("{name:<9} {what}")));
    }
    if let Some(file) = chain {
        let envelope = Envelope::from_line(found.line.trim())?;
        let digest = Digest::of(envelope.verify(&key)?);
        let chain = cloister::read_chain(file, &key)?;
        let place = chain.place(digest).context("the receipt is not in the chain")?;
        say(&format!(
            "in chain  receipt {} of {}, each after the one before",
            place + 1,
            chain.len()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// What a receipt says, in lines of name and words.
pub(super) fn lines(receipt: &Receipt) -> Vec<(&'static str, String)> {
    let Receipt { study, dataset, profile, engine, .. } = receipt;
    let policies: Vec<_> = receipt.policies.iter().map(|policy| policy.name.as_str()).collect();
    let snapshot = receipt.snapshot.as_ref();
    let snapshot = snapshot.map(|found| format!("{}, commitment {}", found.id, found.commitment));
    let before =
        receipt.before.map_or_else(|| "none: the site's first".into(), |it| it.to_string());
    vec![
        ("study", format!("{} {}", study.name, study.version)),
        ("module", receipt.module.to_string()),
        ("params", serde_json::json!(receipt.params).to_string()),
        ("dataset", format!("{} of {}", dataset.name, dataset.snapshot_date)),
        ("snapshot", snapshot.unwrap_or_else(|| "the site has not registered its data".into())),
        ("profile", format!("{}, tier {}, {}", profile.name, receipt.tier, profile.sha256)),
        ("policies", if policies.is_empty() { "none".into() } else { policies.join(", ") }),
        ("dossier", receipt.dossier.to_string()),
        ("engine", format!("cloister {}, {}", engine.cloister, engine.engine)),
        ("after", before),
    ]
}

/// The bytes of `file`; of one that is over `bytes_max` enough to be refused for it.
fn read(file: &Path, bytes_max: usize) -> anyhow::Result<Vec<u8>> {
    let failed = || format!("`{}` cannot be read", file.display());
    let opened = std::fs::File::open(file).with_context(failed)?;
    let mut bytes = Vec::new();
    opened.take(bytes_max as u64 + 1).read_to_end(&mut bytes).with_context(failed)?;
    Ok(bytes)
}
