//! `cloister key`: the keys that people and sites sign with.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use cloister_contract::public_key::PublicKey;

use super::signer::{KeySource, PassphraseArgs};
use super::{say, warn};

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
            say(&format!("public   {}", PublicKey::from(shown.public)));
            say(&format!("sha256   {} (in statements)", cloister::name_of(&shown.public)));
            say(&format!("OpenSSH  {}", cloister::fingerprint(&shown.public)));
            shown.beside.as_deref().map(told_by);
        }
        KeyCommand::Public { key, passphrase } => {
            let shown = passphrase.show(&key)?;
            say(&PublicKey::from(shown.public).to_string());
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
