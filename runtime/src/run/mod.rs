//! From an admitted request to a draft: the guest over every person, exact integer cells.

mod accumulate;
mod bounds;
mod bundle;
mod fault;
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
use cloister_contract::partial::{Cell, PartialCells};
use cloister_sandbox::Sandbox;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::logical_expr::{Extension, LogicalPlan};
use datafusion::physical_plan::{ExecutionPlan, collect, displayable};
use datafusion::prelude::{SessionConfig, SessionContext};

use crate::admit::{Admitted, AdmittedInvented, GuestPlace};
use crate::dataset::{Dataset, Source};
use crate::faults::{Mechanism, off};
use crate::processes;

pub(crate) use bundle::{Key, Keys, follows};
pub(crate) use memory::{make_private, private_temp};

#[cfg(test)]
pub(crate) use accumulate::Accumulator;
pub use accumulate::CellCaps;
pub(crate) use accumulate::{DigestKey, Loss};
pub use fault::RunFault;
pub(crate) use memory::MemoryOrder;
pub use memory::{Memory, SpillError};
pub(crate) use notes::Rehearsed;
pub(crate) use partial::decode;
pub use partition::Tally;

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

/// How a run uses the machine; no choice changes its result.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Persons are cut into this many partitions, which run at once; a prepared dataset is cut
    /// already.
    pub partitions: usize,
    /// The most memory.
    pub memory: Memory,
}

impl RunOptions {
    /// How many persons run at once on this machine.
    pub(crate) fn at_once(&self) -> usize {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        self.partitions.clamp(1, cores)
    }
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
    let cells = match &admitted.place {
        GuestPlace::Here(sandbox) => {
            let task = Task::of(&admitted, Arc::clone(sandbox));
            count(&task, options, tally, notes).await?
        }
        GuestPlace::Worker(code) => processes::work(&admitted, code, options, tally).await?,
    };
    let (job, layout) = (admitted.job.clone(), admitted.layout.clone());
    let PartialCells { cells, population } = cells;
    Ok(Draft { admitted, job, layout, cells, population })
}

/// What it takes to run persons, in this process or in a worker.
pub(crate) struct Task {
    pub(crate) dataset: Dataset,
    pub(crate) job: Job,
    pub(crate) layout: Layout,
    pub(crate) caps: CellCaps,
    pub(crate) key: DigestKey,
    pub(crate) sandbox: Arc<Sandbox>,
}

impl Task {
    fn of(admitted: &Admitted, sandbox: Arc<Sandbox>) -> Self {
        let Admitted { dataset, job, layout, .. } = admitted;
        let (dataset, job, layout) = (dataset.clone(), job.clone(), layout.clone());
        Self { dataset, job, layout, caps: admitted.caps(), key: admitted.key, sandbox }
    }
}

/// Runs the guest of `task` over every person: in a worker, where there is one.
pub(crate) async fn run_persons(
    task: &Task,
    options: &RunOptions,
    tally: Arc<Tally>,
) -> Result<PartialCells, RunFault> {
    count(task, options, tally, None).await
}

async fn count(
    task: &Task,
    options: &RunOptions,
    tally: Arc<Tally>,
    notes: Option<Notes>,
) -> Result<PartialCells, RunFault> {
    let session = session(options, task.dataset.is_prepared())?;
    let (plan, work) = plan(task, &session, tally, notes).await?;
    tracing::debug!(plan = %displayable(plan.as_ref()).indent(false), "planned");
    let inputs = work.present.len() + 1;
    let batches = collect(plan, session.task_ctx()).await;
    let batches = batches
        .map_err(|error| options.memory.explain(error.into(), options.partitions, inputs))?;
    let mut cells = PartialCells::none(&task.layout);
    for batch in &batches {
        partial::merge(batch, task.job.study(), &task.layout, &mut cells)?;
    }
    Ok(cells)
}

/// The engine's plan for `admitted`, as text: for tests and for the curious.
///
/// # Errors
/// [`RunFault`] if the dataset cannot be read, or guests run in a worker, who plans for itself.
pub async fn explain(admitted: &Admitted, options: &RunOptions) -> Result<String, RunFault> {
    let GuestPlace::Here(sandbox) = &admitted.place else {
        return Err(RunFault::Engine("a plan is explained in the process where guests run"));
    };
    let task = Task::of(admitted, Arc::clone(sandbox));
    let session = session(options, task.dataset.is_prepared())?;
    let (plan, _) = plan(&task, &session, Arc::default(), None).await?;
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
    task: &Task,
    session: &SessionContext,
    tally: Arc<Tally>,
    notes: Option<Notes>,
) -> Result<(Arc<dyn ExecutionPlan>, Arc<Work>), RunFault> {
    let fault = |error| RunFault::Dataset(Box::new(error));
    let source = Source::open(&task.dataset, session).await.map_err(fault)?;
    let mut inputs = vec![source.units().await.map_err(fault)?];
    let mut present = Vec::new();
    for (at, table) in task.job.study().tables.iter().enumerate() {
        if let Some(rows) = source.rows(table, task.job.codes()).await.map_err(fault)? {
            inputs.push(rows);
            present.push(at);
        }
    }
    let inputs = inputs.into_iter().map(|frame| frame.into_unoptimized_plan()).collect();
    let work = Arc::new(Work {
        job: task.job.clone(),
        layout: task.layout.clone(),
        sandbox: Arc::clone(&task.sandbox),
        caps: task.caps,
        key: task.key,
        present,
        tally,
        strict: task.dataset.may_be_exact() || off(Mechanism::UnfitValues),
        notes,
    });
    let node = Arc::new(PerPerson::new(inputs, Arc::clone(&work))?);
    let plan = LogicalPlan::Extension(Extension { node });
    Ok((session.state().create_physical_plan(&plan).await?, work))
}
