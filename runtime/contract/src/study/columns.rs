//! The columns of a table, of a closed set of types.

use super::walk::{Section, Value, listed};
use super::{BOUNDS, StudyError, params};

/// A declared column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name; the site's column is found without regard to case.
    pub name: String,
    /// Its type.
    pub kind: ColumnType,
}

/// The closed set of column types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// A 64-bit integer.
    Int,
    /// An IEEE 754 double.
    Float,
    /// `true` or `false`.
    Bool,
    /// A calendar date.
    Date,
    /// An instant in microseconds, UTC.
    DateTime,
    /// One of declared labels; anything else is `other`.
    Category {
        /// The labels.
        labels: Vec<String>,
    },
    /// UTF-8 of at most `bytes_max` bytes.
    Text {
        /// Most bytes of one value.
        bytes_max: u32,
    },
    /// An id that the host replaces by the person's ordinal of it, the same in all tables.
    Link,
}

impl ColumnType {
    /// The type's name in a study file.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::Date => "date",
            Self::DateTime => "datetime",
            Self::Category { .. } => "category",
            Self::Text { .. } => "text",
            Self::Link => "link",
        }
    }
}

const TYPES: &[&str] = &["int", "float", "bool", "date", "datetime", "category", "text", "link"];

pub(super) fn columns(table: &Section<'_>) -> Result<Vec<Column>, StudyError> {
    let value = table.need("columns", "columns = { year_of_birth = \"int\" }")?;
    let entries = value.section("`columns`")?.named()?;
    if entries.is_empty() || entries.len() > BOUNDS.columns_max {
        let right = format!("declare 1 to {} columns", BOUNDS.columns_max);
        return Err(value.error(format!("there are {} columns", entries.len()), right));
    }
    let column = |entry: Value<'_>| Ok(Column { name: entry.name.clone(), kind: kind(&entry)? });
    entries.into_iter().map(column).collect()
}

fn kind(entry: &Value<'_>) -> Result<ColumnType, StudyError> {
    if entry.is_text() {
        return match entry.text()? {
            "int" => Ok(ColumnType::Int),
            "float" => Ok(ColumnType::Float),
            "bool" => Ok(ColumnType::Bool),
            "date" => Ok(ColumnType::Date),
            "datetime" => Ok(ColumnType::DateTime),
            "link" => Ok(ColumnType::Link),
            "category" => Err(entry.error(
                "a category wants its labels",
                "write `{ type = \"category\", labels = [\"a\", \"b\"] }`",
            )),
            "text" => Err(entry.error(
                "a text wants its greatest length",
                "write `{ type = \"text\", bytes_max = 32 }`",
            )),
            other => Err(entry.error(
                format!("there is no column type `{}`", super::walk::printable(other)),
                format!("the types are {}", listed(TYPES)),
            )),
        };
    }
    if !entry.is_table() {
        return Err(entry.wrong("a type, as in `\"int\"`"));
    }
    let section = entry.section(&format!("column `{}`", entry.name))?;
    let of = section.need("type", "type = \"category\"")?;
    match of.text()? {
        "category" => {
            section.only(&["type", "labels"])?;
            let labels = section.need("labels", "labels = [\"a\", \"b\"]")?;
            Ok(ColumnType::Category { labels: params::labels(&labels)? })
        }
        "text" => {
            section.only(&["type", "bytes_max"])?;
            let max = section.need("bytes_max", "bytes_max = 32")?;
            Ok(ColumnType::Text { bytes_max: max.int_in(1..=BOUNDS.text_bytes_max)? })
        }
        _ => Err(of.error(
            "only `category` and `text` are written as a table",
            "write other types as a string, `\"int\"`",
        )),
    }
}
