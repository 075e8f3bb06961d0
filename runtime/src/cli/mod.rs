//! The command line: one function per command; errors become one line for people and an exit code.

mod audit;
mod check;
mod contract;
mod dataset;
mod evidence;
mod inspect;
mod keys;
mod ledger;
mod machine;
mod memory;
mod policy;
mod profile;
mod receipt;
mod rehearse;
mod replay;
mod run;
mod sign;
mod signer;
mod study;
mod trust;
mod verify;
mod words;

use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Runs signed analyses over health data, one person at a time, and releases only protected
/// aggregates.
#[derive(Parser)]
#[command(name = "cloister", version, max_term_width = 100, after_help = AFTER)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Say more on standard error: what the host decides, never what a guest says. Also set by
    /// CLOISTER_LOG=debug.
    #[arg(long, short, global = true)]
    verbose: bool,
}

const AFTER: &str = "\
Researchers:  cloister study new, check, test and build; cloister sign --role author
Reviewers:    cloister inspect, cloister sign --role reviewer
Sites:        cloister trust new, add, sign, adopt; cloister dataset check, register, prepare;
              cloister verify, cloister approve, cloister run, cloister ledger,
              cloister audit, cloister policy, cloister receipt, cloister replay,
              cloister evidence

Exit codes: 0 done · 1 refused or failed, nothing was released · 2 wrong usage · 130 interrupted";

#[derive(Subcommand)]
enum Command {
    /// Work on a study.
    #[command(subcommand)]
    Study(study::StudyCommand),
    /// Check, register and prepare a site's data.
    #[command(subcommand)]
    Dataset(dataset::DatasetCommand),
    /// Make keys and show them.
    #[command(subcommand)]
    Key(keys::KeyCommand),
    /// Sign a module as its author or a reviewer.
    Sign(sign::Sign),
    /// Certify a person or an organisation under a code of conduct.
    Certify(sign::Certify),
    /// Approve a module over a dataset of your site.
    Approve(sign::Approve),
    /// Write, sign, adopt and update the list of whom a site trusts.
    #[command(subcommand)]
    Trust(trust::TrustCommand),
    /// Verify the signatures beside a module, or the seal of a release.
    Verify(verify::Verify),
    /// Show what a module reads, releases and may do, and who signed it.
    Inspect(inspect::Inspect),
    /// Check a site's policies, and what they say of a module.
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Show and verify what studies have spent at this site.
    ///
    /// The ledger is made by the first run under `hospital`: ledger.sqlite beside the
    /// dataset.toml, or where `cloister run --ledger` says. Beside it lie ledger.checkpoint, its
    /// last entry under the site's signature, and releases/, what was released. Keep and back up
    /// the three together. Nothing is ever taken out: what a study has spent, it has spent, and
    /// the same job asked again costs nothing. docs/ledger.md has the rules.
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    /// Show, verify and export who asked what of this site, and what was decided.
    ///
    /// The log is made by the first run under `hospital`: audit.jsonl beside the ledger, with the
    /// site's signature over all of it in audit.checkpoint. Nothing is ever changed in it. Give
    /// the checkpoint to somebody else from time to time: with an old one anybody can tell whether
    /// the log still begins with what it said then. docs/audit.md has the format.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Verify what a site says of its release.
    #[command(subcommand)]
    Receipt(receipt::ReceiptCommand),
    /// Write one folder about a release for whoever supervises the site, or verify it.
    Evidence(evidence::Evidence),
    /// Run the job of a release again, at its site, and compare the bytes.
    Replay(replay::Replay),
    /// Run a module over a dataset and release what the profile protects.
    Run(run::Run),
}

pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse();
    log(cli.verbose);
    let done = match cli.command {
        Command::Study(command) => study::study(command),
        Command::Dataset(command) => dataset::dataset(command),
        Command::Key(command) => keys::key(command),
        Command::Sign(command) => sign::sign(command),
        Command::Certify(command) => sign::certify(command),
        Command::Approve(command) => sign::approve(command),
        Command::Trust(command) => trust::trust(command),
        Command::Verify(command) => verify::verify(&command),
        Command::Inspect(command) => inspect::inspect(&command),
        Command::Policy(command) => policy::policy(command),
        Command::Ledger(command) => ledger::ledger(command),
        Command::Audit(command) => audit::audit(command),
        Command::Receipt(command) => receipt::receipt(&command),
        Command::Evidence(command) => evidence::evidence(&command),
        Command::Replay(command) => replay::replay(&command),
        Command::Run(command) => run::run(command),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            complain(&(whole(&error) + next_step(&error)));
            ExitCode::FAILURE
        }
    }
}

/// Ends a build with `faults` that is told to switch off what there is not.
#[cfg(feature = "faults")]
pub(crate) fn no_such_fault(name: &str) -> ExitCode {
    complain(&format!("there is no mechanism `{name}`"));
    ExitCode::from(99)
}

/// For operators, on standard error; nothing from a guest is ever logged.
fn log(verbose: bool) {
    let chosen = tracing_subscriber::EnvFilter::try_from_env("CLOISTER_LOG").ok();
    let logs = verbose || chosen.is_some();
    let default = if verbose { "cloister=debug" } else { "warn" };
    let filter = chosen.unwrap_or_else(|| tracing_subscriber::EnvFilter::new(default));
    let layer = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .with_target(logs);
    // Who did not ask for a log reads sentences.
    if logs { layer.init() } else { layer.without_time().init() }
}

/// Writes to standard output; a reader that has gone away is no error of ours.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// What anybody may have written, as one line that moves no cursor and turns no text around, and
/// that ends.
fn plain(text: &str) -> String {
    let moves = |c: char| {
        let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}');
        let embeds = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        c.is_control() || turns || embeds
    };
    text.chars().take(1_000).map(|c| if moves(c) { '\u{fffd}' } else { c }).collect()
}

/// An error and its causes; a cause that was told already is not told again.
fn whole(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !text.contains(&cause) {
            text += if text.is_empty() { "" } else { ": " };
            text += &cause;
        }
    }
    text
}

/// What to do next where a system's own words end an error.
fn next_step(error: &anyhow::Error) -> &'static str {
    let cause = error.chain().last().and_then(|cause| cause.downcast_ref::<std::io::Error>());
    match cause.map(std::io::Error::kind) {
        Some(ErrorKind::IsADirectory) => "; it is a folder: name the file that is meant",
        Some(ErrorKind::NotFound) => "; is there a mistake in its name, or in the folder?",
        _ => "",
    }
}

/// A word on long work, for a terminal.
fn progress(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text} …");
}

/// What was done beside what is on standard output.
fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

fn warn(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "warning: {text}");
}

fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "error: {text}");
}
