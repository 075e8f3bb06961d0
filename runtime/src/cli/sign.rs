//! `cloister sign`, `certify` and `approve`: statements that people put their names to.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use cloister::{
    ApprovalTerms, CertificateTerms, Dataset, Finding, Module, Rebuilt, ReviewAnswers, Said,
    Signatures, Trust, certificates_of,
};
use cloister_contract::public_key::PublicKey;
use cloister_contract::statement::Verdict;

use super::say;
use super::signer::SigningKey;
use super::trust::RoleName;

/// Signs a module and adds the signature to MODULE.intoto.jsonl.
#[derive(Args)]
pub(crate) struct Sign {
    /// The module.
    module: PathBuf,
    #[command(flatten)]
    signing: SigningKey,
    /// As what you sign.
    #[arg(long)]
    role: SignerRole,
    /// Author: the commit of the sources.
    #[arg(long, value_name = "COMMIT")]
    source_commit: Option<String>,
    #[command(flatten)]
    review: Review,
}

#[derive(Clone, Copy, ValueEnum)]
enum SignerRole {
    /// You wrote the study.
    Author,
    /// You read its code and study file, and approve or reject them.
    Reviewer,
}

#[derive(Args)]
struct Review {
    /// Reviewer: your answers to the checklist, and any of what follows, as a review.toml;
    /// docs/trust.md shows one.
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// Reviewer: for which organisation; it must be the one that sites list you with.
    #[arg(long, value_name = "NAME")]
    organisation: Option<String>,
    /// Reviewer: the module must not run; where you are trusted, it will not.
    #[arg(long)]
    reject: bool,
    /// Reviewer: the last day on which the review counts; by default in two years.
    #[arg(long, value_name = "DAY")]
    valid_until: Option<String>,
    /// Reviewer: the line that `cloister study rebuild` printed.
    #[arg(long, value_name = "LINE", conflicts_with = "rebuild")]
    rebuilt: Option<String>,
    /// Reviewer: rebuild the module from these sources first, and quote the line.
    #[arg(long, value_name = "SOURCES")]
    rebuild: Option<PathBuf>,
}

/// Certifies a person, by key, or an organisation; the certificate is added to
/// certificates.intoto.jsonl beside the trust root.
#[derive(Args)]
pub(crate) struct Certify {
    #[command(flatten)]
    signing: SigningKey,
    /// The person's public key: its file, or its line `ed25519:…`.
    #[arg(long, value_name = "KEY", value_parser = super::trust::public)]
    person: Option<PublicKey>,
    /// The organisation's name, in place of a person.
    #[arg(
        long,
        value_name = "NAME",
        conflicts_with = "person",
        required_unless_present = "person"
    )]
    organisation: Option<String>,
    /// For which role.
    #[arg(long)]
    role: RoleName,
    /// Under which code of conduct, as the trust root names it.
    #[arg(long, value_name = "NAME")]
    code_of_conduct: String,
    /// Your organisation.
    #[arg(long, value_name = "NAME")]
    issuer: String,
    /// The last day on which it counts.
    #[arg(long, value_name = "DAY")]
    valid_until: String,
    /// The trust root.
    #[arg(long, value_name = "FILE", default_value = "trust.toml")]
    trust: PathBuf,
}

/// Approves a module over a dataset, for the study's own purpose.
#[derive(Args)]
pub(crate) struct Approve {
    /// The module.
    module: PathBuf,
    #[command(flatten)]
    signing: SigningKey,
    /// The dataset.toml.
    #[arg(long, short, value_name = "FILE")]
    dataset: PathBuf,
    /// The account of the site's ledger that pays; by default one named after the study. Give a
    /// study that comes back under another name the account it had.
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// A parameter and its only value; without any, the study may choose. May be repeated.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = super::run::pair)]
    params: Vec<(String, String)>,
    /// The step of the study that makes its parameters.
    #[arg(long, value_name = "STEP", conflicts_with = "params")]
    step: Option<String>,
    /// The number of the data permit.
    #[arg(long, value_name = "NUMBER")]
    permit: Option<String>,
    /// A person who may ask. May be repeated.
    #[arg(long = "person", value_name = "NAME")]
    persons: Vec<String>,
    /// The last day on which it counts.
    #[arg(long, value_name = "DAY")]
    valid_until: String,
}

impl Review {
    /// Whether anything of a review is on the command line.
    const fn is_given(&self) -> bool {
        self.reject
            || self.answers.is_some()
            || self.organisation.is_some()
            || self.valid_until.is_some()
            || self.rebuilt.is_some()
            || self.rebuild.is_some()
    }
}

pub(crate) fn sign(command: Sign) -> anyhow::Result<ExitCode> {
    let module = Module::open(&command.module)?;
    let key = command.signing.open()?;
    let (said, what) = match command.role {
        SignerRole::Author if command.review.is_given() => anyhow::bail!(
            "`--reject`, `--answers` and the like are a reviewer's: with `--role author` you would \
             sign that you wrote it; nothing was signed"
        ),
        SignerRole::Author => {
            let said = Said::Authorship { source_commit: command.source_commit };
            (said, vec!["you wrote it, as author".to_owned()])
        }
        SignerRole::Reviewer => {
            let answers = answers(command.review, &module)?;
            let what = words(&answers)?;
            (Said::Review(answers), what)
        }
    };
    let beside = cloister::sign(&command.module, &module, &key, said, super::words::now())?;
    let study = &module.study;
    say(&format!("signed   {} {}: {}", study.name, study.version, what.join("\n         ")));
    say(&format!("sha256   {}", module.digest));
    say(&format!("key      {}", cloister::name_of(&key.public())));
    say(&format!("envelope {}", beside.display()));
    Ok(ExitCode::SUCCESS)
}

