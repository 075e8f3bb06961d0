//! The ledger's file: one table in SQLite, to which entries are only ever added.
//!
//! One writer at a time (`BEGIN IMMEDIATE`), and a commit is on the disk when it returns: the
//! journal is cut to nothing, and synced (`synchronous = EXTRA`). It stays as an empty file, which
//! costs less than to take it out of its folder.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use cloister_contract::digest::Digest;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, Row as _, Sqlite, SqliteConnection, Transaction};

use super::LedgerError;
use super::entry::{Account, Amounts, Entry, EntryKind};

/// How long to wait for another run that writes: many times what a transaction takes.
const PATIENCE: Duration = Duration::from_secs(10);

const TABLE: &str = "CREATE TABLE IF NOT EXISTS entry (
    number INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, job TEXT NOT NULL,
    population TEXT NOT NULL, study TEXT NOT NULL, dataset TEXT NOT NULL, epoch TEXT NOT NULL,
    profile TEXT NOT NULL, module TEXT NOT NULL,
    scalars INTEGER NOT NULL, bits INTEGER NOT NULL, jobs INTEGER NOT NULL,
    scalars_spent INTEGER NOT NULL, bits_spent INTEGER NOT NULL, jobs_spent INTEGER NOT NULL,
    scalars_allowed INTEGER NOT NULL, bits_allowed INTEGER NOT NULL, jobs_allowed INTEGER NOT NULL,
    rho INTEGER NOT NULL, release TEXT NOT NULL, hash TEXT NOT NULL) STRICT";

const ALL: &str = "SELECT * FROM entry ORDER BY number";

const HEAD: &str = "SELECT hash FROM entry ORDER BY number DESC LIMIT 1";

const APPEND: &str = "INSERT INTO entry VALUES
    (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// Makes the file for its owner alone, if there is none.
pub(super) fn make(file: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Opens the file, which must be there.
pub(super) async fn open(file: &Path) -> Result<SqliteConnection, sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .synchronous(SqliteSynchronous::Extra)
        .journal_mode(SqliteJournalMode::Truncate)
        .busy_timeout(PATIENCE)
        .disable_statement_logging();
    options.connect().await
}

/// Begins a transaction that alone may write.
pub(super) async fn begin(
    connection: &mut SqliteConnection,
) -> Result<Transaction<'_, Sqlite>, sqlx::Error> {
    let mut begun = connection.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query(TABLE).execute(&mut *begun).await?;
    Ok(begun)
}

/// All entries, in order.
pub(super) async fn all(connection: &mut SqliteConnection) -> Result<Vec<Entry>, LedgerError> {
    let rows = sqlx::query(ALL).fetch_all(connection).await.map_err(LedgerError::database)?;
    let read = |(row, number)| {
        let what = "a column holds what it cannot";
        entry(row).ok_or(LedgerError::Broken { number, what })
    };
    rows.iter().zip(1..).map(read).collect()
}

/// The hash of the last entry, as it is written.
pub(super) async fn head(connection: &mut SqliteConnection) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(HEAD).fetch_optional(connection).await
}

/// Adds `entry`.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    entry: &Entry,
) -> Result<(), sqlx::Error> {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let mut query = sqlx::query(APPEND)
        .bind(number(entry.number))
        .bind(entry.at)
        .bind(entry.kind.name())
        .bind(entry.job.to_string())
        .bind(&entry.account.population)
        .bind(&entry.account.study)
        .bind(&entry.dataset)
        .bind(&entry.epoch)
        .bind(&entry.profile)
        .bind(entry.module.to_string());
    for Amounts { scalars, bits, jobs } in [entry.charged, entry.spent, entry.allowed] {
        query = query.bind(number(scalars)).bind(number(bits)).bind(number(jobs));
    }
    let release = entry.release.map(|release| release.to_string()).unwrap_or_default();
    query = query.bind(number(entry.rho)).bind(release).bind(entry.hash.to_string());
    query.execute(connection).await.map(|_| ())
}

/// The entry in `row`; `None` if a column holds what no entry has.
fn entry(row: &SqliteRow) -> Option<Entry> {
    let text = |name: &str| row.try_get::<String, _>(name).ok();
    let whole = |name: &str| row.try_get::<i64, _>(name).ok();
    let count = |name: &str| u64::try_from(whole(name)?).ok();
    let digest = |name: &str| text(name)?.parse::<Digest>().ok();
    let amounts = |[scalars, bits, jobs]: [&str; 3]| {
        Some(Amounts { scalars: count(scalars)?, bits: count(bits)?, jobs: count(jobs)? })
    };
    Some(Entry {
        number: count("number")?,
        at: whole("at")?,
        kind: EntryKind::named(&text("kind")?)?,
        job: digest("job")?,
        account: Account { population: text("population")?, study: text("study")? },
        dataset: text("dataset")?,
        epoch: text("epoch")?,
        profile: text("profile")?,
        module: digest("module")?,
        charged: amounts(["scalars", "bits", "jobs"])?,
        spent: amounts(["scalars_spent", "bits_spent", "jobs_spent"])?,
        allowed: amounts(["scalars_allowed", "bits_allowed", "jobs_allowed"])?,
        rho: count("rho")?,
        release: match text("release")?.as_str() {
            "" => None,
            digest => Some(digest.parse().ok()?),
        },
        hash: digest("hash")?,
    })
}
