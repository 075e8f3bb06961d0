//! The site's tables that a study reads: what of each column its name and type let us expect.

use cloister_contract::study::{Column, ColumnType, Study, Table};

use super::UNIT_KEY;
use super::codes::Set;

/// What a column holds.
#[derive(Clone, Debug)]
pub(super) enum Holds {
    /// A concept, of these or another.
    Concept(Vec<i64>),
    /// Female or male, rarely neither.
    Gender,
    /// Of a person: a year that all tables of the person agree on.
    YearOfBirth,
    /// A whole number in a range, rarely outside.
    Int(i64, i64),
    /// A number over four decades.
    Float,
    /// True or false.
    Bool,
    /// A day in the person's life.
    Date,
    /// A day on or after that of the column at this position.
    DateAfter(usize),
    /// An instant in the person's life.
    DateTime,
    /// A code, of these or another, of at most so many bytes.
    Text(Vec<String>, usize),
    /// The number of the row, which rows of other tables name.
    OwnId,
    /// The number of one of the first rows of the table that the column is named after.
    IdOfOther,
}

/// A table of the invented site.
pub(super) struct SiteTable<'s> {
    pub(super) name: &'s str,
    pub(super) columns: Vec<(&'s str, Holds)>,
    /// Each of the study's readings of it.
    pub(super) readings: Vec<Reading>,
}

/// The rows of one person that one of the study's tables reads.
pub(super) struct Reading {
    pub(super) rows_max: u32,
    /// For each filter, the column's position and the codes that pass.
    pub(super) filters: Vec<(usize, Set)>,
}

/// The tables that `study` reads, each once, with the columns of all readings of it.
pub(super) fn tables<'s>(study: &'s Study, sets: &[Set]) -> Vec<SiteTable<'s>> {
    let mut tables: Vec<SiteTable<'s>> = Vec::new();
    for table in &study.tables {
        let at = tables.iter().position(|known| known.name == table.from);
        let at = at.unwrap_or_else(|| {
            let columns = Vec::new();
            tables.push(SiteTable { name: &table.from, columns, readings: Vec::new() });
            tables.len() - 1
        });
        if let Some(site) = tables.get_mut(at) {
            site.read(table, sets);
        }
    }
    tables
}

impl<'s> SiteTable<'s> {
    fn read(&mut self, table: &'s Table, sets: &[Set]) {
        for column in &table.columns {
            let holds = self.holds(column, sets);
            self.add(&column.name, holds);
        }
        let mut filters = Vec::new();
        for filter in &table.filters {
            let mut passes = Set::default();
            for set in filter.sets.iter().filter_map(|at| sets.get(*at)) {
                passes.concepts.extend(&set.concepts);
                passes.texts.extend(set.texts.iter().cloned());
            }
            let holds = if passes.texts.is_empty() {
                Holds::Concept(passes.concepts.clone())
            } else {
                Holds::Text(passes.texts.clone(), usize::MAX)
            };
            filters.push((self.add(&filter.column, holds), passes));
        }
        self.readings.push(Reading { rows_max: table.rows_max, filters });
    }

    /// The position of the column `name`, which holds `holds` if it is new.
    fn add(&mut self, name: &'s str, holds: Holds) -> usize {
        let known = self.columns.iter().position(|(known, _)| *known == name);
        if let Some((_, old)) = known.and_then(|at| self.columns.get_mut(at)) {
            // Two readings filter one column by different sets, or one declares it only.
            match (old, holds) {
                (Holds::Concept(old), Holds::Concept(more)) => old.extend(more),
                (Holds::Text(old, bytes_max), Holds::Text(more, max)) => {
                    old.extend(more);
                    *bytes_max = max.min(*bytes_max);
                }
                (old @ (Holds::Int(..) | Holds::Gender), concepts @ Holds::Concept(_)) => {
                    *old = concepts
                }
                _ => {}
            }
        } else if name != UNIT_KEY {
            self.columns.push((name, holds));
        }
        known.unwrap_or(self.columns.len().saturating_sub(1))
    }

    fn holds(&self, column: &Column, sets: &[Set]) -> Holds {
        let name = column.name.as_str();
        match &column.kind {
            ColumnType::Int => int(name, sets),
            ColumnType::Float => Holds::Float,
            ColumnType::Bool => Holds::Bool,
            ColumnType::Date => {
                let start = name.replace("_end_date", "_start_date");
                let start = self.columns.iter().position(|(known, _)| *known == start);
                start.map_or(Holds::Date, Holds::DateAfter)
            }
            ColumnType::DateTime => Holds::DateTime,
            // The host finds the label; what is none of them is `other`.
            ColumnType::Category { labels } => Holds::Text(labels.clone(), usize::MAX),
            ColumnType::Text { bytes_max } => {
                let codes = sets.iter().flat_map(|set| set.texts.iter().cloned());
                Holds::Text(codes.collect(), *bytes_max as usize)
            }
            ColumnType::Link if name.strip_suffix("_id") == Some(self.name) => Holds::OwnId,
            ColumnType::Link => Holds::IdOfOther,
        }
    }
}

fn int(name: &str, sets: &[Set]) -> Holds {
    match name {
        "year_of_birth" => Holds::YearOfBirth,
        "month_of_birth" => Holds::Int(1, 12),
        "day_of_birth" => Holds::Int(1, 28),
        "gender_concept_id" => Holds::Gender,
        _ if name.ends_with("_concept_id") => {
            Holds::Concept(sets.iter().flat_map(|set| set.concepts.iter().copied()).collect())
        }
        _ if name.ends_with("_id") => Holds::Int(1, 1_000),
        _ => Holds::Int(0, 100),
    }
}
