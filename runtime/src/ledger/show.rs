//! A ledger as a page for people: what each account has spent of what it is allowed.

use serde::Serialize;

use super::{Amounts, Book, Entry, EntryKind};
use crate::page::{Page, Section, grouped, numbers, words};

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

/// The page of `book`.
#[must_use]
pub fn ledger_page(book: &Book) -> Page {
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
        .words("spent of allowed: numbers and bits over a study's life, jobs in an epoch")
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
    let verified = Section::new("verified").facts([
        ("entries", grouped(book.entries().len() as u64)),
        ("head", book.head().to_string()),
    ]);
    Page::new("Ledger", vec![accounts, last, verified])
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
