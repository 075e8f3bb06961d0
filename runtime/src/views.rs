//! Views of a release for other tools: tidy CSV and Parquet, one row per cell, one column per
//! dimension. Digests cover `release.json` alone.

use std::path::Path;
use std::sync::Arc;

use cloister_contract::release::{CellDocument, ReleaseDocument, Status};
use datafusion::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use datafusion::parquet::arrow::ArrowWriter;

/// A view cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the {0} view cannot be written: {1}")]
pub struct ViewError(&'static str, String);

type Number = (&'static str, fn(&CellDocument) -> Option<f64>);

const NUMBERS: [Number; 11] = [
    ("value", |cell| cell.value),
    ("mean_low", |cell| Some(cell.mean?[0])),
    ("mean_high", |cell| Some(cell.mean?[1])),
    ("sd_low", |cell| Some(cell.sd?[0])),
    ("sd_high", |cell| Some(cell.sd?[1])),
    ("sum_low", |cell| Some(cell.sum?[0])),
    ("sum_high", |cell| Some(cell.sum?[1])),
    ("excess_low", |cell| Some(cell.excess?[0])),
    ("excess_high", |cell| Some(cell.excess?[1])),
    ("excess_squares_low", |cell| Some(cell.excess_squares?[0])),
    ("excess_squares_high", |cell| Some(cell.excess_squares?[1])),
];

/// The dimensions of all outputs, in the order in which they come.
pub(crate) fn dimensions<'d>(cells: impl IntoIterator<Item = &'d CellDocument>) -> Vec<&'d str> {
    let mut dimensions = Vec::new();
    for (name, _) in cells.into_iter().flat_map(|cell| cell.cell.iter()) {
        if !dimensions.contains(&name) {
            dimensions.push(name);
        }
    }
    dimensions
}

/// The numbers that some output of the study has.
fn numbers(document: &ReleaseDocument) -> Vec<Number> {
    let has = |(name, of): &Number| {
        *name == "value" || document.cells.iter().any(|cell| of(cell).is_some())
    };
    NUMBERS.into_iter().filter(has).collect()
}

const fn status(cell: &CellDocument) -> &'static str {
    match cell.status {
        Status::Value => "value",
        Status::Withheld => "withheld",
    }
}

/// The cells as CSV with a header; what a cell does not have is empty.
///
/// # Errors
/// [`ViewError`] if it cannot be written.
pub fn csv(document: &ReleaseDocument) -> Result<Vec<u8>, ViewError> {
    let failed = |what: String| ViewError("CSV", what);
    let dimensions = dimensions(&document.cells);
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header = vec!["output"];
    header.extend(&dimensions);
    header.extend(["status", "persons_low", "persons_high"]);
    let numbers = numbers(document);
    header.extend(numbers.iter().map(|(name, _)| name));
    writer.write_record(&header).map_err(|error| failed(error.to_string()))?;
    for cell in &document.cells {
        let mut row = vec![cell.output.clone()];
        let label = |name: &&str| inert(cell.cell.get(name).unwrap_or_default());
        row.extend(dimensions.iter().map(label));
        row.push(status(cell).to_owned());
        let persons = |at: usize| cell.persons.and_then(|persons| persons.get(at).copied());
        row.extend([0, 1].map(|at| persons(at).map(|n| n.to_string()).unwrap_or_default()));
        let number = |(_, of): &Number| of(cell).map(|x| x.to_string()).unwrap_or_default();
        row.extend(numbers.iter().map(number));
        writer.write_record(&row).map_err(|error| failed(error.to_string()))?;
    }
    writer.into_inner().map_err(|error| failed(error.to_string()))
}

/// A label that no spreadsheet takes for a formula: a quote before it, as they themselves write.
/// Source: OWASP, "CSV Injection".
fn inert(label: &str) -> String {
    let formula = label.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let number = label.parse::<f64>().is_ok();
    if formula && !number { format!("'{label}") } else { label.to_owned() }
}

/// The cells as Parquet; what a cell does not have is null.
///
/// # Errors
/// [`ViewError`] if it cannot be written.
pub fn parquet(document: &ReleaseDocument) -> Result<Vec<u8>, ViewError> {
    let failed = |what: String| ViewError("Parquet", what);
    let cells = &document.cells;
    let text = |of: &dyn Fn(&CellDocument) -> Option<String>| -> ArrayRef {
        Arc::new(cells.iter().map(of).collect::<StringArray>())
    };
    let persons = |at: usize| -> ArrayRef {
        // Signed, so that whoever subtracts them gets no surprise.
        let column = cells.iter().map(|cell| {
            let persons = cell.persons.and_then(|persons| persons.get(at).copied());
            persons.and_then(|persons| i64::try_from(persons).ok())
        });
        Arc::new(column.collect::<Int64Array>())
    };
    let mut columns = vec![("output", text(&|cell| Some(cell.output.clone())))];
    for name in dimensions(&document.cells) {
        columns.push((name, text(&|cell| cell.cell.get(name).map(str::to_owned))));
    }
    columns.push(("status", text(&|cell| Some(status(cell).to_owned()))));
    columns.push(("persons_low", persons(0)));
    columns.push(("persons_high", persons(1)));
    for (name, of) in numbers(document) {
        columns.push((name, Arc::new(cells.iter().map(of).collect::<Float64Array>())));
    }
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, column)| (name, column, true)),
    );
    let batch = batch.map_err(|error| failed(error.to_string()))?;
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None)
        .map_err(|error| failed(error.to_string()))?;
    writer.write(&batch).map_err(|error| failed(error.to_string()))?;
    writer.into_inner().map_err(|error| failed(error.to_string()))
}

/// Which of the tables beside the release in `folder` are not, byte for byte, what this version
/// makes of `document`: numbers in the foot of a Parquet file, too, tell readers what to show.
///
/// # Errors
/// [`ViewError`] if they cannot be made to compare.
pub fn strange_tables(
    folder: &Path,
    document: &ReleaseDocument,
) -> Result<Vec<&'static str>, ViewError> {
    let tables = [("cells.csv", csv(document)?), ("cells.parquet", parquet(document)?)];
    let is_other = |name: &str, made: &[u8]| {
        let file = folder.join(name);
        // A pipe in its place would be waited for.
        file.is_file() && std::fs::read(file).is_ok_and(|found| found != made)
    };
    let strange = tables.into_iter().filter(|(name, made)| is_other(name, made));
    Ok(strange.map(|(name, _)| name).collect())
}
