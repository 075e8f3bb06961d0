//! The sandbox as one operator of the query engine.
//!
//! It has one input for the unit keys and one per declared table. It declares what it needs,
//! co-partitioning and ordering by unit key, and the engine plans projection, filters,
//! repartitioning and sorting. Its output is one batch of partial cells per partition.
//!
//! *Invariant `same cut`*: inputs whose partitions are cut differently are never paired. The
//! requirement is `co_partitioned`, which repairs them; a test holds the plans to it.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::compute::SortOptions;
use datafusion::catalog::Session;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DFSchema, DFSchemaRef, Result};
use datafusion::execution::context::QueryPlanner;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{
    Expr, LogicalPlan, UserDefinedLogicalNode, UserDefinedLogicalNodeCore,
};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{
    Distribution, EquivalenceProperties, LexRequirement, OrderingRequirements, Partitioning,
    PhysicalExpr, PhysicalSortRequirement,
};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties,
    InputDistributionRequirements, PlanProperties, ReplaceChildrenOptions,
};
use datafusion::physical_planner::{DefaultPhysicalPlanner, ExtensionPlanner, PhysicalPlanner};

use super::bounds::Bounds;
use super::partial;
use super::partition::{self, Work};

/// The operator in a logical plan.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PerPerson {
    inputs: Vec<LogicalPlan>,
    schema: DFSchemaRef,
    work: SharedWork,
}

/// The work of one run; two are equal if they are the same one.
#[derive(Clone)]
struct SharedWork(Arc<Work>);

impl PerPerson {
    /// The operator over `inputs`: the unit keys, then the tables that the dataset has.
    pub(super) fn new(inputs: Vec<LogicalPlan>, work: Arc<Work>) -> Result<Self> {
        let schema = Arc::new(DFSchema::try_from(partial::schema())?);
        Ok(Self { inputs, schema, work: SharedWork(work) })
    }
}

impl UserDefinedLogicalNodeCore for PerPerson {
    fn name(&self) -> &'static str {
        "PerPerson"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        self.inputs.iter().collect()
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        Vec::new()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PerPerson")
    }

    fn with_exprs_and_inputs(&self, _: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        Ok(Self { inputs, schema: Arc::clone(&self.schema), work: self.work.clone() })
    }

    /// The guest sees every column of every input, whatever is asked of the output.
    fn necessary_children_exprs(&self, _: &[usize]) -> Option<Vec<Vec<usize>>> {
        let all = |input: &LogicalPlan| (0..input.schema().fields().len()).collect();
        Some(self.inputs.iter().map(all).collect())
    }
}

/// The engine's planner, taught this one operator.
#[derive(Debug)]
pub(super) struct Planner;

#[async_trait]
impl QueryPlanner for Planner {
    async fn create_physical_plan(
        &self,
        plan: &LogicalPlan,
        session: &dyn Session,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let planner = DefaultPhysicalPlanner::with_extension_planners(vec![Arc::new(Self)]);
        planner.create_physical_plan(plan, session).await
    }
}

#[async_trait]
impl ExtensionPlanner for Planner {
    async fn plan_extension(
        &self,
        _: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        _: &[&LogicalPlan],
        inputs: &[Arc<dyn ExecutionPlan>],
        _: &dyn Session,
        _: &PhysicalPlanningContext,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let node = node.as_any().downcast_ref::<PerPerson>();
        Ok(node.map(|node| Arc::new(PerPersonExec::new(inputs.to_vec(), node.work.clone())) as _))
    }
}

#[derive(Debug)]
struct PerPersonExec {
    inputs: Vec<Arc<dyn ExecutionPlan>>,
    properties: Arc<PlanProperties>,
    work: SharedWork,
}

impl PerPersonExec {
    fn new(inputs: Vec<Arc<dyn ExecutionPlan>>, work: SharedWork) -> Self {
        let partitions =
            inputs.first().map_or(1, |input| input.output_partitioning().partition_count());
        let properties = PlanProperties::new(
            EquivalenceProperties::new(partial::schema()),
            Partitioning::UnknownPartitioning(partitions),
            EmissionType::Final,
            Boundedness::Bounded,
        );
        Self { inputs, properties: Arc::new(properties), work }
    }

    /// Every input carries the unit key as its first column.
    fn keys(&self) -> impl Iterator<Item = Arc<dyn PhysicalExpr>> {
        self.inputs.iter().map(|input| {
            let schema = input.schema();
            let name = schema.fields().first().map_or("", |field| field.name());
            Arc::new(Column::new(name, 0)) as Arc<dyn PhysicalExpr>
        })
    }
}

impl ExecutionPlan for PerPersonExec {
    fn name(&self) -> &'static str {
        "PerPersonExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.inputs.iter().collect()
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        let by_key = self.keys().map(|key| Distribution::KeyPartitioned(vec![key]));
        let by_key: Vec<_> = by_key.collect();
        // The unit table alone, where a study's optional tables are absent, is paired with none.
        if by_key.len() < 2 {
            return InputDistributionRequirements::new(by_key);
        }
        InputDistributionRequirements::co_partitioned(by_key)
    }

    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        let options = SortOptions { descending: false, nulls_first: false };
        let ordered = |key| {
            let by_key = PhysicalSortRequirement::new(key, Some(options));
            LexRequirement::new([by_key]).map(OrderingRequirements::new)
        };
        self.keys().map(ordered).collect()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![false; self.inputs.len()]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    /// The number of partitions changes while the engine plans, so everything is made anew.
    fn replace_children(
        self: Arc<Self>,
        inputs: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Self::new(inputs, self.work.clone())))
    }

    fn with_new_children(
        self: Arc<Self>,
        inputs: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Self::new(inputs, self.work.clone())))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let streams = self.inputs.iter().map(|input| {
            let bounds = Bounds::of(input.output_partitioning(), partition);
            Ok((input.execute(partition, context.clone())?, bounds))
        });
        let streams = streams.collect::<Result<Vec<_>>>()?;
        let run = partition::run(Arc::clone(&self.work.0), streams);
        let batch = futures::stream::once(async move { run.await.map_err(Into::into) });
        Ok(Box::pin(RecordBatchStreamAdapter::new(partial::schema(), batch)))
    }
}

impl DisplayAs for PerPersonExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PerPersonExec: inputs={}", self.inputs.len())
    }
}

impl fmt::Debug for SharedWork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Work")
    }
}

impl PartialEq for SharedWork {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for SharedWork {}

impl Hash for SharedWork {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

impl PartialOrd for PerPerson {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        (self == other).then_some(std::cmp::Ordering::Equal)
    }
}
