//! One person's rows: an iterator over a table that reads each row as the study's own type.

use core::iter::FusedIterator;
use core::marker::PhantomData;

use cloister_contract::date::Date;
use cloister_contract::frame::TableView;

use crate::cells::{Label, label_at};
use crate::values::{DateTime, Link};

/// The rows of one table in canonical order: by `order_by`, then by every declared column as it
/// stands in the study file, nulls first.
#[derive(Debug)]
pub struct Rows<'a, R> {
    table: TableView<'a>,
    next: usize,
    end: usize,
    row: PhantomData<fn() -> R>,
}

impl<'a, R> Rows<'a, R> {
    #[doc(hidden)]
    #[must_use]
    pub fn new(table: TableView<'a>) -> Self {
        Self { table, next: 0, end: table.rows(), row: PhantomData }
    }
}

impl<R> Clone for Rows<'_, R> {
    fn clone(&self) -> Self {
        Self { row: PhantomData, ..*self }
    }
}

impl<'a, R: Row<'a>> Iterator for Rows<'a, R> {
    type Item = R;

    fn next(&mut self) -> Option<R> {
        if self.next >= self.end {
            return None;
        }
        self.next += 1;
        Some(R::read(self.table, self.next - 1))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.end - self.next;
        (left, Some(left))
    }

    fn nth(&mut self, n: usize) -> Option<R> {
        self.next = self.next.saturating_add(n).min(self.end);
        self.next()
    }

    fn count(self) -> usize {
        self.len()
    }

    fn last(mut self) -> Option<R> {
        self.next_back()
    }
}

impl<'a, R: Row<'a>> DoubleEndedIterator for Rows<'a, R> {
    fn next_back(&mut self) -> Option<R> {
        if self.next >= self.end {
            return None;
        }
        self.end -= 1;
        Some(R::read(self.table, self.end))
    }
}

impl<'a, R: Row<'a>> ExactSizeIterator for Rows<'a, R> {}
impl<'a, R: Row<'a>> FusedIterator for Rows<'a, R> {}

/// A row type, as `study!` makes one for each table.
pub trait Row<'a>: Copy {
    /// Reads the row at position `row`.
    #[doc(hidden)]
    fn read(table: TableView<'a>, row: usize) -> Self;

    /// The row's values in the study file's order.
    #[doc(hidden)]
    fn fields(self) -> Vec<Field>;
}

/// A value of a test's row; `None` is null.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq)]
pub enum Field {
    Int(Option<i64>),
    Float(Option<f64>),
    Bool(Option<bool>),
    Date(Option<Date>),
    DateTime(Option<DateTime>),
    Ordinal(Option<u32>),
    Text(Option<String>),
}

/// The type of a column's values.
#[doc(hidden)]
pub trait Column<'a>: Sized {
    /// The value at position `row` of the table's column at position `column`.
    fn read(table: TableView<'a>, column: usize, row: usize) -> Option<Self>;

    /// The value, or null, as a test's row holds it.
    fn field(value: Option<Self>) -> Field;
}

impl Column<'_> for i64 {
    fn read(table: TableView<'_>, column: usize, row: usize) -> Option<Self> {
        table.int(column).at(row)
    }

    fn field(value: Option<Self>) -> Field {
        Field::Int(value)
    }
}

impl Column<'_> for f64 {
    fn read(table: TableView<'_>, column: usize, row: usize) -> Option<Self> {
        table.float(column).at(row)
    }

    fn field(value: Option<Self>) -> Field {
        Field::Float(value)
    }
}

impl Column<'_> for bool {
    fn read(table: TableView<'_>, column: usize, row: usize) -> Option<Self> {
        table.bool(column).at(row)
    }

    fn field(value: Option<Self>) -> Field {
        Field::Bool(value)
    }
}

impl Column<'_> for Date {
    fn read(table: TableView<'_>, column: usize, row: usize) -> Option<Self> {
        table.date(column).at(row)
    }

    fn field(value: Option<Self>) -> Field {
        Field::Date(value)
    }
}

impl Column<'_> for DateTime {
    fn read(table: TableView<'_>, column: usize, row: usize) -> Option<Self> {
        table.int(column).at(row).map(Self::from_micros)
    }

    fn field(value: Option<Self>) -> Field {
        Field::DateTime(value)
    }
}

impl Column<'_> for Link {
    fn read(table: TableView<'_>, column: usize, row: usize) -> Option<Self> {
        table.ordinal(column).at(row).map(Self::new)
    }

    fn field(value: Option<Self>) -> Field {
        Field::Ordinal(value.map(Self::ordinal))
    }
}

impl<'a> Column<'a> for &'a str {
    fn read(table: TableView<'a>, column: usize, row: usize) -> Option<Self> {
        table.text(column).at(row)
    }

    fn field(value: Option<Self>) -> Field {
        Field::Text(value.map(str::to_owned))
    }
}

impl<L: Label> Column<'_> for L {
    fn read(table: TableView<'_>, column: usize, row: usize) -> Option<Self> {
        table.ordinal(column).at(row).and_then(label_at)
    }

    fn field(value: Option<Self>) -> Field {
        Field::Ordinal(value.map(Self::index))
    }
}
