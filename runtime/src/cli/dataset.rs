//! `cloister dataset`: what a site does with its data before studies come.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use cloister::{Dataset, Memory, PrepareTally, Written};
use ed25519_dalek::VerifyingKey;
use indicatif::{ProgressBar, ProgressDrawTarget};

use super::check::{self, Check};
use super::memory::MemoryArgs;
use super::signer::SiteKey;
use super::{complain, say, words};

#[derive(Subcommand)]
pub(crate) enum DatasetCommand {
    /// Write a first dataset.toml for a folder of files that are named as OMOP's tables.
    ///
    /// Knows the tables of OMOP CDM 5.4 by their names, whatever the case, as files that end in
    /// `.parquet`, `.arrow`, `.csv`, `.csv.gz` and the like, or as folders of such files. What it
    /// assumes, and what only you can know, stands in the file as a comment. It writes over
    /// nothing.
    New(New),
    /// Show what is there, and what a run would stumble on. The page has exact numbers: it is for
    /// the site only.
    Check(Check),
    /// Note the files that a dataset is made of, beside its dataset.toml, and sign the note as the
    /// site: `cloister run` notices when a file changes, and receipts are bound to what was noted.
    /// That a dataset is `synthetic` or `public` counts from here on. Registering again begins a
    /// new epoch.
    Register(Register),
    /// Write a copy whose tables are sorted by person and cut into ranges, so that runs neither
    /// sort nor spill.
    ///
    /// Rows of persons who are not in the unit table, and rows without a key, are left out and
    /// counted here, for you. The copy is readable for you alone. It is a dataset of its own,
    /// registered if its source is: give its dataset.toml to `cloister run`, with `--trust` and
    /// `--site-key` where these lie elsewhere, and prepare anew when the source changes.
    Prepare(Prepare),
}

#[derive(Args)]
pub(crate) struct New {
    /// The folder with the files.
    folder: PathBuf,
    /// The file to write; by default dataset.toml in that folder.
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Register {
    /// The dataset.toml.
    dataset: PathBuf,
    #[command(flatten)]
    site_key: SiteKey,
    #[command(flatten)]
    memory: MemoryArgs,
}

#[derive(Args)]
pub(crate) struct Prepare {
    /// The dataset.toml.
    dataset: PathBuf,
    /// The folder to write; it must not exist or be empty.
    #[arg(long, short, value_name = "DIR")]
    out: PathBuf,
    /// How many ranges of persons to cut, which run at once; by default one per core. No choice
    /// changes a result.
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u16).range(1..=1024))]
    ranges: Option<u16>,
    #[command(flatten)]
    site_key: SiteKey,
    #[command(flatten)]
    memory: MemoryArgs,
}

pub(crate) fn dataset(command: DatasetCommand) -> anyhow::Result<ExitCode> {
    match command {
        DatasetCommand::New(command) => new(&command),
        DatasetCommand::Check(command) => check::check(&command),
        DatasetCommand::Register(command) => register(&command),
        DatasetCommand::Prepare(command) => prepare(&command),
    }
}

/// Runs `work` to its end, or until it is interrupted; `None` then.
pub(super) fn until_interrupted<T>(work: impl Future<Output = T>) -> anyhow::Result<Option<T>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be started")?;
    let interrupted = super::run::interruption(&runtime);
    let done = runtime.block_on(async {
        tokio::select! {
            done = work => Some(done),
            () = interrupted => None,
        }
    });
    runtime.shutdown_timeout(Duration::from_millis(200));
    Ok(done)
}

fn new(command: &New) -> anyhow::Result<ExitCode> {
    let file = command.out.clone().unwrap_or_else(|| command.folder.join("dataset.toml"));
    let today = words::in_years(0);
    let described = until_interrupted(cloister::describe(&command.folder, &file, &today))?;
    let Some(described) = described else {
        complain("interrupted; nothing was written");
        return Ok(ExitCode::from(130));
    };
    let described = described?;
    let (tables, vocabulary) = (described.tables, described.vocabulary);
    let shown = file.display();
    say(&format!("{shown}: {tables} tables, and {vocabulary} of the vocabulary"));
    if described.left_out > 0 {
        say(&format!("left out {}, each with its reason in a comment", described.left_out));
    }
    say(&format!("next     settle each TODO in it, then cloister dataset check {shown}"));
    Ok(ExitCode::SUCCESS)
}

