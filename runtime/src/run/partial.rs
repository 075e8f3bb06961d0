//! Partial cells as a batch of the query engine, and back: one row that holds their bytes.

use std::sync::Arc;

use cloister_contract::cells::Layout;
use cloister_contract::partial::{NotCells, PartialCells};
use cloister_contract::study::Study;
use datafusion::arrow::array::{AsArray, BinaryArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::RunFault;
#[cfg(feature = "faults")]
use crate::faults::{Mechanism, off};

pub(super) fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("cells", DataType::Binary, false)]))
}

/// The batch of one partition.
pub(super) fn encode(cells: &PartialCells) -> Result<RecordBatch, RunFault> {
    let bytes = BinaryArray::from_vec(vec![&cells.encode()]);
    RecordBatch::try_new(schema(), vec![Arc::new(bytes)])
        .map_err(|_| RunFault::Engine("partial cells cannot be written"))
}

/// Adds the partitions in `batch` to `cells`.
pub(super) fn merge(
    batch: &RecordBatch,
    study: &Study,
    layout: &Layout,
    cells: &mut PartialCells,
) -> Result<(), RunFault> {
    if batch.schema() != schema() {
        return Err(RunFault::Engine("the engine gives something else than partial cells"));
    }
    for bytes in batch.column(0).as_binary::<i32>().iter().flatten() {
        cells.merge(&decode(bytes, study, layout)?);
    }
    Ok(())
}

/// The cells in `bytes`, if persons could have made them.
pub(crate) fn decode(
    bytes: &[u8],
    study: &Study,
    layout: &Layout,
) -> Result<PartialCells, NotCells> {
    #[cfg(feature = "faults")]
    if off(Mechanism::SoundCells) {
        return PartialCells::decode_unsound(bytes, layout);
    }
    PartialCells::decode(bytes, study, layout)
}
