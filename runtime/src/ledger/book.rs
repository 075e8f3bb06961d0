//! All entries, walked from the first to the last: the chain holds and every total adds up.

use std::collections::BTreeMap;

use cloister_contract::digest::Digest;

use super::entry::{Account, Amounts, Entry, EntryKind, genesis};
use super::{LedgerError, year};
use crate::dataset::is_registered_epoch;

/// A ledger's entries, verified, and what follows from them. There is no other way to make one
/// than by `verify`.
#[derive(Clone, Debug)]
pub struct Book {
    entries: Vec<Entry>,
    head: Digest,
    /// Numbers and bits, over a study's life.
    lives: BTreeMap<Account, Amounts>,
    /// Jobs, in an epoch.
    epochs: BTreeMap<(Account, String), u64>,
    /// Where in `entries` each job stands.
    jobs: BTreeMap<Digest, Job>,
}

/// The first entry that charges a job, and the one that says what it released.
#[derive(Clone, Copy, Debug, Default)]
struct Job {
    charge: Option<usize>,
    release: Option<usize>,
}

/// What was released over a population, by whether it is of a recent epoch.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent<'b> {
    /// Of each dataset's last epoch and the one before, and of some days.
    pub(super) releases: Vec<&'b Entry>,
    /// Of earlier ones.
    pub(super) older: Vec<&'b Entry>,
}

impl Book {
    /// Walks `entries` and recomputes every hash and every total.
    ///
    /// # Errors
    /// [`LedgerError::Broken`] with the first entry that is wrong.
    pub(super) fn verify(entries: Vec<Entry>) -> Result<Self, LedgerError> {
        let (lives, epochs, jobs) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut book = Self { entries: Vec::new(), head: genesis(), lives, epochs, jobs };
        for (entry, number) in entries.into_iter().zip(1_u64..) {
            let broken = |what| LedgerError::Broken { number, what };
            if entry.number != number {
                return Err(broken("its number is another, so an entry is missing"));
            }
            if entry.hash != entry.hashed(book.head) {
                return Err(broken("its hash is not that of what it says and what was before"));
            }
            if entry.spent != add(book.spent(&entry.account, &entry.epoch), entry.charged) {
                return Err(broken("what it says to be spent does not add up"));
            }
            let whole = match entry.kind {
                EntryKind::Charge => entry.release.is_none() && entry.charged.jobs == 1,
                EntryKind::Release => {
                    entry.release.is_some()
                        && entry.rho == 0
                        && entry.charged == Amounts::default()
                        && book.charge(entry.job).is_some()
                        && book.release(entry.job).is_none()
                }
            };
            if !whole {
                return Err(broken("it releases what nobody paid, or pays what is not due"));
            }
            book.take(entry);
        }
        Ok(book)
    }

    /// Adds `entry`, which fits.
    pub(super) fn take(&mut self, entry: Entry) {
        let Amounts { scalars, bits, jobs } = entry.spent;
        self.head = entry.hash;
        self.lives.insert(entry.account.clone(), Amounts { scalars, bits, jobs: 0 });
        let epoch = (entry.account.clone(), entry.epoch.clone());
        self.epochs.insert(epoch, jobs);
        let job = self.jobs.entry(entry.job).or_default();
        let place = match entry.kind {
            EntryKind::Charge => &mut job.charge,
            EntryKind::Release => &mut job.release,
        };
        place.get_or_insert(self.entries.len());
        self.entries.push(entry);
    }

    /// What `account` has spent: over its life, and in jobs in `epoch`.
    #[must_use]
    pub fn spent(&self, account: &Account, epoch: &str) -> Amounts {
        let life = self.lives.get(account).copied().unwrap_or_default();
        let epoch = (account.clone(), epoch.to_owned());
        Amounts { jobs: self.epochs.get(&epoch).copied().unwrap_or_default(), ..life }
    }

