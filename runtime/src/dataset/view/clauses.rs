//! The allow-list for clauses: the parser knows some that the engine's planner silently drops, and
//! what the plan does not show, the check of the plan cannot refuse.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Query, Select, TableFactor, Visit, Visitor};

use super::Refused;

/// Lets `query` through if every clause in it is one that the plan shows.
///
/// # Errors
/// [`Refused`] with the first that is not.
pub(super) fn check(query: &Query) -> Result<(), Refused> {
    match query.visit(&mut Clauses) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(what) => Err(Refused::new(what)),
    }
}

struct Clauses;

impl Visitor for Clauses {
    type Break = String;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<String> {
        let plain = query.locks.is_empty()
            && query.for_clause.is_none()
            && query.settings.is_none()
            && query.format_clause.is_none();
        unless(plain, "`FOR`, `SETTINGS` or `FORMAT`")
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<String> {
        let plain = select.prewhere.is_none()
            && select.connect_by.is_empty()
            && select.value_table_mode.is_none()
            && select.select_modifiers.is_none()
            && select.exclude.is_none();
        unless(plain, "`PREWHERE`, `CONNECT BY`, `EXCLUDE` or a modifier of SELECT")
    }

    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> ControlFlow<String> {
        match table {
            TableFactor::Table { sample: Some(_), .. }
            | TableFactor::Derived { sample: Some(_), .. } => ControlFlow::Break(
                "`TABLESAMPLE` differs from run to run, and a replay must give the same; take it \
                 out"
                .to_owned(),
            ),
            TableFactor::Table { alias: Some(alias), .. } if !alias.columns.is_empty() => {
                ControlFlow::Break(format!(
                    "`{}` gives the columns of a table other names by their places, which hides \
                     the ones that are withheld or sensitive; name them in the SELECT",
                    alias.name
                ))
            }
            TableFactor::Table { args: Some(_), name, .. } | TableFactor::Function { name, .. } => {
                function(&format!(" (`{name}`)"))
            }
            TableFactor::TableFunction { .. } => function(""),
            TableFactor::UNNEST { .. } => ControlFlow::Break(
                "`unnest` makes rows that are nobody's; read declared tables".to_owned(),
            ),
            TableFactor::Table {
                with_hints,
                version,
                with_ordinality,
                partitions,
                json_path,
                index_hints,
                ..
            } => {
                let plain = with_hints.is_empty()
                    && version.is_none()
                    && !with_ordinality
                    && partitions.is_empty()
                    && json_path.is_none()
                    && index_hints.is_empty();
                unless(plain, "a hint, version, ordinality or partition of a table")
            }
            TableFactor::Derived { .. } | TableFactor::NestedJoin { .. } => {
                ControlFlow::Continue(())
            }
            _ => unless(false, "what stands in `FROM`"),
        }
    }
}

fn unless(plain: bool, what: &str) -> ControlFlow<String> {
    if plain {
        return ControlFlow::Continue(());
    }
    ControlFlow::Break(format!("{what} is not on the list; use what docs/datasets.md lists"))
}

fn function(name: &str) -> ControlFlow<String> {
    ControlFlow::Break(format!(
        "a table function{name} makes rows that are nobody's; read declared tables"
    ))
}
