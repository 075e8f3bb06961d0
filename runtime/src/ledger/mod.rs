//! The ledger: what each study has spent of what a population can bear, and what was released.
//!
//! ```text
//! Bill --ask--> Answered   the same job was released before: the same bytes again, no charge
//!          \--> Ticket     it can be afforded; whoever asks the same waits until this one ends
//! Ticket --pay--> Paid     charged and on the disk, before the first row is read
//! Paid --history--> History      what earlier releases told; others wait until this one is kept
//! Release + Paid --keep--> Kept    the release is on the disk, before anything leaves
//! ```
//!
//! Each time all entries are walked, and held to the checkpoint: a ledger that is damaged, cut or
//! put back admits nobody. *Invariant `charged first`*: what left has an entry that paid for it,
//! whenever the run is killed. A job that was killed after it paid is not charged again: of one key
//! one release leaves at most.

mod account;
mod agree;
mod bill;
mod book;
mod checkpoint;
mod database;
mod entry;
mod epoch;
mod error;
mod papers;
mod sets;
mod show;
mod stored;
mod year;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::VerifyingKey;
use sqlx::{Connection as _, SqliteConnection};

pub use account::Exhausted;
pub use book::Book;
use book::Recent;
pub use entry::{Account, Amounts, Entry, EntryKind};
pub use error::LedgerError;
pub use show::{AccountLine, YearLine, account_lines, ledger_page, year_lines};

pub(crate) use account::{Limits, spend, study_account};
pub(crate) use bill::{Bill, Payer};
pub(crate) use papers::{Stored, file_papers, stored};
pub use stored::Kept;

use crate::dataset::is_registered_epoch;
use crate::dossier::Papers;
use crate::faults::{Mechanism, off};
use crate::keys::{Signer, SiteSecret};
use crate::protect::{History, Release};
use checkpoint::Checkpoint;
use sets::SetsKey;
use stored::{Lock, Shelf};

/// How far a clock may go back between two entries, in seconds: what time servers correct.
const CLOCK_BACK_MAX: i64 = 60;

/// The ledger of a site's populations, as it is asked at one instant.
#[derive(Clone)]
pub struct Ledger<'k> {
    file: PathBuf,
    /// The site's key, which signs the checkpoint.
    key: &'k Arc<Signer>,
    /// What the key of the sets that releases told is made of.
    secret: SiteSecret,
    /// Now, in seconds since 1970 (UTC).
    now: i64,
    /// Whether an audit log lies beside it, to which it is held.
    has_log: bool,
}

/// What the ledger says to a bill.
pub(crate) enum Reply<'k> {
    /// The job was answered before; it paid so long ago.
    Answered(Kept, Duration),
    /// It can be afforded.
    New(Ticket<'k>),
}

/// A job that can be afforded and has not paid. Whoever asks for the same job waits for it.
pub(crate) struct Ticket<'k> {
    ledger: Ledger<'k>,
    bill: Bill,
    lock: Lock,
}

/// A job that has paid. Only paying makes one.
pub struct Paid<'k> {
    ledger: Ledger<'k>,
    bill: Bill,
    lock: Lock,
    /// That no other job over the population is compared with what was told.
    comparing: Option<Lock>,
}

impl<'k> Ledger<'k> {
    /// The ledger in `file`, which need not be there yet, of the site with `key`; `now` is RFC 3339
    /// in UTC.
    ///
    /// # Errors
    /// [`LedgerError::Now`] if `now` is no time.
    pub(crate) fn at(
        file: &Path,
        key: &'k Arc<Signer>,
        secret: SiteSecret,
        now: &str,
    ) -> Result<Self, LedgerError> {
        let now: jiff::Timestamp = now.parse().map_err(|_| LedgerError::Now)?;
        Ok(Self { file: file.to_owned(), key, secret, now: now.as_second(), has_log: false })
    }

