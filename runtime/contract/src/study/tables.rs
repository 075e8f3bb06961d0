//! `[tables]`: what is read of a person.

use super::walk::{Section, Value};
use super::{BOUNDS, CodeSet, Column, ColumnType, StudyError, columns};

/// A declared table: a name of the study's own for some rows and columns of a site's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The study's name for it.
    pub name: String,
    /// The site's table, by its OMOP name.
    pub from: String,
    /// Whether a site without the table gives an empty one.
    pub optional: bool,
    /// The columns that the guest sees, in this order.
    pub columns: Vec<Column>,
    /// Rows must pass every filter.
    pub filters: Vec<Filter>,
    /// The column by which rows are sorted first, then by all columns in order.
    pub order_by: Option<usize>,
    /// The most rows of one person that the guest sees.
    pub rows_max: u32,
    /// Which rows stay if there are more.
    pub keep: Keep,
}

/// Rows whose `column` is in one of the code sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// A column of the site's table; it need not be declared.
    pub column: String,
    /// Positions of code sets, all of concepts or all of text.
    pub sets: Vec<usize>,
}

/// Which rows stay when a person has more than `rows_max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The first in canonical order.
    First,
    /// The last in canonical order.
    Last,
}

pub(super) fn tables(root: &Section<'_>, codes: &[CodeSet]) -> Result<Vec<Table>, StudyError> {
    let tables = root.need("tables", "[tables.person]")?;
    let entries = tables.section("[tables]")?.named()?;
    if entries.is_empty() {
        return Err(tables.error_at_name("the study reads no table", "add `[tables.person]`"));
    }
    entries.iter().map(|entry| table(entry, codes)).collect()
}

fn table(entry: &Value<'_>, codes: &[CodeSet]) -> Result<Table, StudyError> {
    let section = entry.section(&format!("[tables.{}]", entry.name))?;
    section.only(&["from", "columns", "where", "order_by", "rows_max", "keep", "optional"])?;
    let from = section.opt("from").map(|value| from(&value)).transpose()?;
    let from = from.unwrap_or_else(|| entry.name.clone());
    let columns = columns::columns(&section)?;
    let order_by = section.opt("order_by").map(|v| order_by(&v, &columns)).transpose()?;
    let rows_max = match section.opt("rows_max") {
        Some(value) => value.int_in(1..=BOUNDS.rows_max)?,
        // OMOP's person table has one row a person.
        None if from == "person" => 1,
        None => {
            return Err(section.error(
                format!("`rows_max` is missing in [tables.{}]", entry.name),
                "say how many rows of one person matter, as in `rows_max = 200`",
            ));
        }
    };
    let keep = section.opt("keep").map(|value| keep(&value)).transpose()?.unwrap_or(Keep::First);
    let optional = section.opt("optional").map(|value| value.bool()).transpose()?.unwrap_or(false);
    let filters = section.opt("where").map(|v| filters(&v, &columns, codes)).transpose()?;
    let filters = filters.unwrap_or_default();
    let name = entry.name.clone();
    Ok(Table { name, from, optional, columns, filters, order_by, rows_max, keep })
}

fn from(value: &Value<'_>) -> Result<String, StudyError> {
    let name = value.text()?;
    super::names::check(name)
        .map(|()| name.to_owned())
        .map_err(|right| value.error("`from` is not the name of a table", right))
}

fn order_by(value: &Value<'_>, columns: &[Column]) -> Result<usize, StudyError> {
    value.one_of("column", columns.iter().map(|column| column.name.as_str()))
}

fn keep(value: &Value<'_>) -> Result<Keep, StudyError> {
    match value.text()? {
        "first" => Ok(Keep::First),
        "last" => Ok(Keep::Last),
        _ => Err(value.error("`keep` is neither `first` nor `last`", "write one of the two")),
    }
}

fn filters(
    value: &Value<'_>,
    columns: &[Column],
    codes: &[CodeSet],
) -> Result<Vec<Filter>, StudyError> {
    let filter = |entry: Value<'_>| {
        let names = codes.iter().map(|set| set.name.as_str());
        let listed = entry.list()?;
        if let Some(other) = listed.iter().find(|name| !name.is_text()) {
            let set = "the name of a code set, which `[codes]` declares as in `drug = { concepts = \
                       [1713332] }`";
            return Err(other.wrong(set));
        }
        if listed.is_empty() {
            return Err(entry.error("the filter names no code set", "name one of [codes]"));
        }
        let sets = listed.iter().map(|name| name.one_of("code set", names.clone()));
        let sets = sets.collect::<Result<Vec<_>, _>>()?;
        same_kind(&entry, &sets, columns, codes)?;
        Ok(Filter { column: entry.name.clone(), sets })
    };
    if !value.is_table() {
        return Err(value.wrong("a table, as in `{ drug_concept_id = [\"drug\"] }`"));
    }
    value.section("`where`")?.named()?.into_iter().map(filter).collect()
}

/// The sets of one filter are all of concepts or all of text, and fit the column where declared.
fn same_kind(
    entry: &Value<'_>,
    sets: &[usize],
    columns: &[Column],
    codes: &[CodeSet],
) -> Result<(), StudyError> {
    let is_text =
        |set: &usize| codes.get(*set).is_some_and(|set| matches!(set.codes, super::Codes::Text(_)));
    let text = sets.iter().filter(|set| is_text(set)).count();
    if text != 0 && text != sets.len() {
        return Err(entry.error(
            "the filter mixes concepts and text codes",
            "filter a column by one of the two",
        ));
    }
    let declared = columns.iter().find(|column| column.name == entry.name);
    let fits = declared.is_none_or(|column| match column.kind {
        ColumnType::Int => text == 0,
        ColumnType::Text { .. } | ColumnType::Category { .. } => text != 0,
        _ => false,
    });
    let right = "filter an `int` by concepts, a `text` or `category` by text codes";
    if fits { Ok(()) } else { Err(entry.error("the column's type does not fit the codes", right)) }
}
