//! Writes one table's rows, which come sorted, into one file for each range of units.

use std::fs::{self, File};
use std::ops::Range;
use std::path::{Path, PathBuf};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::BatchCoalescer;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::Compression;
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::WriterProperties;
use datafusion::parquet::schema::types::ColumnPath;

use super::super::ranged::file_of;
use super::{Cut, PrepareError, failed};
use crate::run::Key;

/// Enough rows to compress well, few enough that many ranges can be read at once.
const ROW_GROUP_ROWS: usize = 120_000;
/// However the engine cuts its batches, the writer gets these: the same rows give the same bytes.
const BATCH_ROWS: usize = 8_192;

/// The files of a table, of which one is being written.
pub(super) struct Ranges<'c> {
    folder: PathBuf,
    schema: SchemaRef,
    cuts: &'c [Cut],
    at: usize,
    file: PathBuf,
    writer: ArrowWriter<File>,
    rows: BatchCoalescer,
    /// Rows of the current batch that are to be written and not yet taken.
    pending: Range<usize>,
}

impl<'c> Ranges<'c> {
    pub(super) fn create(
        folder: &Path,
        schema: SchemaRef,
        cuts: &'c [Cut],
    ) -> Result<Self, PrepareError> {
        fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
        let (file, writer) = open(folder, &schema, 0)?;
        let rows = BatchCoalescer::new(SchemaRef::clone(&schema), BATCH_ROWS);
        let folder = folder.to_owned();
        Ok(Self { folder, schema, cuts, at: 0, file, writer, rows, pending: 0..0 })
    }

    /// Takes a unit's rows of `batch`. Units come in ascending order.
    pub(super) fn put(
        &mut self,
        unit: Key<'_>,
        batch: &RecordBatch,
        rows: Range<usize>,
    ) -> Result<(), PrepareError> {
        while self.cuts.get(self.at).is_some_and(|cut| unit >= Key::from(cut)) {
            self.end_of_batch(batch)?;
            self.close()?;
            self.at += 1;
            let (file, writer) = open(&self.folder, &self.schema, self.at)?;
            let next = BatchCoalescer::new(SchemaRef::clone(&self.schema), BATCH_ROWS);
            (self.file, self.writer, self.rows) = (file, writer, next);
        }
        if self.pending.end == rows.start && !self.pending.is_empty() {
            self.pending.end = rows.end;
        } else {
            self.end_of_batch(batch)?;
            self.pending = rows;
        }
        Ok(())
    }

    /// Takes what is left of `batch` before the next one comes.
    pub(super) fn end_of_batch(&mut self, batch: &RecordBatch) -> Result<(), PrepareError> {
        let rows = std::mem::take(&mut self.pending);
        if !rows.is_empty() {
            let slice = batch.slice(rows.start, rows.len());
            self.rows.push_batch(slice).map_err(|error| arrow(&self.file, &error))?;
        }
        self.write()
    }

    fn write(&mut self) -> Result<(), PrepareError> {
        while let Some(batch) = self.rows.next_completed_batch() {
            self.writer.write(&batch).map_err(|error| parquet(&self.file, &error))?;
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), PrepareError> {
        self.rows.finish_buffered_batch().map_err(|error| arrow(&self.file, &error))?;
        self.write()?;
        self.writer.finish().map_err(|error| parquet(&self.file, &error))?;
        let file = self.writer.inner();
        file.sync_all().map_err(|error| failed(&self.file, &error))
    }

    /// Closes the last file; ranges in which the table has no rows get empty ones.
    pub(super) fn finish(mut self) -> Result<(), PrepareError> {
        self.close()?;
        for range in self.at + 1..=self.cuts.len() {
            let (file, writer) = open(&self.folder, &self.schema, range)?;
            writer.close().map_err(|error| parquet(&file, &error))?;
        }
        Ok(())
    }
}

fn open(
    folder: &Path,
    schema: &SchemaRef,
    range: usize,
) -> Result<(PathBuf, ArrowWriter<File>), PrepareError> {
    let path = folder.join(file_of(range));
    let file = File::create_new(&path).map_err(|error| failed(&path, &error))?;
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::LZ4_RAW)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS));
    // Studies filter by concepts: a row group without any of them need not be decoded.
    let names = schema.fields().iter().map(|field| field.name());
    for name in names.filter(|name| name.to_ascii_lowercase().ends_with("concept_id")) {
        let column = ColumnPath::new(vec![name.clone()]);
        properties = properties
            .set_column_bloom_filter_enabled(column.clone(), true)
            .set_column_bloom_filter_max_ndv(column, ROW_GROUP_ROWS as u64);
    }
    let writer = ArrowWriter::try_new(file, SchemaRef::clone(schema), Some(properties.build()));
    let writer = writer.map_err(|error| parquet(&path, &error))?;
    Ok((path, writer))
}

fn arrow(path: &Path, error: &ArrowError) -> PrepareError {
    PrepareError::Write { path: path.to_owned(), what: error.to_string() }
}

fn parquet(path: &Path, error: &ParquetError) -> PrepareError {
    PrepareError::Write { path: path.to_owned(), what: error.to_string() }
}
