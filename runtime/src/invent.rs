//! Invents persons from a study file, to try a study on: their tables, as a site has them.
//!
//! What is invented is written as Parquet with a `dataset.toml`, so that a rehearsal goes the very
//! way of a run, from the first byte that is read. Nothing of any real person is in it.

mod codes;
mod dice;
mod rows;
mod tables;

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use cloister_contract::date::Date;
use cloister_contract::job::Params;
use cloister_contract::study::Study;
use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use datafusion::parquet::arrow::ArrowWriter;

use crate::dataset::{Dataset, DatasetError, Kind};
use dice::Dice;
use rows::{Field, Life, Value};
use tables::{Holds, SiteTable};

/// The key of the invented unit table, as OMOP names it.
const UNIT_KEY: &str = "person_id";
const UNIT_TABLE: &str = "person";

/// The day up to which anybody is observed: 2024-12-31.
const SNAPSHOT_DATE: Date = Date::from_days(20_088);

/// Rows that persons with more than `rows_max` have together in a table; at least one has.
const FLOOD_ROWS_MAX: u64 = 200_000;

/// How many persons to invent, and by which chance.
#[derive(Clone, Copy, Debug)]
pub struct Invention {
    /// Persons, at most a million.
    pub persons: u32,
    /// The same seed gives the same persons.
    pub seed: u64,
}

/// Invented persons as a dataset, which goes when this does.
///
/// *Invariant `invented`*: there is no other way to make one than [`invent`], so whoever holds it
/// holds nobody's data.
pub(crate) struct Invented {
    dataset: Dataset,
    _folder: tempfile::TempDir,
}

impl Invented {
    pub(crate) const fn dataset(&self) -> &Dataset {
        &self.dataset
    }
}

