//! From an admitted request to a draft: the guest over every person, exact integer cells.

mod accumulate;
mod bounds;
mod bundle;
mod cells;
mod link;
mod memory;
mod notes;
mod operator;
mod partial;
mod partition;
#[cfg(test)]
mod plans;

use std::sync::Arc;

use cloister_contract::cells::Layout;
use cloister_contract::job::Job;
use cloister_sandbox::Fault;
use datafusion::error::DataFusionError;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::logical_expr::{Extension, LogicalPlan};
use datafusion::physical_plan::{ExecutionPlan, collect, displayable};
use datafusion::prelude::{SessionConfig, SessionContext};

use crate::admit::{Admitted, AdmittedInvented};
use crate::dataset::{DatasetError, Source, unquoted};

pub(crate) use bundle::{Key, Keys, follows};
pub(crate) use memory::{make_private, private_temp};

pub use accumulate::CellCaps;
pub(crate) use accumulate::Loss;
pub use cells::Cell;
pub use memory::{Memory, SpillError};
pub(crate) use notes::Rehearsed;
pub use partition::Tally;

use accumulate::DigestKey;
use notes::Notes;
use operator::{PerPerson, Planner};
use partition::Work;

/// What the guests of one job have contributed, person by person: exact, and not to be shown.
///
/// Only [`crate::protect`] opens it. It cannot be printed:
///
/// ```compile_fail
/// fn show(draft: cloister::Draft) {
///     println!("{draft:?}");
/// }
/// ```
///
/// and not be written:
///
/// ```compile_fail
/// fn write(draft: cloister::Draft) {
///     serde_json::to_string(&draft);
/// }
/// ```
///
/// while the same lines compile for what it becomes:
///
/// ```
/// fn show(release: cloister::Release) {
///     println!("{release:?}");
/// }
/// ```
pub struct Draft {
    pub(crate) admitted: Admitted,
    pub(crate) job: Job,
    pub(crate) layout: Layout,
    pub(crate) cells: Vec<Cell>,
    pub(crate) population: u64,
}

/// The site is broken: the run ended and nothing is released. For the site's eyes only.
#[derive(Debug, thiserror::Error)]
pub enum RunFault {
    /// The dataset cannot be read.
    #[error(transparent)]
    Dataset(#[from] Box<DatasetError>),
    /// The query engine failed while reading; its words quote no value.
    #[error("reading the dataset failed: {0}")]
    Read(String),
    /// A column holds what the study's declaration cannot take.
    #[error("table `{table}`, column `{column}`: {what}")]
    Column {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// What does not fit; it quotes no value.
        what: String,
    },
    /// The unit table has a row without a key.
    #[error("the unit table has a row without a key; take it out")]
    NullKey,
    /// The unit table has a key twice.
    #[error("the unit table has a key twice; each unit must have one row")]
    DuplicateKey,
    /// An input is not in the order that it promised.
    #[error("an input is not sorted by the unit key, though it says so")]
    Unsorted,
    /// An input has rows outside the range that it promised.
    #[error(
        "an input has rows outside the range of keys that it promises; its files were changed or \
         swapped: prepare the dataset anew"
    )]
    OutOfRange,
    /// The engine has run out of something; [`Memory`] knows what to raise.
    #[error("{0}")]
    Exhausted(String),
    /// The memory limit is too low.
    #[error(
        "`--memory-limit` of {limit_mib} MiB is too little for {partitions} partitions that each \
         sort {inputs} inputs; raise it to {enough_mib}MiB, or take fewer `--partitions`"
    )]
    MemoryLimit {
        /// The limit.
        limit_mib: usize,
        /// What should do.
        enough_mib: usize,
        /// How many partitions there are.
        partitions: usize,
        /// How many inputs each sorts.
        inputs: usize,
    },
    /// The spill limit is too low.
    #[error(
        "what does not fit into memory needs more than the `--spill-limit` of {spill_limit_mib} \
         MiB; raise it, or raise `--memory-limit`"
    )]
    SpillLimit {
        /// The limit.
        spill_limit_mib: u64,
    },
    /// The sandbox failed.
    #[error(transparent)]
    Sandbox(#[from] Fault),
    /// Something that cannot happen did.
    #[error("the host failed: {0}")]
    Engine(&'static str),
}

impl From<DataFusionError> for RunFault {
    fn from(error: DataFusionError) -> Self {
        match error {
            DataFusionError::External(inner) => match inner.downcast::<Self>() {
                Ok(fault) => *fault,
                Err(other) => Self::Read(unquoted(&DataFusionError::External(other))),
            },
            DataFusionError::Context(_, inner) => (*inner).into(),
            DataFusionError::ResourcesExhausted(what) => Self::Exhausted(what),
            other if matches!(other.find_root(), DataFusionError::ResourcesExhausted(_)) => {
                Self::Exhausted(other.strip_backtrace())
            }
            other => Self::Read(unquoted(&other)),
        }
    }
}

impl RunFault {
    /// The fault with the table that was read.
    pub(crate) fn of(self, table: &str) -> Self {
        match self {
            Self::Read(what) if !what.starts_with("table ") => {
                Self::Read(format!("table `{table}`: {what}"))
            }
            other => other,
        }
    }
}

impl From<RunFault> for DataFusionError {
    fn from(fault: RunFault) -> Self {
        Self::External(Box::new(fault))
    }
}

/// How a run uses the machine; no choice changes its result.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Persons are cut into this many partitions, which run at once; a prepared dataset is cut
    /// already.
    pub partitions: usize,
    /// The most memory.
    pub memory: Memory,
}

