//! The guest's half: typed views over a frame's bytes, without copying and without panics.

use crate::abi;
use crate::date::Date;

/// Reads `N` bytes at `at`; zeros beyond the end, which a frame of the host never asks for.
fn bytes<const N: usize>(frame: &[u8], at: usize) -> [u8; N] {
    at.checked_add(N)
        .and_then(|end| frame.get(at..end))
        .and_then(|slice| slice.try_into().ok())
        .unwrap_or([0; N])
}

fn offset(frame: &[u8], at: usize) -> usize {
    u32::from_le_bytes(bytes(frame, at)) as usize
}

/// One person's rows, table by table.
#[derive(Clone, Copy, Debug)]
pub struct PersonFrame<'a>(&'a [u8]);

impl<'a> PersonFrame<'a> {
    /// Takes the bytes of a frame; `None` if it does not start as one or its length differs.
    #[must_use]
    pub fn new(frame: &'a [u8]) -> Option<Self> {
        (frame.starts_with(&abi::PERSON_MAGIC) && offset(frame, 4) == frame.len())
            .then_some(Self(frame))
    }

    /// The table whose record lies `record` bytes into the frame.
    #[must_use]
    pub fn table(self, record: usize) -> TableView<'a> {
        TableView { frame: self.0, rows: offset(self.0, record), record }
    }
}

/// One table of a person's frame.
#[derive(Clone, Copy, Debug)]
pub struct TableView<'a> {
    frame: &'a [u8],
    record: usize,
    rows: usize,
}

impl<'a> TableView<'a> {
    /// The number of rows.
    #[must_use]
    pub const fn rows(self) -> usize {
        self.rows
    }

    fn column(self, index: usize) -> Raw<'a> {
        let at = self.record + abi::TABLE_RECORD_BYTES + index * abi::COLUMN_RECORD_BYTES;
        Raw {
            frame: self.frame,
            validity: offset(self.frame, at),
            values: offset(self.frame, at + 4),
            text: offset(self.frame, at + 8),
        }
    }

    /// The `int` column at `index` (or `datetime`: microseconds since 1970-01-01T00:00Z).
    #[must_use]
    pub fn int(self, index: usize) -> IntColumn<'a> {
        IntColumn(self.column(index))
    }

    /// The `float` column at `index`.
    #[must_use]
    pub fn float(self, index: usize) -> FloatColumn<'a> {
        FloatColumn(self.column(index))
    }

    /// The `bool` column at `index`.
    #[must_use]
    pub fn bool(self, index: usize) -> BoolColumn<'a> {
        BoolColumn(self.column(index))
    }

    /// The `date` column at `index`.
    #[must_use]
    pub fn date(self, index: usize) -> DateColumn<'a> {
        DateColumn(self.column(index))
    }

    /// The `category` column (index of the label, or their number for `other`) or `link` column
    /// (the person's ordinal of the id) at `index`.
    #[must_use]
    pub fn ordinal(self, index: usize) -> OrdinalColumn<'a> {
        OrdinalColumn(self.column(index))
    }

    /// The `text` column at `index`.
    #[must_use]
    pub fn text(self, index: usize) -> TextColumn<'a> {
        TextColumn(self.column(index))
    }
}

#[derive(Clone, Copy, Debug)]
struct Raw<'a> {
    frame: &'a [u8],
    validity: usize,
    values: usize,
    text: usize,
}

impl Raw<'_> {
    fn bit(self, start: usize, row: usize) -> bool {
        self.frame.get(start + row / 8).is_some_and(|byte| byte >> (row % 8) & 1 == 1)
    }

    fn is_null(self, row: usize) -> bool {
        self.validity != 0 && !self.bit(self.validity, row)
    }

    fn value<const N: usize>(self, row: usize) -> Option<[u8; N]> {
        (!self.is_null(row)).then(|| bytes(self.frame, self.values + row * N))
    }
}

/// An `int` or `datetime` column of one table.
#[derive(Clone, Copy, Debug)]
pub struct IntColumn<'a>(Raw<'a>);

impl IntColumn<'_> {
    /// The value in `row`; `None` where it is null.
    #[must_use]
    pub fn at(self, row: usize) -> Option<i64> {
        self.0.value(row).map(i64::from_le_bytes)
    }
}

/// A `float` column of one table.
#[derive(Clone, Copy, Debug)]
pub struct FloatColumn<'a>(Raw<'a>);

impl FloatColumn<'_> {
    /// The value in `row`; `None` where it is null.
    #[must_use]
    pub fn at(self, row: usize) -> Option<f64> {
        self.0.value(row).map(f64::from_le_bytes)
    }
}

/// A `bool` column of one table.
#[derive(Clone, Copy, Debug)]
pub struct BoolColumn<'a>(Raw<'a>);

impl BoolColumn<'_> {
    /// The value in `row`; `None` where it is null.
    #[must_use]
    pub fn at(self, row: usize) -> Option<bool> {
        (!self.0.is_null(row)).then(|| self.0.bit(self.0.values, row))
    }
}

/// A `date` column of one table.
#[derive(Clone, Copy, Debug)]
pub struct DateColumn<'a>(Raw<'a>);

impl DateColumn<'_> {
    /// The value in `row`; `None` where it is null.
    #[must_use]
    pub fn at(self, row: usize) -> Option<Date> {
        self.0.value(row).map(|bytes| Date::from_days(i32::from_le_bytes(bytes)))
    }
}

/// A `category` or `link` column of one table.
#[derive(Clone, Copy, Debug)]
pub struct OrdinalColumn<'a>(Raw<'a>);

