//! Why a run ended without a draft: the site is broken, and only the site is told how.

use cloister_contract::partial::NotCells;
use cloister_sandbox::Fault;
use datafusion::error::DataFusionError;

use crate::dataset::{DatasetError, unquoted};
use crate::processes::ChildFault;

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
    /// The engine has run out of something; [`Memory`](super::Memory) knows what to raise.
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
    /// A partition's cells are none.
    #[error("a partition's cells are refused: {0}")]
    Cells(#[from] NotCells),
    /// The worker could not be started, ended early, or answered what is no answer.
    #[error(transparent)]
    Worker(#[from] ChildFault),
    /// It took longer than any guest could make it.
    #[error(
        "the run took more than {minutes} minutes, a multiple of what the dataset's \
         `published_persons` can take; nothing was released; correct that number, or see what else \
         this machine does"
    )]
    Late {
        /// The deadline.
        minutes: u64,
    },
    /// What a worker says went wrong.
    #[error("{0}")]
    Told(String),
    /// Something that cannot happen did.
    #[error("the host failed: {0}")]
    Engine(&'static str),
}

/// The engine's words for a spill folder with as much in it as there may be.
const SPILL_IS_FULL: &str = "used disk space during the spilling process";

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
            // While it writes what it spills, the engine has the same for an error of the disk.
            other if other.find_root().to_string().contains(SPILL_IS_FULL) => {
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
