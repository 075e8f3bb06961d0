//! Makes the prepared copy of a dataset: sorted once, so that no run has to.
//!
//! Every table that has the unit key is sorted by it, then by its dates and other columns, so that
//! the same rows give the same bytes, and is cut at the same keys as all others (`ranged.rs`).
//! Rows of units that the unit table does not know, and rows without a key, belong to nobody and
//! are left out. A view's rows are written as a table's. All is written under another name and
//! renamed at the end.

mod manifest;
mod ranges;
mod walk;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use datafusion::arrow::datatypes::DataType;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext, ident};
use futures::StreamExt as _;

use super::source::{UNIT, column_named, data_type};
use super::{Cut, Dataset, DatasetError, Source};
use crate::run::{Keys, Memory, RunFault, follows, make_private, private_temp};
use ranges::Ranges;
use walk::Units;

/// A dataset cannot be prepared; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The folder has something in it.
    #[error("`{}` is not empty; choose another folder", .0.display())]
    NotEmpty(PathBuf),
    /// A flat table has no key to sort by.
    #[error(
        "its rows are persons without a key, so there is nothing to sort; run over it as it is"
    )]
    Flat,
    /// Delimited text has no types to keep.
    #[error(
        "table `{0}` is delimited text, and a prepared copy has types; declare them in its entry, \
         as `types = {{ year_of_birth = \"int\" }}`: what is not listed stays text"
    )]
    Text(String),
    /// A file cannot be written.
    #[error("nothing was prepared: `{}` cannot be written: {what}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        what: String,
    },
    /// The dataset cannot be read.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// Reading or sorting failed, or the unit table is wrong.
    #[error(transparent)]
    Run(#[from] RunFault),
}

/// What became of a table. For the site only.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// The table.
    pub table: String,
    /// Whether it was left out, as it does not have the unit key and no study can read it.
    pub without_key: bool,
    /// Rows that were written.
    pub rows: u64,
    /// Rows left out because the unit table does not know their unit.
    pub strangers: u64,
    /// Rows left out because they have no key.
    pub null_keys: u64,
}

/// How far a preparation is.
#[derive(Debug, Default)]
pub struct PrepareTally {
    /// The table that is being sorted or written.
    pub table: Mutex<String>,
    /// Its rows that are written.
    pub rows: AtomicU64,
}

impl PrepareTally {
    fn start(&self, table: &str) {
        self.rows.store(0, Ordering::Relaxed);
        if let Ok(mut shown) = self.table.lock() {
            table.clone_into(&mut shown);
        }
    }
}

/// Writes a copy of `dataset` into `out`, which must not exist or be empty, in `ranges` ranges of
/// units; fewer, if there are fewer units.
///
/// # Errors
/// [`PrepareError`]: nothing is in `out` then.
pub async fn prepare(
    dataset: &Dataset,
    out: &Path,
    ranges: usize,
    memory: &Memory,
    tally: &PrepareTally,
) -> Result<Vec<Written>, PrepareError> {
    if dataset.unit.key.is_none() {
        return Err(PrepareError::Flat);
    }
    let partial = place(out)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let config = SessionConfig::new().with_target_partitions(cores);
    let session = SessionContext::new_with_config_rt(config, memory.environment()?);
    let mut source = Source::open(dataset, &session).await?;
    // No study asks here: the site may be told which line does not fit, and must mend it.
    source.strict = true;
    let done = async {
        tally.start(&dataset.unit.table);
        let cuts = cuts(&source, ranges.max(1)).await?;
        let mut written = Vec::new();
        for table in dataset.tables.keys().chain(dataset.views.keys()) {
            tally.start(table);
            written.push(copy(&source, table, &cuts, partial.path(), tally).await?);
        }
        Ok((cuts, written))
    };
    // Each core sorts the table and the units that it is held against.
    let explain = |error| match error {
        PrepareError::Run(fault) => PrepareError::Run(memory.explain(fault, cores, 2)),
        other => other,
    };
    let (cuts, written) = done.await.map_err(explain)?;
    manifest::write(dataset, partial.path(), &cuts, &written)?;
    publish(partial, out)?;
    Ok(written)
}

fn failed(path: &Path, error: &io::Error) -> PrepareError {
    PrepareError::Write { path: path.to_owned(), what: error.to_string() }
}

