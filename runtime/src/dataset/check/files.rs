//! Whether the files of a table have the same columns: what one does not have is null in its rows.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use datafusion::parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};

use super::super::{Dataset, Format};
use super::{Findings, Severity};

pub(super) fn check(dataset: &Dataset, table: &str, findings: &mut Findings) {
    // Delimited text is refused where a column is missing.
    let Some(file) = dataset.tables.get(table).filter(|f| matches!(f.format, Format::Parquet))
    else {
        return;
    };
    let files = file.files().unwrap_or_default();
    let columns: Vec<_> = files.iter().filter_map(|path| Some((path, columns(path)?))).collect();
    let all: BTreeSet<&String> = columns.iter().flat_map(|(_, columns)| columns).collect();
    for (path, columns) in &columns {
        let missing: Vec<&str> =
            all.iter().filter(|name| !columns.contains(**name)).map(|name| name.as_str()).collect();
        if !missing.is_empty() {
            let file = path.file_name().unwrap_or_default().display();
            let missing = missing.join(", ");
            let what = format!("`{file}` does not have the columns {missing}, and other files do");
            findings.add(Severity::Warning, table, what);
        }
    }
}

/// The names of a Parquet file's columns; `None` if it is none.
fn columns(path: &Path) -> Option<BTreeSet<String>> {
    let file = File::open(path).ok()?;
    let found = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).ok()?;
    Some(found.schema().fields().iter().map(|field| field.name().clone()).collect())
}
