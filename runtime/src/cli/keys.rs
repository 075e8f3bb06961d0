//! `cloister key`: the keys that people and sites sign with.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use super::say;

#[derive(Subcommand)]
pub(crate) enum KeyCommand {
    /// Make an Ed25519 key pair: the private key in FILE, readable by you alone, and the public
    /// one beside it as .pub, to give to sites.
    New {
        /// Where to write the private key.
        file: PathBuf,
    },
}

pub(crate) fn key(command: KeyCommand) -> anyhow::Result<ExitCode> {
    let KeyCommand::New { file } = command;
    let public = cloister::new_key(&file)?;
    say(&format!("private  {} (keep it to yourself)", file.display()));
    say(&format!("public   {} (give it to whoever checks your signatures)", public.display()));
    Ok(ExitCode::SUCCESS)
}
