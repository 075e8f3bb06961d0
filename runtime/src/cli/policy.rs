//! `cloister policy check`: whether a site's policies are valid, and what they say of a module.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use cloister::{
    Action, Asked, Dataset, Decision, Facts, Missing, Module, Policies, PolicyError, Profile,
    Refusal, Signatures, Standing,
};
use cloister_contract::cells::Layout;
use cloister_contract::job::Params;

use super::profile::ProfileArgs;
use super::run::pair;
use super::{complain, plain, say};

#[derive(Subcommand)]
pub(crate) enum PolicyCommand {
    /// Validate policies, and explain what they decide of a module.
    ///
    /// Without a module: whether the policies parse and validate; a mistake is told with its file,
    /// its line and a hint. With a module and a dataset: the facts that the policies see, and
    /// whether they let `cloister run` run and release; if not, which policy forbids it, or which
    /// fact each policy wants that might have permitted it. What the profile wants of signatures
    /// is looked at, too. No table is opened, and the ledger is not asked.
    ///
    /// Policies are written in Cedar (https://cedarpolicy.com). `policies/README.md` says how to
    /// write one, `policies/cloister.cedarschema` has all facts, and docs/policy.md where each
    /// comes from.
    #[command(after_help = EXAMPLES)]
    Check(Box<Check>),
}

const EXAMPLES: &str = "\
Examples:
  cloister policy check --policy ours.cedar                    does it validate?
  cloister policy check study.wasm --dataset dataset.toml      may it run, and why not?
  cloister policy check study.wasm --dataset dataset.toml --purpose advertising
  cloister policy check study.wasm --dataset dataset.toml --action run --json

Exit codes: 0 valid, or allowed · 1 not";

#[derive(Args)]
pub(crate) struct Check {
    /// The module; its signatures lie beside it as MODULE.intoto.jsonl.
    #[arg(requires = "dataset")]
    module: Option<PathBuf>,
    /// The dataset.toml; without a module, that of which the policies are.
    #[arg(long, short, value_name = "FILE")]
    dataset: Option<PathBuf>,
    #[command(flatten)]
    profile: ProfileArgs,
    #[command(flatten)]
    policy: PolicyArgs,
    /// A parameter of the study; lists are separated by commas. May be repeated.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = pair, requires = "module")]
    params: Vec<(String, String)>,
    /// The adopted trust root; by default trust.toml beside the dataset.
    #[arg(long, value_name = "FILE", requires = "module")]
    trust: Option<PathBuf>,
    /// What to ask for: `run`, `release` or `inspect`; by default the first two, as a run does.
    #[arg(long, value_name = "ACTION", value_parser = action, requires = "module")]
    action: Option<Action>,
    /// Ask for another purpose than the study's: one of EHDS Art. 53, one that Art. 54 prohibits,
    /// or `other`.
    #[arg(long, value_name = "PURPOSE", requires = "module")]
    purpose: Option<String>,
    /// Print the decisions as JSON.
    #[arg(long)]
    json: bool,
}

/// `--policy`, the same in every command that asks the site's policies.
#[derive(Args)]
pub(crate) struct PolicyArgs {
    /// Who may ask what: `national-default`, `code-of-conduct`, or a file FILE.cedar. May be
    /// repeated. By default all `*.cedar` in the folder policies/ beside the dataset, and
    /// `national-default` if there is none. What EHDS Art. 54 prohibits is refused in any case.
    #[arg(long = "policy", value_name = "NAME")]
    policies: Vec<String>,
}

impl PolicyArgs {
    /// The policies that are in force over the dataset in `file`.
    pub(super) fn open(&self, file: &Path) -> Result<Policies, PolicyError> {
        Policies::of_dataset(file, &self.policies)
    }
}

fn action(text: &str) -> Result<Action, &'static str> {
    let named = Action::ALL.into_iter().find(|action| action.name() == text);
    named.ok_or("write `run`, `release` or `inspect`")
}

