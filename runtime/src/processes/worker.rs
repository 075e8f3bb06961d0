//! The worker: a child that reads the dataset's rows and runs the guest over them.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use cloister_contract::cells::Layout;
use cloister_contract::job::{Job, Params};
use cloister_contract::partial::PartialCells;
use cloister_contract::study::Study;
use cloister_sandbox::{Backstop, Compiled, Isolation, Sandbox};

use super::answer::{Answer, Wants, WorkerFault};
use super::child::{Conversation, converse};
use super::order::{WorkHead, WorkOrder};
use super::{ChildFault, Confined, IMAGE_BYTES_MAX, WORKER};
use crate::admit::{Admitted, Trial};
use crate::confine::{self, Limits};
use crate::dataset::Dataset;
use crate::run::{Memory, RunFault, RunOptions, Tally, Task, decode, run_persons};

/// The guest of an admitted request before a worker loads it.
pub(crate) struct GuestCode {
    /// How the worker is made.
    pub(crate) confined: Confined,
    /// The compiler's answer, opaque here.
    pub(crate) code: Vec<u8>,
    /// What it was tried with.
    pub(crate) trial: Trial,
    /// The study file.
    pub(crate) study: String,
    /// The parameters as they were set.
    pub(crate) given: Vec<(String, String)>,
}

/// How often the parent hears how far the run is.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// Has the guest of `admitted` run over every person in a confined child; gives the cells.
///
/// # Errors
/// [`RunFault`] if the site is broken, or the worker answered what is no answer.
pub(crate) async fn work(
    admitted: &Admitted,
    guest: &GuestCode,
    options: &RunOptions,
    tally: Arc<Tally>,
) -> Result<PartialCells, RunFault> {
    let (job, layout, dataset) = (&admitted.job, &admitted.layout, &admitted.dataset);
    let head = WorkHead {
        must_confine: guest.confined.required,
        fresh: guest.confined.isolation == Isolation::Fresh,
        limits: guest.trial.limits.into(),
        study: guest.study.clone(),
        params: guest.given.clone(),
        codes: job.codes().to_vec(),
        dataset_file: dataset.file().to_owned(),
        dataset: dataset.text().to_owned(),
        kind: dataset.kind(),
        caps: admitted.caps(),
        key: admitted.key,
        partitions: options.partitions,
        threads: options.at_once(),
        memory: options.memory.order(),
    };
    let order = WorkOrder::encode(&head, &guest.trial.init, &guest.code);
    let order = order.map_err(ChildFault::Start)?;
    let wants = Wants { code_bytes_max: 0, cells_bytes: PartialCells::bytes(layout) };
    let conversation =
        Conversation { role: WORKER, order, wants, time_max: admitted.plan.give_up_after };
    let hear = move |[persons, dropped, strangers]: [u64; 3]| {
        tally.persons.store(persons, Ordering::Relaxed);
        tally.dropped.store(dropped, Ordering::Relaxed);
        tally.strangers.store(strangers, Ordering::Relaxed);
    };
    let answer = converse(&guest.confined, conversation, hear).await;
    let answer = answer.map_err(|fault| match fault {
        ChildFault::Late { seconds } => RunFault::Late { minutes: seconds / 60 },
        other => other.into(),
    })?;
    match answer {
        Answer::Cells(bytes) => Ok(decode(&bytes, job.study(), layout)?),
        Answer::Fault(fault) => Err(fault.into()),
        _ => Err(ChildFault::Garbage("it is a compiler's").into()),
    }
}

/// The child's own work.
pub(super) fn main() -> ExitCode {
    confine::begin();
    let Ok(order) = WorkOrder::read(&mut io::stdin().lock()) else { return ExitCode::FAILURE };
    let answer = serve(order);
    answer.map_or(ExitCode::FAILURE, |answer| super::end(&answer))
}

/// Confines this process to what `order` needs, and runs; `None` if it is not to run.
fn serve(order: WorkOrder) -> Option<Answer> {
    let fault = |fault: RunFault| Some(Answer::Fault(WorkerFault::from(&fault)));
    let WorkHead { dataset_file, dataset, memory, .. } = &order.head;
    // This only looks at which files there are, and it must know them to be held to them.
    let dataset = match Dataset::parse(dataset_file, dataset.clone()) {
        Ok(dataset) => dataset.of_kind(order.head.kind),
        Err(error) => return fault(RunFault::Dataset(Box::new(error))),
    };
    let spill = memory.as_ref().map(crate::run::MemoryOrder::spill);
    let limits = Limits {
        cpu_seconds: None,
        memory_bytes: confine::machine_memory_bytes(),
        file_bytes: spill.map_or(0, |(_, bytes)| bytes).max(IMAGE_BYTES_MAX),
    };
    let places: Vec<PathBuf> = dataset.places();
    let held = confine::hold(&limits, &places, spill.map(|(folder, _)| folder));
    if !super::begin(held, order.head.must_confine) {
        return None;
    }
    match run(order, dataset) {
        Ok(cells) => Some(Answer::Cells(cells.encode())),
        Err(broken) => fault(broken),
    }
}

fn run(order: WorkOrder, dataset: Dataset) -> Result<PartialCells, RunFault> {
    let WorkOrder { head, init, code } = order;
    let told = |error: &dyn std::fmt::Display| RunFault::Told(error.to_string());
    let study = Study::parse("study.toml", &head.study).map_err(|error| told(&error))?;
    let params = Params::bind(&study, &head.params).map_err(|error| told(&error))?;
    let layout = Layout::new(&study, &params).map_err(|error| told(&error))?;
    let job = Job::new(study, params, head.codes, dataset.snapshot_date());
    #[expect(unsafe_code, reason = "machine code has come from the compiler, through the parent")]
    // SAFETY: the parent gives what a compiler of this very program answered to checked bytes, and
    // this process is the confined worker that its promise speaks of.
    let compiled = unsafe { Compiled::from_code(code) };
    let sandbox = Sandbox::load(&compiled, init, head.limits.into());
    let isolation = if head.fresh { Isolation::Fresh } else { Isolation::Restored };
    let sandbox = Arc::new(sandbox.map_err(|error| told(&error))?.isolated(isolation));
    let _clock = Backstop::new(&sandbox).map_err(RunFault::Sandbox)?;
    let task = Task { dataset, job, layout, caps: head.caps, key: head.key, sandbox };
    let memory = Memory::ordered(head.memory);
    let options = RunOptions { partitions: head.partitions, memory };
    // Of the runtime's drivers the timer alone: the others open sockets.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(head.threads)
        .enable_time()
        .build()
        .map_err(|_| RunFault::Engine("the runtime cannot be started"))?;
    let tally = Arc::<Tally>::default();
    let cells = runtime.block_on(async {
        let run = run_persons(&task, &options, Arc::clone(&tally));
        tokio::pin!(run);
        loop {
            tokio::select! {
                cells = &mut run => return cells,
                () = tokio::time::sleep(PROGRESS_EVERY) => tell(&tally),
            }
        }
    });
    tell(&tally);
    cells
}

fn tell(tally: &Tally) {
    let numbers = [&tally.persons, &tally.dropped, &tally.strangers];
    let numbers = numbers.map(|number| number.load(Ordering::Relaxed));
    // If the parent does not listen any more, it is about to end this process.
    let _ = Answer::Progress(numbers).write(&mut io::stdout());
}
