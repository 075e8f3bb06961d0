//! `cloister key`, `sign` and `verify`: who stands behind a module.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use cloister::{Finding, Module, Role, Signatures, Trust};

use super::{plain, say};

#[derive(Subcommand)]
pub(crate) enum KeyCommand {
    /// Make an Ed25519 key pair: the private key in FILE, readable by you alone, and the public
    /// one beside it as .pub, to give to sites.
    New {
        /// Where to write the private key.
        file: PathBuf,
    },
}

#[derive(Args)]
pub(crate) struct Sign {
    /// The module.
    module: PathBuf,
    /// Your private key.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// As what you sign.
    #[arg(long)]
    role: RoleName,
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleName {
    /// You wrote the study.
    Author,
    /// You read its code and study file, and approve them.
    Reviewer,
}

#[derive(Args)]
pub(crate) struct Verify {
    /// The module, or a release.json; its signatures lie beside it as FILE.intoto.jsonl.
    module: PathBuf,
    /// For a release: the public key of the site that sealed it.
    #[arg(long, value_name = "FILE")]
    site: Option<PathBuf>,
    /// The keys you trust.
    #[arg(long, value_name = "FILE", default_value = "trust.toml")]
    trust: PathBuf,
    /// Reviewers wanted.
    #[arg(long, value_name = "N", default_value_t = 2)]
    reviewers: u32,
}

pub(crate) fn key(command: KeyCommand) -> anyhow::Result<ExitCode> {
    let KeyCommand::New { file } = command;
    let public = cloister::new_key(&file)?;
    say(&format!("private  {} (keep it to yourself)", file.display()));
    say(&format!("public   {} (give it to whoever checks your signatures)", public.display()));
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn sign(command: Sign) -> anyhow::Result<ExitCode> {
    let module = Module::open(&command.module)?;
    let key = cloister::private_key(&command.key)?;
    let role = match command.role {
        RoleName::Author => Role::Author,
        RoleName::Reviewer => Role::Reviewer,
    };
    let beside = cloister::sign(&command.module, &module, &key, role, super::words::now())?;
    let study = &module.study;
    say(&format!("signed {} {} as {}", study.name, study.version, role.name()));
    say(&format!("sha256   {}", module.digest));
    say(&format!("key      {}", cloister::name_of(&key)));
    say(&format!("envelope {}", beside.display()));
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn verify(command: Verify) -> anyhow::Result<ExitCode> {
    if command.module.extension().is_some_and(|extension| extension == "json") {
        return seal(&command);
    }
    let module = Module::open(&command.module)?;
    let trust = Trust::open(&command.trust)?;
    let verified = Signatures::beside(&command.module)?.verify(&module, Some(&trust))?;
    say(&format!("{} {}  {}", module.study.name, module.study.version, module.digest));
    for finding in verified.findings() {
        say(&line(finding));
    }
    verified.suffice(command.reviewers)?;
    say(&format!("an author and {} reviewers stand behind this module", command.reviewers));
    Ok(ExitCode::SUCCESS)
}

/// Verifies a release against the site's public key.
fn seal(command: &Verify) -> anyhow::Result<ExitCode> {
    let site = command.site.as_deref().context("name the site's public key with --site FILE")?;
    let key = cloister::public_key(site)?;
    let file = &command.module;
    let read = |file: &Path| {
        std::fs::read(file).with_context(|| format!("`{}` cannot be read", file.display()))
    };
    let envelope = read(&cloister::signatures_of(file))?;
    let sealed = cloister::check_seal(&read(file)?, &String::from_utf8_lossy(&envelope), &key)?;
    say(&format!("the site sealed this release on {}", sealed.signed_at));
    say(&format!("module   {}", sealed.module));
    say(&format!("dataset  {}, profile {}", sealed.dataset, sealed.profile));
    Ok(ExitCode::SUCCESS)
}

/// A finding as one line.
pub(super) fn line(finding: &Finding) -> String {
    plain(&match &finding.said {
        Ok(signed) => format!(
            "  counts      {:<9} {}, {} ({})",
            signed.role.name(),
            signed.person,
            signed.organisation,
            signed.signed_at
        ),
        Err(why) => format!("  counts not  {why}"),
    })
}