    /// Asks whether `bill` can be afforded, or was answered before; waits for the same job.
    ///
    /// # Errors
    /// [`LedgerError`] if the ledger does not verify, or the account has not enough left.
    pub(crate) async fn ask(self, bill: Bill) -> Result<Reply<'k>, LedgerError> {
        self.make()?;
        let shelf = Shelf::beside(&self.file);
        let lock = shelf.lock(bill.job).await?;
        // Made here, so that there is no state with entries and without a checkpoint.
        let log = self.log()?;
        let book = self.change(|_| Ok(None)).await?;
        self.agrees(&book, &log)?;
        match book.release(bill.job) {
            Some(entry) => {
                tracing::info!("the job was answered before: the same release is given again");
                // Until it has left, whoever asks waits as for a run: else they would learn
                // whether one that was stopped had ended.
                let paid = match self.has_log && !log.has_left(entry) {
                    true => self.now,
                    false => book.charge(bill.job).map_or(entry.at, |charge| charge.at),
                };
                let since = u64::try_from(self.now.saturating_sub(paid)).unwrap_or_default();
                Ok(Reply::Answered(shelf.take(entry)?, Duration::from_secs(since)))
            }
            None => {
                self.charge(&book, &bill)?;
                let recent = self.recent(&book, &bill);
                let population = &bill.account.population;
                // What does not read refuses before anything is paid.
                if bill.compares_releases {
                    self.told(&recent.releases, population)?;
                }
                recent.older.iter().try_for_each(|entry| shelf.forget(entry.job))?;
                Ok(Reply::New(Ticket { ledger: self, bill, lock }))
            }
        }
    }

    /// The entry that `bill` adds to `book`; none if the same job has paid, and was ended.
    fn charge(&self, book: &Book, bill: &Bill) -> Result<Option<Entry>, LedgerError> {
        let (account, days) = (&bill.account, bill.limits.epoch_days);
        // Whoever takes a registration away could write other published numbers, and other names.
        let registered = is_registered_epoch(&bill.epoch) || off(Mechanism::StaysRegistered);
        if !registered && book.was_registered() {
            return Err(LedgerError::Unregistered(bill.dataset.clone()));
        }
        if book.charge(bill.job).is_some() {
            return Ok(None);
        }
        let jobs = epoch::jobs(book.entries(), (account, &bill.epoch), days, self.now);
        let spent = Amounts { jobs, ..book.spent(account, &bill.epoch) };
        let affordable = spend(spent, bill.asked, &bill.limits);
        let year = year::afford(book.entries(), account, (bill.rho, &bill.limits), self.now);
        if !off(Mechanism::LedgerLimits) {
            affordable?;
            year?;
        }
        Ok(Some(bill.charge(self.now)))
    }

    /// The releases with which one of `bill` is compared, and older ones.
    fn recent<'b>(&self, book: &'b Book, bill: &Bill) -> Recent<'b> {
        let since = epoch::before(self.now, bill.limits.epoch_days.saturating_mul(2));
        book.recent(&bill.account.population, (&bill.dataset, &bill.epoch), (since, u64::MAX))
    }

    /// What the releases of these entries told.
    fn told(&self, releases: &[&Entry], population: &str) -> Result<History, LedgerError> {
        let shelf = Shelf::beside(&self.file);
        let key = SetsKey::of(&self.secret, population);
        let sets = releases.iter().map(|entry| shelf.sets(entry, &key));
        let sets: Vec<_> = sets.collect::<Result<_, _>>()?;
        Ok(History::of(sets.concat()))
    }

    /// Makes the file if there is none, and nothing says that there was one.
    fn make(&self) -> Result<(), LedgerError> {
        let file = &self.file;
        let made_before = checkpoint::beside(file).exists() || Shelf::beside(file).has_any();
        if !file.exists() && made_before {
            return Err(LedgerError::Gone(file.clone()));
        }
        database::make(file).map_err(|source| LedgerError::File { file: file.clone(), source })
    }

    /// Verifies all entries, adds the one that `entry` makes of them, if any, and then writes the
    /// checkpoint.
    async fn change(
        &self,
        entry: impl FnOnce(&Book) -> Result<Option<Entry>, LedgerError>,
    ) -> Result<Book, LedgerError> {
        let failed = |error| LedgerError::database(error).of(&self.file);
        let mut connection = database::open(&self.file).await.map_err(failed)?;
        let mut begun = database::begin(&mut connection).await.map_err(failed)?;
        let (mut book, mut checkpoint) = self.verified(&mut begun).await?;
        let next = entry(&book)?.map(|entry| book.next(entry));
        if let Some(next) = &next {
            database::append(&mut begun, next).await.map_err(failed)?;
        }
        begun.commit().await.map_err(failed)?;
        let is_at_head = |book: &Book, found: &Option<Checkpoint>| {
            found.as_ref().is_some_and(|it| it.is_at_head(book))
        };
        if next.is_none() && is_at_head(&book, &checkpoint) {
            return Ok(book);
        }
        // Another run may have added an entry since: what is written is what is there now, and
        // nobody adds one meanwhile.
        let mut begun = database::begin(&mut connection).await.map_err(failed)?;
        let head = database::head(&mut begun).await.map_err(failed)?;
        match next {
            Some(next) if head.is_some_and(|head| head == next.hash.to_string()) => book.take(next),
            _ => (book, checkpoint) = self.verified(&mut begun).await?,
        }
        if !is_at_head(&book, &checkpoint) {
            checkpoint::write(&self.file, &book, self.key).await?;
        }
        begun.rollback().await.map_err(failed)?;
        Ok(book)
    }

    /// All entries, if they verify, and the checkpoint, if there is one yet.
    async fn verified(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<(Book, Option<Checkpoint>), LedgerError> {
        let entries = database::all(connection).await.map_err(|error| error.of(&self.file))?;
        let book = Book::verify(entries)?;
        let key = self.key.public();
        let checkpoint = checkpoint::read(&self.file, Some(&key))?;
        checkpoint::hold(&book, checkpoint.as_ref())?;
        if checkpoint.is_none() && Shelf::beside(&self.file).has_any() {
            return Err(LedgerError::Gone(self.file.clone()));
        }
        let last = book.entries().last().map_or(i64::MIN, |entry| entry.at);
        if self.now < last.saturating_sub(CLOCK_BACK_MAX) {
            let seconds = last.saturating_sub(self.now);
            return Err(LedgerError::Clock { seconds });
        }
        Ok((book, checkpoint))
    }
}

