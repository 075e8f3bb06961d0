//! The OMOP tables: what a row of each holds, and its columns in order.
//!
//! A table is a list of (column name, how to read it off a row). Names, types and nulls of the
//! files are therefore all in this module. The integer widths are mixed on purpose, as in real
//! exports.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Float64Array, Int32Array, Int64Array, StringArray};
use arrow::datatypes::{DataType, Field};

/// How a column's value is read off a row.
pub(crate) enum Get<R> {
    /// A whole number that is never null: the keys.
    Key(fn(&R) -> i64),
    /// A 64-bit whole number.
    Long(fn(&R) -> Option<i64>),
    /// A 32-bit whole number.
    Int(fn(&R) -> Option<i32>),
    /// Days since 1970-01-01.
    Date(fn(&R) -> Option<i32>),
    /// A floating-point number.
    Number(fn(&R) -> Option<f64>),
    /// Text.
    Text(fn(&R) -> Option<&str>),
}

impl<R> Get<R> {
    /// The column's name, type and whether it may be null.
    pub(crate) fn field(&self, name: &str) -> Field {
        let (kind, nullable) = match self {
            Self::Key(_) => (DataType::Int64, false),
            Self::Long(_) => (DataType::Int64, true),
            Self::Int(_) => (DataType::Int32, true),
            Self::Date(_) => (DataType::Date32, true),
            Self::Number(_) => (DataType::Float64, true),
            Self::Text(_) => (DataType::Utf8, true),
        };
        Field::new(name, kind, nullable)
    }

    /// The column's values in `rows`.
    pub(crate) fn array(&self, rows: &[R]) -> ArrayRef {
        let rows = rows.iter();
        match self {
            Self::Key(get) => Arc::new(rows.map(get).collect::<Int64Array>()),
            Self::Long(get) => Arc::new(rows.map(get).collect::<Int64Array>()),
            Self::Int(get) => Arc::new(rows.map(get).collect::<Int32Array>()),
            Self::Date(get) => Arc::new(rows.map(get).collect::<Date32Array>()),
            Self::Number(get) => Arc::new(rows.map(get).collect::<Float64Array>()),
            Self::Text(get) => Arc::new(rows.map(get).collect::<StringArray>()),
        }
    }
}

/// A row of a table; its first column is its own id.
pub(crate) trait Row: Sized + 'static {
    /// The table's OMOP name.
    const TABLE: &'static str;
    /// The table's columns in order.
    const COLUMNS: &'static [(&'static str, Get<Self>)];

    /// What decides, in a shuffled data set, where the row goes.
    fn id(&self) -> i64;
}

/// A row of `person`.
#[derive(Clone, Copy, Default)]
pub(crate) struct Person {
    pub(crate) id: i64,
    pub(crate) gender: i32,
    pub(crate) year_of_birth: Option<i32>,
    pub(crate) month_of_birth: Option<i64>,
    pub(crate) race: i64,
    pub(crate) ethnicity: i64,
}

impl Row for Person {
    const TABLE: &'static str = "person";
    const COLUMNS: &'static [(&'static str, Get<Self>)] = &[
        ("person_id", Get::Key(|row| row.id)),
        ("gender_concept_id", Get::Int(|row| Some(row.gender))),
        ("year_of_birth", Get::Int(|row| row.year_of_birth)),
        ("month_of_birth", Get::Long(|row| row.month_of_birth)),
        ("race_concept_id", Get::Long(|row| Some(row.race))),
        ("ethnicity_concept_id", Get::Long(|row| Some(row.ethnicity))),
    ];

    fn id(&self) -> i64 {
        self.id
    }
}

/// A row of an event table: what all of them share, and the details of one.
#[derive(Clone, Copy)]
pub(crate) struct Event<D> {
    pub(crate) id: i64,
    pub(crate) person: i64,
    pub(crate) concept: Option<i64>,
    pub(crate) start: Option<i32>,
    pub(crate) detail: D,
}

/// What only `observation_period` holds.
#[derive(Clone, Copy)]
pub(crate) struct Period {
    pub(crate) end: i32,
}

impl Row for Event<Period> {
    const TABLE: &'static str = "observation_period";
    const COLUMNS: &'static [(&'static str, Get<Self>)] = &[
        ("observation_period_id", Get::Key(|row| row.id)),
        ("person_id", Get::Key(|row| row.person)),
        ("observation_period_start_date", Get::Date(|row| row.start)),
        ("observation_period_end_date", Get::Date(|row| Some(row.detail.end))),
        ("period_type_concept_id", Get::Long(|row| row.concept)),
    ];

    fn id(&self) -> i64 {
        self.id
    }
}

