//! Views: one SELECT each that gives a site's own tables the names of the common data model.
//!
//! ```text
//! [views]
//! drug_era = "SELECT pat AS person_id, atc AS drug_code, von AS drug_era_start_date FROM meds"
//!
//! text --statement, clauses--> query  one SELECT of known clauses, or a refusal by name
//! query --names--> logical plan       over the schemas of declared tables: it can name no other
//! plan --check--> the same plan       an allow-list, on the plan and not on the text
//! plan --over the real tables--> rows
//! ```
//!
//! *Invariant `one person`*: every row of a view is made of rows of one person, whom its unit key
//! names, and of public vocabulary. `check.rs` proves it for each plan, from the tables upwards.

mod check;
mod clauses;
mod expression;
mod names;
mod statement;

use std::collections::BTreeMap;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DataFusionError, SchemaError};
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use datafusion::prelude::{DataFrame, Expr};
use datafusion::sql::sqlparser::ast::Statement;

use super::naming::same_name;
use super::sensitive::has_word;
use super::source::{column_named, key_kind};
use super::{DatasetError, Format, Source};
use crate::faults::{Mechanism, off};
use names::{Names, Owner, Relation};

/// A view as `dataset.toml` has it: a query that parses, not yet checked.
#[derive(Clone, Debug)]
pub(super) struct View {
    query: Statement,
    reads: Vec<String>,
}

impl View {
    /// Whether it reads `table`; names have no case.
    pub(super) fn reads_from(&self, table: &str) -> bool {
        self.reads.iter().any(|read| same_name(read, table))
    }

    /// Whether its text has the name of `column` anywhere, or a `*`: then it may read it.
    pub(super) fn may_name(&self, column: &str) -> bool {
        let text = self.query.to_string().to_lowercase();
        text.contains('*') || has_word(&text, &column.to_lowercase())
    }
}

/// Why a view is not let through: what it does, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Refused(String);

impl Refused {
    fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }

    fn in_view(self, view: &str) -> DatasetError {
        DatasetError::View { view: view.to_owned(), what: self.0 }
    }
}

/// The views of a `dataset.toml` by name in lower case. A name that a table has too is refused:
/// nobody should have to know which of them a study gets.
///
/// # Errors
/// [`DatasetError`] for a view that is no single SELECT, or has another's name.
pub(super) fn parse(
    views: BTreeMap<String, String>,
    taken: impl Fn(&str) -> bool,
) -> Result<BTreeMap<String, View>, DatasetError> {
    let mut parsed = BTreeMap::new();
    for (name, sql) in views {
        let view = statement::parse(&sql).map_err(|refused| refused.in_view(&name))?;
        let name = name.to_lowercase();
        if taken(&name) || parsed.contains_key(&name) {
            let what = "a table or another view has this name; give the table one of its own, \
                 as `raw_...`, and read it in the view";
            return Err(Refused::new(what).in_view(&name));
        }
        parsed.insert(name, view);
    }
    Ok(parsed)
}

