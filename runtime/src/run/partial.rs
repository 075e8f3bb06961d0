//! Partial cells as a batch of the query engine, and back: one row per cell, and one for the
//! persons who contributed to any.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, AsArray, Decimal128Array, FixedSizeBinaryArray, RecordBatch, UInt64Array,
};
use datafusion::arrow::datatypes::{
    DataType, Decimal128Type, Field, Schema, SchemaRef, UInt64Type,
};

use super::RunFault;
use super::cells::Cell;

const COUNTS: [&str; 6] = ["persons", "nonzero", "at_low", "at_high", "largest", "second"];

pub(super) fn schema() -> SchemaRef {
    let counts = COUNTS.map(|name| Field::new(name, DataType::UInt64, false));
    let sums = ["sum", "squares"].map(|name| Field::new(name, DataType::Decimal128(38, 0), false));
    let digest = Field::new("digest", DataType::FixedSizeBinary(16), false);
    Arc::new(Schema::new(counts.into_iter().chain(sums).chain([digest]).collect::<Vec<_>>()))
}

/// The batch of one partition: its cells in order, then a row whose `persons` are all who
/// contributed.
pub(super) fn encode(cells: &[Cell], population: u64) -> Result<RecordBatch, RunFault> {
    let last = Cell { persons: population, ..Cell::default() };
    let rows = || cells.iter().chain([&last]);
    let count = |value: fn(&Cell) -> u64| -> ArrayRef {
        Arc::new(rows().map(value).collect::<UInt64Array>())
    };
    let sum = |value: fn(&Cell) -> i128| -> Result<ArrayRef, RunFault> {
        let array: Decimal128Array = rows().map(value).map(Some).collect();
        let array = array.with_precision_and_scale(38, 0);
        Ok(Arc::new(array.map_err(|_| RunFault::Engine("a sum has more than 38 digits"))?))
    };
    let digests = rows().map(|cell| cell.digest.to_le_bytes());
    let digests = FixedSizeBinaryArray::try_from_iter(digests)
        .map_err(|_| RunFault::Engine("digests cannot be written"))?;
    let columns = vec![
        count(|cell| cell.persons),
        count(|cell| cell.nonzero),
        count(|cell| cell.at_low),
        count(|cell| cell.at_high),
        count(|cell| cell.largest[0]),
        count(|cell| cell.largest[1]),
        sum(|cell| cell.sum)?,
        sum(|cell| cell.squares)?,
        Arc::new(digests),
    ];
    RecordBatch::try_new(schema(), columns)
        .map_err(|_| RunFault::Engine("partial cells cannot be written"))
}

/// Adds the partition in `batch` to `cells`; gives the persons who contributed there.
pub(super) fn merge(batch: &RecordBatch, cells: &mut [Cell]) -> Result<u64, RunFault> {
    let rows = batch.num_rows();
    if rows != cells.len() + 1 || batch.schema() != schema() {
        return Err(RunFault::Engine("a partition has another number of cells"));
    }
    let count = |column: usize, row: usize| {
        batch.column(column).as_primitive::<UInt64Type>().values().get(row).copied()
    };
    let sum = |column: usize, row: usize| {
        batch.column(column).as_primitive::<Decimal128Type>().values().get(row).copied()
    };
    let digests = batch.column(8).as_fixed_size_binary();
    for (row, cell) in cells.iter_mut().enumerate() {
        let digest = digests.value(row).try_into().map(u128::from_le_bytes);
        cell.merge(&Cell {
            persons: count(0, row).unwrap_or_default(),
            nonzero: count(1, row).unwrap_or_default(),
            at_low: count(2, row).unwrap_or_default(),
            at_high: count(3, row).unwrap_or_default(),
            largest: [count(4, row).unwrap_or_default(), count(5, row).unwrap_or_default()],
            sum: sum(6, row).unwrap_or_default(),
            squares: sum(7, row).unwrap_or_default(),
            digest: digest.unwrap_or_default(),
        });
    }
    Ok(count(0, cells.len()).unwrap_or_default())
}
