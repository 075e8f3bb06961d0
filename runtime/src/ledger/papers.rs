//! What a site keeps beside a release: what evidence shows, and what a replay needs besides data.

use std::ffi::OsStr;
use std::io::ErrorKind::NotFound;
use std::path::Path;

use cloister_contract::digest::Digest;
use cloister_contract::statement::Receipt;
use ed25519_dalek::VerifyingKey;

use super::sets::SetsKey;
use super::stored::{Kept, Shelf};
use super::{Entry, Ledger, LedgerError, epoch, read_ledger};
use crate::dataset::unregistered;
use crate::dossier::{Dossier, Papers};
use crate::protect::{History, Rules, Trace};

/// What a site keeps of a release: all that a replay needs beside the data.
pub(crate) struct Stored {
    pub(crate) kept: Kept,
    /// What the job was admitted on, and its file's bytes.
    pub(crate) dossier: Dossier,
    pub(crate) dossier_bytes: Vec<u8>,
    /// The module.
    pub(crate) module: Vec<u8>,
    /// The epoch of the data.
    pub(crate) epoch: String,
}

/// Stores the `papers` of a request beside the ledger in `file`, from which it is answered.
///
/// # Errors
/// [`LedgerError`] if they cannot be written; nothing may leave then.
pub(crate) fn file_papers(file: &Path, papers: &Papers) -> Result<(), LedgerError> {
    Shelf::beside(file).file_papers(papers)
}

impl Ledger<'_> {
    /// What is kept of the release with this digest, which left with this `receipt`, and its
    /// entry.
    ///
    /// # Errors
    /// [`LedgerError`] if the ledger does not verify, knows no such release, or a file is missing
    /// or another.
    pub(crate) async fn stored(
        &self,
        release: Digest,
        receipt: &Receipt,
    ) -> Result<(Stored, Entry), LedgerError> {
        let (file, key) = (&self.file, &self.key.public());
        let (stored, entry, _) = stored(file, key, (release, receipt)).await?;
        Ok((stored, entry))
    }

    /// The trace of the draft of the release of `entry`, and what it was compared with.
    ///
    /// # Errors
    /// As [`Ledger::stored`]; also if that is gone with its epoch.
    pub(crate) async fn trace(
        &self,
        entry: &Entry,
        rules: Option<&Rules>,
    ) -> Result<(Trace, History), LedgerError> {
        let population = &entry.account.population;
        let key = SetsKey::of(&self.secret, population);
        let trace = Shelf::beside(&self.file).trace(entry, &key)?;
        let Some(rules) = rules.filter(|rules| rules.compares_releases) else {
            return Ok((trace, History::default()));
        };
        let book = read_ledger(&self.file, Some(&self.key.public())).await?;
        let days = rules.epoch_days.saturating_mul(2);
        let (since, now) = (epoch::before(entry.at, days), (&*entry.dataset, &*entry.epoch));
        let recent = book.recent(population, now, (since, entry.number));
        match self.told(&recent.releases, population) {
            // What is of earlier epochs by today was deleted; all else was to stay.
            Err(LedgerError::SetsGone { file, source }) if source.kind() == NotFound => {
                let since = epoch::before(self.now, days);
                let today = book.recent(population, NO_EPOCH, (since, u64::MAX));
                let job = file.file_stem().and_then(OsStr::to_str).unwrap_or_default();
                match today.older.iter().any(|entry| entry.job.to_string() == job) {
                    true => Err(LedgerError::Forgotten(file)),
                    false => Err(LedgerError::SetsGone { file, source }),
                }
            }
            told => Ok((trace, told?)),
        }
    }
}

/// Of no dataset: so that each has the last epoch in which it was asked.
const NO_EPOCH: (&str, &str) = ("", "");

/// What is kept beside the ledger in `file` of the release with this digest, which left with this
/// receipt, of the site with this public `key`: with its entry and the one that paid for it.
///
/// # Errors
/// As [`Ledger::stored`].
pub(crate) async fn stored(
    file: &Path,
    key: &VerifyingKey,
    (release, receipt): (Digest, &Receipt),
) -> Result<(Stored, Entry, Entry), LedgerError> {
    let book = read_ledger(file, Some(key)).await?;
    let unregistered = unregistered(&receipt.dataset.snapshot_date);
    let epoch = receipt.snapshot.as_ref().map_or(&unregistered, |snapshot| &snapshot.id);
    let entry = book.released(release, epoch).ok_or(LedgerError::NoSuchRelease)?;
    let charge = book.charge(entry.job).ok_or(LedgerError::NoSuchRelease)?;
    let shelf = Shelf::beside(file);
    let (dossier, dossier_bytes) = shelf.dossier(receipt.dossier)?;
    let (kept, module) = (shelf.take(entry)?, shelf.module(entry)?);
    let stored = Stored { kept, dossier, dossier_bytes, module, epoch: entry.epoch.clone() };
    Ok((stored, entry.clone(), charge.clone()))
}