/// Persons cannot be invented.
#[derive(Debug, thiserror::Error)]
pub enum InventError {
    /// They cannot be written.
    #[error("invented persons cannot be written: {0}")]
    Write(#[from] io::Error),
    /// They make no dataset; that is a mistake of ours.
    #[error("invented persons make no dataset: {0}")]
    Dataset(#[from] DatasetError),
}

/// Invents persons for `study` with the parameters `params`.
pub(crate) fn invent(
    study: &Study,
    params: &Params,
    invention: Invention,
) -> Result<Invented, InventError> {
    let (sets, ancestors) = codes::sets(study, params);
    let mut tables = tables::tables(study, &sets);
    if !tables.iter().any(|table| table.name == UNIT_TABLE) {
        tables.push(SiteTable { name: UNIT_TABLE, columns: Vec::new(), readings: Vec::new() });
    }
    let folder = tempfile::Builder::new().prefix("cloister-invented-").tempdir()?;
    let mut listed = BTreeMap::new();
    for (at, table) in (0_u64..).zip(&tables) {
        // A study's table may have a name that is none for a file.
        let file = format!("table-{at}.parquet");
        write(&folder.path().join(&file), columns(table, at, invention))?;
        listed.insert(table.name, file);
    }
    let pair = |name: &str, of: fn(&(i64, i64)) -> i64| {
        (name.to_owned(), Arc::new(ancestors.iter().map(of).collect::<Int64Array>()) as ArrayRef)
    };
    let above = pair("ancestor_concept_id", |pair| pair.0);
    let below = pair("descendant_concept_id", |pair| pair.1);
    write(&folder.path().join("concept_ancestor.parquet"), vec![above, below])?;
    let lines = listed.iter().map(|(name, file)| format!("{name} = \"{file}\"\n"));
    let description = format!(
        "name = \"invented\"\nsnapshot_date = \"{SNAPSHOT_DATE}\"\npublished_persons = {}\n\
         synthetic = true\nunit = {{ table = \"{UNIT_TABLE}\", key = \"{UNIT_KEY}\" }}\n\
         [tables]\n{}[vocabulary]\nconcept_ancestor = \"concept_ancestor.parquet\"\n",
        invention.persons,
        lines.collect::<String>(),
    );
    let file = folder.path().join("dataset.toml");
    std::fs::write(&file, description)?;
    let kind = Kind { synthetic: true, public: false };
    Ok(Invented { dataset: Dataset::open(&file)?.of_kind(kind), _folder: folder })
}

/// The columns of `table`, the key first, for all persons.
fn columns(table: &SiteTable<'_>, at: u64, invention: Invention) -> Vec<(String, ArrayRef)> {
    let mut keys: Vec<i64> = Vec::new();
    let mut columns: Vec<Vec<Value>> = vec![Vec::new(); table.columns.len()];
    let longest = table.readings.iter().map(|reading| u64::from(reading.rows_max)).max();
    let floods = (FLOOD_ROWS_MAX / longest.unwrap_or(1).max(1)).max(1);
    let floods = floods.min(u64::from(invention.persons).div_ceil(50));
    for person in 0..u64::from(invention.persons) {
        // All tables of a person agree on the birth; each has chances of its own besides.
        let born = Dice::new(invention.seed, person << 8).within(0, 100 * 365);
        let born = SNAPSHOT_DATE.plus_days(-i32::try_from(born).unwrap_or(0));
        let mut dice = Dice::new(invention.seed, (person << 8) + at + 1);
        let mut life = Life { dice: &mut dice, born, snapshot: SNAPSHOT_DATE, rows: 0 };
        let rows = if table.name == UNIT_TABLE {
            vec![life.row_of(table)]
        } else {
            life.rows_of(table, person.is_multiple_of(50) && person / 50 < floods)
        };
        for row in rows {
            // A person's key is no position: tables are not sorted by it, as real ones are not.
            keys.push(i64::try_from(person.wrapping_mul(7_919) % 1_000_003).unwrap_or(0));
            for (column, value) in columns.iter_mut().zip(row) {
                column.push(value);
            }
        }
    }
    let key: ArrayRef = Arc::new(Int64Array::from(keys));
    let named = table.columns.iter().zip(columns);
    let named = named.map(|((name, holds), values)| ((*name).to_owned(), array(holds, &values)));
    std::iter::once((UNIT_KEY.to_owned(), key)).chain(named).collect()
}

/// The values of a column as Arrow has them.
fn array(holds: &Holds, values: &[Value]) -> ArrayRef {
    /// The values that `of` takes; others are null.
    fn all<T, A: FromIterator<Option<T>>>(values: &[Value], of: fn(&Field) -> Option<T>) -> A {
        values.iter().map(|value| value.as_ref().and_then(of)).collect()
    }
    match holds {
        Holds::Concept(_)
        | Holds::Gender
        | Holds::YearOfBirth
        | Holds::Int(..)
        | Holds::OwnId
        | Holds::IdOfOther => Arc::new(all::<_, Int64Array>(values, |field| match field {
            Field::Int(value) => Some(*value),
            _ => None,
        })),
        Holds::Float => Arc::new(all::<_, Float64Array>(values, |field| match field {
            Field::Float(value) => Some(*value),
            _ => None,
        })),
        Holds::Bool => Arc::new(all::<_, BooleanArray>(values, |field| match field {
            Field::Bool(value) => Some(*value),
            _ => None,
        })),
        Holds::Date | Holds::DateAfter(_) => {
            Arc::new(all::<_, Date32Array>(values, |field| match field {
                Field::Date(date) => Some(date.days()),
                _ => None,
            }))
        }
        Holds::DateTime => Arc::new(all::<_, TimestampMicrosecondArray>(values, |f| match f {
            Field::DateTime(micros) => Some(*micros),
            _ => None,
        })),
        Holds::Text(..) => Arc::new(all::<_, StringArray>(values, |field| match field {
            Field::Text(text) => Some(text.clone()),
            _ => None,
        })),
    }
}

fn write(file: &Path, columns: Vec<(String, ArrayRef)>) -> io::Result<()> {
    let nullable = columns.into_iter().map(|(name, array)| (name, array, true));
    let batch = RecordBatch::try_from_iter_with_nullable(nullable).map_err(io::Error::other)?;
    let mut writer = ArrowWriter::try_new(File::create(file)?, batch.schema(), None)?;
    writer.write(&batch)?;
    writer.close()?;
    Ok(())
}
