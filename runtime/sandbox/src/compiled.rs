//! Machine code made from a checked module, and the way of that code to another process.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use cloister_contract::abi;
use wasmtime::{Engine, Module};

use crate::check::{CheckedModule, printable};
use crate::engine::engine;
use crate::faults::Faults;
use crate::limits::CallLimits;
use crate::rewrite::rewrite;
use crate::sandbox::SandboxError;

/// A module's machine code, as bytes that [`crate::Sandbox::load`] makes ready.
///
/// Compiling is apart from loading, because it is where a hostile module can do most harm: it may
/// happen in a process that has nothing else, and that is not there any more when data are read.
#[derive(Clone)]
pub struct Compiled {
    code: Vec<u8>,
    pub(crate) faults: Faults,
}

impl Compiled {
    /// Rewrites and compiles `module`, for calls under `limits` and no others.
    ///
    /// # Errors
    /// [`SandboxError`] if it cannot be compiled, or starts with more memory than `limits` allow.
    pub fn new(module: &CheckedModule, limits: &CallLimits) -> Result<Self, SandboxError> {
        Self::with(module, limits, Faults::chosen())
    }

    /// The same, with something switched off from here to the last call.
    ///
    /// # Errors
    /// As [`Compiled::new`].
    #[cfg(feature = "faults")]
    pub fn faulty(
        module: &CheckedModule,
        limits: &CallLimits,
        faults: Faults,
    ) -> Result<Self, SandboxError> {
        Self::with(module, limits, faults)
    }

    fn with(
        module: &CheckedModule,
        limits: &CallLimits,
        faults: Faults,
    ) -> Result<Self, SandboxError> {
        let allows = limits.memory_bytes_max as u64 / abi::PAGE_BYTES;
        if module.memory_pages_min() > allows {
            return Err(SandboxError::Memory { starts: module.memory_pages_min(), allows });
        }
        let rewritten = rewrite(module, limits, faults)
            .map_err(|error| SandboxError::Rewrite(printable(&error.to_string())))?;
        let compile =
            |error: wasmtime::Error| SandboxError::Compile(printable(&format!("{error:#}")));
        let engine = engine(faults).map_err(compile)?;
        let code = Module::from_binary(&engine, &rewritten)
            .and_then(|module| module.serialize())
            .map_err(compile)?;
        Ok(Self { code, faults })
    }

    /// The bytes of [`Compiled::from_code`].
    #[must_use]
    pub fn code(&self) -> &[u8] {
        &self.code
    }

    /// A number to which machine code is bound: it differs for another engine, other settings and
    /// another kind of processor. This very build of the program has to be told apart besides.
    ///
    /// # Errors
    /// [`SandboxError`] if there is no engine for this processor.
    pub fn bound_to() -> Result<u64, SandboxError> {
        let engine = engine(Faults::chosen())
            .map_err(|error| SandboxError::Compile(printable(&format!("{error:#}"))))?;
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Ok(hasher.finish())
    }

    /// Takes what [`Compiled::code`] gave in another process.
    ///
    /// # Safety
    /// The bytes are run as machine code. They must come, unchanged, from [`Compiled::new`] of this
    /// very build of the program, on this machine, and be loaded in a confined worker only.
    #[must_use]
    #[expect(unsafe_code, reason = "its callers must keep a promise that it cannot check")]
    #[cfg_attr(
        not(feature = "faults"),
        expect(clippy::missing_const_for_fn, reason = "as with it")
    )]
    pub unsafe fn from_code(code: Vec<u8>) -> Self {
        Self { code, faults: Faults::chosen() }
    }

    /// The engine's module.
    pub(crate) fn module(&self, engine: &Engine) -> wasmtime::Result<Module> {
        #[expect(unsafe_code, reason = "whoever made the `Compiled` vouches for its code")]
        // SAFETY: `new` has it from the engine, and `from_code` from a caller who promises as much.
        unsafe {
            Module::deserialize(engine, &self.code)
        }
    }
}
