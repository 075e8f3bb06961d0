//! `cloister replay`: the site shows that a release came of its data.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use cloister::{Dataset, Policies, Replayed, Site, Tally};

use super::machine::MachineArgs;
use super::receipt::Found;
use super::signer::SiteKey;
use super::{complain, say};

/// Runs the job of a release again, at the site that released it, and compares the bytes.
///
/// Opens the receipt's commitment: every file of the dataset must have the bytes that were
/// registered when the epoch began. Then module, parameters and profile as they were admitted run
/// over it, and what comes out is protected as it was, with the noise that was kept. Nothing is
/// charged, nothing is released, and nothing is written: the answer is for the site.
///
/// Exit code 0: the same bytes. 1: others, or it cannot be told; the reason is said.
#[derive(Args)]
pub(crate) struct Replay {
    /// The release.json, or its folder.
    release: PathBuf,
    /// The dataset.toml, as it was registered then.
    #[arg(long, short, value_name = "FILE")]
    dataset: PathBuf,
    #[command(flatten)]
    site_key: SiteKey,
    /// The ledger beside which the release was stored; by default ledger.sqlite beside the dataset.
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    #[command(flatten)]
    machine: MachineArgs,
}

pub(crate) fn replay(command: &Replay) -> anyhow::Result<ExitCode> {
    let found = Found::read(&command.release)?;
    let dataset = Dataset::open(&command.dataset)?;
    let key = command.site_key.open(&dataset, "read what was kept with")?;
    let receipt = cloister::check_seal(&found.release, &found.line, &key.public())?;
    let dataset = cloister::registered(dataset, Some(&key.public()), true)
        .context("a replay wants the data as they were when this was released")?;
    command.machine.can_confine(&dataset)?;
    let beside = dataset.file().with_file_name("ledger.sqlite");
    let (published, now) = (dataset.published_persons(), super::words::now());
    let site = Site {
        trust: None,
        key: Some(Arc::new(key)),
        ledger: Some(command.ledger.clone().unwrap_or(beside)),
        // It was allowed then; nobody is asked again.
        policies: Policies::open(&[])?,
        options: command.machine.options()?,
        processes: command.machine.processes()?,
        holds: false,
    };
    let runtime = command.machine.runtime()?;
    let tally = Arc::<Tally>::default();
    let bar = super::run::progress(published, Arc::clone(&tally), &runtime);
    let (at, interrupted) = ((&site, &*now), super::run::interruption(&runtime));
    let replayed = runtime.block_on(async {
        tokio::select! {
            replayed = cloister::replay(&found.release, &receipt, dataset, at, tally) => {
                Some(replayed)
            }
            () = interrupted => None,
        }
    });
    bar.finish_and_clear();
    runtime.shutdown_timeout(Duration::from_millis(200));
    drop(site);
    match replayed {
        None => {
            complain("interrupted; replay it again");
            Ok(ExitCode::from(130))
        }
        Some(replayed) => match replayed? {
            Replayed::Same => {
                say("the same bytes: this release is what its module makes of these data");
                Ok(ExitCode::SUCCESS)
            }
            Replayed::Differs(lines) => {
                complain("the release is not what its module makes of these data");
                lines.iter().for_each(|line| say(&format!("  {line}")));
                Ok(ExitCode::FAILURE)
            }
        },
    }
}
