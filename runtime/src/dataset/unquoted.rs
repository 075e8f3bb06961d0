//! What is repeated of an error of the query engine: never a value, which may be somebody's.

use std::error::Error;
use std::path::PathBuf;

use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;

/// A line of delimited text that cannot be read. It quotes no value.
#[derive(Debug, thiserror::Error)]
#[error("table `{table}`: {}, line {line}: {what}", file.display())]
pub(super) struct BrokenLine {
    pub(super) table: String,
    pub(super) file: PathBuf,
    pub(super) line: u64,
    pub(super) what: String,
}

impl From<BrokenLine> for DataFusionError {
    fn from(line: BrokenLine) -> Self {
        Self::External(Box::new(line))
    }
}

/// The words of `error`, if they are about files, schemas and plans; what fails while it computes
/// quotes the value on which it failed.
pub(crate) fn unquoted(error: &DataFusionError) -> String {
    let mut causes = std::iter::successors(Some(error as &dyn Error), |&cause| cause.source());
    if let Some(line) = causes.find_map(|cause| cause.downcast_ref::<BrokenLine>()) {
        return line.to_string();
    }
    let is_plain = match error.find_root() {
        DataFusionError::ArrowError(inner, _) => matches!(
            **inner,
            ArrowError::NotYetImplemented(_)
                | ArrowError::SchemaError(_)
                | ArrowError::IoError(..)
                | ArrowError::IpcError(_)
                | ArrowError::ParquetError(_)
        ),
        root => matches!(
            root,
            DataFusionError::ParquetError(_)
                | DataFusionError::ObjectStore(_)
                | DataFusionError::IoError(_)
                | DataFusionError::SQL(..)
                | DataFusionError::NotImplemented(_)
                | DataFusionError::Plan(_)
                | DataFusionError::Configuration(_)
                | DataFusionError::SchemaError(..)
                | DataFusionError::ResourcesExhausted(_)
        ),
    };
    if is_plain {
        return error.strip_backtrace();
    }
    "the query engine failed on the rows, and its words may quote one; where a view casts, write \
     `TRY_CAST`"
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_value_is_not_repeated_and_a_line_is_named() {
        let secret = || Box::new(ArrowError::CastError("Cannot cast string 'HIV'".to_owned()));
        let shared = |error| DataFusionError::Shared(Arc::new(error)).context("sorting");
        for error in [
            DataFusionError::ArrowError(secret(), None),
            DataFusionError::Execution("'HIV' is no date".to_owned()),
            DataFusionError::External(secret()),
            shared(DataFusionError::ArrowError(secret(), None)),
        ] {
            assert!(!unquoted(&error).contains("HIV"), "{error}");
        }
        let (table, file) = ("visits".to_owned(), PathBuf::from("visits.csv"));
        let line = BrokenLine { table, file, line: 3, what: "it is odd".to_owned() };
        let wanted = "table `visits`: visits.csv, line 3: it is odd";
        assert_eq!(unquoted(&shared(line.into())), wanted);
        let absent = std::io::Error::other("no such file");
        assert!(unquoted(&DataFusionError::IoError(absent)).contains("no such file"));
    }
}
