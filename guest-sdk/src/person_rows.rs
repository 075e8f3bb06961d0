//! A test's rows as the columns that the host's frame encoder takes.

use cloister_contract::date::Date;
use cloister_contract::frame::{Bits, CodeView, ColumnSlice, TableRows, Values};
use cloister_contract::study::{Column, ColumnType, Table};

use crate::rows::{Field, Row};
use crate::trial::wrong;
use crate::values::DateTime;

/// The rows of one person, by table, in the order in which a test adds them.
#[derive(Clone, Debug, Default)]
pub struct PersonRows(Vec<Vec<Vec<Field>>>);

impl PersonRows {
    /// Adds a row to the table at position `table`.
    pub fn add<'r>(&mut self, table: usize, row: impl Row<'r>) {
        if self.0.len() <= table {
            self.0.resize(table + 1, Vec::new());
        }
        if let Some(rows) = self.0.get_mut(table) {
            rows.push(row.fields());
        }
    }

    pub(crate) fn table(&self, table: usize) -> &[Vec<Field>] {
        self.0.get(table).map_or(&[], Vec::as_slice)
    }
}

/// The columns of one table in Arrow's layout.
pub(crate) struct TableColumns {
    columns: Vec<ColumnRows>,
    rows: usize,
}

impl TableColumns {
    /// The columns of those `rows` that pass the filters on declared columns.
    pub(crate) fn new<'f>(
        table: &Table,
        rows: &[Vec<Field>],
        codes: impl Fn(usize) -> CodeView<'f>,
    ) -> Self {
        let kept: Vec<_> = rows.iter().filter(|row| passes(table, row, &codes)).collect();
        let column = |(at, column): (usize, &Column)| {
            ColumnRows::new(&column.kind, kept.iter().filter_map(|row| row.get(at)))
        };
        Self { columns: table.columns.iter().enumerate().map(column).collect(), rows: kept.len() }
    }

    pub(crate) fn slices(&self) -> Vec<ColumnSlice<'_>> {
        self.columns.iter().map(ColumnRows::slice).collect()
    }

    pub(crate) const fn rows<'a>(&self, columns: &'a [ColumnSlice<'a>]) -> TableRows<'a> {
        TableRows { columns, range: 0..self.rows }
    }
}

/// Whether `row` passes every filter on a column that the study declares. Rows carry no other
/// columns, and of a category's `Other` no text: there a test adds only rows that pass.
fn passes<'f>(table: &Table, row: &[Field], codes: impl Fn(usize) -> CodeView<'f>) -> bool {
    table.filters.iter().all(|filter| {
        let at = table.columns.iter().position(|column| column.name == filter.column);
        let Some((column, field)) = at.and_then(|at| table.columns.get(at).zip(row.get(at))) else {
            return true;
        };
        filter.sets.iter().any(|set| holds(codes(*set), column, field))
    })
}

fn holds(set: CodeView<'_>, column: &Column, field: &Field) -> bool {
    match (field, &column.kind) {
        (Field::Int(Some(concept)), _) => set.contains(*concept),
        (Field::Text(Some(code)), _) => set.contains_text(code),
        (Field::Ordinal(Some(label)), ColumnType::Category { labels }) => {
            labels.get(*label as usize).is_none_or(|label| set.contains_text(label))
        }
        _ => false,
    }
}

/// One column: values, and which of them are not null.
struct ColumnRows {
    values: Buffer,
    valid: Bitmap,
}

enum Buffer {
    Int(Vec<i64>),
    Float(Vec<f64>),
    Bool(Bitmap),
    Date(Vec<i32>),
    DateTime(Vec<i64>),
    Ordinal(Vec<i32>),
    Text { offsets: Vec<i32>, bytes: Vec<u8> },
}

impl ColumnRows {
    fn new<'f>(kind: &ColumnType, fields: impl Iterator<Item = &'f Field>) -> Self {
        let values = match kind {
            ColumnType::Int => Buffer::Int(Vec::new()),
            ColumnType::Float => Buffer::Float(Vec::new()),
            ColumnType::Bool => Buffer::Bool(Bitmap::default()),
            ColumnType::Date => Buffer::Date(Vec::new()),
            ColumnType::DateTime => Buffer::DateTime(Vec::new()),
            ColumnType::Category { .. } | ColumnType::Link => Buffer::Ordinal(Vec::new()),
            ColumnType::Text { .. } => Buffer::Text { offsets: vec![0], bytes: Vec::new() },
        };
        let mut column = Self { values, valid: Bitmap::default() };
        for field in fields {
            let valid = column.values.push(field);
            column.valid.push(valid);
        }
        column
    }

    fn slice(&self) -> ColumnSlice<'_> {
        let values = match &self.values {
            Buffer::Int(values) => Values::Int(values),
            Buffer::Float(values) => Values::Float(values),
            Buffer::Bool(bits) => Values::Bool(bits.bits()),
            Buffer::Date(values) => Values::Date(values),
            Buffer::DateTime(values) => Values::DateTime(values),
            Buffer::Ordinal(values) => Values::Ordinal(values),
            Buffer::Text { offsets, bytes } => Values::Text { offsets, bytes },
        };
        ColumnSlice { values, validity: Some(self.valid.bits()) }
    }
}

impl Buffer {
    /// Adds a value; whether it is not null.
    fn push(&mut self, field: &Field) -> bool {
        match (self, field) {
            (Self::Int(values), Field::Int(value)) => put(values, *value),
            (Self::Float(values), Field::Float(value)) => put(values, *value),
            (Self::Date(values), Field::Date(value)) => put(values, value.map(Date::days)),
            (Self::DateTime(values), Field::DateTime(value)) => {
                put(values, value.map(DateTime::micros))
            }
            (Self::Ordinal(values), Field::Ordinal(value)) => {
                put(values, value.map(u32::cast_signed))
            }
            (Self::Bool(bits), Field::Bool(value)) => {
                bits.push(value.unwrap_or_default());
                value.is_some()
            }
            (Self::Text { offsets, bytes }, Field::Text(value)) => {
                bytes.extend(value.iter().flat_map(|text| text.bytes()));
                offsets.push(i32::try_from(bytes.len()).unwrap_or_else(|error| wrong(error)));
                value.is_some()
            }
            _ => wrong("the row is not of its table's type"),
        }
    }
}

fn put<T: Default>(values: &mut Vec<T>, value: Option<T>) -> bool {
    let valid = value.is_some();
    values.push(value.unwrap_or_default());
    valid
}

#[derive(Default)]
struct Bitmap {
    bytes: Vec<u8>,
    len: usize,
}

impl Bitmap {
    fn push(&mut self, bit: bool) {
        if self.len.is_multiple_of(8) {
            self.bytes.push(0);
        }
        if let Some(byte) = self.bytes.last_mut() {
            *byte |= u8::from(bit) << (self.len % 8);
        }
        self.len += 1;
    }

    fn bits(&self) -> Bits<'_> {
        Bits::new(&self.bytes, 0)
    }
}
