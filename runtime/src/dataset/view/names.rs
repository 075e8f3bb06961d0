//! What a view may name: the tables that it reads and are declared, by schema alone, and the
//! engine's functions. No file, no catalogue, no table function can be reached from here.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{DataFusionError, Result as Planned, TableReference};
use datafusion::config::ConfigOptions;
use datafusion::execution::SessionState;
use datafusion::logical_expr::builder::LogicalTableSource;
use datafusion::logical_expr::planner::{ContextProvider, ExprPlanner};
use datafusion::logical_expr::{
    AggregateUDF, HigherOrderUDF, LogicalPlan, ScalarUDF, TableSource, WindowUDF,
};
use datafusion::prelude::DataFrame;
use datafusion::sql::planner::SqlToRel;
use datafusion::sql::sqlparser::ast::Statement;

use super::Refused;
use crate::dataset::KeyKind;

/// A declared table: its rows and whose they are.
pub(super) struct Relation {
    pub(super) owner: Owner,
    pub(super) frame: DataFrame,
}

/// Whose the rows of a relation are.
pub(super) enum Owner {
    /// Each row is one person's, whom the column `key` names.
    Person {
        /// The unit key's column, in lower case.
        key: String,
        /// The unit key's kind.
        kind: KeyKind,
    },
    /// Everybody's: vocabulary.
    Public,
}

/// The names that one view can use.
pub(super) struct Names<'s> {
    state: &'s SessionState,
    tables: BTreeMap<&'s str, Arc<dyn TableSource>>,
}

impl<'s> Names<'s> {
    /// The tables of `relations` and the functions of `state`.
    pub(super) fn new(state: &'s SessionState, relations: &'s BTreeMap<String, Relation>) -> Self {
        let source = |relation: &Relation| -> Arc<dyn TableSource> {
            let schema = Arc::clone(relation.frame.schema().inner());
            Arc::new(LogicalTableSource::new(schema))
        };
        let tables = relations.iter().map(|(name, one)| (name.as_str(), source(one))).collect();
        Self { state, tables }
    }

    /// The logical plan of `query`, over schemas only.
    ///
    /// # Errors
    /// The engine's reason if it names what is not there.
    pub(super) fn plan(&self, query: Statement) -> Planned<LogicalPlan> {
        SqlToRel::new(self).sql_statement_to_plan(query)
    }
}

/// The engine's reason why a view cannot be planned, without its way of saying so.
pub(super) fn failed(error: &DataFusionError) -> Refused {
    let what = match error.find_root() {
        DataFusionError::Plan(what) | DataFusionError::NotImplemented(what) => what.clone(),
        other => other.strip_backtrace(),
    };
    Refused::new(what.lines().next().unwrap_or_default())
}

impl ContextProvider for Names<'_> {
    fn get_table_source(&self, name: TableReference) -> Planned<Arc<dyn TableSource>> {
        let bare = name.schema().is_none().then(|| self.tables.get(name.table())).flatten();
        let has = || {
            let names: Vec<_> = self.tables.keys().map(|name| format!("`{name}`")).collect();
            format!(
                "it reads `{}`, which is neither under `[tables]` nor under `[vocabulary]`{}",
                name,
                if names.is_empty() { String::new() } else { format!("; {} is", names.join(", ")) }
            )
        };
        bare.cloned().ok_or_else(|| DataFusionError::Plan(has()))
    }

    fn get_expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        self.state.expr_planners()
    }

    fn get_function_meta(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        self.state.scalar_functions().get(name).cloned()
    }

    fn get_higher_order_meta(&self, _: &str) -> Option<Arc<HigherOrderUDF>> {
        None
    }

    /// Aggregates and windows are known so that the check can refuse them by name.
    fn get_aggregate_meta(&self, name: &str) -> Option<Arc<AggregateUDF>> {
        self.state.aggregate_functions().get(name).cloned()
    }

    fn get_window_meta(&self, name: &str) -> Option<Arc<WindowUDF>> {
        self.state.window_functions().get(name).cloned()
    }

    fn get_variable_type(&self, _: &[String]) -> Option<DataType> {
        None
    }

    fn options(&self) -> &ConfigOptions {
        self.state.config_options()
    }

    fn udf_names(&self) -> Vec<String> {
        self.state.scalar_functions().keys().cloned().collect()
    }

    fn higher_order_function_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn udaf_names(&self) -> Vec<String> {
        self.state.aggregate_functions().keys().cloned().collect()
    }

    fn udwf_names(&self) -> Vec<String> {
        self.state.window_functions().keys().cloned().collect()
    }
}
