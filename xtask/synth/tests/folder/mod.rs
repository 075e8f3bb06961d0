//! A generated folder, and what the tests read from it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

use arrow::array::{Array as _, ArrayRef, RecordBatch};
use arrow::compute::{cast, concat};
use arrow::datatypes::{DataType, Int64Type};
use arrow::row::{RowConverter, SortField};
use cloister_synth::{Options, Summary, generate};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;

use super::{BLEED, CELECOXIB, DICLOFENAC};

/// The tables that grow with the persons.
pub(crate) const TABLES: [&str; 7] = [
    "person",
    "observation_period",
    "drug_era",
    "condition_occurrence",
    "measurement",
    "visit_occurrence",
    "death",
];

/// A generated folder.
pub(crate) struct Folder {
    folder: TempDir,
    pub(crate) summary: Summary,
}

/// The days that matter to the study in one person's rows, in order.
#[derive(Default)]
pub(crate) struct Traits {
    pub(crate) celecoxib: Vec<i64>,
    pub(crate) diclofenac: Vec<i64>,
    pub(crate) bleeds: Vec<i64>,
}

impl Traits {
    /// The day of the first study drug.
    pub(crate) fn first(&self) -> Option<i64> {
        self.celecoxib.iter().chain(&self.diclofenac).min().copied()
    }
}

impl Folder {
    pub(crate) fn generate(persons: u64, seed: u64, shuffled: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let summary = generate(&Options { persons, seed, shuffled }, folder.path()).unwrap();
        Self { folder, summary }
    }

    /// Every file's bytes by its name.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap().map(Result::unwrap);
        let file = |entry: std::fs::DirEntry| {
            (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())
        };
        entries.map(file).collect()
    }

    /// The rows of a table in their order, each as bytes that are equal when the rows are.
    pub(crate) fn row_bytes(&self, table: &str) -> Vec<Vec<u8>> {
        let batches = self.batches(table);
        let schema = batches[0].schema();
        let fields = schema.fields().iter();
        let types = fields.map(|field| SortField::new(field.data_type().clone()));
        let converter = RowConverter::new(types.collect()).unwrap();
        let rows = batches.iter().map(|batch| converter.convert_columns(batch.columns()).unwrap());
        rows.flat_map(|rows| rows.iter().map(|row| row.as_ref().to_vec()).collect::<Vec<_>>())
            .collect()
    }

    /// A column as 64-bit whole numbers, whatever its type.
    pub(crate) fn column(&self, table: &str, column: &str) -> Vec<Option<i64>> {
        // Dates reach 64 bits by way of 32.
        let array = self.array(table, column);
        let array = match array.data_type() {
            DataType::Date32 => cast(&array, &DataType::Int32).unwrap(),
            _ => array,
        };
        let longs = cast(&array, &DataType::Int64).unwrap();
        arrow::array::AsArray::as_primitive::<Int64Type>(&longs).iter().collect()
    }

    /// The nulls in a column, and its rows.
    pub(crate) fn nulls(&self, table: &str, column: &str) -> (usize, usize) {
        let array = self.array(table, column);
        (array.null_count(), array.len())
    }

    /// The closure: (ancestor, descendant) and the least number of levels between them.
    pub(crate) fn closure(&self) -> BTreeMap<(i64, i64), i64> {
        let column = |name| self.column("concept_ancestor", name).into_iter().map(Option::unwrap);
        let pairs = column("ancestor_concept_id").zip(column("descendant_concept_id"));
        pairs.zip(column("min_levels_of_separation")).collect()
    }

    /// A concept and all below it.
    pub(crate) fn under(&self, root: i64) -> BTreeSet<i64> {
        let pairs = self.closure().into_keys().filter(|(high, _)| *high == root);
        pairs.map(|(_, low)| low).collect()
    }

    /// The study's days by person, from the dated rows alone.
    pub(crate) fn persons(&self) -> BTreeMap<i64, Traits> {
        let mut persons: BTreeMap<i64, Traits> = BTreeMap::new();
        let [celecoxib, diclofenac, bleeds] =
            [CELECOXIB, DICLOFENAC, BLEED].map(|root| self.under(root));
        for (person, code, day) in self.events("drug_era", "drug") {
            let traits = persons.entry(person).or_default();
            traits.celecoxib.extend(celecoxib.contains(&code).then_some(day));
            traits.diclofenac.extend(diclofenac.contains(&code).then_some(day));
        }
        for (person, code, day) in self.events("condition_occurrence", "condition") {
            let bleed = bleeds.contains(&code).then_some(day);
            persons.entry(person).or_default().bleeds.extend(bleed);
        }
        let known: BTreeSet<i64> =
            self.column("person", "person_id").into_iter().flatten().collect();
        persons.retain(|person, _| known.contains(person));
        persons
    }

    fn events(&self, table: &str, noun: &str) -> Vec<(i64, i64, i64)> {
        let date = if table == "drug_era" { table } else { noun };
        let persons = self.column(table, "person_id");
        let codes = self.column(table, &format!("{noun}_concept_id"));
        let days = self.column(table, &format!("{date}_start_date"));
        let rows = persons.into_iter().zip(codes).zip(days);
        rows.filter_map(|((person, code), day)| Some((person?, code?, day?))).collect()
    }

    fn array(&self, table: &str, column: &str) -> ArrayRef {
        let batches = self.batches(table);
        let arrays: Vec<&ArrayRef> =
            batches.iter().map(|batch| batch.column_by_name(column).unwrap()).collect();
        concat(&arrays.iter().map(|array| array.as_ref()).collect::<Vec<_>>()).unwrap()
    }

    fn batches(&self, table: &str) -> Vec<RecordBatch> {
        let file = File::open(self.folder.path().join(format!("{table}.parquet"))).unwrap();
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        builder.with_batch_size(65_536).build().unwrap().map(Result::unwrap).collect()
    }
}
