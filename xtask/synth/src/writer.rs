//! One Parquet file under a temporary name, filled block by block.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;

use crate::dice::Dice;
use crate::tables::{Get, Row};

/// Rows in a row group, and in the block of rows held in memory per table.
const ROWS_PER_GROUP: usize = 120_000;

/// A file that takes its name only when the whole data set is written.
///
/// Dropped before that, it removes what it wrote: no run leaves a file that looks whole.
pub(crate) struct PartFile {
    part: PathBuf,
    path: PathBuf,
}

impl PartFile {
    /// Opens `name` in `folder` under its temporary name.
    pub(crate) fn create(folder: &Path, name: &str) -> Result<(Self, File)> {
        let part = folder.join(format!("{name}.part"));
        let file = File::create_new(&part)
            .with_context(|| format!("cannot create `{}`", part.display()))?;
        Ok((Self { part, path: folder.join(name) }, file))
    }

    /// Gives the file its name.
    pub(crate) fn publish(self) -> Result<()> {
        std::fs::rename(&self.part, &self.path)
            .with_context(|| format!("cannot rename `{}`", self.part.display()))
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        // After `publish` there is nothing under this name, and an error on the way out would only
        // hide the one that led here.
        let _ = std::fs::remove_file(&self.part);
    }
}

/// The file of one table.
pub(crate) struct TableWriter<R> {
    part: PartFile,
    writer: ArrowWriter<File>,
    schema: SchemaRef,
    block: Vec<R>,
    shuffle: Option<Dice>,
    rows: u64,
}

impl<R: Row> TableWriter<R> {
    /// Opens the table's file; with `shuffle`, the rows of each block change places.
    pub(crate) fn create(folder: &Path, shuffle: Option<Dice>) -> Result<Self> {
        let (part, file) = PartFile::create(folder, &format!("{}.parquet", R::TABLE))?;
        let fields: Vec<Field> = R::COLUMNS.iter().map(|(name, get)| get.field(name)).collect();
        let schema = Arc::new(Schema::new(fields));
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties::<R>()))?;
        let block = Vec::with_capacity(ROWS_PER_GROUP);
        Ok(Self { part, writer, schema, block, shuffle, rows: 0 })
    }

    /// Adds a row.
    pub(crate) fn add(&mut self, row: R) -> Result<()> {
        self.block.push(row);
        if self.block.len() < ROWS_PER_GROUP { Ok(()) } else { self.flush() }
    }

    /// Writes what is left; answers with the unpublished file and its number of rows.
    pub(crate) fn finish(mut self) -> Result<(PartFile, &'static str, u64)> {
        self.flush()?;
        self.writer.close().with_context(|| format!("cannot finish `{}`", R::TABLE))?;
        Ok((self.part, R::TABLE, self.rows))
    }

    fn flush(&mut self) -> Result<()> {
        if let Some(dice) = &mut self.shuffle {
            dice.shuffle(&mut self.block);
        }
        let arrays = R::COLUMNS.iter().map(|(_, get)| get.array(&self.block)).collect();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)?;
        self.writer.write(&batch).with_context(|| format!("cannot write `{}`", R::TABLE))?;
        self.rows += u64::try_from(self.block.len())?;
        self.block.clear();
        Ok(())
    }
}

fn properties<R: Row>() -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_row_count(Some(ROWS_PER_GROUP));
    if let Some((id, Get::Key(_))) = R::COLUMNS.first() {
        // A row's id repeats nowhere: a dictionary of it would be built and thrown away.
        let id = ColumnPath::from(*id);
        properties = properties
            .set_column_dictionary_enabled(id.clone(), false)
            .set_column_encoding(id, Encoding::DELTA_BINARY_PACKED);
    }
    properties.build()
}
