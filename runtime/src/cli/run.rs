//! `cloister run`: the main job, with progress on a terminal and a clean end on Ctrl-C.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use clap::Args;
use cloister::{Answer, Dataset, Place, Profile, Request, Site, Tally};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::machine::MachineArgs;
use super::policy::PolicyArgs;
use super::profile::ProfileArgs;
use super::say;
use super::signer::SiteKey;

/// Runs a module over a dataset, one person at a time, and writes the release: release.json, its
/// seal release.json.intoto.jsonl, and the same cells as cells.csv and cells.parquet.
///
/// The profile `hospital` wants the signatures of an author and two reviewers whom the site's
/// adopted trust root lists. The profile `exact` wants none, and runs only over a dataset that is
/// `synthetic` or `public`; what it writes is marked UNPROTECTED.
///
/// In the tier `open` (`--profile strict --tier open`, `--profile public`) every number gets the
/// noise of differential privacy; under `strict` the author's signature is enough then.
///
/// Under `hospital` the job is charged in the ledger before it runs, to its author's account or to
/// the one that the site approved, and refused if too little is left (`cloister ledger show`). The
/// same module with the same parameters over the same data gets the same release again, without a
/// charge.
#[derive(Args)]
pub(crate) struct Run {
    /// The module; its signatures lie beside it as MODULE.intoto.jsonl.
    module: PathBuf,
    /// The dataset.toml.
    #[arg(long, short, value_name = "FILE")]
    dataset: PathBuf,
    #[command(flatten)]
    profile: ProfileArgs,
    #[command(flatten)]
    policy: PolicyArgs,
    /// A parameter of the study; lists are separated by commas. May be repeated.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = pair)]
    params: Vec<(String, String)>,
    /// The folder to write; it must not exist or be empty.
    #[arg(long, short, value_name = "DIR")]
    out: PathBuf,
    /// The adopted trust root: whom you trust; by default trust.toml beside the dataset.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    #[command(flatten)]
    site_key: SiteKey,
    /// The ledger to charge the job to, made if it is not there; by default ledger.sqlite beside
    /// the dataset. Datasets over the same persons share one.
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// Compare the digests of a registered dataset's files too, not their lengths and times alone.
    #[arg(long)]
    verify: bool,
    /// Write a release over patients' data as soon as the run has ended. Otherwise it is written at
    /// an instant that was planned from published numbers: whoever sees it come learns nothing of
    /// how long the run took, which a guest can decide.
    #[arg(long)]
    at_once: bool,
    #[command(flatten)]
    machine: MachineArgs,
    /// Print release.json instead of tables.
    #[arg(long)]
    json: bool,
}

