//! A study's filters as conditions of the query engine, so that it can push them down.

use cloister_contract::job::CodeList;
use cloister_contract::study::Filter;
use datafusion::prelude::{DataFrame, Expr, lit};

use super::source::{column_named, data_type};
use super::{DatasetError, Source, columns};

impl Source<'_> {
    /// Whether a row passes `filter`: its column is in one of the filter's code sets.
    pub(super) fn condition(
        &self,
        frame: &DataFrame,
        table: &str,
        filter: &Filter,
        codes: &[CodeList],
    ) -> Result<Expr, DatasetError> {
        let name = self.find(frame, table, &filter.column)?;
        let column = column_named(&name);
        let lists = filter.sets.iter().filter_map(|at| codes.get(*at));
        let conditions = lists.map(|list| match list {
            CodeList::Concepts(ids) => any_of(&column, ids.iter().map(|id| lit(*id))),
            CodeList::Text(codes) => {
                let listed = texts(&column, &codes.exact, &codes.prefixes);
                let excluded = texts(&column, &codes.exclude_exact, &codes.exclude_prefixes);
                listed.and(!excluded)
            }
        });
        let condition = any(conditions.collect());
        let concepts = filter
            .sets
            .iter()
            .filter_map(|at| codes.get(*at))
            .any(|list| matches!(list, CodeList::Concepts(_)));
        columns::can_filter(&data_type(frame, &name), concepts).map_err(|what| {
            let (table, column) = (table.to_owned(), filter.column.clone());
            DatasetError::Column { table, column, what }
        })?;
        Ok(condition)
    }
}

fn any_of(column: &Expr, values: impl Iterator<Item = Expr>) -> Expr {
    let values: Vec<_> = values.collect();
    if values.is_empty() { lit(false) } else { column.clone().in_list(values, false) }
}

fn texts(column: &Expr, exact: &[String], prefixes: &[String]) -> Expr {
    // In a pattern `%` and `_` are wild, and a backslash makes the next character plain.
    let escape = |c: char| if matches!(c, '%' | '_' | '\\') { vec!['\\', c] } else { vec![c] };
    let pattern = |prefix: &String| prefix.chars().flat_map(escape).collect::<String>() + "%";
    let under = prefixes.iter().map(|prefix| column.clone().like(lit(pattern(prefix))));
    let listed = any_of(column, exact.iter().map(|code| lit(code.as_str())));
    any(std::iter::once(listed).chain(under).collect())
}

/// Whether one of `conditions` holds: a balanced tree, since the engine walks it on its stack.
fn any(mut conditions: Vec<Expr>) -> Expr {
    while conditions.len() > 1 {
        let mut pairs = conditions.into_iter();
        let mut halved = Vec::new();
        while let Some(first) = pairs.next() {
            halved.push(match pairs.next() {
                Some(second) => first.or(second),
                None => first,
            });
        }
        conditions = halved;
    }
    conditions.pop().unwrap_or_else(|| lit(false))
}