/// What a review says, for who signs it: verdict, answers, rebuild.
fn words(review: &ReviewAnswers) -> anyhow::Result<Vec<String>> {
    let items = cloister::checklist()?.len();
    let given = review.answers.len();
    let verdict = match review.verdict {
        Some(Verdict::Reject) => {
            "you REJECT it (only a trust root lifts that), as reviewer".to_owned()
        }
        _ => "you approve it, as reviewer".to_owned(),
    };
    let until = review.valid_until.as_deref().map(|until| format!(", until {until}"));
    let of = review.organisation.as_deref().map(|name| format!(" of {name}"));
    let rebuilt = match &review.rebuilt {
        Some(line) => line.clone(),
        None => "not rebuilt: `--rebuild SOURCES` does, and quotes the line".to_owned(),
    };
    let answers = match given {
        0 => "no answers to the checklist: `--answers review.toml` gives them".to_owned(),
        _ => format!("{given} of the checklist's {items} items answered"),
    };
    let verdict = verdict + &of.unwrap_or_default() + &until.unwrap_or_default();
    Ok(vec![verdict, answers, rebuilt])
}

/// What the file says, then what the command line says.
fn answers(review: Review, module: &Module) -> anyhow::Result<ReviewAnswers> {
    let file = review.answers.as_deref().map(ReviewAnswers::open).transpose()?;
    let file = file.unwrap_or_default();
    let verdict = if review.reject { Some(Verdict::Reject) } else { file.verdict };
    let file = ReviewAnswers { verdict, ..file };
    // Told before a minute of compiling.
    file.agree()?;
    let rebuilt = match review.rebuild {
        None => review.rebuilt.map(|line| line.trim_start_matches("rebuilt: ").to_owned()),
        Some(sources) => match cloister::rebuild(&sources, module, None)? {
            Rebuilt::Same(found) => Some(found.to_string()),
            Rebuilt::Another(_) => anyhow::bail!(
                "nothing was signed: the sources give another module; `cloister study rebuild` \
                 tells what differs"
            ),
        },
    };
    let until = review.valid_until.or(file.valid_until);
    Ok(ReviewAnswers {
        organisation: review.organisation.or(file.organisation),
        verdict,
        valid_until: Some(until.unwrap_or_else(|| super::words::in_years(2))),
        rebuilt: rebuilt.or(file.rebuilt),
        answers: file.answers,
    })
}

pub(crate) fn certify(command: Certify) -> anyhow::Result<ExitCode> {
    let key = command.signing.open()?;
    let subject = command.person.map(|key| key.to_string()).or(command.organisation);
    let terms = CertificateTerms {
        subject: subject.context("name a --person or an --organisation")?,
        role: command.role.into(),
        code_of_conduct: command.code_of_conduct,
        issuer: command.issuer,
        valid_until: command.valid_until,
    };
    let file = certificates_of(&command.trust);
    cloister::certify(&file, &key, terms, super::words::now())?;
    say(&format!("certificate {}", file.display()));
    let trust = adopted(&command.trust);
    // The last is this one.
    let last = trust.as_ref().and_then(|trust| trust.certificates().last());
    if let Some(Err(why)) = last {
        counts_not(&command.trust, why);
    }
    Ok(ExitCode::SUCCESS)
}

/// The trust root in `file`, if it is adopted and in force: a warning rests on it, and no more.
fn adopted(file: &Path) -> Option<Trust> {
    Trust::open(file, jiff::Timestamp::now()).ok()
}

fn counts_not(trust: &Path, why: &str) {
    super::warn(&format!("by `{}` it does not count: {}", trust.display(), super::plain(why)));
}

pub(crate) fn approve(command: Approve) -> anyhow::Result<ExitCode> {
    let module = Module::open(&command.module)?;
    let key = command.signing.open()?;
    let dataset = Dataset::open(&command.dataset)?.id().name;
    let params = Some(command.params).filter(|params| !params.is_empty());
    let terms = ApprovalTerms {
        dataset: dataset.clone(),
        account: command.account,
        params,
        step: command.step,
        permit: command.permit,
        persons: command.persons,
        valid_until: command.valid_until,
    };
    let beside = cloister::approve(&command.module, &module, &key, terms, super::words::now())?;
    say(&format!("approved {} over {dataset}", module.study.name));
    say(&format!("envelope {}", beside.display()));
    let file = command.dataset.with_file_name("trust.toml");
    let trust = adopted(&file);
    let verified = Signatures::beside(&command.module)?.verify(&module, trust.as_ref());
    // The last is this one.
    let last = verified.findings().last().filter(|_| trust.is_some());
    if let Some(Finding { said: Err(why) }) = last {
        counts_not(&file, why);
    }
    Ok(ExitCode::SUCCESS)
}