/// A parameter as typed: NAME=VALUE.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(crate) fn run(command: Run) -> anyhow::Result<ExitCode> {
    let dataset = Dataset::open(&command.dataset)?;
    let profile = command.profile.open()?;
    let site = site(&command, &dataset, &profile)?;
    let key = match &site.key {
        Some(key) => Some(key.public()),
        None => command.site_key.public(&dataset)?,
    };
    // Exact numbers rest on the registration alone: no file is taken at its length and time.
    let digests = command.verify || !profile.protects();
    let dataset = super::dataset::registered(dataset, key.as_ref(), digests)?;
    command.machine.can_confine(&dataset)?;
    // Before the folder is made, so that it goes however this is interrupted.
    let runtime = command.machine.runtime()?;
    let interrupted = interruption(&runtime);
    let place = Place::prepare(&command.out)?;
    foresee(&dataset, &profile);
    let published = dataset.published_persons();
    let request = Request { module: command.module, dataset, profile, params: command.params };
    let tally = Arc::<Tally>::default();
    let bar = progress(published, Arc::clone(&tally), &runtime);
    let now = super::words::now();
    let answer = runtime.block_on(async {
        tokio::select! {
            answer = cloister::answer(request, &site, tally.clone(), &now) => {
                Some(answer)
            }
            () = interrupted => None,
        }
    });
    bar.finish_and_clear();
    // Guests that still run are bounded by fuel; nobody waits for them, but what they spilled goes.
    runtime.shutdown_timeout(Duration::from_millis(200));
    drop(site);
    // Whatever comes now, nobody pays twice for it.
    let paid = match tally.paid.load(Ordering::Relaxed) {
        true => "; the job is paid: to ask just the same again costs nothing",
        false => "",
    };
    let unpublished = |error: anyhow::Error| match paid {
        "" => error,
        paid => anyhow::anyhow!("{}{paid}", super::whole(&error)),
    };
    let Some(answer) = answer else {
        super::complain(&format!("interrupted; nothing was released{paid}"));
        return Ok(ExitCode::from(130));
    };
    let answer = answer.map_err(|error| unpublished(error.into()))?;
    if let Answer::Unprotected(_) = answer {
        tell(&tally);
    }
    let files = place.publish(&answer).map_err(|error| unpublished(error.into()))?;
    let document = cloister::document(&answer);
    if command.json {
        say(String::from_utf8_lossy(&document.encode()?).trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    say(&cloister::report(document, None));
    let what = match answer {
        Answer::Sealed(_) => "released, and sealed with the site's key",
        Answer::Unprotected(_) => "not protected, not sealed",
    };
    say(&format!("{what}: {} in {}", files.join(", "), command.out.display()));
    Ok(ExitCode::SUCCESS)
}

/// What can be said of the release before the run, from published numbers alone.
fn foresee(dataset: &Dataset, profile: &Profile) {
    let (persons, name) = (dataset.published_persons(), profile.name());
    if let Some(least) = profile.rules().map(|rules| rules.population_min)
        && persons < least
    {
        super::warn(&format!(
            "the dataset publishes {persons} persons, and the profile `{name}` withholds \
             everything below {least}: this run will show nothing"
        ));
    }
}

fn site(command: &Run, dataset: &Dataset, profile: &Profile) -> anyhow::Result<Site> {
    let folder = dataset.file().parent().unwrap_or_else(|| Path::new("."));
    let beside = |given: &Option<PathBuf>, name: &str| match given {
        Some(file) => Some(file.clone()),
        None => Some(folder.join(name)).filter(|file| file.exists()),
    };
    let protects = profile.protects();
    let trust = beside(&command.trust, "trust.toml").filter(|_| protects);
    if protects && trust.is_none() {
        anyhow::bail!(
            "there is no `trust.toml` beside `{}`; begin one with `cloister trust new {} --root \
             ROOT.pub`, or name one with --trust",
            dataset.file().display(),
            folder.join("trust.toml").display()
        );
    }
    Ok(Site {
        trust: super::trust::open(trust.as_deref(), jiff::Timestamp::now())?,
        key: match protects {
            true => Some(command.site_key.open(dataset, "seal the release with")?.into()),
            false => None,
        },
        ledger: protects
            .then(|| command.ledger.clone().unwrap_or_else(|| folder.join("ledger.sqlite"))),
        policies: command.policy.open(dataset.file())?,
        options: command.machine.options()?,
        processes: command.machine.processes()?,
        holds: !command.at_once,
    })
}

/// Ctrl-C, a closed terminal, or a service that is stopped, from this call on: all end a command in
/// the same way.
pub(super) fn interruption(runtime: &tokio::runtime::Runtime) -> impl Future<Output = ()> + use<> {
    #[cfg(unix)]
    let heard = {
        use tokio::signal::unix::{SignalKind, signal};
        let _entered = runtime.enter();
        [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal)
    };
    #[cfg(not(unix))]
    let _ = runtime;
    async move {
        #[cfg(unix)]
        {
            let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = heard else {
                return std::future::pending().await;
            };
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// A bar over the published number of persons; hidden where standard error is no terminal. When
/// the release is planned is told in either case.
pub(super) fn progress(
    published: u64,
    tally: Arc<Tally>,
    runtime: &tokio::runtime::Runtime,
) -> ProgressBar {
    let hidden = !std::io::stderr().is_terminal();
    let target = if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(Some(published), target);
    let template = "{bar:40} {pos}/{len} persons  {rate}/s  {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        let rate = |state: &ProgressState, text: &mut dyn std::fmt::Write| {
            let _ = write!(text, "{:.0}", state.per_sec());
        };
        bar.set_style(style.with_key("rate", rate));
    }
    let shown = bar.clone();
    runtime.spawn(async move {
        let mut told = false;
        while !shown.is_finished() {
            let planned = tally.planned.load(Ordering::Relaxed);
            if planned > 0 && !told {
                shown.suspend(|| super::note(&planned_for(planned)));
                told = true;
            }
            let persons = tally.persons.load(Ordering::Relaxed);
            // The published number is rounded: the bar does not tell the exact one.
            shown.set_position(persons.min(published));
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    bar
}

/// Says that the release is planned for so many seconds after 1970.
fn planned_for(seconds: u64) -> String {
    let instant = i64::try_from(seconds).ok().and_then(|s| jiff::Timestamp::from_second(s).ok());
    let instant = instant.unwrap_or(jiff::Timestamp::MAX).strftime("%F %T UTC");
    format!(
        "the release is planned for {instant}, from published numbers, whenever the run ends; to \
         stop meanwhile loses nothing: ask again; --at-once does not wait"
    )
}

/// What helps whoever develops a study, over data that are synthetic or public. A guest decides
/// whom it drops, so over any other data nobody is told.
fn tell(tally: &Tally) {
    let persons = tally.persons.load(Ordering::Relaxed);
    let dropped = tally.dropped.load(Ordering::Relaxed);
    let strangers = tally.strangers.load(Ordering::Relaxed);
    tracing::info!(persons, dropped, rows_of_unknown_units = strangers, "ran");
    if dropped > 0 {
        super::warn(&format!(
            "{dropped} of {persons} persons contribute nothing: the study panicked (a clock, a \
             file or an overflow does, too), needed more than its `fuel`, or named an output or \
             cell that is not there"
        ));
    }
}
