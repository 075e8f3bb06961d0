//! The host's half: sorts one person's rows, cuts them to `rows_max`, and writes the frame.

use core::ops::Range;

use super::order;
use crate::abi;
use crate::study::{ColumnType, Keep, Study, Table};

/// A bitmap, least significant bit first, whose first bit lies `offset` bits into `bytes`.
#[derive(Clone, Copy, Debug)]
pub struct Bits<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Bits<'a> {
    /// A bitmap over `bytes`, starting `offset` bits in.
    #[must_use]
    pub const fn new(bytes: &'a [u8], offset: usize) -> Self {
        Self { bytes, offset }
    }

    /// The bit at `index`; unset beyond the end.
    #[must_use]
    pub fn at(self, index: usize) -> bool {
        let at = self.offset + index;
        self.bytes.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1)
    }
}

/// The values of one column, in Arrow's layout; what lies in the slot of a null is never read.
#[derive(Clone, Copy, Debug)]
pub enum Values<'a> {
    /// `int`.
    Int(&'a [i64]),
    /// `float`.
    Float(&'a [f64]),
    /// `bool`.
    Bool(Bits<'a>),
    /// `date`: days since 1970-01-01.
    Date(&'a [i32]),
    /// `datetime`: microseconds since 1970-01-01T00:00Z.
    DateTime(&'a [i64]),
    /// `category`: index of the label, or their number for `other`. `link`: the person's ordinal.
    Ordinal(&'a [i32]),
    /// `text`: row `i` is `bytes[offsets[i]..offsets[i + 1]]`.
    Text {
        /// Rows + 1 offsets into `bytes`.
        offsets: &'a [i32],
        /// UTF-8.
        bytes: &'a [u8],
    },
}

/// One column of one table: values and, where some are null, their validity.
#[derive(Clone, Copy, Debug)]
pub struct ColumnSlice<'a> {
    /// The values.
    pub values: Values<'a>,
    /// A set bit where the value is not null; `None` if no value is null.
    pub validity: Option<Bits<'a>>,
}

impl<'a> ColumnSlice<'a> {
    pub(super) fn is_null(&self, row: usize) -> bool {
        self.validity.is_some_and(|bits| !bits.at(row))
    }

    pub(super) fn text(&self, row: usize) -> &'a [u8] {
        let Values::Text { offsets, bytes } = self.values else {
            return &[];
        };
        let at = |i: usize| offsets.get(i).and_then(|offset| usize::try_from(*offset).ok());
        at(row).zip(at(row + 1)).and_then(|(from, to)| bytes.get(from..to)).unwrap_or_default()
    }
}

/// The rows of one person in one table: all its columns in the study file's order, and the range
/// of rows that are the person's.
#[derive(Clone, Debug)]
pub struct TableRows<'a> {
    /// One slice per declared column.
    pub columns: &'a [ColumnSlice<'a>],
    /// The person's rows.
    pub range: Range<usize>,
}

/// A person's `text` value is longer than the study's `bytes_max`, or the frame than declared.
///
/// It cannot happen for rows that passed the host's strict cast; a caller treats it as a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the rows of one person do not fit the frame that the study declares")]
pub struct TooLong;

/// Writes frames of one study, reusing its buffers from person to person.
#[derive(Debug)]
pub struct FrameWriter<'s> {
    study: &'s Study,
    bytes_max: usize,
    frame: Vec<u8>,
    rows: Vec<usize>,
}

impl<'s> FrameWriter<'s> {
    /// A writer for `study`.
    #[must_use]
    pub fn new(study: &'s Study) -> Self {
        let bytes_max = person_frame_bytes_max(study);
        Self { study, bytes_max, frame: Vec::new(), rows: Vec::new() }
    }