/// What only `drug_era` holds.
#[derive(Clone, Copy)]
pub(crate) struct Era {
    pub(crate) end: Option<i32>,
    pub(crate) exposures: i64,
    pub(crate) gap_days: i64,
}

impl Row for Event<Era> {
    const TABLE: &'static str = "drug_era";
    const COLUMNS: &'static [(&'static str, Get<Self>)] = &[
        ("drug_era_id", Get::Key(|row| row.id)),
        ("person_id", Get::Key(|row| row.person)),
        ("drug_concept_id", Get::Long(|row| row.concept)),
        ("drug_era_start_date", Get::Date(|row| row.start)),
        ("drug_era_end_date", Get::Date(|row| row.detail.end)),
        ("drug_exposure_count", Get::Long(|row| Some(row.detail.exposures))),
        ("gap_days", Get::Long(|row| Some(row.detail.gap_days))),
    ];

    fn id(&self) -> i64 {
        self.id
    }
}

/// What only `condition_occurrence` holds.
#[derive(Clone, Copy)]
pub(crate) struct Condition {
    pub(crate) end: Option<i32>,
    pub(crate) source: Option<&'static str>,
    pub(crate) visit: Option<i64>,
}

impl Row for Event<Condition> {
    const TABLE: &'static str = "condition_occurrence";
    const COLUMNS: &'static [(&'static str, Get<Self>)] = &[
        ("condition_occurrence_id", Get::Key(|row| row.id)),
        ("person_id", Get::Key(|row| row.person)),
        ("condition_concept_id", Get::Long(|row| row.concept)),
        ("condition_start_date", Get::Date(|row| row.start)),
        ("condition_end_date", Get::Date(|row| row.detail.end)),
        ("condition_source_value", Get::Text(|row| row.detail.source)),
        // Exports that passed through a data frame hold ids as floating point where some are null.
        ("visit_occurrence_id", Get::Number(|row| row.detail.visit.map(|id| id as f64))),
    ];

    fn id(&self) -> i64 {
        self.id
    }
}

/// What only `measurement` holds.
#[derive(Clone, Copy)]
pub(crate) struct Measurement {
    pub(crate) value: Option<f64>,
    pub(crate) unit: Option<i64>,
    pub(crate) visit: Option<i64>,
}

impl Row for Event<Measurement> {
    const TABLE: &'static str = "measurement";
    const COLUMNS: &'static [(&'static str, Get<Self>)] = &[
        ("measurement_id", Get::Key(|row| row.id)),
        ("person_id", Get::Key(|row| row.person)),
        ("measurement_concept_id", Get::Long(|row| row.concept)),
        ("measurement_date", Get::Date(|row| row.start)),
        ("value_as_number", Get::Number(|row| row.detail.value)),
        ("unit_concept_id", Get::Long(|row| row.detail.unit)),
        ("visit_occurrence_id", Get::Long(|row| row.detail.visit)),
    ];

    fn id(&self) -> i64 {
        self.id
    }
}

/// What only `visit_occurrence` holds.
#[derive(Clone, Copy)]
pub(crate) struct Visit {
    pub(crate) end: i32,
}

impl Row for Event<Visit> {
    const TABLE: &'static str = "visit_occurrence";
    const COLUMNS: &'static [(&'static str, Get<Self>)] = &[
        ("visit_occurrence_id", Get::Key(|row| row.id)),
        ("person_id", Get::Key(|row| row.person)),
        ("visit_concept_id", Get::Long(|row| row.concept)),
        ("visit_start_date", Get::Date(|row| row.start)),
        ("visit_end_date", Get::Date(|row| Some(row.detail.end))),
    ];

    fn id(&self) -> i64 {
        self.id
    }
}

/// A row of `death`, of which nobody has two; it has no id of its own.
#[derive(Clone, Copy)]
pub(crate) struct Death {
    pub(crate) person: i64,
    pub(crate) date: i32,
}

impl Row for Death {
    const TABLE: &'static str = "death";
    const COLUMNS: &'static [(&'static str, Get<Self>)] = &[
        ("person_id", Get::Key(|row| row.person)),
        ("death_date", Get::Date(|row| Some(row.date))),
        ("death_type_concept_id", Get::Long(|_| Some(32_817))),
    ];

    fn id(&self) -> i64 {
        self.person
    }
}
