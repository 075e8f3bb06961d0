//! One partition: person by person, from rows to cells.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use cloister_contract::cells::Layout;
use cloister_contract::frame::{ColumnSlice, FrameWriter, TableRows};
use cloister_contract::job::Job;
use cloister_contract::study::Table;
use cloister_sandbox::{Guest, Outcome, Sandbox, Told};
use datafusion::arrow::array::{Array, ArrayRef, RecordBatch};
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;

use super::accumulate::{Accumulator, CellCaps, DigestKey};
use super::bounds::Bounds;
use super::bundle::{Cursor, Key, Keys, follows};
use super::link::{self, Links};
use super::notes::{Notes, Rehearsed};
use super::{RunFault, partial};
use crate::dataset::column_slice;

/// What every partition of a run shares.
pub(super) struct Work {
    pub(super) job: Job,
    pub(super) layout: Layout,
    pub(super) sandbox: Arc<Sandbox>,
    pub(super) caps: CellCaps,
    pub(super) key: DigestKey,
    /// The study's tables that the dataset has, in the order of the inputs behind the unit keys.
    pub(super) present: Vec<usize>,
    pub(super) tally: Arc<Tally>,
    /// Whether the data are synthetic or public, so that a value that does not fit may be told.
    pub(super) strict: bool,
    /// Where a rehearsal's notes go; a run has none.
    pub(super) notes: Option<Notes>,
}

/// What a run has done so far. For the site only: nothing of it leaves.
#[derive(Debug, Default)]
pub struct Tally {
    /// Persons whose call has ended.
    pub persons: AtomicU64,
    /// Persons who contributed nothing because their call trapped, ran out of fuel or broke the
    /// contract.
    pub dropped: AtomicU64,
    /// Rows of units that the unit table does not know.
    pub strangers: AtomicU64,
    /// When the release is planned, in seconds since 1970; zero while it is not known, and where
    /// nothing waits for it.
    pub planned: AtomicU64,
    /// Whether the job was charged.
    pub paid: AtomicBool,
}

/// Runs the guest over every person of one partition; `streams` are the unit keys and then the
/// present tables, each sorted by unit key and within its bounds.
pub(super) async fn run(
    work: Arc<Work>,
    streams: Vec<(SendableRecordBatchStream, Bounds)>,
) -> Result<RecordBatch, RunFault> {
    let mut streams = streams.into_iter();
    let (mut units, bounds) =
        streams.next().ok_or(RunFault::Engine("the operator has no input"))?;
    let tables = &work.job.study().tables;
    let present = work.present.iter().filter_map(|at| tables.get(*at));
    let mut cursors: Vec<Cursor<'_>> =
        present.zip(streams).map(|(table, s)| Cursor::new(table, s, work.strict)).collect();
    let mut person = Person::new(&work);
    let mut last: Option<Keys> = None;
    while let Some(batch) = units.next().await.transpose()? {
        let column = batch.columns().first().ok_or(RunFault::Engine("there are no unit keys"))?;
        let keys = Keys::new(column)?;
        bounds.hold(&keys)?;
        for row in 0..keys.len() {
            let before = match row {
                0 => last.as_ref().map(|last| last.at(last.len().saturating_sub(1))),
                _ => Some(keys.at(row - 1)),
            };
            follows(before, keys.at(row))?;
            for cursor in &mut cursors {
                cursor.seek(keys.at(row)).await?;
            }
            person.call(keys.at(row), &cursors)?;
        }
        if keys.len() > 0 {
            last = Some(keys);
        }
        // Between batches other partitions, and a Ctrl-C, get their turn.
        tokio::task::yield_now().await;
    }
    person.guest.finish()?;
    let strangers = cursors.iter().map(|cursor| cursor.strangers).sum();
    work.tally.strangers.fetch_add(strangers, Ordering::Relaxed);
    if let Some((notes, mut here)) = work.notes.as_ref().zip(person.notes) {
        here.losses = person.accumulator.losses().to_vec();
        notes.add(here);
    }
    partial::encode(&person.accumulator.finish())
}

