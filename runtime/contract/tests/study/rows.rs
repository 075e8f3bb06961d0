//! Random rows of one person in a table of any columns, and what a frame of them should hold,
//! worked out naively: sort whole rows, cut, and read.

use cloister_contract::frame::{Bits, ColumnSlice, TableView, Values};
use cloister_contract::study::Study;
use proptest::prelude::*;

/// One value; its order is the canonical one, nulls first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    /// A float as a number that has its IEEE 754 total order.
    Float(i64),
    Bool(bool),
    Days(i32),
    Ordinal(i32),
    Text(String),
}

/// The types of columns, by their text in a study file.
pub(crate) const TYPES: [&str; 8] = [
    "\"int\"",
    "\"float\"",
    "\"bool\"",
    "\"date\"",
    "\"datetime\"",
    "\"link\"",
    "{ type = \"category\", labels = [\"a\", \"b\"] }",
    "{ type = \"text\", bytes_max = 8 }",
];

/// A table, the rows of several persons in it, and which of the rows are the person's.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) types: Vec<usize>,
    pub(crate) order_by: Option<usize>,
    pub(crate) rows_max: usize,
    pub(crate) keep_last: bool,
    pub(crate) rows: Vec<Vec<Cell>>,
    pub(crate) before: usize,
    pub(crate) after: usize,
    /// What lies in the slots of nulls.
    pub(crate) garbage: u8,
    pub(crate) bit_offset: usize,
}

/// A float's bits as a number with the float's total order; its own inverse.
fn ordered(bits: i64) -> i64 {
    if bits < 0 { bits ^ i64::MAX } else { bits }
}

fn cell(kind: usize) -> BoxedStrategy<Cell> {
    let near = prop_oneof![-2..3_i64, any::<i64>()];
    let floats = prop_oneof![
        prop::sample::select(vec![0.0, -0.0, 1.5, -1.5, f64::NAN, -f64::NAN, f64::INFINITY]),
        prop::num::f64::ANY,
    ];
    let value = match kind {
        1 => floats.prop_map(|x| Cell::Float(ordered(x.to_bits().cast_signed()))).boxed(),
        2 => any::<bool>().prop_map(Cell::Bool).boxed(),
        3 => prop_oneof![-2..3_i32, any::<i32>()].prop_map(Cell::Days).boxed(),
        5 | 6 => (0..4_i32).prop_map(Cell::Ordinal).boxed(),
        7 => prop_oneof!["[ab]{0,3}", "é?[a-z]{0,6}"].prop_map(Cell::Text).boxed(),
        _ => near.prop_map(Cell::Int).boxed(),
    };
    prop_oneof![1 => Just(Cell::Null), 3 => value].boxed()
}

pub(crate) fn case() -> impl Strategy<Value = Case> {
    let types = prop::collection::vec(0..TYPES.len(), 1..5);
    let table = (types, any::<Option<prop::sample::Index>>(), 1..12_usize, any::<bool>());
    table.prop_flat_map(|(types, order_by, rows_max, keep_last)| {
        let row: Vec<_> = types.iter().map(|kind| cell(*kind)).collect();
        let rows = prop::collection::vec(row, 0..24);
        let around = (0..4_usize, 0..4_usize, any::<u8>(), 0..16_usize);
        (rows, around).prop_map(move |(rows, (before, after, garbage, bit_offset))| {
            let (before, after) = (before.min(rows.len()), after.min(rows.len()));
            let after = after.min(rows.len() - before);
            let order_by = order_by.map(|index| index.index(types.len()));
            let types = types.clone();
            Case { types, order_by, rows_max, keep_last, rows, before, after, garbage, bit_offset }
        })
    })
}

