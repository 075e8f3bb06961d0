//! `cloister ledger`: what studies have spent at this site.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use cloister::{AccountLine, Book, YearLine};
use ed25519_dalek::VerifyingKey;
use serde::Serialize;

use super::audit::{NO_KEY, SitePublic};
use super::say;

#[derive(Subcommand)]
pub(crate) enum LedgerCommand {
    /// Show what each study has spent of what it is allowed, and the last entries.
    ///
    /// Numbers and bits are counted over a study's life, jobs in an epoch of the dataset, which
    /// begins with `cloister dataset register`. Verifies the ledger first.
    Show(Show),
    /// Walk all entries: the chain holds, the totals add up, none is missing at the end, and each
    /// stored release is the one that left.
    Verify(Verify),
}

#[derive(Args)]
pub(crate) struct Show {
    /// The ledger.
    #[arg(value_name = "FILE", default_value = "ledger.sqlite")]
    ledger: PathBuf,
    #[command(flatten)]
    site: SitePublic,
    /// Print JSON, with all entries.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Verify {
    /// The ledger.
    #[arg(value_name = "FILE", default_value = "ledger.sqlite")]
    ledger: PathBuf,
    #[command(flatten)]
    site: SitePublic,
}

/// What `show --json` prints.
#[derive(Serialize)]
struct Json<'b> {
    accounts: Vec<AccountLine>,
    persons: Vec<YearLine>,
    head: String,
    entries: &'b [cloister::Entry],
}

pub(crate) fn ledger(command: LedgerCommand) -> anyhow::Result<ExitCode> {
    match command {
        LedgerCommand::Show(command) => show(&command),
        LedgerCommand::Verify(command) => verify(&command),
    }
}

fn show(command: &Show) -> anyhow::Result<ExitCode> {
    let site = command.site.find(&command.ledger)?;
    let book = read(&command.ledger, site.as_ref())?;
    let now = jiff::Timestamp::now().as_second();
    if command.json {
        let accounts = cloister::account_lines(&book);
        let persons = cloister::year_lines(&book, now);
        let head = book.head().to_string();
        let json = Json { accounts, persons, head, entries: book.entries() };
        say(&serde_json::to_string_pretty(&json)?);
    } else {
        say(cloister::ledger_page(&book, now).text().trim_end());
    }
    if site.is_none() {
        super::warn(NO_KEY);
    }
    Ok(ExitCode::SUCCESS)
}

fn verify(command: &Verify) -> anyhow::Result<ExitCode> {
    let site = command.site.find(&command.ledger)?;
    let book = read(&command.ledger, site.as_ref())?;
    say(&format!("entries     {}, each with the hash of all before it", book.entries().len()));
    say(&format!("head        {}", book.head()));
    let signed = match &site {
        Some((file, _)) => format!("signed by the key in {}", file.display()),
        None => NO_KEY.to_owned(),
    };
    say(&format!("checkpoint  {signed}"));
    let stored = cloister::verify_stored(&command.ledger, &book)?;
    say(&format!("releases    {stored}, each as it left"));
    Ok(ExitCode::SUCCESS)
}

fn read(ledger: &Path, site: Option<&(PathBuf, VerifyingKey)>) -> anyhow::Result<Book> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be started")?;
    Ok(runtime.block_on(cloister::read_ledger(ledger, site.map(|(_, key)| key)))?)
}
