//! Rule: all releases of the tier `open` over the same persons spend so much in any year.
//!
//! Statement: each such job is charged the ρ that its noise was made for, to the population: over
//! all studies, authors, datasets and profiles. A job is refused if what was charged in the 366
//! days before it and its own ρ are more than its profile allows, so no span of a year holds more;
//! and if those of its own account are more than the share that one account may spend, so that
//! nobody spends what is everybody's. Nothing is given back; what is older counts no more. Source:
//! ρ adds up (Bun and Steinke, TCC 2016, lemma 1.7), also where each job is chosen after what
//! earlier ones said (Feldman and Zrnic, "Individual privacy accounting via a Rényi filter", 2021).
//! Worked number: `public` allows ρ = 0.015047 a year (ε = 1), half of it to one account, and a job
//! costs 0.000961: an account's eighth job is refused, and the sixteenth of all accounts, until
//! the first is 366 days old.

use super::entry::{Account, Entry};
use super::{Exhausted, Limits};

/// How long a charge counts, in seconds: no calendar year is longer.
pub(super) const YEAR_SECONDS: i64 = 366 * 24 * 60 * 60;

/// The δ at which the ledger shows an account's ε: the strictest of the shipped profiles.
pub(super) const SHOWN_DELTA: f64 = 1e-7;

/// What the persons of `population` have been charged in the year before `now`, in millionths.
pub(super) fn spent(entries: &[Entry], population: &str, now: i64) -> u64 {
    counting(entries, population, now).map(|entry| entry.rho).fold(0, u64::saturating_add)
}

/// Whether a job of `rho` can be afforded at `now`: by the persons of the population, and by the
/// account that asks.
///
/// # Errors
/// [`Exhausted::OfPersons`] or [`Exhausted::OfAllotment`] if not, with when it could be.
pub(super) fn afford(
    entries: &[Entry],
    account: &Account,
    (rho, limits): (u64, &Limits),
    now: i64,
) -> Result<(), Exhausted> {
    let all: Vec<&Entry> = counting(entries, &account.population, now).collect();
    let own: Vec<&Entry> = all.iter().copied().filter(|entry| entry.account == *account).collect();
    let Account { population, study } = account.clone();
    if let Some((spent, back)) = lacking(all, rho, limits.rho_per_year) {
        let allowed = limits.rho_per_year;
        return Err(Exhausted::OfPersons { population, spent, allowed, asked: rho, back });
    }
    if let Some((spent, back)) = lacking(own, rho, limits.rho_per_account) {
        let (account, allowed) = (study, limits.rho_per_account);
        let asked = rho;
        return Err(Exhausted::OfAllotment { account, population, spent, allowed, asked, back });
    }
    Ok(())
}

/// What was `charged`, and when enough of it comes back, if a job of `rho` is more than is
/// `allowed` besides.
fn lacking(mut charged: Vec<&Entry>, rho: u64, allowed: u64) -> Option<(u64, String)> {
    let spent = charged.iter().map(|entry| entry.rho).fold(0, u64::saturating_add);
    if rho == 0 || spent.saturating_add(rho) <= allowed {
        return None;
    }
    let mut left = spent;
    charged.sort_by_key(|entry| entry.at);
    let enough = charged.into_iter().find(|entry| {
        left = left.saturating_sub(entry.rho);
        left.saturating_add(rho) <= allowed
    });
    let back = match enough.map(|entry| day(entry.at.saturating_add(YEAR_SECONDS))) {
        Some(Some(day)) => format!("enough comes back on {day}"),
        _ => "a job of this profile asks for more than a year allows".to_owned(),
    };
    Some((spent, back))
}

fn counting<'e>(
    entries: &'e [Entry],
    population: &'e str,
    now: i64,
) -> impl Iterator<Item = &'e Entry> {
    let since = now.saturating_sub(YEAR_SECONDS);
    let counts = move |entry: &&Entry| entry.account.population == population && entry.at > since;
    entries.iter().filter(counts)
}

/// The day on which `second` has passed everywhere on that day: the one after it, in UTC.
fn day(second: i64) -> Option<String> {
    const DAY_SECONDS: i64 = 24 * 60 * 60;
    let when = jiff::Timestamp::from_second(second.saturating_add(DAY_SECONDS)).ok()?;
    Some(when.strftime("%Y-%m-%d").to_string())
}
