//! Walks a table's sorted rows beside the sorted units: only rows of known units are kept.

use datafusion::arrow::array::{Array as _, RecordBatch};
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt as _;

use super::ranges::Ranges;
use super::{PrepareError, Written};
use crate::run::{Key, Keys, RunFault};

/// The units, read as far as the rows are.
pub(super) struct Units {
    stream: SendableRecordBatchStream,
    keys: Option<Keys>,
    position: usize,
}

impl Units {
    pub(super) const fn new(stream: SendableRecordBatchStream) -> Self {
        Self { stream, keys: None, position: 0 }
    }

    /// Puts the rows of `batch` whose units are known into their ranges; counts all rows.
    pub(super) async fn keep(
        &mut self,
        batch: &RecordBatch,
        ranges: &mut Ranges<'_>,
        written: &mut Written,
    ) -> Result<(), PrepareError> {
        let Some(column) = batch.columns().first() else { return Ok(()) };
        // Nulls come last in the order.
        let with_key = column.len() - column.null_count();
        written.null_keys += column.null_count() as u64;
        let keys = Keys::new(&column.slice(0, with_key))?;
        let mut row = 0;
        while row < keys.len() {
            let unit = keys.at(row);
            let end = (row..keys.len()).find(|at| keys.at(*at) != unit).unwrap_or(keys.len());
            let rows = (end - row) as u64;
            if self.know(unit).await? {
                ranges.put(unit, batch, row..end)?;
                written.rows += rows;
            } else {
                written.strangers += rows;
            }
            row = end;
        }
        ranges.end_of_batch(batch)
    }

    /// Whether `unit` is one of the units. It is asked in ascending order.
    async fn know(&mut self, unit: Key<'_>) -> Result<bool, PrepareError> {
        loop {
            if let Some(keys) = &self.keys {
                while self.position < keys.len() {
                    match keys.at(self.position).cmp(&unit) {
                        std::cmp::Ordering::Less => self.position += 1,
                        std::cmp::Ordering::Equal => return Ok(true),
                        std::cmp::Ordering::Greater => return Ok(false),
                    }
                }
            }
            let Some(batch) = self.stream.next().await else { return Ok(false) };
            let batch = batch.map_err(RunFault::from)?;
            self.keys = batch.columns().first().map(Keys::new).transpose()?;
            self.position = 0;
        }
    }
}
