//! Tables of delimited text: read as text and cast strictly to what a study declares.
//!
//! Nothing is guessed: delimiter, quote, null, decimal, dates, encoding and compression are
//! settings, and a value that does not fit ends the run with its table, file, line and column,
//! and without the value.

mod settings;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cloister_contract::study::ColumnType;
use csv::StringRecord;
use datafusion::arrow::array::{ArrayRef, BooleanBuilder, Int64Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::streaming::StreamingTable;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;

use super::cast::Builder;
use super::naming::no_column;
use super::source::{UNFIT, UNIT};
use super::unquoted::BrokenLine;
use super::{DatasetError, KeyKind, TableFile};

pub(crate) use settings::CsvSettings;
use settings::Quotes;

const ROWS_PER_BATCH: usize = 8_192;

/// What a table of text is read with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows {
    /// The rows' numbers come first, as the unit key.
    pub(super) numbers: bool,
    /// A value that does not fit is an error; else it is null, and the last column, [`UNFIT`],
    /// says so.
    pub(super) strict: bool,
}

/// The table in `file` with just the columns `wants`, in their types.
pub(super) fn table(
    name: &str,
    file: &TableFile,
    settings: &CsvSettings,
    wants: &[(String, ColumnType)],
    rows: Rows,
) -> Result<StreamingTable, DatasetError> {
    let failed = |what: String| DatasetError::Table {
        table: name.to_owned(),
        path: file.path.clone(),
        what,
    };
    let files = file.files().map_err(|error| failed(error.to_string()))?;
    if files.is_empty() || (rows.numbers && files.len() != 1) {
        let what = if rows.numbers { "`row_is_person` wants one file" } else { "it is empty" };
        return Err(failed(what.to_owned()));
    }
    let mut partitions: Vec<Arc<dyn PartitionStream>> = Vec::new();
    let mut schema = None;
    for path in files {
        let header = header(settings, &path).map_err(failed)?;
        let part = Part::new(name, path, settings, wants, &header, rows)?;
        schema = Some(Arc::clone(&part.schema));
        partitions.push(Arc::new(part));
    }
    let schema = schema.unwrap_or_else(|| Arc::new(Schema::empty()));
    Ok(StreamingTable::try_new(schema, partitions)?)
}

/// The names in a file's first line, without blanks around them.
pub(super) fn header(settings: &CsvSettings, file: &Path) -> Result<Vec<String>, String> {
    let mut reader = settings.reader(file).map_err(|error| error.to_string())?;
    let header = reader.headers().map_err(|_| {
        "its first line cannot be read; check `encoding` and `compression`".to_owned()
    })?;
    // A byte-order mark is no part of the first name.
    let name = |name: &str| name.trim_start_matches('\u{feff}').trim().to_owned();
    Ok(header.iter().map(name).collect())
}

/// The first records of `file`, at most `records_max`, and what ended them early.
pub(super) fn sample(
    settings: &CsvSettings,
    file: &Path,
    records_max: usize,
) -> std::io::Result<(Vec<StringRecord>, Option<csv::Error>)> {
    let mut records = Vec::new();
    for record in settings.reader(file)?.into_records().take(records_max) {
        match record {
            Ok(record) => records.push(record),
            Err(error) => return Ok((records, Some(error))),
        }
    }
    Ok((records, None))
}

/// The names of a table's columns: those of its first file.
pub(super) fn columns(
    name: &str,
    file: &TableFile,
    settings: &CsvSettings,
) -> Result<Vec<String>, DatasetError> {
    let failed = |what: String| DatasetError::Table {
        table: name.to_owned(),
        path: file.path.clone(),
        what,
    };
    let files = file.files().map_err(|error| failed(error.to_string()))?;
    let first = files.first().ok_or_else(|| failed("it is empty".to_owned()))?;
    header(settings, first).map_err(failed)
}

/// Text of any length.
pub(super) const TEXT: ColumnType = ColumnType::Text { bytes_max: u32::MAX };

/// The type of a text table's key, if the dataset says none.
pub(super) const TEXT_KEY: KeyKind = KeyKind::Text;

/// One file of a table.
#[derive(Debug)]
struct Part {
    table: String,
    file: PathBuf,
    settings: CsvSettings,
    /// Name, type and position in the file.
    columns: Vec<(String, ColumnType, usize)>,
    with: Rows,
    schema: SchemaRef,
}

