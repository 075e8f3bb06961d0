//! A ledger as a page for people: what each account has spent of what it is allowed.

use std::collections::BTreeSet;

use serde::Serialize;

use super::year::SHOWN_DELTA;
use super::{Amounts, Book, Entry, EntryKind};
use crate::page::{Page, Section, grouped, numbers, words};
use crate::protect::budget;

/// How many of the last entries a page shows.
const LAST: usize = 12;

/// An account in one epoch, for people and programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountLine {
    /// The population.
    pub population: String,
    /// The study.
    pub study: String,
    /// The epoch in which its jobs are counted.
    pub epoch: String,
    /// What it has spent: numbers and bits over its life, jobs in this epoch.
    pub spent: Amounts,
    /// What its last job was allowed to have spent.
    pub allowed: Amounts,
}

/// Every account of `book` in each epoch that it was charged in.
#[must_use]
pub fn account_lines(book: &Book) -> Vec<AccountLine> {
    let line = |last: &Entry| AccountLine {
        population: last.account.population.clone(),
        study: last.account.study.clone(),
        epoch: last.epoch.clone(),
        spent: book.spent(&last.account, &last.epoch),
        allowed: last.allowed,
    };
    book.accounts().map(line).collect()
}

/// What the persons of a population were charged in the tier `open`, in the year before now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct YearLine {
    /// The population.
    pub population: String,
    /// ρ, all its studies and authors together.
    pub rho: f64,
    /// The same as ε, beside `delta`.
    pub epsilon: f64,
    /// δ: the strictest of the shipped profiles, whatever the jobs' own.
    pub delta: f64,
    /// How often an observer of all these releases, who knows all but one bit about a person, is
    /// right about it at most: e^ε / (1 + e^ε). A coin has 0.5.
    pub attacker: f64,
}

/// Every population of `book` that was ever charged in the tier `open`, as it is at `now`, in
/// seconds since 1970 (UTC).
#[must_use]
pub fn year_lines(book: &Book, now: i64) -> Vec<YearLine> {
    let charged = book.entries().iter().filter(|entry| entry.rho > 0);
    let populations: BTreeSet<&str> =
        charged.map(|entry| entry.account.population.as_str()).collect();
    let line = |population: &str| {
        let rho = book.rho(population, now);
        let (population, epsilon) = (population.to_owned(), budget::epsilon(rho, SHOWN_DELTA));
        let attacker = budget::attacker(epsilon);
        YearLine { population, rho: budget::in_ones(rho), epsilon, delta: SHOWN_DELTA, attacker }
    };
    populations.into_iter().map(line).collect()
}

/// The page of `book` as it is at `now`, in seconds since 1970 (UTC).
#[must_use]
pub fn ledger_page(book: &Book, now: i64) -> Page {
    let lines = account_lines(book);
    let of = |spent, allowed| format!("{} of {}", grouped(spent), grouped(allowed));
    let rows = lines.iter().map(|line| {
        let AccountLine { spent, allowed, .. } = line;
        vec![
            line.population.clone(),
            line.study.clone(),
            of(spent.scalars, allowed.scalars),
            of(spent.bits, allowed.bits),
            line.epoch.clone(),
            of(spent.jobs, allowed.jobs),
        ]
    });
    let head = [
        words("population"),
        words("study"),
        numbers("numbers"),
        numbers("bits"),
        words("epoch"),
        numbers("jobs"),
    ];
    let accounts = Section::new("accounts")
        .words(
            "spent of what the last job's profile allowed: numbers and bits over a study's life, \
             jobs in an epoch",
        )
        .table(&head, rows);
    let skipped = book.entries().len().saturating_sub(LAST);
    let head = [
        numbers("entry"),
        words("when"),
        words("what"),
        words("study"),
        words("job"),
        numbers("numbers"),
        numbers("bits"),
    ];
    let rows = book.entries().iter().skip(skipped).map(entry);
    let last = Section::new("last entries").table(&head, rows);
    let chain = Section::new("chain").facts([
        ("entries", grouped(book.entries().len() as u64)),
        ("head", book.head().to_string()),
    ]);
    let years = years(&year_lines(book, now));
    let sections = [Some(accounts), years, Some(last), Some(chain)];
    Page::new("Ledger", sections.into_iter().flatten().collect())
}

/// The accounts of the tier `open`, if there are any.
fn years(lines: &[YearLine]) -> Option<Section> {
    let head = [
        words("population"),
        numbers("ρ"),
        numbers("ε at δ = 1e-7"),
        numbers("an attacker is right, at most"),
    ];
    let row = |line: &YearLine| {
        let YearLine { population, rho, epsilon, attacker, .. } = line;
        vec![
            population.clone(),
            format!("{rho:.6}"),
            format!("{epsilon:.2}"),
            format!("{:.1} of 100 times", (attacker * 1000.0).ceil() / 10.0),
        ]
    };
    let words = "tier `open`, in the 366 days before now, all studies and authors together; a coin \
                 is right 50 times";
    let section = Section::new("persons").words(words).table(&head, lines.iter().map(row));
    (!lines.is_empty()).then_some(section)
}

fn entry(entry: &Entry) -> Vec<String> {
    let when = jiff::Timestamp::from_second(entry.at);
    let short = |digest: String| digest.chars().take(12).collect::<String>();
    let (what, numbers, bits) = match entry.kind {
        EntryKind::Charge => {
            ("charged", grouped(entry.charged.scalars), grouped(entry.charged.bits))
        }
        EntryKind::Release => ("released", String::new(), String::new()),
    };
    vec![
        entry.number.to_string(),
        when.map(|when| when.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default(),
        what.to_owned(),
        entry.account.study.clone(),
        short(entry.job.to_string()),
        numbers,
        bits,
    ]
}
