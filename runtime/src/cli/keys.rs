//! `cloister key`, `sign` and `verify`: who stands behind a module.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use cloister::{Finding, Module, Role, Signatures, Trust};

use super::signer::{KeySource, PassphraseArgs};
use super::{plain, say, warn};

#[derive(Subcommand)]
pub(crate) enum KeyCommand {
    /// Make an Ed25519 key pair: the private key in FILE, encrypted with a passphrase (an age file
    /// that `age --decrypt` opens, too), and the public one beside it as .pub, to give to sites.
    New {
        /// Where to write the private key.
        file: PathBuf,
        /// Do not encrypt the private key: its file, readable by you alone, is all that protects
        /// it.
        #[arg(long, conflicts_with = "passphrase_file")]
        no_passphrase: bool,
        #[command(flatten)]
        passphrase: PassphraseArgs,
    },
    /// Show what kind of key it is, and its names; never its private half.
    Show {
        /// The file of a private or a public key, or `agent:` and the SHA256:… or comment of a key
        /// in your ssh-agent.
        key: KeySource,
        #[command(flatten)]
        passphrase: PassphraseArgs,
    },
    /// Print the public half on one line, `ed25519:…`, to paste where somebody lists keys.
    Public {
        /// The file of a private or a public key, or `agent:` and the SHA256:… or comment of a key
        /// in your ssh-agent.
        key: KeySource,
        #[command(flatten)]
        passphrase: PassphraseArgs,
    },
}

#[derive(Args)]
pub(crate) struct Sign {
    /// The module.
    module: PathBuf,
    /// Your private key: its file; `agent:` and the SHA256:… or comment of an Ed25519 key in your
    /// ssh-agent; or the .pub file of OpenSSH whose private half is there.
    #[arg(long, value_name = "KEY")]
    key: KeySource,
    #[command(flatten)]
    passphrase: PassphraseArgs,
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
    match command {
        KeyCommand::New { file, no_passphrase, passphrase } => {
            cloister::free_for_key(&file)?;
            let chosen = (!no_passphrase).then(|| passphrase.choose()).transpose()?;
            let public = cloister::new_key(&file, chosen.as_ref())?;
            if no_passphrase {
                warn("this key has no passphrase: its file is all that protects it");
            }
            say(&format!("private  {} (keep it to yourself)", file.display()));
            say(&format!("public   {} (give it to who checks your signatures)", public.display()));
        }
        KeyCommand::Show { key, passphrase } => {
            let shown = passphrase.show(&key)?;
            say(&format!("kind     {}", shown.kind));
            say(&format!("public   {}", cloister::line_of(&shown.public)));
            say(&format!("sha256   {} (in statements)", cloister::name_of(&shown.public)));
            say(&format!("OpenSSH  {}", cloister::fingerprint(&shown.public)));
            shown.beside.as_deref().map(told_by);
        }
        KeyCommand::Public { key, passphrase } => {
            let shown = passphrase.show(&key)?;
            say(&cloister::line_of(&shown.public));
            shown.beside.as_deref().map(told_by);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Says that nobody asked the private key.
fn told_by(public: &Path) {
    warn(&format!(
        "this is what `{}` says; the private key beside it was not decrypted to compare",
        public.display()
    ));
}

pub(crate) fn sign(command: Sign) -> anyhow::Result<ExitCode> {
    let module = Module::open(&command.module)?;
    let key = command.passphrase.open(&command.key)?;
    let role = match command.role {
        RoleName::Author => Role::Author,
        RoleName::Reviewer => Role::Reviewer,
    };
    let beside = cloister::sign(&command.module, &module, &key, role, super::words::now())?;
    let study = &module.study;
    say(&format!("signed {} {} as {}", study.name, study.version, role.name()));
    say(&format!("sha256   {}", module.digest));
    say(&format!("key      {}", cloister::name_of(&key.public())));
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