/// Runs the guest over every person.
///
/// # Errors
/// [`RunFault`] if the site is broken. What a guest does never is one.
pub async fn run(
    admitted: Admitted,
    options: &RunOptions,
    tally: Arc<Tally>,
) -> Result<Draft, RunFault> {
    draft(admitted, options, tally, None).await
}

/// As [`run`] over invented persons, of whom it may be told what happened.
pub(crate) async fn rehearse(
    admitted: AdmittedInvented,
    options: &RunOptions,
) -> Result<(Draft, Rehearsed), RunFault> {
    let notes = Notes::default();
    let tally = Arc::default();
    let draft = draft(admitted.into_admitted(), options, tally, Some(notes.clone())).await?;
    Ok((draft, notes.all()))
}

async fn draft(
    admitted: Admitted,
    options: &RunOptions,
    tally: Arc<Tally>,
    notes: Option<Notes>,
) -> Result<Draft, RunFault> {
    let session = session(options, admitted.dataset.is_prepared())?;
    let (plan, work) = plan(&admitted, &session, tally, notes).await?;
    tracing::debug!(plan = %displayable(plan.as_ref()).indent(false), "planned");
    let inputs = work.present.len() + 1;
    let batches = collect(plan, session.task_ctx()).await;
    let batches = batches
        .map_err(|error| options.memory.explain(error.into(), options.partitions, inputs))?;
    let mut cells = vec![Cell::default(); work.layout.len];
    let mut population = 0;
    for batch in &batches {
        population += partial::merge(batch, &mut cells)?;
    }
    let (job, layout) = (work.job.clone(), work.layout.clone());
    Ok(Draft { admitted, job, layout, cells, population })
}

/// The engine's plan for `admitted`, as text: for tests and for the curious.
///
/// # Errors
/// [`RunFault`] if the dataset cannot be read.
pub async fn explain(admitted: &Admitted, options: &RunOptions) -> Result<String, RunFault> {
    let session = session(options, admitted.dataset.is_prepared())?;
    let (plan, _) = plan(admitted, &session, Arc::default(), None).await?;
    Ok(displayable(plan.as_ref()).indent(false).to_string())
}

fn session(options: &RunOptions, prepared: bool) -> Result<SessionContext, RunFault> {
    // If more partitions were wanted than ranges are declared, the engine would shuffle them.
    let partitions = if prepared { 1 } else { options.partitions.max(1) };
    let config = SessionConfig::new()
        .with_target_partitions(partitions)
        // Late materialisation loses when concepts are scattered.
        .set_bool("datafusion.execution.parquet.pushdown_filters", false)
        .set_bool("datafusion.execution.parquet.bloom_filter_on_read", true);
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_default_features()
        .with_runtime_env(options.memory.environment()?)
        .with_query_planner(Arc::new(Planner))
        .build();
    Ok(SessionContext::new_with_state(state))
}

async fn plan(
    admitted: &Admitted,
    session: &SessionContext,
    tally: Arc<Tally>,
    notes: Option<Notes>,
) -> Result<(Arc<dyn ExecutionPlan>, Arc<Work>), RunFault> {
    let fault = |error| RunFault::Dataset(Box::new(error));
    let source = Source::open(&admitted.dataset, session).await.map_err(fault)?;
    let study = admitted.job.study();
    let mut inputs = vec![source.units().await.map_err(fault)?];
    let mut present = Vec::new();
    for (at, table) in study.tables.iter().enumerate() {
        if let Some(rows) = source.rows(table, admitted.job.codes()).await.map_err(fault)? {
            inputs.push(rows);
            present.push(at);
        }
    }
    let inputs = inputs.into_iter().map(|frame| frame.into_unoptimized_plan()).collect();
    let work = Arc::new(Work {
        job: admitted.job.clone(),
        layout: admitted.layout.clone(),
        sandbox: Arc::clone(&admitted.sandbox),
        caps: admitted.caps(),
        key: DigestKey::random()?,
        present,
        tally,
        strict: admitted.dataset.may_be_exact(),
        notes,
    });
    let node = Arc::new(PerPerson::new(inputs, Arc::clone(&work))?);
    let plan = LogicalPlan::Extension(Extension { node });
    Ok((session.state().create_physical_plan(&plan).await?, work))
}

impl DigestKey {
    fn random() -> Result<Self, RunFault> {
        let mut key = [0; 16];
        getrandom::fill(&mut key)
            .map_err(|_| RunFault::Engine("the system gives no random numbers"))?;
        Ok(Self(key))
    }
}
