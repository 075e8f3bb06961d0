//! A compiled module with its parameters, and why there may be none.

use wasmtime::{Engine, InstancePre, Linker, StoreLimits};

use crate::backstop::Patience;
use crate::check::CheckedModule;
use crate::compiled::Compiled;
use crate::engine::engine;
use crate::faults::Faults;
use crate::guest::{Fault, Guest};
use crate::image::Image;
use crate::limits::{CallLimits, INIT_FUEL};

/// A compiled module with its parameters, ready to run persons on any number of threads.
pub struct Sandbox {
    pub(crate) ready: Ready,
    pub(crate) image: Image,
    pub(crate) isolation: Isolation,
}

/// What an instance is made from.
pub(crate) struct Ready {
    pub(crate) engine: Engine,
    pub(crate) module: InstancePre<StoreLimits>,
    pub(crate) limits: CallLimits,
    pub(crate) init: Vec<u8>,
    pub(crate) faults: Faults,
    pub(crate) patience: Patience,
}

impl Ready {
    /// Ticks until a person's call is overdue.
    pub(crate) fn person_ticks(&self) -> u64 {
        self.patience.ticks(&self.limits)
    }

    /// Ticks until arena or init are.
    pub(crate) fn init_ticks(&self) -> u64 {
        self.patience.ticks(&CallLimits { fuel: INIT_FUEL, ..self.limits })
    }

    /// Bytes of the arena: those of the longest frame.
    pub(crate) fn arena_bytes(&self) -> usize {
        self.limits.frame_bytes_max.max(self.init.len())
    }
}

/// How each person comes to an instance that nobody has touched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Isolation {
    /// What the one before has written is restored.
    #[default]
    Restored,
    /// It is a new one, which has seen its parameters and nothing else: slow, and obviously right.
    Fresh,
}

/// Why a checked module cannot be made ready. No data was read.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The rewriter does not understand what the checks let pass.
    #[error("the module cannot be rewritten: {0}")]
    Rewrite(String),
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
        let engine = engine(compiled.faults);
        let engine = engine.map_err(|_| Fault("the compiled code does not load"))?;
        Self::load_in(engine, compiled, init, limits)
    }

    /// As [`Sandbox::load`], in `engine`.
    pub(crate) fn load_in(
        engine: Engine,
        compiled: &Compiled,
        init: Vec<u8>,
        limits: CallLimits,
    ) -> Result<Self, SandboxError> {
        let fault = |_| Fault("the compiled code does not load");
        let faults = compiled.faults;
        let module = compiled.module(&engine).map_err(fault)?;
        // There is nothing to link: a rewritten module imports nothing.
        let module = Linker::new(&engine).instantiate_pre(&module).map_err(fault)?;
        let patience = Patience::LONG;
        let ready = Ready { engine, module, limits, init, faults, patience };
        let image = Image::take(&ready)?;
        Ok(Self { ready, image, isolation: Isolation::default() })
    }

    /// The same sandbox, with persons kept apart in this way.
    #[must_use]
    pub fn isolated(self, isolation: Isolation) -> Self {
        Self { isolation, ..self }
    }

    /// The same sandbox, whose calls are overdue after two ticks and `times` what they cost by
    /// `price`.
    #[cfg(feature = "faults")]
    #[must_use]
    pub const fn impatient(mut self, price: crate::backstop::Price, times: u32) -> Self {
        self.ready.patience = Patience { price, times, pause: std::time::Duration::ZERO };
        self
    }

    /// Says that [`crate::TICK`] has passed. A [`crate::Backstop`] does it from a thread of its
    /// own.
    pub fn tick(&self) {
        self.ready.engine.increment_epoch();
    }

    /// A guest of this module: one per thread.
    #[must_use]
    pub fn guest(&self) -> Guest<'_> {
        Guest::new(self)
    }
}
