//! Gathers one person's rows from streams that are sorted by unit key.
//!
//! A person's rows may lie in several batches: the parts are put together, and nobody else's rows
//! are among them. Rows of units that the unit table does not know are skipped.

use std::cmp::Ordering;
use std::ops::Range;

use cloister_contract::study::Table;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::compute::concat;
use datafusion::arrow::datatypes::Int64Type;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;

use super::RunFault;
use super::bounds::Bounds;
use crate::dataset::{Cut, fit};
use crate::faults::{Mechanism, off};

/// A unit key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key<'a> {
    Int(i64),
    Text(&'a str),
}

impl<'a> From<&'a Cut> for Key<'a> {
    fn from(cut: &'a Cut) -> Self {
        match cut {
            Cut::Int(key) => Self::Int(*key),
            Cut::Text(key) => Self::Text(key),
        }
    }
}

impl From<Key<'_>> for Cut {
    fn from(key: Key<'_>) -> Self {
        match key {
            Key::Int(key) => Self::Int(key),
            Key::Text(key) => Self::Text(key.to_owned()),
        }
    }
}

/// The unit keys of one batch, without nulls, in ascending order.
pub(crate) enum Keys {
    Int(Int64Array),
    Text(StringArray),
}

impl Keys {
    /// The keys in `column`, checked: a source that claims to be sorted is not believed.
    pub(crate) fn new(column: &ArrayRef) -> Result<Self, RunFault> {
        if column.null_count() > 0 {
            return Err(RunFault::NullKey);
        }
        let keys = match column.as_string_opt::<i32>() {
            Some(texts) => Self::Text(texts.clone()),
            None => column
                .as_primitive_opt::<Int64Type>()
                .map(|keys| Self::Int(keys.clone()))
                .ok_or(RunFault::Engine("a unit key is neither integer nor text"))?,
        };
        let sorted = match &keys {
            Self::Int(keys) => keys.values().is_sorted(),
            Self::Text(_) => (1..keys.len()).all(|row| keys.at(row - 1) <= keys.at(row)),
        };
        if sorted { Ok(keys) } else { Err(RunFault::Unsorted) }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Int(keys) => keys.len(),
            Self::Text(keys) => keys.len(),
        }
    }

    pub(crate) fn at(&self, row: usize) -> Key<'_> {
        match self {
            Self::Int(keys) => Key::Int(keys.values().get(row).copied().unwrap_or_default()),
            Self::Text(keys) => Key::Text(if row < keys.len() { keys.value(row) } else { "" }),
        }
    }
}

/// The rows of one table, person by person.
pub(super) struct Cursor<'j> {
    table: &'j Table,
    stream: SendableRecordBatchStream,
    bounds: Bounds,
    batch: Option<Batch>,
    /// The keys of the batch before: the next one must not go back behind them.
    last: Option<Keys>,
    position: usize,
    /// Rows skipped because the unit table does not know their unit.
    pub(super) strangers: u64,
    /// Whether a value that does not fit ends the run, or only leaves the person out.
    strict: bool,
    unfit: bool,
    /// The current person's rows: all columns, and the range that is the person's.
    columns: Vec<ArrayRef>,
    range: Range<usize>,
}

struct Batch {
    keys: Keys,
    columns: Vec<ArrayRef>,
    /// Rows with a value that does not fit.
    unfit: Vec<bool>,
}

impl<'j> Cursor<'j> {
    pub(super) fn new(
        table: &'j Table,
        (stream, bounds): (SendableRecordBatchStream, Bounds),
        strict: bool,
    ) -> Self {
        let columns = Vec::new();
        Self {
            table,
            stream,
            bounds,
            batch: None,
            last: None,
            position: 0,
            strangers: 0,
            strict,
            unfit: false,
            columns,
            range: 0..0,
        }
    }

    /// Whether a value of the person's rows does not fit what the study declares.
    pub(super) const fn unfit(&self) -> bool {
        self.unfit
    }

    /// The columns that [`Cursor::seek`] found, and the person's range of rows.
    pub(super) fn rows(&self) -> (&[ArrayRef], Range<usize>) {
        (&self.columns, self.range.clone())
    }