fn register(command: &Register) -> anyhow::Result<ExitCode> {
    let dataset = Dataset::open(&command.dataset)?;
    let key = Arc::new(command.site_key.open(&dataset, "sign the registration with")?);
    let (memory, now) = (command.memory.open()?, words::now());
    let registered = cloister::register(&dataset, &key, &memory, &now);
    let Some(snapshot) = until_interrupted(registered)? else {
        complain("interrupted; nothing was registered");
        return Ok(ExitCode::from(130));
    };
    let snapshot = snapshot?;
    say(&format!("snapshot {} of {} files", snapshot.id, snapshot.files.len()));
    say(&format!("noted in {}: keep it at the site", cloister::snapshot_file(&dataset).display()));
    Ok(ExitCode::SUCCESS)
}

/// `dataset` with what its registration says, as [`cloister::registered`].
pub(super) fn registered(
    dataset: Dataset,
    key: Option<&VerifyingKey>,
    digests: bool,
) -> anyhow::Result<Dataset> {
    cloister::registered(dataset, key, digests).map_err(|error| {
        let words = match error.is_of_its_state() {
            true => "; if it is gone for good, or the change is meant, `cloister dataset register`",
            false => return error.into(),
        };
        anyhow::anyhow!("{error}{words} begins a new epoch")
    })
}

fn prepare(command: &Prepare) -> anyhow::Result<ExitCode> {
    let dataset = Dataset::open(&command.dataset)?;
    let key = command.site_key.find(&dataset)?.map(Arc::new);
    let public = key.as_ref().map(|key| key.public());
    let dataset = registered(dataset, public.as_ref(), false)?;
    let key = match dataset.is_registered() {
        true => Some(match key {
            Some(key) => key,
            None => Arc::new(command.site_key.open(&dataset, "register the copy with")?),
        }),
        false => None,
    };
    let memory: Memory = command.memory.open()?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let ranges = command.ranges.map_or(cores, usize::from);
    let tally = Arc::<PrepareTally>::default();
    let bar = progress();
    let written = until_interrupted(async {
        let work = cloister::prepare(&dataset, &command.out, ranges, &memory, &tally);
        tokio::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return done,
                () = tokio::time::sleep(Duration::from_millis(100)) => show(&bar, &tally),
            }
        }
    })?;
    bar.finish_and_clear();
    let Some(written) = written else {
        complain("interrupted; nothing was prepared");
        return Ok(ExitCode::from(130));
    };
    for table in written? {
        say(&line(&table));
    }
    let file = command.out.join("dataset.toml");
    let shown = file.display();
    if let Some(key) = key {
        let copy = Dataset::open(&file)?;
        let now = words::now();
        let snapshot = until_interrupted(cloister::register(&copy, &key, &memory, &now))?;
        let snapshot = snapshot.context("interrupted; the copy is whole, and not registered")??;
        say(&format!("\nprepared, and registered as its source is: snapshot {}", snapshot.id));
    } else {
        say(&format!("\nprepared; `cloister dataset register {shown}` notices when it changes"));
    }
    let ledger = dataset.file().with_file_name("ledger.sqlite");
    say(&format!(
        "next     cloister run MODULE --dataset {shown} --trust T --site-key K --ledger {} \
         --out DIR",
        ledger.display()
    ));
    say("         with that ledger: they are the same persons; policies were copied as they are");
    Ok(ExitCode::SUCCESS)
}

fn progress() -> ProgressBar {
    if std::io::stderr().is_terminal() {
        ProgressBar::new_spinner()
    } else {
        ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden())
    }
}

fn show(bar: &ProgressBar, tally: &PrepareTally) {
    let rows = tally.rows.load(Ordering::Relaxed);
    let table = tally.table.lock().map(|table| table.clone()).unwrap_or_default();
    let done = if rows == 0 { "sorting".to_owned() } else { words::grouped(rows) + " rows" };
    bar.set_message(format!("{table}: {done}"));
    bar.tick();
}

fn line(table: &Written) -> String {
    if table.without_key {
        return format!("{:<24} left out: it does not have the unit key", table.table);
    }
    let mut line = format!("{:<24} {:>14} rows", table.table, words::grouped(table.rows));
    if table.strangers > 0 {
        let rows = words::grouped(table.strangers);
        line += &format!("; left out {rows} of persons not in the unit table");
    }
    if table.null_keys > 0 {
        line += &format!("; left out {} without a key", words::grouped(table.null_keys));
    }
    line
}
