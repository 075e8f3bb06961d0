//! `cloister verify`: who stands behind a module, and which site behind a release.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use cloister::{Asked, Finding, Module, Signatures, Wanted};
use cloister_contract::statement::{Answer as Word, Claim, Review};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::profile::ProfileArgs;
use super::{plain, say};

/// Verifies the signatures beside a module by an adopted trust root, or the seal of a release by
/// the site's public key. Needs neither data nor a network.
#[derive(Args)]
pub(crate) struct Verify {
    /// The module, or a release.json; its signatures lie beside it as FILE.intoto.jsonl.
    module: PathBuf,
    /// The site's public key: of the one that sealed a release; of a module, of the one that must
    /// have approved it.
    #[arg(long, value_name = "FILE")]
    site: Option<PathBuf>,
    /// The adopted trust root.
    #[arg(long, value_name = "FILE", default_value = "trust.toml")]
    trust: PathBuf,
    /// Tell who stood behind it on this day, and not who does today; such as 2026-11-23.
    #[arg(long, value_name = "DAY", value_parser = super::words::day)]
    at: Option<Timestamp>,
    #[command(flatten)]
    profile: ProfileArgs,
    /// Reviewers wanted, if not as many as the profile wants.
    #[arg(long, value_name = "N")]
    reviewers: Option<u32>,
    /// How many reviewers must be of another organisation than the author.
    #[arg(long, value_name = "N")]
    other_organisation: Option<u32>,
    /// The code of conduct under which everybody who signed must be certified.
    #[arg(long, value_name = "NAME")]
    code_of_conduct: Option<String>,
    /// The dataset, by name, for which the site must have approved the study.
    #[arg(long, value_name = "NAME")]
    approved_for: Option<String>,
}

pub(crate) fn verify(command: &Verify) -> anyhow::Result<ExitCode> {
    if command.module.extension().is_some_and(|extension| extension == "json") {
        let found = super::receipt::Found::read(&command.module)?;
        let site =
            command.site.as_deref().context("name the site's public key with --site FILE")?;
        anyhow::ensure!(
            command.at.is_none(),
            "--at is for modules: a release's receipt says when it was asked"
        );
        return super::receipt::verify(&found, site, None);
    }
    let module = Module::open(&command.module)?;
    let trust =
        super::trust::open(Some(&command.trust), command.at.unwrap_or_else(Timestamp::now))?;
    let verified = Signatures::beside(&command.module)?.verify(&module, trust.as_ref());
    say(&format!("{} {}  {}", module.study.name, module.study.version, module.digest));
    for (at, finding) in verified.findings().iter().enumerate() {
        say(&line(at + 1, finding));
    }
    let wanted = wanted(command)?;
    let site = command.site.as_deref().map(cloister::public_key).transpose()?;
    let asked =
        command.approved_for.as_deref().map(|dataset| Asked { dataset, params: None, site });
    verified.suffice(&wanted, asked)?;
    let reviewers = match wanted.reviewers {
        1 => "1 reviewer".to_owned(),
        some => format!("{some} reviewers"),
    };
    say(&match command.at.map(|at| at.to_zoned(TimeZone::UTC).date()) {
        Some(day) => format!("an author and {reviewers} stood behind this module on {day}"),
        None => format!("an author and {reviewers} stand behind this module"),
    });
    Ok(ExitCode::SUCCESS)
}

fn wanted(command: &Verify) -> anyhow::Result<Wanted> {
    let profile = command.profile.open()?;
    let named = profile.wanted().cloned().unwrap_or_default();
    let other = named.reviewers_of_other_organisation;
    Ok(Wanted {
        reviewers: command.reviewers.unwrap_or(named.reviewers),
        reviewers_of_other_organisation: command.other_organisation.unwrap_or(other),
        code_of_conduct: command.code_of_conduct.clone().or(named.code_of_conduct),
        approval: command.approved_for.is_some(),
    })
}

/// What a review says beyond its verdict: answers in numbers, notes, the line of its rebuild.
fn reviewed(review: &Review) -> Vec<String> {
    let until = review.valid_until.as_deref().map(|until| format!("until {until}; "));
    let count = |of| review.answers.iter().filter(|one| one.answer == of).count();
    let (yes, no, not) = (count(Word::Yes), count(Word::No), count(Word::NotApplicable));
    let answers = match review.answers.len() {
        0 => "no answers to the checklist".to_owned(),
        _ => format!("answers: {yes} yes, {no} no, {not} not applicable"),
    };
    let mut lines = vec![until.unwrap_or_default() + &answers];
    let notes = review.answers.iter().filter_map(|one| Some((&one.item, one.note.as_ref()?)));
    lines.extend(notes.map(|(item, note)| format!("{item}: {note}")));
    lines.push(match &review.rebuilt {
        Some(line) => format!("rebuilt: {}", line.strip_prefix("rebuilt: ").unwrap_or(line)),
        None => "not rebuilt".to_owned(),
    });
    lines
}

/// What is found of the signature of this number in the file: who says what, and the digest by
/// which a trust root could revoke it.
fn line(number: usize, finding: &Finding) -> String {
    match &finding.said {
        Ok(signed) => {
            let word = if signed.rejects() { "rejects" } else { "counts" };
            let said = format!(
                "  {word:<10}  {:<9} {}, {} ({})",
                signed.role.name(),
                signed.person,
                signed.organisation,
                signed.signed_at
            );
            let mut lines = vec![plain(&said)];
            if let Claim::Review(review) = &signed.claim {
                lines.extend(reviewed(review).into_iter().map(|line| plain(&line)));
            }
            lines.push(format!("statement {}", signed.statement));
            lines.join("\n              ")
        }
        Err(why) => plain(&format!("  counts not  signature {number}: {why}")),
    }
}