    /// Writes the frame of one person. `tables` has one entry per declared table, in the study
    /// file's order; `None` is a table that the site does not have.
    ///
    /// # Errors
    /// [`TooLong`] if the rows do not fit the largest frame that the study declares.
    pub fn write(&mut self, tables: &[Option<TableRows<'_>>]) -> Result<&[u8], TooLong> {
        self.frame.clear();
        self.frame.extend_from_slice(&abi::PERSON_MAGIC);
        let columns = self.study.tables.iter().map(|table| table.columns.len());
        let records: usize =
            columns.map(|count| abi::TABLE_RECORD_BYTES + count * abi::COLUMN_RECORD_BYTES).sum();
        self.frame.resize(abi::PERSON_HEADER_BYTES + records, 0);
        let mut record = abi::PERSON_HEADER_BYTES;
        for (index, table) in self.study.tables.iter().enumerate() {
            if let Some(rows) = tables.get(index).and_then(Option::as_ref) {
                self.table(table, rows, record)?;
            }
            record += abi::TABLE_RECORD_BYTES + table.columns.len() * abi::COLUMN_RECORD_BYTES;
        }
        let len = self.frame.len();
        if len > self.bytes_max {
            return Err(TooLong);
        }
        self.put_u32(4, len)?;
        Ok(&self.frame)
    }

    fn table(&mut self, table: &Table, rows: &TableRows<'_>, record: usize) -> Result<(), TooLong> {
        self.sort_and_cut(table, rows);
        self.put_u32(record, self.rows.len())?;
        for (index, (column, slice)) in table.columns.iter().zip(rows.columns).enumerate() {
            let at = record + abi::TABLE_RECORD_BYTES + index * abi::COLUMN_RECORD_BYTES;
            if self.rows.iter().any(|row| slice.is_null(*row)) {
                let start = self.frame.len();
                self.put_u32(at, start)?;
                self.push_bits(|row| !slice.is_null(row));
            }
            let start = self.frame.len();
            self.put_u32(at + 4, start)?;
            if let ColumnType::Text { bytes_max } = column.kind {
                self.push_text(slice, at, bytes_max as usize)?;
            } else {
                self.push_values(slice);
            }
        }
        Ok(())
    }

    /// Fills `self.rows` with the person's rows in canonical order, at most `rows_max` of them.
    fn sort_and_cut(&mut self, table: &Table, rows: &TableRows<'_>) {
        self.rows.clear();
        self.rows.extend(rows.range.clone());
        self.rows.sort_by(|a, b| order::compare(rows.columns, table.order_by, *a, *b));
        let over = self.rows.len().saturating_sub(table.rows_max as usize);
        match table.keep {
            Keep::First => self.rows.truncate(table.rows_max as usize),
            Keep::Last => drop(self.rows.drain(..over)),
        }
    }

    fn push_values(&mut self, slice: &ColumnSlice<'_>) {
        let Self { frame, rows, .. } = self;
        // The slot of a null is zero: what the file held there is nobody's business.
        let kept = rows.iter().map(|row| (!slice.is_null(*row)).then_some(*row));
        match slice.values {
            Values::Int(values) | Values::DateTime(values) => {
                push(frame, kept, |row| values.get(row).copied().unwrap_or_default().to_le_bytes());
            }
            Values::Float(values) => {
                push(frame, kept, |row| values.get(row).copied().unwrap_or_default().to_le_bytes());
            }
            Values::Date(values) | Values::Ordinal(values) => {
                push(frame, kept, |row| values.get(row).copied().unwrap_or_default().to_le_bytes());
            }
            Values::Bool(bits) => self.push_bits(|row| !slice.is_null(row) && bits.at(row)),
            Values::Text { .. } => {}
        }
        self.align();
    }

    fn push_text(
        &mut self,
        slice: &ColumnSlice<'_>,
        record: usize,
        bytes_max: usize,
    ) -> Result<(), TooLong> {
        let texts = self.rows.iter();
        let texts: Vec<&[u8]> =
            texts.map(|row| if slice.is_null(*row) { &[][..] } else { slice.text(*row) }).collect();
        if texts.iter().any(|text| text.len() > bytes_max) {
            return Err(TooLong);
        }
        let mut end = 0_usize;
        self.frame.extend_from_slice(&[0; 4]);
        for text in &texts {
            end += text.len();
            self.frame.extend_from_slice(&u32::try_from(end).map_err(|_| TooLong)?.to_le_bytes());
        }
        self.align();
        let start = self.frame.len();
        self.put_u32(record + 8, start)?;
        self.put_u32(record + 12, end)?;
        for text in texts {
            self.frame.extend_from_slice(text);
        }
        self.align();
        Ok(())
    }

    fn push_bits(&mut self, bit: impl Fn(usize) -> bool) {
        let Self { frame, rows, .. } = self;
        for rows in rows.chunks(8) {
            let set = |byte: u8, (at, row): (usize, &usize)| byte | u8::from(bit(*row)) << at;
            frame.push(rows.iter().enumerate().fold(0, set));
        }
        self.align();
    }

    fn align(&mut self) {
        self.frame.resize(self.frame.len().next_multiple_of(8), 0);
    }

    fn put_u32(&mut self, at: usize, value: usize) -> Result<(), TooLong> {
        let value = u32::try_from(value).map_err(|_| TooLong)?;
        let slot = self.frame.get_mut(at..at + 4).ok_or(TooLong)?;
        slot.copy_from_slice(&value.to_le_bytes());
        Ok(())
    }
}

fn push<const N: usize>(
    frame: &mut Vec<u8>,
    rows: impl Iterator<Item = Option<usize>>,
    value: impl Fn(usize) -> [u8; N],
) {
    for row in rows {
        frame.extend_from_slice(&row.map_or([0; N], &value));
    }
}

/// The most bytes that one person's frame can have in `study`.
#[must_use]
pub fn person_frame_bytes_max(study: &Study) -> usize {
    let table = |table: &Table| {
        let rows = table.rows_max as usize;
        let column = |kind: &ColumnType| {
            let values = match kind {
                ColumnType::Int | ColumnType::Float | ColumnType::DateTime => rows * 8,
                ColumnType::Date | ColumnType::Category { .. } | ColumnType::Link => rows * 4,
                ColumnType::Bool => rows.div_ceil(8),
                ColumnType::Text { bytes_max } => {
                    ((rows + 1) * 4).next_multiple_of(8) + rows * *bytes_max as usize
                }
            };
            abi::COLUMN_RECORD_BYTES
                + rows.div_ceil(8).next_multiple_of(8)
                + values.next_multiple_of(8)
        };
        let columns = table.columns.iter().map(|c| column(&c.kind));
        abi::TABLE_RECORD_BYTES + columns.sum::<usize>()
    };
    abi::PERSON_HEADER_BYTES + study.tables.iter().map(table).sum::<usize>()
}