    /// Moves to the rows of `person`. Persons are asked for in ascending order.
    pub(super) async fn seek(&mut self, person: Key<'_>) -> Result<(), RunFault> {
        self.columns.clear();
        self.range = 0..0;
        self.unfit = false;
        let mut parts: Vec<Vec<ArrayRef>> = Vec::new();
        loop {
            if self.batch.is_none() && !self.load().await? {
                break;
            }
            let Some(batch) = &self.batch else { break };
            let start = advance(&batch.keys, self.position, |key| key.cmp(&person).is_lt());
            let end = advance(&batch.keys, start, |key| key.cmp(&person).is_eq());
            self.strangers += (start - self.position) as u64;
            self.position = end;
            let rows = batch.unfit.get(start..end).unwrap_or_default();
            self.unfit |= rows.contains(&true);
            let ends_here = end < batch.keys.len();
            if end > start {
                if parts.is_empty() && ends_here {
                    // The usual case: all rows lie in this batch, and none is copied.
                    self.columns.clone_from(&batch.columns);
                    self.range = start..end;
                    return Ok(());
                }
                let slice = |column: &ArrayRef| column.slice(start, end - start);
                parts.push(batch.columns.iter().map(slice).collect());
            }
            if ends_here {
                break;
            }
            self.last = self.batch.take().map(|batch| batch.keys);
        }
        self.join(&parts)
    }

    /// Puts together the parts of a person whose rows span batches.
    fn join(&mut self, parts: &[Vec<ArrayRef>]) -> Result<(), RunFault> {
        let Some(first) = parts.first() else { return Ok(()) };
        for column in 0..first.len() {
            let pieces: Vec<&dyn Array> =
                parts.iter().filter_map(|part| part.get(column)).map(AsRef::as_ref).collect();
            let whole = concat(&pieces).map_err(|_| RunFault::Engine("rows cannot be joined"))?;
            self.range = 0..whole.len();
            self.columns.push(whole);
        }
        Ok(())
    }

    /// Loads the next batch that has rows; false at the end.
    async fn load(&mut self) -> Result<bool, RunFault> {
        while let Some(batch) = self.stream.next().await {
            let batch = batch.map_err(|error| RunFault::from(error).of(&self.table.from))?;
            if batch.num_rows() == 0 {
                continue;
            }
            let batch = self.read(&batch)?;
            self.bounds.hold(&batch.keys)?;
            let last = self.last.as_ref().map(|last| last.at(last.len().saturating_sub(1)));
            if last.is_some_and(|last| last > batch.keys.at(0)) {
                return Err(RunFault::Unsorted);
            }
            self.batch = Some(batch);
            self.position = 0;
            return Ok(true);
        }
        Ok(false)
    }

    fn read(&self, batch: &RecordBatch) -> Result<Batch, RunFault> {
        let (unit, columns) =
            batch.columns().split_first().ok_or(RunFault::Engine("an input has no columns"))?;
        let keys = Keys::new(unit)?;
        let mut batch = Batch { keys, columns: Vec::new(), unfit: Vec::new() };
        for (array, column) in columns.iter().zip(&self.table.columns) {
            let (column, unfit) = fit(array, &column.kind, self.strict).map_err(|error| {
                let (table, column) = (self.table.from.clone(), column.name.clone());
                RunFault::Column { table, column, what: error.to_string() }
            })?;
            batch.columns.push(column);
            batch.mark(unfit);
        }
        // Delimited text brings a column that says so itself.
        let told = columns.get(self.table.columns.len()).and_then(|column| column.as_boolean_opt());
        batch.mark(told.map(|told| told.iter().map(|row| row == Some(true)).collect()));
        Ok(batch)
    }
}

impl Batch {
    fn mark(&mut self, unfit: Option<Vec<bool>>) {
        let Some(unfit) = unfit else { return };
        self.unfit.resize(unfit.len(), false);
        self.unfit.iter_mut().zip(unfit).for_each(|(all, one)| *all |= one);
    }
}

fn advance(keys: &Keys, from: usize, while_: impl Fn(Key<'_>) -> bool) -> usize {
    (from..keys.len()).find(|row| !while_(keys.at(*row))).unwrap_or(keys.len())
}

/// Whether `next` may follow `last` in the unit table: each unit once, in ascending order.
pub(crate) fn follows(last: Option<Key<'_>>, next: Key<'_>) -> Result<(), RunFault> {
    match last.map(|last| last.cmp(&next)) {
        None | Some(Ordering::Less) => Ok(()),
        Some(Ordering::Equal) if off(Mechanism::KeyOnce) => Ok(()),
        Some(Ordering::Equal) => Err(RunFault::DuplicateKey),
        Some(Ordering::Greater) => Err(RunFault::Unsorted),
    }
}
