//! Rule: an id that links rows becomes an ordinal of the person's own.
//!
//! Statement: within one person, equal ids in columns of one name get equal ordinals, in whatever
//! table; ordinals count from zero in the ids' order as text, and start anew with every person.
//! So "diagnosis during an inpatient stay" can be said, and no identifier is in a frame. Worked
//! example: the visits 9001 and 77 of one person become 1 and 0 ("77" comes before "9001" as
//! text); the next person's first visit is 0 again.

use std::collections::BTreeMap;

use cloister_contract::frame::{ColumnSlice, Values};
use cloister_contract::study::{ColumnType, Table};
use datafusion::arrow::array::{Array, ArrayRef, AsArray};

/// One person's ordinals, by the name of the column and by id.
#[derive(Debug, Default)]
pub(super) struct Links<'a>(BTreeMap<&'a str, BTreeMap<&'a str, i32>>);

impl<'a> Links<'a> {
    /// Learns the ids of one table's rows, which are all the person's.
    pub(super) fn learn(&mut self, table: &'a Table, columns: &'a [ArrayRef]) {
        for (name, ids) in links(table, columns) {
            let known = self.0.entry(name).or_default();
            known.extend(ids.as_string::<i32>().iter().flatten().map(|id| (id, 0)));
        }
    }

    /// Gives every id its ordinal.
    pub(super) fn number(&mut self) {
        for ids in self.0.values_mut() {
            for (ordinal, (_, slot)) in (0_i32..).zip(ids.iter_mut()) {
                *slot = ordinal;
            }
        }
    }

    /// The ordinals of each link column of one table, in the columns' order.
    pub(super) fn ordinals(&self, table: &Table, columns: &[ArrayRef]) -> Vec<Vec<i32>> {
        let of = |(name, ids): (&str, &ArrayRef)| {
            let known = self.0.get(name);
            let ordinal = |id: &str| known.and_then(|known| known.get(id)).copied();
            let ids = ids.as_string::<i32>().iter();
            ids.map(|id| id.and_then(ordinal).unwrap_or_default()).collect()
        };
        links(table, columns).map(of).collect()
    }
}

/// The slices of one table's columns, with ordinals in place of ids.
pub(super) fn replace<'a>(
    table: &Table,
    slices: Vec<ColumnSlice<'a>>,
    ordinals: &'a [Vec<i32>],
) -> Vec<ColumnSlice<'a>> {
    let mut ordinals = ordinals.iter();
    let columns = table.columns.iter().zip(slices);
    let replaced = columns.map(|(column, slice)| match column.kind {
        ColumnType::Link => {
            let values = ordinals.next().map_or(&[][..], Vec::as_slice);
            ColumnSlice { values: Values::Ordinal(values), ..slice }
        }
        _ => slice,
    });
    replaced.collect()
}

/// Whether a table has link columns at all.
pub(super) fn has_links(table: &Table) -> bool {
    table.columns.iter().any(|column| column.kind == ColumnType::Link)
}

fn links<'a>(
    table: &'a Table,
    columns: &'a [ArrayRef],
) -> impl Iterator<Item = (&'a str, &'a ArrayRef)> {
    let named = table.columns.iter().zip(columns);
    let links =
        named.filter(|(column, array)| column.kind == ColumnType::Link && !array.is_empty());
    links.map(|(column, array)| (column.name.as_str(), array))
}
