//! The chain of a site's receipts: `receipts.jsonl` beside the audit log, an envelope a line.
//!
//! *Invariant `one chain`*: each follows the last one that the audit log names.
//!
//! Each receipt says the digest of the one before it, so none can be left out, put in or changed
//! without all after it. A receipt is on the disk before the audit log names it, and that before
//! anything leaves: the chain ends with the last one that the log names, or is one ahead of it, if
//! the site stopped in between. That one never left, and the next takes its place.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use cloister_contract::digest::Digest;
use cloister_contract::envelope::Envelope;
use cloister_contract::statement::{Claim, Receipt, Statement};
use ed25519_dalek::VerifyingKey;

use super::Sealed;
use crate::bounded::read_bounded;
use crate::publish::sync_folder;

/// Most bytes of a chain that are read at once: some millions of receipts.
const CHAIN_BYTES_MAX: u64 = 4 << 30;

/// The receipts of a site cannot be used. Nothing leaves then.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// A file cannot be read or written.
    #[error("`{}` cannot be used, and nothing was released: {source}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A receipt is missing, or is another one.
    #[error(
        "the receipts in `{}` do not verify: {what}; put them back from a copy, with the ledger \
         and the audit log of the same time", file.display()
    )]
    Broken {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        what: String,
    },
}

/// The last receipt of a chain that the audit log names, and how many bytes it ends at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Last {
    /// SHA-256 of its statement; none in a chain that begins.
    pub(crate) receipt: Option<Digest>,
    whole: u64,
}

/// Where the receipts of the site with the audit log in `log` are.
pub(crate) fn beside(log: &Path) -> PathBuf {
    log.with_file_name("receipts.jsonl")
}

impl Last {
    /// The last receipt in `file`, if all in it are those that the audit log `names`, in order; one
    /// ahead does not count. The log is signed, so what it names is the site's: of the signatures
    /// in `file` the last alone is verified, and [`read_chain`] verifies all.
    ///
    /// # Errors
    /// [`ChainError`] if it cannot be read, does not verify with the site's `key`, or is another.
    pub(crate) fn of(
        file: &Path,
        names: &[Digest],
        key: &VerifyingKey,
    ) -> Result<Self, ChainError> {
        let broken = |what: String| ChainError::Broken { file: file.to_owned(), what };
        let text = match text(file) {
            Err(ChainError::File { source, .. }) if source.kind() == ErrorKind::NotFound => {
                String::new()
            }
            text => text?,
        };
        let lines: Vec<&str> = lines(&text).collect();
        if lines.is_empty() && !names.is_empty() {
            return Err(broken("they are gone, and the audit log names some".to_owned()));
        }
        if lines.len() < names.len() || lines.len() > names.len() + 1 {
            let (found, names) = (lines.len(), names.len());
            return Err(broken(format!("they are {found}, and the audit log names {names}")));
        }
        let mut whole = 0;
        for (at, (name, line)) in names.iter().zip(&lines).enumerate() {
            let at = at + 1;
            let failed = |what: &dyn std::fmt::Display| broken(format!("line {at}: {what}"));
            let envelope = Envelope::from_line(line.trim_end()).map_err(|error| failed(&error))?;
            if Digest::of(envelope.unverified()) != *name {
                return Err(broken(format!("line {at} is not the one that the audit log names")));
            }
            if at == names.len() {
                envelope.verify(key).map_err(|error| failed(&error))?;
            }
            whole += line.len() as u64;
        }
        Ok(Self { receipt: names.last().copied(), whole })
    }
}

/// Adds the receipt of `sealed` to `file`, after `last`: when this returns, it is on the disk.
///
/// # Errors
/// [`ChainError`] if it cannot be written.
pub(crate) fn add(file: &Path, last: Last, sealed: &Sealed) -> Result<(), ChainError> {
    let write = || {
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut opened = options.open(file)?;
        // Half a line never counted.
        opened.set_len(last.whole)?;
        opened.seek(SeekFrom::Start(last.whole))?;
        opened.write_all(format!("{}\n", sealed.envelope()).as_bytes())?;
        opened.sync_all()?;
        sync_folder(file.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new(".")))
    };
    write().map_err(|source| ChainError::File { file: file.to_owned(), source })
}

/// The receipt in a line, and the digest of its statement.
fn read(line: &str, key: &VerifyingKey) -> Result<(Digest, Receipt), String> {
    let envelope = Envelope::from_line(line.trim_end()).map_err(|error| error.to_string())?;
    let payload = envelope.verify(key).map_err(|error| error.to_string())?;
    let statement = Statement::decode(payload).map_err(|error| error.to_string())?;
    match statement.claim {
        Claim::Receipt(receipt) => Ok((Digest::of(payload), *receipt)),
        _ => Err("a line is no receipt".to_owned()),
    }
}

/// A chain that verifies.
#[derive(Clone, Debug)]
pub struct Chain {
    receipts: Vec<Digest>,
}

impl Chain {
    /// How many receipts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.receipts.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.receipts.is_empty()
    }

    /// The place of the receipt whose statement has the SHA-256 `receipt`, from 0.
    #[must_use]
    pub fn place(&self, receipt: Digest) -> Option<usize> {
        self.receipts.iter().position(|one| *one == receipt)
    }
}

/// Reads the chain in `file`, and verifies each receipt and its place with the site's `key`.
///
/// # Errors
/// [`ChainError`] if it cannot be read, or one does not verify or does not follow the one before.
pub fn read_chain(file: &Path, key: &VerifyingKey) -> Result<Chain, ChainError> {
    let broken = |what: String| ChainError::Broken { file: file.to_owned(), what };
    let mut receipts: Vec<Digest> = Vec::new();
    for (at, line) in lines(&text(file)?).enumerate() {
        let (digest, receipt) =
            read(line, key).map_err(|what| broken(format!("line {}: {what}", at + 1)))?;
        if receipt.before.as_ref() != receipts.last() {
            return Err(broken(format!("line {} does not follow the one before it", at + 1)));
        }
        receipts.push(digest);
    }
    Ok(Chain { receipts })
}

fn text(file: &Path) -> Result<String, ChainError> {
    read_bounded(file, CHAIN_BYTES_MAX)
        .map_err(|source| ChainError::File { file: file.to_owned(), source })
}

/// The lines of a chain, with their ends. Half a line never counted.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('\n').filter(|line| line.ends_with('\n'))
}
