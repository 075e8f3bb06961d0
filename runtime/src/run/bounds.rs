//! The range of unit keys that an input promises for a partition, and whether it keeps it.
//!
//! Prepared files declare their cuts, and the engine believes them: swapped files would pair one
//! person's rows with nobody's. So every batch is held to its range as it is read.

use datafusion::common::{ScalarValue, SplitPoint};
use datafusion::physical_expr::Partitioning;

use super::RunFault;
use super::bundle::{Key, Keys};
use crate::dataset::Cut;

/// Keys from `low` on, and before `high`.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    low: Option<Cut>,
    high: Option<Cut>,
}

impl Bounds {
    /// What an input of this partitioning promises; nothing, unless it is cut into ranges.
    pub(super) fn of(partitioning: &Partitioning, partition: usize) -> Self {
        let Partitioning::Range(ranges) = partitioning else { return Self::default() };
        let point = |at: usize| ranges.split_points().get(at).and_then(cut);
        Self { low: partition.checked_sub(1).and_then(point), high: point(partition) }
    }

    /// Whether `keys`, which ascend, lie in the range.
    pub(super) fn hold(&self, keys: &Keys) -> Result<(), RunFault> {
        let Some(last) = keys.len().checked_sub(1) else { return Ok(()) };
        let (first, last) = (keys.at(0), keys.at(last));
        let below = self.low.as_ref().is_some_and(|low| first < Key::from(low));
        let above = self.high.as_ref().is_some_and(|high| last >= Key::from(high));
        if below || above { Err(RunFault::OutOfRange) } else { Ok(()) }
    }
}

fn cut(point: &SplitPoint) -> Option<Cut> {
    match point.values().first() {
        Some(ScalarValue::Int64(Some(key))) => Some(Cut::Int(*key)),
        Some(ScalarValue::Utf8(Some(key))) => Some(Cut::Text(key.clone())),
        _ => None,
    }
}
