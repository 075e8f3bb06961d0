//! `dataset new`: a first `dataset.toml` for a folder whose files are named as OMOP's tables.
//!
//! What the files tell is written; what is assumed is said in a comment at its place; what only the
//! site knows is a TODO. The text is a description that opens, over which `dataset check` runs.

mod delimited;
mod scan;
mod text;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use datafusion::prelude::SessionContext;

use super::{Dataset, DatasetError, Source};
use scan::Scan;

/// No description was written.
#[derive(Debug, thiserror::Error)]
pub enum DescribeError {
    /// There is one already.
    #[error(
        "`{}` is there already, and is not written over; name another with `--out`",
        .0.display()
    )]
    Exists(PathBuf),
    /// The folder cannot be read.
    #[error("`{}` cannot be read: {what}", path.display())]
    Read {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        what: String,
    },
    /// No file is called like the unit table.
    #[error(
        "`{}` has no file that can be read as OMOP's table `person`{why}; name one `person.csv`, \
         `person.parquet` or `person.arrow`, or describe the site's own names by hand, with views",
        folder.display()
    )]
    NoPersons {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with the file of that name, if there is one.
        why: String,
    },
    /// The file cannot be written.
    #[error("`{}` cannot be written: {what}; name another with `--out`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        what: String,
    },
    /// The persons cannot be counted.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
}

/// What was described. For the site only.
#[derive(Clone, Copy, Debug)]
pub struct Described {
    /// Tables under `[tables]`.
    pub tables: usize,
    /// Tables under `[vocabulary]`.
    pub vocabulary: usize,
    /// Files that are named in a comment, with the reason why they are left out.
    pub left_out: usize,
}

/// Columns of OMOP that tell who somebody is; where they are, no study gets them.
const WITHHELD: [&str; 2] = ["person_source_value", "note_text"];

/// Looks at the files of `folder` and writes `file`, which must not be there; `today` is the day
/// that stands for the snapshot until the site writes it.
///
/// # Errors
/// [`DescribeError`]: nothing was written then.
pub async fn describe(folder: &Path, file: &Path, today: &str) -> Result<Described, DescribeError> {
    if file.exists() {
        return Err(DescribeError::Exists(file.to_owned()));
    }
    let scan = Scan::of(folder, file)?;
    let facts = text::Facts { today, persons: 1, withheld: Vec::new() };
    let first = Dataset::parse(file, text::text(&scan, &facts))?;
    let session = SessionContext::new();
    let source = Source::open(&first, &session).await?;
    let persons = source.units().await?.count().await.map_err(DatasetError::from)? as u64;
    let withheld = withheld(&source).await?;
    let text = text::text(&scan, &text::Facts { today, persons: rounded(persons), withheld });
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => DescribeError::Exists(file.to_owned()),
        _ => DescribeError::Write { path: file.to_owned(), what: error.to_string() },
    };
    let mut written = std::fs::File::create_new(file).map_err(failed)?;
    written.write_all(text.as_bytes()).map_err(failed)?;
    Ok(Described {
        tables: first.tables.len(),
        vocabulary: first.vocabulary.len(),
        left_out: scan.left_out(),
    })
}

/// To two digits, and to tens: 2,694 persons are about 2,700.
const fn rounded(persons: u64) -> u64 {
    let mut unit = 10;
    while persons / unit >= 100 {
        unit *= 10;
    }
    let units = (persons + unit / 2) / unit;
    if units == 0 { unit } else { units * unit }
}

/// Those of [`WITHHELD`] that some table has.
async fn withheld(source: &Source<'_>) -> Result<Vec<&'static str>, DatasetError> {
    let mut found = Vec::new();
    for table in source.dataset.tables.keys() {
        let frame = source.whole(table).await?;
        let fields = frame.schema().fields();
        let has = |name: &&str| fields.iter().any(|field| field.name().eq_ignore_ascii_case(name));
        found.extend(WITHHELD.into_iter().filter(has));
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn a_number_to_publish_is_rounded() {
        let pairs = [(0, 10), (3, 10), (28, 30), (994, 990), (2_694, 2_700), (123_456, 120_000)];
        for (persons, about) in pairs {
            assert_eq!(rounded(persons), about, "{persons}");
        }
    }
}