    /// What the persons of `population` have been charged in the year before `now`, in millionths
    /// of ρ.
    #[must_use]
    pub fn rho(&self, population: &str, now: i64) -> u64 {
        year::spent(&self.entries, population, now)
    }

    /// The entry that paid for `job`, if any did.
    #[must_use]
    pub fn charge(&self, job: Digest) -> Option<&Entry> {
        self.entries.get(self.jobs.get(&job)?.charge?)
    }

    /// The entry that says what `job` released, if it did.
    #[must_use]
    pub fn release(&self, job: Digest) -> Option<&Entry> {
        self.entries.get(self.jobs.get(&job)?.release?)
    }

    /// The entry that says that a release with this digest is stored, over data of this epoch: over
    /// data that were registered again the same bytes may be released once more.
    #[must_use]
    pub fn released(&self, release: Digest, epoch: &str) -> Option<&Entry> {
        let is_it = |entry: &&Entry| entry.release == Some(release) && entry.epoch == epoch;
        self.entries.iter().find(is_it)
    }

    /// Whether anything was asked of registered data.
    pub(super) fn was_registered(&self) -> bool {
        self.entries.iter().any(|entry| is_registered_epoch(&entry.epoch))
    }

    /// What was released over `population`, when `now` is the epoch of a dataset: in the last two
    /// epochs of each, and `since` an instant. Another dataset's last epoch is the one in which it
    /// was asked last. Entries from number `end` on are as if they were not there.
    pub(super) fn recent(
        &self,
        population: &str,
        now: (&str, &str),
        (since, end): (i64, u64),
    ) -> Recent<'_> {
        let entries = self.entries.iter().filter(|entry| entry.number < end);
        let entries = || entries.clone().filter(|e| e.account.population == population);
        let mut epochs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let asked = entries().map(|entry| (&*entry.dataset, &*entry.epoch));
        for (dataset, epoch) in asked.filter(|asked| *asked != now) {
            let epochs = epochs.entry(dataset).or_default();
            if !epochs.contains(&epoch) {
                epochs.push(epoch);
            }
        }
        epochs.entry(now.0).or_default().push(now.1);
        let is_recent = |entry: &&Entry| {
            let epochs = epochs.get(&*entry.dataset).into_iter().flatten().rev();
            entry.at > since || epochs.take(2).any(|epoch| *epoch == entry.epoch)
        };
        let releases = entries().filter(|entry| entry.kind == EntryKind::Release);
        let (releases, older) = releases.partition(is_recent);
        Recent { releases, older }
    }

    /// The entries, in order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The hash of the last entry.
    #[must_use]
    pub const fn head(&self) -> Digest {
        self.head
    }

    /// The hash of entry `number`; of what is before the first for 0.
    pub(super) fn hash(&self, number: u64) -> Option<Digest> {
        match number.checked_sub(1) {
            None => Some(genesis()),
            Some(at) => self.entries.get(usize::try_from(at).ok()?).map(|entry| entry.hash),
        }
    }

    /// The last entry of each account in each epoch, in order of their names.
    pub fn accounts(&self) -> impl Iterator<Item = &Entry> {
        self.epochs.keys().filter_map(|(account, epoch)| {
            let same = |entry: &&Entry| entry.account == *account && entry.epoch == *epoch;
            self.entries.iter().rev().find(same)
        })
    }

    /// `entry` with number, total and hash as the next one has them.
    pub(super) fn next(&self, entry: Entry) -> Entry {
        let spent = self.spent(&entry.account, &entry.epoch);
        let number = self.entries.len() as u64 + 1;
        let mut next = Entry { number, spent: add(spent, entry.charged), ..entry };
        next.hash = next.hashed(self.head);
        next
    }
}

const fn add(spent: Amounts, charged: Amounts) -> Amounts {
    Amounts {
        scalars: spent.scalars.saturating_add(charged.scalars),
        bits: spent.bits.saturating_add(charged.bits),
        jobs: spent.jobs.saturating_add(charged.jobs),
    }
}