/// The way of one person after another: frame, call, contributions, cells.
struct Person<'w> {
    work: &'w Work,
    writer: FrameWriter<'w>,
    guest: Guest<'w>,
    contributions: Vec<cloister_sandbox::Contribution>,
    accumulator: Accumulator<'w>,
    notes: Option<Rehearsed>,
}

impl<'w> Person<'w> {
    fn new(work: &'w Work) -> Self {
        let Work { job, layout, caps, key, .. } = work;
        let mut accumulator = Accumulator::new(job, layout, *caps, *key);
        let notes = work.notes.as_ref().map(|_| {
            accumulator.rehearse();
            Rehearsed::new(job.study())
        });
        Self {
            work,
            writer: FrameWriter::new(job.study()),
            guest: work.sandbox.guest(),
            contributions: Vec::new(),
            accumulator,
            notes,
        }
    }

    fn call(&mut self, key: Key<'_>, cursors: &[Cursor<'_>]) -> Result<(), RunFault> {
        if cursors.iter().any(Cursor::unfit) {
            self.count(true);
            return Ok(());
        }
        let tables = &self.work.job.study().tables;
        let own: Vec<Own<'_>> = cursors
            .iter()
            .zip(&self.work.present)
            .filter_map(|(cursor, at)| Some(Own::new(*at, tables.get(*at)?, cursor)))
            .collect();
        let mut links = Links::default();
        own.iter().for_each(|own| links.learn(own.table, &own.columns));
        links.number();
        let ordinals: Vec<_> =
            own.iter().map(|own| links.ordinals(own.table, &own.columns)).collect();
        let slices: Vec<_> = own.iter().zip(&ordinals).map(|(own, o)| own.slices(o)).collect();
        let mut rows: Vec<Option<TableRows<'_>>> = vec![None; tables.len()];
        for (own, columns) in own.iter().zip(&slices) {
            if let Some(slot) = rows.get_mut(own.at) {
                *slot = Some(TableRows { columns, range: own.range.clone() });
            }
        }
        let frame =
            self.writer.write(&rows).map_err(|_| RunFault::Engine("a frame is too long"))?;
        let outcome = match &mut self.notes {
            None => self.guest.call(frame, &mut self.contributions)?,
            Some(notes) => {
                let told: Told = self.guest.call_told(frame, &mut self.contributions)?;
                notes.keep(told.ending, key, frame);
                notes.person(told, self.work.job.study(), &rows)
            }
        };
        let committed = match (outcome, key) {
            (Outcome::Dropped, _) => None,
            (Outcome::Done, Key::Int(key)) => {
                self.accumulator.commit(&key.to_le_bytes(), &self.contributions).ok()
            }
            (Outcome::Done, Key::Text(key)) => {
                self.accumulator.commit(key.as_bytes(), &self.contributions).ok()
            }
        };
        if let (Outcome::Done, Some(notes)) = (outcome, &mut self.notes) {
            notes.out_of_range += u64::from(committed.is_none());
        }
        self.count(committed.is_none());
        Ok(())
    }

    fn count(&self, dropped: bool) {
        let tally = &self.work.tally;
        tally.persons.fetch_add(1, Ordering::Relaxed);
        tally.dropped.fetch_add(u64::from(dropped), Ordering::Relaxed);
    }
}

/// One person's rows in one table.
struct Own<'c> {
    at: usize,
    table: &'c Table,
    columns: Cow<'c, [ArrayRef]>,
    range: Range<usize>,
}

impl<'c> Own<'c> {
    fn new(at: usize, table: &'c Table, cursor: &'c Cursor<'_>) -> Self {
        let (columns, range) = cursor.rows();
        if !link::has_links(table) {
            return Self { at, table, columns: Cow::Borrowed(columns), range };
        }
        // Ordinals are the person's own, so the columns are cut to the person's rows.
        let cut = columns.iter().map(|column| column.slice(range.start, range.len()));
        Self { at, table, columns: cut.collect(), range: 0..range.len() }
    }

    fn slices<'s>(&'s self, ordinals: &'s [Vec<i32>]) -> Vec<ColumnSlice<'s>> {
        let columns = self.columns.iter().zip(&self.table.columns);
        let slices = columns.map(|(array, column)| column_slice(array, &column.kind)).collect();
        link::replace(self.table, slices, ordinals)
    }
}