impl Source<'_> {
    /// The rows of `view`, once its plan has been checked.
    ///
    /// # Errors
    /// [`DatasetError`] if the view is refused or a table it reads is missing or broken.
    pub(super) async fn view(&self, name: &str, view: &View) -> Result<DataFrame, DatasetError> {
        let mut relations = BTreeMap::new();
        for table in &view.reads {
            if let Some(relation) = self.relation(name, table).await? {
                relations.insert(table.clone(), relation);
            }
        }
        let refused = |refused: Refused| refused.in_view(name);
        one_kind(&relations).map_err(refused)?;
        let state = self.session.state();
        let names = Names::new(&state, &relations);
        let plan = names.plan(view.query.clone());
        let plan = plan.map_err(|error| refused(self.unplanned(&error)))?;
        let key = self.dataset.unit.key.as_deref().unwrap_or_default();
        if !off(Mechanism::ViewPlan) {
            check::view(&plan, &relations, key).map_err(refused)?;
        }
        let plan = over_tables(plan, &relations)?;
        // Types are settled here: what a study declares is held against them.
        let options = state.config_options();
        let plan = state.analyzer().execute_and_check(plan, options, |_, _| {});
        let plan = plan.map_err(|error| refused(names::failed(&error)))?;
        Ok(DataFrame::new(state.clone(), plan))
    }

    /// Why a view cannot be planned: what the site withholds is not there for it.
    fn unplanned(&self, error: &DataFusionError) -> Refused {
        if let DataFusionError::SchemaError(missing, _) = error.find_root()
            && let SchemaError::FieldNotFound { field, .. } = &**missing
            && self.dataset.withheld.iter().any(|withheld| same_name(withheld, field.name()))
        {
            let column = field.name();
            let what = format!("it names `{column}`, which `withheld` keeps from every study");
            return Refused::new(what);
        }
        names::failed(error)
    }

    /// The columns of `frame` that a view may name: in lower case, since names have no case and
    /// SQL's have, and without those that the site withholds, under whatever name.
    fn known(&self, frame: DataFrame, table: &str) -> Result<DataFrame, DatasetError> {
        let mut columns: Vec<Expr> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        for field in frame.schema().fields() {
            let column = field.name().to_lowercase();
            if !seen.insert(column.clone()) {
                return Err(DatasetError::TwoColumns { table: table.to_owned(), column });
            }
            let withheld = self.dataset.withheld.iter();
            let same = |withheld: &String| same_name(withheld, &column);
            if !withheld.clone().any(same) || off(Mechanism::WithheldColumns) {
                columns.push(column_named(field.name()).alias(column));
            }
        }
        Ok(frame.select(columns)?)
    }

    /// The declared table `table`, its columns in lower case, and whose its rows are; `None` if
    /// nothing declared has this name.
    async fn relation(&self, view: &str, table: &str) -> Result<Option<Relation>, DatasetError> {
        if self.dataset.views.contains_key(table) {
            let what = format!(
                "it reads the view `{table}`, and a view reads tables only; write the inner \
                 query out, in a `WITH` if that is clearer"
            );
            return Err(Refused::new(what).in_view(view));
        }
        if self.dataset.tables.contains_key(table) {
            let frame = self.whole(table).await?;
            let key = self.find(&frame, table, self.key_name(table));
            let key = key.map_err(|error| without_key(error, view))?;
            let ty = super::source::data_type(&frame, &key);
            let kind = key_kind(&ty).map_err(|found| DatasetError::Key {
                table: table.to_owned(),
                key: key.clone(),
                found,
                right: "it must be an integer or a text",
            })?;
            let owner = Owner::Person { key: key.to_lowercase(), kind };
            let frame = self.known(frame, table)?;
            return Ok(Some(Relation { owner, frame }));
        }
        let Some(file) = self.dataset.vocabulary.get(table) else { return Ok(None) };
        if let Format::Csv(_) = file.format {
            let what = "it reads vocabulary of delimited text, which has no types; store it as \
                 Parquet or Arrow";
            return Err(Refused::new(what).in_view(view));
        }
        let frame = self.known(self.read(table, file, &[]).await?, table)?;
        Ok(Some(Relation { owner: Owner::Public, frame }))
    }
}

/// A table of a site's own may call the key otherwise, and then says so.
fn without_key(error: DatasetError, view: &str) -> DatasetError {
    let DatasetError::NoColumn { table, column, has } = error else { return error };
    let what = format!(
        "it reads the table `{table}`, which has no unit key `{column}`; give the key's name there \
         in `unit.keys`, or list the table under `[vocabulary]` if it is public; {has}"
    );
    Refused::new(what).in_view(view)
}

/// Keys of one kind compare without loss; `'01'` and `'1'` are two persons, and as numbers one.
fn one_kind(relations: &BTreeMap<String, Relation>) -> Result<(), Refused> {
    let mut kinds = relations.iter().filter_map(|(table, relation)| match &relation.owner {
        Owner::Person { kind, .. } => Some((table, *kind)),
        Owner::Public => None,
    });
    let Some((first, kind)) = kinds.next() else { return Ok(()) };
    match kinds.find(|(_, other)| *other != kind) {
        None => Ok(()),
        Some((other, _)) => Err(Refused::new(format!(
            "the unit key is an integer in one of `{first}` and `{other}` and a text in the \
             other; store it as one kind"
        ))),
    }
}

/// The checked plan with the real tables where it named them.
fn over_tables(
    plan: LogicalPlan,
    relations: &BTreeMap<String, Relation>,
) -> Result<LogicalPlan, DatasetError> {
    let plan = plan.transform_up(|node| match &node {
        LogicalPlan::TableScan(scan) => match relations.get(scan.table_name.table()) {
            Some(relation) => {
                let real = LogicalPlanBuilder::from(relation.frame.logical_plan().clone());
                Ok(Transformed::yes(real.alias(scan.table_name.clone())?.build()?))
            }
            None => Ok(Transformed::no(node)),
        },
        _ => Ok(Transformed::no(node)),
    })?;
    Ok(plan.data)
}

#[cfg(test)]
mod tests;
