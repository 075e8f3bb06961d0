//! `cloister trust`: the list of whom a site trusts, from a first draft to the next version.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use cloister::{NewPerson, Role, RootSigned, Trust};
use cloister_contract::digest::Digest;
use cloister_contract::public_key::PublicKey;
use jiff::Timestamp;

use super::signer::SigningKey;
use super::{plain, say};

#[derive(Subcommand)]
pub(crate) enum TrustCommand {
    /// Write a first trust root, which lists nobody yet.
    New(New),
    /// List one more person, with a key that is valid for a year; the rest is edited by hand.
    Add(Box<Add>),
    /// Sign a trust root with a root key; each root key's holder does.
    Sign(Sign),
    /// Show the fingerprint of a trust root, and whom it lists if it is the adopted one.
    Show(Show),
    /// Adopt a trust root as this site's first, once you compared its fingerprint with whoever
    /// gave it to you.
    Adopt(Adopt),
    /// Take the next version of the adopted trust root.
    Update(Update),
}

#[derive(Args)]
pub(crate) struct New {
    /// Where to write it.
    #[arg(default_value = "trust.toml")]
    file: PathBuf,
    /// A root key's public half: its file, or its line `ed25519:…`. May be repeated.
    #[arg(long = "root", value_name = "KEY", required = true, value_parser = public)]
    roots: Vec<PublicKey>,
    /// How many root keys must sign each version.
    #[arg(long, value_name = "N", default_value_t = 1)]
    threshold: usize,
}

#[derive(Args)]
pub(crate) struct Add {
    /// The trust root.
    #[arg(default_value = "trust.toml")]
    file: PathBuf,
    /// The person's name.
    #[arg(long, value_name = "NAME")]
    person: String,
    /// The person's organisation.
    #[arg(long, value_name = "NAME")]
    organisation: String,
    /// As what the person may sign. May be repeated.
    #[arg(long = "role", value_name = "ROLE", required = true)]
    roles: Vec<RoleName>,
    /// The public half of the person's key: its file, or its line `ed25519:…`.
    #[arg(long, value_name = "KEY", value_parser = public)]
    key: PublicKey,
}

/// A role as typed.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum RoleName {
    /// Writes studies.
    Author,
    /// Reviews them.
    Reviewer,
    /// Certifies persons and organisations.
    Certifier,
    /// Approves studies over a site's data.
    Site,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Author => Self::Author,
            RoleName::Reviewer => Self::Reviewer,
            RoleName::Certifier => Self::Certifier,
            RoleName::Site => Self::Site,
        }
    }
}

#[derive(Args)]
pub(crate) struct Sign {
    /// The trust root.
    #[arg(default_value = "trust.toml")]
    file: PathBuf,
    #[command(flatten)]
    signing: SigningKey,
}

#[derive(Args)]
pub(crate) struct Show {
    /// The trust root.
    #[arg(default_value = "trust.toml")]
    file: PathBuf,
    /// Print the fingerprint and nothing else.
    #[arg(long)]
    fingerprint: bool,
}

#[derive(Args)]
pub(crate) struct Adopt {
    /// The trust root.
    #[arg(default_value = "trust.toml")]
    file: PathBuf,
    /// The fingerprint, as those who made the trust root told you.
    #[arg(long, value_name = "FINGERPRINT", value_parser = str::parse::<Digest>)]
    expect: Digest,
    /// Adopt it as on this day, to look with `cloister verify --at` at what counted then; no site
    /// runs anything by one that has expired.
    #[arg(long, value_name = "DAY", value_parser = super::words::day)]
    at: Option<Timestamp>,
}

#[derive(Args)]
pub(crate) struct Update {
    /// The next version, with its signatures beside it.
    new: PathBuf,
    /// The adopted one.
    #[arg(long, value_name = "FILE", default_value = "trust.toml")]
    trust: PathBuf,
}

/// A public key as typed: its line, or the file that holds it.
pub(super) fn public(text: &str) -> Result<PublicKey, String> {
    if text.starts_with("ed25519:") {
        return text
            .parse()
            .map_err(|error: cloister_contract::public_key::NotAPublicKey| error.to_string());
    }
    cloister::public_key(Path::new(text)).map(PublicKey::from).map_err(|error| error.to_string())
}

/// The adopted trust root in `file`, for use at `now`.
pub(super) fn open(file: Option<&Path>, now: Timestamp) -> anyhow::Result<Option<Trust>> {
    let Some(file) = file else { return Ok(None) };
    let trust = Trust::open(file, now)?;
    if let Some(day) = trust.ends_soon() {
        super::warn(&format!(
            "`{}` expires on {day}, and nothing runs after that day; ask its root keys' holders \
             for the next version",
            file.display()
        ));
    }
    Ok(Some(trust))
}

pub(crate) fn trust(command: TrustCommand) -> anyhow::Result<ExitCode> {
    let now = Timestamp::now();
    match command {
        TrustCommand::New(New { file, roots, threshold }) => {
            cloister::new_root(&file, &roots, threshold, now)?;
            say(&format!("wrote {}; next, list people with `cloister trust add`", file.display()));
        }
        TrustCommand::Add(command) => {
            let Add { file, person, organisation, roles, key } = *command;
            let roles = roles.into_iter().map(Role::from).collect();
            let person = NewPerson { name: person, organisation, roles, key };
            cloister::add_person(&file, &person, now)?;
            say(&format!("listed {} in {}", person.name, file.display()));
            say("next     raise its `version` if it was adopted, and sign it");
        }
        TrustCommand::Sign(Sign { file, signing }) => {
            let key = signing.open()?;
            let RootSigned { signers, threshold, listed } = cloister::sign_root(&file, &key)?;
            say(&format!("{signers} of the {threshold} root keys that it needs have signed"));
            if !listed {
                super::warn(
                    "this key is none of its root keys; it counts only if the version before \
                     lists it as one",
                );
            }
            say(&format!("fingerprint {}", cloister::root_fingerprint(&file)?.0));
        }
        TrustCommand::Show(command) => show(&command, now)?,
        TrustCommand::Adopt(Adopt { file, expect, at }) => {
            let version = cloister::adopt_root(&file, expect, at.unwrap_or(now))?;
            say(&format!("adopted version {version} of {}", file.display()));
        }
        TrustCommand::Update(Update { new, trust }) => {
            let version = cloister::update_root(&trust, &new, now)?;
            say(&format!("{} is version {version} now", trust.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(command: &Show, now: Timestamp) -> anyhow::Result<()> {
    let (fingerprint, adopted) = cloister::root_fingerprint(&command.file)?;
    if command.fingerprint {
        say(&fingerprint.to_string());
        return Ok(());
    }
    say(&format!("fingerprint {fingerprint}"));
    if !adopted {
        say(
            "not adopted here, so nothing else of it is told; read it, and compare the fingerprint",
        );
        return Ok(());
    }
    for line in Trust::open(&command.file, now)?.lines() {
        say(&plain(&line));
    }
    Ok(())
}