/// A private folder beside `out`, which goes if it is not published.
fn place(out: &Path) -> Result<tempfile::TempDir, PrepareError> {
    match fs::read_dir(out) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                return Err(PrepareError::NotEmpty(out.to_owned()));
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(out, &error)),
    }
    let parent = match out.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    make_private(parent).map_err(|error| failed(parent, &error))?;
    private_temp(parent, ".cloister-partial-").map_err(|error| failed(parent, &error))
}

fn publish(partial: tempfile::TempDir, out: &Path) -> Result<(), PrepareError> {
    fs::rename(partial.path(), out).map_err(|error| failed(out, &error))?;
    // What the guard would remove has another name now.
    drop(partial.keep());
    Ok(())
}

/// All unit keys, sorted.
async fn units(source: &Source<'_>) -> Result<SendableRecordBatchStream, PrepareError> {
    let units = source.units().await?.sort(vec![ident(UNIT).sort(true, false)]);
    let stream = units.map_err(RunFault::from)?.execute_stream().await;
    Ok(stream.map_err(RunFault::from)?)
}

/// The first keys of all ranges but the first, so that each range has as many units.
async fn cuts(source: &Source<'_>, ranges: usize) -> Result<Vec<Cut>, PrepareError> {
    let count = source.units().await?.count().await.map_err(RunFault::from)?;
    let ranges = ranges.min(count.max(1));
    let mut wanted = (1..ranges).map(|range| count * range / ranges).peekable();
    let (mut cuts, mut seen) = (Vec::new(), 0);
    let mut last: Option<Cut> = None;
    let mut stream = units(source).await?;
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(RunFault::from)?;
        let Some(column) = batch.columns().first() else { continue };
        let keys = Keys::new(column)?;
        for row in 0..keys.len() {
            let before = match row {
                0 => last.as_ref().map(Into::into),
                _ => Some(keys.at(row - 1)),
            };
            follows(before, keys.at(row))?;
            if wanted.next_if_eq(&seen).is_some() {
                cuts.push(keys.at(row).into());
            }
            seen += 1;
        }
        if let Some(row) = keys.len().checked_sub(1) {
            last = Some(keys.at(row).into());
        }
    }
    Ok(cuts)
}

/// Copies one table into its ranges.
async fn copy(
    source: &Source<'_>,
    table: &str,
    cuts: &[Cut],
    folder: &Path,
    tally: &PrepareTally,
) -> Result<Written, PrepareError> {
    let mut written = Written { table: table.to_owned(), ..Written::default() };
    let frame = source.typed(table).await?;
    let frame = frame.ok_or_else(|| PrepareError::Text(table.to_owned()))?;
    if let Err(DatasetError::NoColumn { .. }) = source.find(&frame, table, source.key_name(table)) {
        written.without_key = true;
        return Ok(written);
    }
    let sorted = sorted(source, frame, table)?;
    let schema = sorted.schema().as_arrow().clone().into();
    let mut stream = sorted.execute_stream().await.map_err(RunFault::from)?;
    let mut ranges = Ranges::create(&manifest::folder_of(folder, table)?, schema, cuts)?;
    let mut units = Units::new(units(source).await?);
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(|error| RunFault::from(error).of(table))?;
        units.keep(&batch, &mut ranges, &mut written).await?;
        tally.rows.store(written.rows, Ordering::Relaxed);
    }
    ranges.finish()?;
    Ok(written)
}

/// `frame` with the key first, under the dataset's name and of its type, in the order of the copy.
fn sorted(source: &Source<'_>, frame: DataFrame, table: &str) -> Result<DataFrame, PrepareError> {
    let key = source.key_name(table);
    let unit = source.unit(&frame, table)?.unalias().alias(key);
    let own = source.find(&frame, table, key)?;
    let names = frame.schema().fields().iter().map(|field| field.name().clone());
    let others: Vec<String> = names.filter(|name| *name != own).collect();
    let is_date = |name: &&String| {
        let ty = data_type(&frame, name);
        matches!(ty, DataType::Date32 | DataType::Date64 | DataType::Timestamp(..))
    };
    let flat = |name: &&String| !data_type(&frame, name).is_nested();
    let rest = others.iter().filter(|name| !is_date(name) && flat(name));
    let others = others.iter();
    let order = others.clone().filter(is_date).chain(rest).map(String::as_str);
    let order = std::iter::once(key).chain(order);
    let order = order.map(|name| column_named(name).sort(true, false)).collect();
    let columns = others.map(|name| column_named(name));
    let selected: Vec<_> = std::iter::once(unit).chain(columns).collect();
    Ok(frame.select(selected).and_then(|frame| frame.sort(order)).map_err(RunFault::from)?)
}
