//! Rule: an epoch of the data lasts some days, however often a site registers them.
//!
//! Statement: against the jobs that a study may run in an epoch count those of the dataset's epoch,
//! and of any epoch those charged in the `epoch_days` before. What the memory of `strict` compares
//! with are releases of a dataset's last two epochs, and of any epoch those of twice as many days.
//! So registering again, which begins an epoch, gives nobody jobs, and makes nothing forgotten,
//! before its time. Source: data epochs against longitudinal differences; the days are a choice.
//! Worked number: a study that has run its 50 jobs on 1 March runs none on 2 March over data that
//! were registered again that day, and 50 on 1 April.

use super::entry::{Account, Entry, EntryKind};

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// How many jobs `account` has run that count against what it may run in `epoch`, at `now`.
pub(super) fn jobs(
    entries: &[Entry],
    (account, epoch): (&Account, &str),
    days: u32,
    now: i64,
) -> u64 {
    let since = before(now, days);
    let counts = |entry: &&Entry| {
        let own = entry.kind == EntryKind::Charge && entry.account == *account;
        own && (entry.epoch == epoch || entry.at > since)
    };
    entries.iter().filter(counts).count() as u64
}

/// The instant `days` before `now`, in seconds since 1970.
pub(super) fn before(now: i64, days: u32) -> i64 {
    now.saturating_sub(i64::from(days).saturating_mul(DAY_SECONDS))
}
