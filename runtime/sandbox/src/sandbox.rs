//! A compiled module with its parameters, and why there may be none.

use cloister_contract::abi;
use wasmtime::{Engine, InstancePre, Linker};

use crate::check::CheckedModule;
use crate::compiled::Compiled;
use crate::engine::engine;
use crate::guest::{Fault, Guest, State};
use crate::limits::CallLimits;

/// A compiled module with its parameters, ready to run persons on any number of threads.
pub struct Sandbox {
    pub(crate) engine: Engine,
    pub(crate) module: InstancePre<State>,
    pub(crate) limits: CallLimits,
    pub(crate) init: Vec<u8>,
}

/// Why a checked module cannot be made ready. No data was read.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The engine does not compile it.
    #[error("the engine does not compile the module: {0}")]
    Compile(String),
    /// Its memory starts larger than the study file allows.
    #[error(
        "the module's memory starts with {starts} pages of 64 KiB, and its study file allows \
         {allows}; raise `memory_pages` under `[limits]`"
    )]
    Memory {
        /// Pages at the start.
        starts: u64,
        /// Pages allowed.
        allows: u64,
    },
    /// Arena or init trapped, contributed, or put the arena where there is no memory.
    #[error("the module fails before it has seen a person: {0}")]
    Init(&'static str),
    /// The engine itself failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Sandbox {
    /// Compiles `module` and tries it once without data: arena and init with the frame `init`.
    ///
    /// # Errors
    /// [`SandboxError`] if it cannot be compiled, or fails without having seen a person.
    pub fn new(
        module: &CheckedModule,
        init: Vec<u8>,
        limits: CallLimits,
    ) -> Result<Self, SandboxError> {
        Self::load(&Compiled::new(module, &limits)?, init, limits)
    }

    /// Makes compiled code ready and tries it once without data: arena and init with the frame
    /// `init`. The `limits` must be those that it was compiled for.
    ///
    /// # Errors
    /// [`SandboxError`] if it fails without having seen a person.
    pub fn load(
        compiled: &Compiled,
        init: Vec<u8>,
        limits: CallLimits,
    ) -> Result<Self, SandboxError> {
        let fault = |_| Fault("the compiled code does not load");
        let engine = engine().map_err(fault)?;
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap(abi::IMPORT_MODULE, abi::IMPORT_CONTRIBUTE, State::contribute)
            .map_err(fault)?;
        let module = compiled.module(&engine).map_err(fault)?;
        let module = linker.instantiate_pre(&module).map_err(fault)?;
        let sandbox = Self { engine, module, limits, init };
        sandbox.guest().try_init()?;
        Ok(sandbox)
    }

    /// A guest of this module: one per thread.
    #[must_use]
    pub const fn guest(&self) -> Guest<'_> {
        Guest::new(self)
    }
}
