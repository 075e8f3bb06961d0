//! Rule: a person's rows stand in one order, whatever order the site's files have.
//!
//! Rows sort by the study's `order_by`, then by every declared column in the study file's order,
//! ascending, nulls first; floats in IEEE 754 total order, text by its bytes. Rows that are equal
//! in all of these are equal for the guest, so no tie is left. Answers the attacks order-leak
//! and "physical order as a row id".

use core::cmp::Ordering;

use super::write::{ColumnSlice, Values};

/// Compares rows `a` and `b` of one table by `columns`, `first` before the others.
pub(super) fn compare(
    columns: &[ColumnSlice<'_>],
    first: Option<usize>,
    a: usize,
    b: usize,
) -> Ordering {
    first
        .and_then(|index| columns.get(index))
        .into_iter()
        .chain(columns)
        .map(|column| column.compare(a, b))
        .find(|ordering| ordering.is_ne())
        .unwrap_or(Ordering::Equal)
}

impl ColumnSlice<'_> {
    fn compare(&self, a: usize, b: usize) -> Ordering {
        match (self.is_null(a), self.is_null(b)) {
            (true, true) => return Ordering::Equal,
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            (false, false) => {}
        }
        match self.values {
            Values::Int(values) | Values::DateTime(values) => values.get(a).cmp(&values.get(b)),
            Values::Date(values) | Values::Ordinal(values) => values.get(a).cmp(&values.get(b)),
            Values::Float(values) => {
                let at = |row| values.get(row).copied().unwrap_or_default();
                f64::total_cmp(&at(a), &at(b))
            }
            Values::Bool(bits) => bits.at(a).cmp(&bits.at(b)),
            Values::Text { .. } => self.text(a).cmp(self.text(b)),
        }
    }
}
