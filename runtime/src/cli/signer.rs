//! Whose key: the file or ssh-agent that a command line names, and how a passphrase is asked for.

use std::convert::Infallible;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context as _;
use clap::Args;
use cloister::{Dataset, KeyFile, LockedKey, Passphrase, Signer};
use ed25519_dalek::VerifyingKey;

/// A key as a command line names it.
#[derive(Clone)]
pub(crate) enum KeySource {
    /// A file.
    File(PathBuf),
    /// A key in the ssh-agent, by its SHA256:… or its comment.
    Agent(String),
}

impl FromStr for KeySource {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.strip_prefix("agent:") {
            Some(wanted) => Self::Agent(wanted.to_owned()),
            None => Self::File(text.into()),
        })
    }
}

/// A key to show.
pub(super) struct Shown {
    /// What kind of key it is.
    pub(super) kind: &'static str,
    /// Its public half.
    pub(super) public: VerifyingKey,
    /// The file that told the public half, if the private one was not asked.
    pub(super) beside: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct PassphraseArgs {
    /// A file that holds the key's passphrase, readable by you alone, for where nobody can be
    /// asked. Also set by CLOISTER_PASSPHRASE_FILE.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// The key of a command that signs.
#[derive(Args)]
pub(crate) struct SigningKey {
    /// Your private key: its file; `agent:` and the SHA256:… or comment of an Ed25519 key in your
    /// ssh-agent; or the .pub file of OpenSSH whose private half is there.
    #[arg(long, value_name = "KEY")]
    key: KeySource,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

/// The key of the site that a dataset belongs to.
#[derive(Args)]
pub(crate) struct SiteKey {
    /// The site's key, as `sign` takes one; by default site.key beside the dataset.
    #[arg(long, value_name = "KEY")]
    site_key: Option<KeySource>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

impl SiteKey {
    /// The key, ready to sign, if one is named or lies beside `dataset`.
    pub(super) fn find(&self, dataset: &Dataset) -> anyhow::Result<Option<Signer>> {
        let beside = Some(dataset.file().with_file_name("site.key")).filter(|file| file.exists());
        let source = self.site_key.clone().or(beside.map(KeySource::File));
        source.map(|source| self.passphrase.open(&source)).transpose()
    }

    /// Its public half, where nothing is signed; none if no key is named or lies beside `dataset`.
    pub(super) fn public(&self, dataset: &Dataset) -> anyhow::Result<Option<VerifyingKey>> {
        let beside = dataset.file().with_file_name("site.key");
        let public = Some(beside.with_extension("pub")).filter(|file| file.exists());
        let source = match &self.site_key {
            Some(source) => source.clone(),
            None if beside.exists() => KeySource::File(beside),
            None => return Ok(public.as_deref().map(cloister::public_key).transpose()?),
        };
        Ok(Some(self.passphrase.show(&source)?.public))
    }

    /// The key, which is `wanted` for something.
    pub(super) fn open(&self, dataset: &Dataset, wanted: &str) -> anyhow::Result<Signer> {
        let Some(key) = self.find(dataset)? else {
            let file = dataset.file().with_file_name("site.key");
            let known = ["site.pub", "dataset.snapshot.json.intoto.jsonl", "ledger.checkpoint"];
            // What another key has signed, a new one cannot go on with.
            let help = match known.into_iter().find(|name| file.with_file_name(name).exists()) {
                Some(name) => format!("put back the one that belongs to `{name}` there"),
                None => format!("make it with `cloister key new {}`", file.display()),
            };
            anyhow::bail!(
                "there is no `site.key` beside `{}` to {wanted}; {help}, or name one with \
                 --site-key",
                dataset.file().display()
            );
        };
        Ok(key)
    }
}

impl SigningKey {
    /// The key, ready to sign.
    pub(super) fn open(&self) -> anyhow::Result<Signer> {
        self.passphrase.open(&self.key)
    }
}

impl PassphraseArgs {
    /// The key that `source` names, ready to sign.
    pub(super) fn open(&self, source: &KeySource) -> anyhow::Result<Signer> {
        let file = match source {
            KeySource::Agent(wanted) => return Ok(Signer::in_agent(wanted)?),
            KeySource::File(file) => file,
        };
        match KeyFile::open(file)? {
            KeyFile::Private(signer) => Ok(signer),
            KeyFile::Locked(locked) => self.unlock(file, &locked),
            KeyFile::OpenSsh(public) => Ok(Signer::of_agent(&public)?),
            KeyFile::Public(_) => anyhow::bail!(
                "`{}` is a public key, which signs nothing; name the private one",
                file.display()
            ),
        }
    }

    /// The public half of the key that `source` names. An encrypted one is opened only if no `.pub`
    /// lies beside it, or a file holds its passphrase.
    pub(super) fn show(&self, source: &KeySource) -> anyhow::Result<Shown> {
        let shown = |kind, public| Shown { kind, public, beside: None };
        let file = match source {
            KeySource::Agent(wanted) => {
                return Ok(shown("private, in the ssh-agent", Signer::in_agent(wanted)?.public()));
            }
            KeySource::File(file) => file,
        };
        Ok(match KeyFile::open(file)? {
            KeyFile::Private(signer) => shown("private, not encrypted", signer.public()),
            KeyFile::Public(public) => shown("public", public),
            KeyFile::OpenSsh(public) => shown("public, of OpenSSH", public),
            KeyFile::Locked(locked) => {
                let kind = "private, encrypted with a passphrase";
                let beside = file.with_extension("pub");
                if self.file().is_none() && beside.exists() {
                    let public = cloister::public_key(&beside)?;
                    Shown { kind, public, beside: Some(beside) }
                } else {
                    shown(kind, self.unlock(file, &locked)?.public())
                }
            }
        })
    }

    fn unlock(&self, file: &Path, locked: &LockedKey) -> anyhow::Result<Signer> {
        let passphrase = match self.file() {
            Some(file) => Passphrase::read(&file)?,
            None => ask(&format!("Passphrase of {}: ", file.display()), "use an ssh-agent")?,
        };
        Ok(locked.unlock(&passphrase)?)
    }

    /// The passphrase for a new key: typed twice, as nobody sees it.
    pub(super) fn choose(&self) -> anyhow::Result<Passphrase> {
        if let Some(file) = self.file() {
            return Ok(Passphrase::read(&file)?);
        }
        let otherwise = "use --no-passphrase";
        let chosen = ask("Passphrase for the new key: ", otherwise)?;
        let again = ask("The same again: ", otherwise)?;
        anyhow::ensure!(chosen == again, "the two passphrases differ; try again");
        Ok(chosen)
    }

    fn file(&self) -> Option<PathBuf> {
        let set = || std::env::var_os("CLOISTER_PASSPHRASE_FILE").filter(|file| !file.is_empty());
        self.passphrase_file.clone().or_else(|| set().map(PathBuf::from))
    }
}

/// Asks on the terminal, without echo. `otherwise` is one more way where there is none.
fn ask(prompt: &str, otherwise: &str) -> anyhow::Result<Passphrase> {
    anyhow::ensure!(
        std::io::stdin().is_terminal(),
        "there is no terminal to ask for a passphrase on; name a file that holds it with \
         --passphrase-file or in CLOISTER_PASSPHRASE_FILE, or {otherwise}"
    );
    let typed =
        rpassword::prompt_password(super::plain(prompt)).context("no passphrase was typed")?;
    Ok(Passphrase::new(typed.into())?)
}
