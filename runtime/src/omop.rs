//! The tables and columns of the OMOP Common Data Model 5.4, as data: by them the files of a
//! folder are known by their names, and a slip in a study's names is noticed.

mod required;
mod slips;

use std::sync::LazyLock;

use cloister_contract::study::ColumnType;

pub(crate) use required::lacks;
pub use slips::slips;

/// A table of the model.
#[derive(Clone, Debug)]
pub(crate) struct ModelTable {
    /// Its name, in lower case.
    pub(crate) name: &'static str,
    /// Whether it is one of the standardised vocabularies, whose rows are public.
    pub(crate) vocabulary: bool,
    columns: Vec<(&'static str, ModelType)>,
}

/// The type of a column of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModelType {
    Int,
    Float,
    Date,
    DateTime,
    Text,
}

/// All tables, in the order of the specification.
pub(crate) fn tables() -> &'static [ModelTable] {
    static TABLES: LazyLock<Vec<ModelTable>> =
        LazyLock::new(|| parse(include_str!("omop/cdm-5.4.txt")));
    &TABLES
}

/// The table `name`, whose name has no case.
pub(crate) fn table(name: &str) -> Option<&'static ModelTable> {
    tables().iter().find(|table| table.name.eq_ignore_ascii_case(name))
}

impl ModelTable {
    /// The type of the column `name`, whose name has no case.
    pub(crate) fn column(&self, name: &str) -> Option<ModelType> {
        let column = self.columns.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        column.map(|(_, ty)| *ty)
    }
}

impl ModelType {
    /// Its name in the list, in a study file and in a `dataset.toml`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Float => "float",
            Self::Date => "date",
            Self::DateTime => "datetime",
            Self::Text => "text",
        }
    }

    /// The type by which delimited text is cast; `None` for text, which is none.
    pub(crate) const fn cast(self) -> Option<ColumnType> {
        match self {
            Self::Int => Some(ColumnType::Int),
            Self::Float => Some(ColumnType::Float),
            Self::Date => Some(ColumnType::Date),
            Self::DateTime => Some(ColumnType::DateTime),
            Self::Text => None,
        }
    }

    /// Whether a column of the type may hold what a study declares.
    const fn can_be(self, declared: &ColumnType) -> bool {
        match declared {
            ColumnType::Int | ColumnType::Bool => matches!(self, Self::Int | Self::Float),
            ColumnType::Float => matches!(self, Self::Int | Self::Float),
            ColumnType::Date | ColumnType::DateTime => matches!(self, Self::Date | Self::DateTime),
            ColumnType::Category { .. } | ColumnType::Text { .. } => matches!(self, Self::Text),
            ColumnType::Link => matches!(self, Self::Int | Self::Float | Self::Text),
        }
    }
}

/// Reads the list, whose head says how it is written; a test reads all of it.
fn parse(list: &'static str) -> Vec<ModelTable> {
    let mut tables: Vec<ModelTable> = Vec::new();
    let types =
        [ModelType::Int, ModelType::Float, ModelType::Date, ModelType::DateTime, ModelType::Text];
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        let Some(first) = words.next() else { continue };
        if !line.starts_with(' ') {
            let vocabulary = words.next().is_some();
            tables.push(ModelTable { name: first, vocabulary, columns: Vec::new() });
            continue;
        }
        let ty = types.into_iter().find(|ty| ty.name() == first);
        if let Some((ty, table)) = ty.zip(tables.last_mut()) {
            table.columns.extend(words.map(|name| (name, ty)));
        }
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The specification's own counts: 39 tables, 10 of them vocabularies, 432 columns.
    #[test]
    fn the_whole_list_is_read() {
        let tables = tables();
        assert_eq!(tables.len(), 39);
        assert_eq!(tables.iter().filter(|table| table.vocabulary).count(), 10);
        assert_eq!(tables.iter().map(|table| table.columns.len()).sum::<usize>(), 432);
        let person = table("PERSON").unwrap();
        assert_eq!(person.column("Year_Of_Birth"), Some(ModelType::Int));
        assert_eq!(person.column("birth_datetime"), Some(ModelType::DateTime));
    }
}