impl<'k> Ticket<'k> {
    /// Pays: when this returns, the charge is on the disk.
    ///
    /// # Errors
    /// [`LedgerError`] if the ledger does not verify or cannot be written, or another job of the
    /// study has spent meanwhile what this one needs.
    pub(crate) async fn pay(self) -> Result<Paid<'k>, LedgerError> {
        let Self { ledger, bill, lock } = self;
        ledger.change(|book| ledger.charge(book, &bill)).await?;
        Ok(Paid { ledger, bill, lock, comparing: None })
    }
}

impl Paid<'_> {
    /// What earlier releases told over the same people, if the profile compares with them.
    ///
    /// Until this job is kept, or given up, others over these people wait here: of two that must
    /// not be shown both, the second sees the first.
    ///
    /// # Errors
    /// [`LedgerError`] if the ledger does not verify, or a file of it is missing or another.
    pub(crate) async fn history(&mut self) -> Result<History, LedgerError> {
        let Self { ledger, bill, .. } = self;
        if !bill.compares_releases {
            return Ok(History::default());
        }
        let shelf = Shelf::beside(&ledger.file);
        self.comparing = Some(shelf.lock_population(&bill.account.population).await?);
        let book = ledger.change(|_| Ok(None)).await?;
        ledger.told(&ledger.recent(&book, bill).releases, &bill.account.population)
    }
}

/// Stores `release`, with the `papers` that its job was admitted on: when this returns, its bytes
/// and their digest are on the disk.
///
/// # Errors
/// [`LedgerError`] if they cannot be written; nothing may leave then.
pub async fn keep(release: Release, paid: Paid<'_>, papers: &Papers) -> Result<Kept, LedgerError> {
    let Paid { ledger, bill, lock, comparing } = paid;
    let key = SetsKey::of(&ledger.secret, &bill.account.population);
    let kept = Shelf::beside(&ledger.file).put(bill.job, &release, papers, &key)?;
    let entry = bill.release(ledger.now, kept.digest());
    let add = |book: &Book| Ok(book.release(bill.job).is_none().then_some(entry));
    ledger.change(add).await?;
    drop(comparing);
    lock.done();
    Ok(kept)
}

/// Reads and verifies a ledger that is there; with `key` its checkpoint's signature, too.
///
/// # Errors
/// [`LedgerError`] if it cannot be read, or does not verify.
pub async fn read_ledger(file: &Path, key: Option<&VerifyingKey>) -> Result<Book, LedgerError> {
    if !file.exists() {
        return Err(LedgerError::NotThere(file.to_owned()));
    }
    let failed = |error| LedgerError::database(error).of(file);
    let mut connection = database::open(file).await.map_err(failed)?;
    // A transaction, so that no entry is added between the two places.
    let mut begun = connection.begin().await.map_err(failed)?;
    let book = Book::verify(database::all(&mut begun).await.map_err(|e| e.of(file))?)?;
    checkpoint::hold(&book, checkpoint::read(file, key)?.as_ref())?;
    Ok(book)
}

/// Holds each stored release beside the ledger in `file` to what `book` knows of it; how many there
/// are.
///
/// # Errors
/// [`LedgerError`] if one is missing, or another.
pub fn verify_stored(file: &Path, book: &Book) -> Result<usize, LedgerError> {
    let shelf = Shelf::beside(file);
    let stored = book.entries().iter().filter(|entry| entry.kind == EntryKind::Release);
    stored.map(|entry| shelf.take(entry)).try_fold(0, |found, kept| kept.map(|_| found + 1))
}

#[cfg(test)]
mod tests;
