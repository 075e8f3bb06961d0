//! Rule: all releases of the tier `open` over the same persons spend so much in any year.
//!
//! Statement: each such job is charged the ρ that its noise was made for, to the population: over
//! all studies, authors, datasets and profiles. A job is refused if what was charged in the 366
//! days before it and its own ρ are more than its profile allows, so no span of a year holds more.
//! Nothing is given back; what is older counts no more. Source: ρ adds up (Bun and Steinke, TCC
//! 2016, lemma 1.7), also where each job is chosen after what earlier ones said (Feldman and Zrnic,
//! "Individual privacy accounting via a Rényi filter", 2021). Worked number: `public` allows
//! ρ = 0.015047 a year (ε = 1) and a job costs 0.000961: the sixteenth job is refused until the
//! first is 366 days old.

use super::entry::Entry;
use super::{Exhausted, Limits};

/// How long a charge counts, in seconds: no calendar year is longer.
pub(super) const YEAR_SECONDS: i64 = 366 * 24 * 60 * 60;

/// The δ at which the ledger shows an account's ε: the strictest of the shipped profiles.
pub(super) const SHOWN_DELTA: f64 = 1e-7;

/// What the persons of `population` have been charged in the year before `now`, in millionths.
pub(super) fn spent(entries: &[Entry], population: &str, now: i64) -> u64 {
    counting(entries, population, now).map(|entry| entry.rho).fold(0, u64::saturating_add)
}

/// Whether a job of `rho` over `population` can be afforded at `now`.
///
/// # Errors
/// [`Exhausted::OfPersons`] if not, with when it could be.
pub(super) fn afford(
    entries: &[Entry],
    population: &str,
    (rho, limits): (u64, &Limits),
    now: i64,
) -> Result<(), Exhausted> {
    let (allowed, spent) = (limits.rho_per_year, spent(entries, population, now));
    if rho == 0 || spent.saturating_add(rho) <= allowed {
        return Ok(());
    }
    let mut left = spent;
    let mut charged: Vec<_> = counting(entries, population, now).collect();
    charged.sort_by_key(|entry| entry.at);
    let enough = charged.into_iter().find(|entry| {
        left = left.saturating_sub(entry.rho);
        left.saturating_add(rho) <= allowed
    });
    let population = population.to_owned();
    let back = match enough.map(|entry| day(entry.at.saturating_add(YEAR_SECONDS))) {
        Some(Some(day)) => format!("enough comes back on {day}"),
        _ => "a job of this profile asks for more than a year allows".to_owned(),
    };
    Err(Exhausted::OfPersons { population, spent, allowed, asked: rho, back })
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
