//! Why a request may not run: of module, signatures, profile and published numbers alone.

use std::path::PathBuf;

use cloister_contract::cells::TooManyCells;
use cloister_contract::job::ParamError;
use cloister_contract::study::StudyError;
use cloister_sandbox::{ModuleRefusal, SandboxError};

use crate::dataset::DatasetError;
use crate::keys::KeyError;
use crate::ledger::LedgerError;
use crate::policy::Denied;
use crate::processes::ChildFault;
use crate::trust::{Missing, TrustError};

/// Why a request may not run. No row was read.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// A file cannot be read.
    #[error("`{}` cannot be read: {source}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The module is not one that may run.
    #[error(transparent)]
    Module(#[from] ModuleRefusal),
    /// The study file in the module is wrong.
    #[error("the study file in the module is wrong: {0}")]
    Study(#[from] StudyError),
    /// A parameter is wrong.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// The study has too many cells.
    #[error(transparent)]
    Cells(#[from] TooManyCells),
    /// The study has more cells than the profile allows.
    #[error("the study has {cells} cells, and the profile `{profile}` allows {max}")]
    CellsOfProfile {
        /// The study's.
        cells: usize,
        /// The profile.
        profile: String,
        /// The profile's.
        max: usize,
    },
    /// Signatures are missing.
    #[error(transparent)]
    Signatures(#[from] Missing),
    /// The site's policies refuse it.
    #[error(transparent)]
    Policy(#[from] Denied),
    /// The signatures or the trusted keys cannot be read.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The module cannot be made ready.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The module contributes to an output or cell that is not there, even for nobody.
    #[error("the module contributes to an output or cell that its study file does not declare")]
    OutOfRange,
    /// Compiling the module did not end.
    #[error("compiling the module was interrupted")]
    Interrupted,
    /// What the compiler says is wrong with the module.
    #[error("{0}")]
    Compiler(String),
    /// Compiling the module takes more than a module may.
    #[error(
        "compiling the module takes more than {}; make it smaller",
        crate::processes::COMPILING
    )]
    TooHard,
    /// The compiler could not be started, or answered what is no answer.
    #[error(transparent)]
    Child(#[from] ChildFault),
    /// The site's key does not sign.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// What asks the site's key was stopped.
    #[error("the site's key was not asked to the end; run it again")]
    NoSecret,
    /// Exact numbers are for data that are synthetic or public.
    #[error(
        "the profile `exact` shows unprotected numbers, and the dataset is not registered as \
         `synthetic` or `public`; if it is, say so in its dataset.toml and register it, else use \
         `--profile hospital`"
    )]
    NotForExact,
    /// The dataset cannot answer the study.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The ledger refuses.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Too few persons are published for the tier `open`.
    #[error(
        "the dataset publishes {persons} persons, and the profile `{profile}` asks for {min} in \
         the tier `open`: noise would drown every number; use a reviewed study"
    )]
    TooFewForOpen {
        /// Published.
        persons: u64,
        /// The profile.
        profile: String,
        /// The profile's.
        min: u64,
    },
    /// A site without a key or a ledger answers `exact` alone.
    #[error("the site has no key and ledger to charge the job to; name them, or use `exact`")]
    NoLedger,
}