impl Part {
    fn new(
        table: &str,
        file: PathBuf,
        settings: &CsvSettings,
        wants: &[(String, ColumnType)],
        header: &[String],
        rows: Rows,
    ) -> Result<Self, DatasetError> {
        let mut columns = Vec::new();
        let mut fields = Vec::new();
        if rows.numbers {
            fields.push(Field::new(UNIT, DataType::Int64, false));
        }
        for (name, kind) in wants {
            let at = header
                .iter()
                .position(|column| column == name)
                .ok_or_else(|| no_column(header.iter().map(String::as_str), table, name))?;
            fields.push(Field::new(name, Builder::data_type(kind), true));
            columns.push((name.clone(), kind.clone(), at));
        }
        if !rows.strict {
            fields.push(Field::new(UNFIT, DataType::Boolean, false));
        }
        Ok(Self {
            table: table.to_owned(),
            file,
            settings: settings.clone(),
            columns,
            with: rows,
            schema: Arc::new(Schema::new(fields)),
        })
    }

    /// The batches of the file, one after the other.
    fn batches(&self) -> std::io::Result<Batches> {
        Ok(Batches {
            reader: self.settings.reader(&self.file)?,
            table: self.table.clone(),
            file: self.file.clone(),
            settings: self.settings.clone(),
            columns: self.columns.clone(),
            schema: Arc::clone(&self.schema),
            with: self.with,
            rows: 0,
            record: StringRecord::new(),
            done: false,
        })
    }
}

impl PartitionStream for Part {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let batches: Box<dyn Iterator<Item = Result<RecordBatch>> + Send> = match self.batches() {
            Ok(batches) => Box::new(batches),
            Err(error) => Box::new(std::iter::once(Err(DataFusionError::IoError(error)))),
        };
        let stream = futures::stream::iter(batches);
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), stream))
    }
}

struct Batches {
    reader: csv::Reader<Quotes>,
    table: String,
    file: PathBuf,
    settings: CsvSettings,
    columns: Vec<(String, ColumnType, usize)>,
    schema: SchemaRef,
    with: Rows,
    rows: i64,
    record: StringRecord,
    done: bool,
}

impl Batches {
    fn batch(&mut self) -> Result<Option<RecordBatch>> {
        let new = |(_, kind, _): &(String, ColumnType, usize)| Builder::new(kind, &self.settings);
        let mut builders: Vec<Builder> = self
            .columns
            .iter()
            .map(new)
            .collect::<Result<_, _>>()
            .map_err(|what| self.at(&what))?;
        let first = self.rows;
        let mut rows = 0;
        let mut unfit = BooleanBuilder::new();
        while rows < ROWS_PER_BATCH {
            let line = self.record.position().map_or(1, csv::Position::line);
            let read = self.reader.read_record(&mut self.record);
            if !read.map_err(|error| self.broken(&error))? {
                if self.reader.get_ref().open() {
                    let what = "a quote is not closed, here or before; say what is its `quote`";
                    return Err(self.error(line, what));
                }
                break;
            }
            let mut misfits = false;
            for ((name, _, at), builder) in self.columns.iter().zip(&mut builders) {
                let field = self.record.get(*at).unwrap_or_default();
                match builder.push(field, &self.settings) {
                    Ok(()) => {}
                    Err(what) if self.with.strict => {
                        return Err(self.at(&format!("column `{name}`: {what}")));
                    }
                    Err(_) => {
                        builder.push_null();
                        misfits = true;
                    }
                }
            }
            unfit.append_value(misfits);
            rows += 1;
        }
        if rows == 0 {
            return Ok(None);
        }
        self.rows += i64::try_from(rows).unwrap_or(i64::MAX);
        let mut columns: Vec<ArrayRef> = Vec::new();
        if self.with.numbers {
            columns.push(Arc::new((first..self.rows).collect::<Int64Array>()));
        }
        columns.extend(builders.into_iter().map(Builder::finish));
        if !self.with.strict {
            columns.push(Arc::new(unfit.finish()));
        }
        let options =
            datafusion::arrow::array::RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(Some(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?))
    }

    fn at(&self, what: &str) -> DataFusionError {
        let line = self.record.position().map_or(0, csv::Position::line);
        self.error(line, what)
    }

    fn broken(&self, error: &csv::Error) -> DataFusionError {
        let line = error.position().or(self.record.position()).map_or(1, csv::Position::line);
        let what = match error.kind() {
            csv::ErrorKind::Utf8 { .. } => "it is not UTF-8; say its `encoding`".to_owned(),
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("it has {len} fields and the header {expected_len}; check `delimiter`")
            }
            csv::ErrorKind::Io(error) => error.to_string(),
            _ => "it cannot be read as delimited text".to_owned(),
        };
        self.error(line, &what)
    }

    fn error(&self, line: u64, what: &str) -> DataFusionError {
        let (table, file, what) = (self.table.clone(), self.file.clone(), what.to_owned());
        BrokenLine { table, file, line, what }.into()
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let batch = self.batch().transpose();
        self.done = !matches!(batch, Some(Ok(_)));
        batch
    }
}