impl Case {
    pub(crate) fn study(&self) -> Study {
        let head = include_str!("../../testdata/accepted/smallest.toml");
        let mut columns = self.types.iter().enumerate();
        let columns: Vec<_> =
            columns.by_ref().map(|(at, kind)| format!("c{at} = {}", TYPES[*kind])).collect();
        let order_by = self.order_by.map(|at| format!("order_by = \"c{at}\"\n"));
        let table = format!(
            "[tables.visit]\ncolumns = {{ {} }}\nrows_max = {}\nkeep = \"{}\"\n{}",
            columns.join(", "),
            self.rows_max,
            if self.keep_last { "last" } else { "first" },
            order_by.unwrap_or_default(),
        );
        let text = head.replace("[outputs]", &format!("{table}\n[outputs]"));
        Study::parse("study.toml", &text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    /// The person's rows as the guest should see them.
    pub(crate) fn expected(&self) -> Vec<Vec<Cell>> {
        let mut rows = self.rows[self.before..self.rows.len() - self.after].to_vec();
        rows.sort_by_key(|row| (self.order_by.map(|at| row[at].clone()), row.clone()));
        let over = rows.len().saturating_sub(self.rows_max);
        if self.keep_last { rows[over..].to_vec() } else { rows[..rows.len() - over].to_vec() }
    }
}

/// A column of values in Arrow's layout, owned.
pub(crate) struct Owned {
    kind: usize,
    ints: Vec<i64>,
    floats: Vec<f64>,
    narrow: Vec<i32>,
    bits: Vec<u8>,
    text: Vec<u8>,
    validity: Option<Vec<u8>>,
    bit_offset: usize,
}

fn bitmap(bits: impl Iterator<Item = bool>, offset: usize) -> Vec<u8> {
    let bits: Vec<bool> = std::iter::repeat_n(true, offset).chain(bits).collect();
    let byte = |bits: &[bool]| bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
    bits.chunks(8).map(byte).collect()
}

impl Owned {
    pub(crate) fn new(case: &Case, column: usize) -> Self {
        let cells: Vec<&Cell> = case.rows.iter().map(|row| &row[column]).collect();
        let wide = i64::from_le_bytes([case.garbage; 8]);
        let int = |cell: &&Cell| match cell {
            Cell::Int(value) => *value,
            _ => wide,
        };
        let float = |cell: &&Cell| match cell {
            Cell::Float(value) => f64::from_bits(ordered(*value).cast_unsigned()),
            _ => f64::from_bits(wide.cast_unsigned()),
        };
        let mut narrow: Vec<i32> = Vec::new();
        let mut text = vec![case.garbage; 3];
        if case.types[column] == 7 {
            narrow.push(3);
        }
        for cell in &cells {
            match cell {
                Cell::Text(value) => text.extend(value.bytes()),
                Cell::Null => text.extend([case.garbage; 2]),
                _ => {}
            }
            narrow.push(match cell {
                Cell::Days(value) | Cell::Ordinal(value) => *value,
                _ if case.types[column] == 7 => i32::try_from(text.len()).unwrap(),
                _ => i32::from_le_bytes([case.garbage; 4]),
            });
        }
        let set = |cell: &&Cell| match cell {
            Cell::Bool(value) => *value,
            _ => case.garbage & 1 == 1,
        };
        let valid = cells.iter().map(|cell| **cell != Cell::Null);
        let any_null = cells.contains(&&Cell::Null);
        // A validity bitmap without a null in it is also given now and then.
        let validity = (any_null || case.garbage & 2 == 2).then(|| bitmap(valid, case.bit_offset));
        Self {
            kind: case.types[column],
            ints: cells.iter().map(int).collect(),
            floats: cells.iter().map(float).collect(),
            bits: bitmap(cells.iter().map(set), case.bit_offset),
            bit_offset: case.bit_offset,
            narrow,
            text,
            validity,
        }
    }

    pub(crate) fn slice(&self) -> ColumnSlice<'_> {
        let values = match self.kind {
            0 => Values::Int(&self.ints),
            1 => Values::Float(&self.floats),
            2 => Values::Bool(Bits::new(&self.bits, self.bit_offset)),
            3 => Values::Date(&self.narrow),
            4 => Values::DateTime(&self.ints),
            5 | 6 => Values::Ordinal(&self.narrow),
            _ => Values::Text { offsets: &self.narrow, bytes: &self.text },
        };
        let validity = self.validity.as_ref().map(|bits| Bits::new(bits, self.bit_offset));
        ColumnSlice { values, validity }
    }
}

/// The rows of a frame's table as a guest reads them.
pub(crate) fn read(table: TableView<'_>, types: &[usize]) -> Vec<Vec<Cell>> {
    let cell = |row: usize, column: usize| {
        match types[column] {
            1 => {
                table.float(column).at(row).map(|x| Cell::Float(ordered(x.to_bits().cast_signed())))
            }
            2 => table.bool(column).at(row).map(Cell::Bool),
            3 => table.date(column).at(row).map(|date| Cell::Days(date.days())),
            5 | 6 => table.ordinal(column).at(row).map(|at| Cell::Ordinal(at.cast_signed())),
            7 => table.text(column).at(row).map(|text| Cell::Text(text.to_owned())),
            _ => table.int(column).at(row).map(Cell::Int),
        }
        .unwrap_or(Cell::Null)
    };
    let row = |row| (0..types.len()).map(|column| cell(row, column)).collect();
    (0..table.rows()).map(row).collect()
}
