//! One partition: person by person, from rows to cells.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cloister_contract::cells::Layout;
use cloister_contract::frame::{ColumnSlice, FrameWriter, TableRows};
use cloister_contract::job::Job;
use cloister_sandbox::{Outcome, Sandbox};
use datafusion::arrow::array::RecordBatch;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;

use super::accumulate::{Accumulator, CellCaps, DigestKey};
use super::bounds::Bounds;
use super::bundle::{Cursor, Key, Keys, follows};
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
        present.zip(streams).map(|(table, stream)| Cursor::new(table, stream)).collect();
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
    let strangers = cursors.iter().map(|cursor| cursor.strangers).sum();
    work.tally.strangers.fetch_add(strangers, Ordering::Relaxed);
    let (cells, population) = person.accumulator.finish();
    partial::encode(&cells, population)
}

/// The way of one person after another: frame, call, contributions, cells.
struct Person<'w> {
    work: &'w Work,
    writer: FrameWriter<'w>,
    contributions: Vec<cloister_sandbox::Contribution>,
    accumulator: Accumulator<'w>,
}

impl<'w> Person<'w> {
    fn new(work: &'w Work) -> Self {
        let Work { job, layout, caps, key, .. } = work;
        Self {
            work,
            writer: FrameWriter::new(job.study()),
            contributions: Vec::new(),
            accumulator: Accumulator::new(job, layout, *caps, key.clone()),
        }
    }

    fn call(&mut self, key: Key<'_>, cursors: &[Cursor<'_>]) -> Result<(), RunFault> {
        let tables = &self.work.job.study().tables;
        let slices: Vec<Vec<ColumnSlice<'_>>> = cursors
            .iter()
            .zip(&self.work.present)
            .map(|(cursor, at)| {
                let declared = tables.get(*at).map(|table| table.columns.as_slice());
                let columns = declared.unwrap_or_default().iter();
                let arrays = cursor.rows().0.iter();
                arrays.zip(columns).map(|(array, c)| column_slice(array, &c.kind)).collect()
            })
            .collect();
        let mut rows: Vec<Option<TableRows<'_>>> = vec![None; tables.len()];
        for ((cursor, at), columns) in cursors.iter().zip(&self.work.present).zip(&slices) {
            if let Some(slot) = rows.get_mut(*at) {
                *slot = Some(TableRows { columns, range: cursor.rows().1 });
            }
        }
        let frame =
            self.writer.write(&rows).map_err(|_| RunFault::Engine("a frame is too long"))?;
        let outcome = self.work.sandbox.guest().call(frame, &mut self.contributions)?;
        let committed = match (outcome, key) {
            (Outcome::Dropped, _) => None,
            (Outcome::Done, Key::Int(key)) => {
                self.accumulator.commit(&key.to_le_bytes(), &self.contributions).ok()
            }
            (Outcome::Done, Key::Text(key)) => {
                self.accumulator.commit(key.as_bytes(), &self.contributions).ok()
            }
        };
        let tally = &self.work.tally;
        tally.persons.fetch_add(1, Ordering::Relaxed);
        tally.dropped.fetch_add(u64::from(committed.is_none()), Ordering::Relaxed);
        Ok(())
    }
}