pub(crate) fn policy(command: PolicyCommand) -> anyhow::Result<ExitCode> {
    let PolicyCommand::Check(check) = command;
    let policies = match &check.dataset {
        Some(dataset) => check.policy.open(dataset)?,
        None => Policies::open(&check.policy.policies)?,
    };
    let (Some(module), Some(dataset)) = (&check.module, &check.dataset) else {
        // Whose folder was meant is there.
        check.dataset.as_deref().map(Dataset::open).transpose()?;
        valid(&policies, check.json)?;
        return Ok(ExitCode::SUCCESS);
    };
    let (mut facts, missing) = facts(&check, module, dataset)?;
    if let Some(purpose) = &check.purpose {
        facts.iter_mut().for_each(|facts| facts.purpose.clone_from(purpose));
    }
    let actions = check.action.map_or(vec![Action::Run, Action::Release], |action| vec![action]);
    let decide = |facts| actions.iter().map(move |action| (*action, facts));
    let decisions: Vec<Decision> = facts
        .iter()
        .flat_map(decide)
        .map(|(action, facts)| policies.decide(action, facts))
        .collect();
    if check.json {
        say(&serde_json::to_string_pretty(&decisions)?);
    } else {
        say(&format!("{}  {}", policies.names().join(", "), policies.digest()));
        for (facts, decisions) in facts.iter().zip(decisions.chunks(actions.len())) {
            explain(facts, decisions);
        }
    }
    let missing = missing.filter(|_| actions != [Action::Inspect]);
    if let Some(missing) = &missing {
        complain(&format!("whatever the policies say, it does not run: {missing}"));
    }
    let allowed = missing.is_none() && decisions.iter().all(|decision| decision.allowed);
    Ok(if allowed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn valid(policies: &Policies, json: bool) -> anyhow::Result<()> {
    let (names, digest) = (policies.policies(), policies.digest());
    if !policies.permit_anything() {
        super::warn(
            "none of these permits anything, so every request is refused; put one beside them that \
             does, as `national-default`",
        );
    }
    if json {
        let page = serde_json::json!({ "policies": names, "digest": digest });
        say(&serde_json::to_string_pretty(&page)?);
        return Ok(());
    }
    say(&format!("{} are valid  {digest}", policies.names().join(", ")));
    for name in names {
        say(&format!("  {name}"));
    }
    Ok(())
}

/// The facts that a run of `module` would show to the policies, and what its profile misses.
fn facts(
    check: &Check,
    module: &Path,
    dataset: &Path,
) -> anyhow::Result<(Vec<Facts>, Option<Missing>)> {
    let dataset = Dataset::open(dataset)?;
    let public = dataset.file().with_file_name("site.pub");
    let site = Some(public).filter(|file| file.exists());
    let site = site.map(|file| cloister::public_key(&file)).transpose()?;
    let dataset = super::dataset::registered(dataset, site.as_ref(), false)?;
    let profile: Profile = check.profile.open()?;
    let signed = module;
    let module = Module::open(signed)?;
    let params = Params::bind(&module.study, &check.params)
        .context("name the study's parameters with --param, as for a run")?;
    let layout = Layout::new(&module.study, &params).map_err(Refusal::from)?;
    let mut missing = None;
    let standing = if let Some(wanted) = profile.wanted() {
        let beside = dataset.file().with_file_name("trust.toml");
        let trust = check.trust.clone().or_else(|| Some(beside).filter(|file| file.exists()));
        let trust = super::trust::open(trust.as_deref(), jiff::Timestamp::now())?;
        let verified = Signatures::beside(signed)?.verify(&module, trust.as_ref());
        let name = dataset.id().name;
        let asked = Asked { dataset: &name, params: Some(&check.params), site };
        missing = verified.suffice(wanted, Some(asked)).err();
        verified.standing(asked)
    } else {
        Standing::default()
    };
    let now = super::words::now();
    Ok((Facts::of((&module, &layout), &dataset, &profile, standing, &now), missing))
}

fn explain(facts: &Facts, decisions: &[Decision]) {
    facts.lines().iter().for_each(|line| say(&format!("  {}", plain(line))));
    for decision in decisions {
        say("");
        decision.lines().iter().for_each(|line| say(&plain(line)));
    }
}