impl OrdinalColumn<'_> {
    /// The value in `row`; `None` where it is null.
    #[must_use]
    pub fn at(self, row: usize) -> Option<u32> {
        self.0.value(row).map(u32::from_le_bytes)
    }
}

/// A `text` column of one table.
#[derive(Clone, Copy, Debug)]
pub struct TextColumn<'a>(Raw<'a>);

impl<'a> TextColumn<'a> {
    /// The value in `row`; `None` where it is null.
    #[must_use]
    pub fn at(self, row: usize) -> Option<&'a str> {
        let Raw { frame, values, text, .. } = self.0;
        let start = offset(frame, values + row * 4);
        let end = offset(frame, values + row * 4 + 4);
        if self.0.is_null(row) {
            return None;
        }
        core::str::from_utf8(frame.get(text + start..text + end)?).ok()
    }
}

/// The parameters and code sets of a job.
#[derive(Clone, Copy, Debug)]
pub struct InitFrame<'a>(&'a [u8]);

impl<'a> InitFrame<'a> {
    /// Takes the bytes of a frame; `None` if it does not start as one or its length differs.
    #[must_use]
    pub fn new(frame: &'a [u8]) -> Option<Self> {
        (frame.starts_with(&abi::INIT_MAGIC) && offset(frame, 4) == frame.len())
            .then_some(Self(frame))
    }

    /// The dataset's snapshot date: nothing in it is later.
    #[must_use]
    pub fn snapshot_date(self) -> Date {
        Date::from_days(i32::from_le_bytes(bytes(self.0, 8)))
    }

    const fn param(index: usize) -> usize {
        abi::INIT_HEADER_BYTES + index * abi::PARAM_RECORD_BYTES
    }

    /// The scalar parameter at `index`: an `int`, a `bool` as 0 or 1, a `date` in days since
    /// 1970-01-01, or the index of an `enum` label.
    #[must_use]
    pub fn int(self, index: usize) -> i64 {
        i64::from_le_bytes(bytes(self.0, Self::param(index)))
    }

    /// The `float` parameter at `index`.
    #[must_use]
    pub fn float(self, index: usize) -> f64 {
        f64::from_le_bytes(bytes(self.0, Self::param(index)))
    }

    /// The `floats` or `edges` parameter at `index`.
    pub fn floats(self, index: usize) -> impl ExactSizeIterator<Item = f64> + use<'a> {
        let (frame, start, count) = self.list(Self::param(index));
        (0..count).map(move |i| f64::from_le_bytes(bytes(frame, start + i * 8)))
    }

    /// The `concepts` parameter at `index`.
    pub fn concepts(self, index: usize) -> impl ExactSizeIterator<Item = i64> + use<'a> {
        let (frame, start, count) = self.list(Self::param(index));
        (0..count).map(move |i| i64::from_le_bytes(bytes(frame, start + i * 8)))
    }

    fn list(self, at: usize) -> (&'a [u8], usize, usize) {
        (self.0, offset(self.0, at), offset(self.0, at + 4))
    }

    /// The code set at `index` of a study with `params` parameters.
    #[must_use]
    pub fn codes(self, params: usize, index: usize) -> CodeView<'a> {
        let record = Self::param(params) + index * abi::CODES_RECORD_BYTES;
        CodeView { frame: self.0, record }
    }
}

/// One resolved code set: concept ids, or text codes and prefixes.
#[derive(Clone, Copy, Debug)]
pub struct CodeView<'a> {
    frame: &'a [u8],
    record: usize,
}

impl<'a> CodeView<'a> {
    fn list(self, number: usize) -> (usize, usize) {
        (
            offset(self.frame, self.record + number * 8),
            offset(self.frame, self.record + number * 8 + 4),
        )
    }

    /// The number of concept ids in the set.
    #[must_use]
    pub fn len(self) -> usize {
        self.list(0).1
    }

    /// Whether the set holds nothing.
    #[must_use]
    pub fn is_empty(self) -> bool {
        (0..4).all(|number| self.list(number).1 == 0)
    }

    /// Whether the set of concepts holds `concept`.
    #[must_use]
    pub fn contains(self, concept: i64) -> bool {
        let (start, count) = self.list(0);
        search(count, |i| i64::from_le_bytes(bytes(self.frame, start + i * 8)).cmp(&concept))
    }

    /// Whether the set of text codes holds `code`: listed or under a listed prefix, and neither
    /// excluded nor under an excluded prefix.
    #[must_use]
    pub fn contains_text(self, code: &str) -> bool {
        let code = code.as_bytes();
        let listed = self.text_at(0, |entry| entry == code);
        (listed || self.text_at(1, |prefix| code.starts_with(prefix)))
            && !self.text_at(2, |entry| entry == code)
            && !self.text_at(3, |prefix| code.starts_with(prefix))
    }

    fn text_at(self, number: usize, mut hit: impl FnMut(&'a [u8]) -> bool) -> bool {
        let (start, count) = self.list(number);
        (0..count).any(|i| {
            let from = offset(self.frame, start + i * 4);
            let to = offset(self.frame, start + i * 4 + 4);
            self.frame.get(from..to).is_some_and(&mut hit)
        })
    }
}

fn search(count: usize, mut compare: impl FnMut(usize) -> core::cmp::Ordering) -> bool {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        match compare(middle) {
            core::cmp::Ordering::Less => low = middle + 1,
            core::cmp::Ordering::Equal => return true,
            core::cmp::Ordering::Greater => high = middle,
        }
    }
    false
}
