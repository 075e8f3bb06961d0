//! Why a dataset cannot be used: for the site only, nothing of it leaves.

use std::path::PathBuf;

use datafusion::error::DataFusionError;

use super::unquoted;

/// The site's dataset cannot be used as it is. For the site only: nothing of it leaves.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// The file cannot be read.
    #[error("`{}` cannot be read: {source}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not a dataset description.
    #[error("`{}` is not a dataset description: {what}", file.display())]
    Parse {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A table's file is not there, or is not of its format.
    #[error("table `{table}`: `{}` cannot be read: {what}", path.display())]
    Table {
        /// The table.
        table: String,
        /// Its path.
        path: PathBuf,
        /// Why.
        what: String,
    },
    /// The study reads a table that the dataset does not have.
    #[error(
        "the study reads table `{0}`, which the dataset does not have{1}; add it under \
         `[tables]`, or ask for a study that calls it `optional`"
    )]
    NoTable(String, String),
    /// The study reads a column that the table does not have.
    #[error("table `{table}` has no column `{column}`; {has}")]
    NoColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The columns it has, and which one may be meant.
        has: String,
    },
    /// A line of delimited text was taken for one column.
    #[error(
        "table `{table}` has no column but one, called `{only}`: is its `delimiter` `{delimiter}`?"
    )]
    OneColumn {
        /// The table.
        table: String,
        /// What the column is called.
        only: String,
        /// What may delimit it.
        delimiter: String,
    },
    /// Two columns of a table differ only in case.
    #[error("table `{table}` has two columns `{column}` that differ only in case; rename one")]
    TwoColumns {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// The unit key is no integer and no text, or not of one type.
    #[error("the unit key `{key}` of table `{table}` is {found}; {right}")]
    Key {
        /// The table.
        table: String,
        /// The key.
        key: String,
        /// Its type.
        found: String,
        /// What would be right.
        right: &'static str,
    },
    /// The study reads what tells who somebody is.
    #[error(
        "the study reads `{column}` of table `{table}`, which the site withholds from every \
         study, as it does the unit key"
    )]
    Withheld {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// Each row is a person, and the study reads another table.
    #[error(
        "the dataset's rows have no key, so a study can read `{unit}` alone, and not `{table}`"
    )]
    OnlyUnit {
        /// The unit table.
        unit: String,
        /// The table that the study reads.
        table: String,
    },
    /// A column's type cannot hold what the study declares.
    #[error("table `{table}`, column `{column}`: {what}")]
    Column {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// What does not fit.
        what: String,
    },
    /// A view is refused: it could put another person's rows into a bundle, or is no view.
    #[error("view `{view}`: {what}")]
    View {
        /// The view.
        view: String,
        /// What it does, and what would be right.
        what: String,
    },
    /// A vocabulary table is missing.
    #[error(
        "the code set `{set}` asks for descendants, and the dataset has no `concept_ancestor`; \
         add it under `[vocabulary]`"
    )]
    NoVocabulary {
        /// The code set.
        set: String,
    },
    /// The site withholds a column that is nowhere: most likely another one is meant.
    #[error(
        "`withheld` lists `{0}`, and no table or view has such a column; studies could read the \
         one that is meant"
    )]
    NothingWithheld(String),
    /// The site calls a column sensitive that is nowhere: most likely another one is meant.
    #[error(
        "`sensitive` lists `{0}`, and no table or view has such a column; its policies would not \
         know the one that is meant"
    )]
    NothingSensitive(String),
    /// The query engine failed; its words quote no value.
    #[error("reading the dataset failed: {0}")]
    Engine(String),
}

impl From<DataFusionError> for DatasetError {
    fn from(error: DataFusionError) -> Self {
        Self::Engine(unquoted(&error))
    }
}
