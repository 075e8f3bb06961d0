//! The engine, every setting said aloud, and the module compiled by it.

use cloister_contract::abi;
use wasmtime::{Config, Engine, InstancePre, Linker, Module, OperatorCost, OptLevel, Strategy};

use crate::check::CheckedModule;
use crate::guest::{Fault, Guest, State};
use crate::limits::{CallLimits, HOST_CALL_FUEL, STACK_BYTES_MAX};

/// The engine's name and version as a release prints it.
pub const ENGINE: &str = "wasmtime 48";

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
        let allows = limits.memory_bytes_max as u64 / abi::PAGE_BYTES;
        if module.memory_pages_min() > allows {
            return Err(SandboxError::Memory { starts: module.memory_pages_min(), allows });
        }
        let compile = |error: wasmtime::Error| {
            SandboxError::Compile(crate::check::printable(&format!("{error:#}")))
        };
        let engine = Engine::new(&config()).map_err(compile)?;
        let compiled = Module::from_binary(&engine, module.bytes()).map_err(compile)?;
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap(abi::IMPORT_MODULE, abi::IMPORT_CONTRIBUTE, State::contribute)
            .map_err(compile)?;
        let module = linker.instantiate_pre(&compiled).map_err(compile)?;
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

fn config() -> Config {
    let mut config = Config::new();
    // Code: Cranelift alone; a NaN has one bit pattern, so that a replay gives the same bytes.
    config
        .strategy(Strategy::Cranelift)
        .cranelift_opt_level(OptLevel::Speed)
        .cranelift_nan_canonicalization(true)
        .consume_fuel(true)
        .operator_cost(cost())
        .max_wasm_stack(STACK_BYTES_MAX)
        .signals_based_traps(true)
        // Nothing of a guest's inside reaches an error or a file.
        .wasm_backtrace_max_frames(None)
        .native_unwind_info(false)
        .generate_address_map(true)
        .memory_init_cow(true);
    // On: what rustc emits.
    config.wasm_bulk_memory(true).wasm_multi_value(false).wasm_simd(true);
    // Off: some are on by default. The engine's feature `gc`, which is off too, would bring
    // function references and exceptions.
    config
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_tail_call(false)
        .wasm_relaxed_simd(false)
        .wasm_gc(false)
        .wasm_custom_page_sizes(false)
        .wasm_extended_const(false)
        .wasm_wide_arithmetic(false)
        .wasm_stack_switching(false)
        .shared_memory(false);
    config
}

/// The engine's own costs, but for what it gives away: instructions that call the host.
fn cost() -> OperatorCost {
    let mut cost = OperatorCost::new();
    cost.variable.memory_grow_per_page = HOST_CALL_FUEL;
    for host_call in [
        &mut cost.MemoryGrow,
        &mut cost.MemoryFill,
        &mut cost.MemoryCopy,
        &mut cost.MemoryInit,
        &mut cost.DataDrop,
        &mut cost.TableGet,
        &mut cost.TableSet,
        &mut cost.TableGrow,
        &mut cost.TableFill,
        &mut cost.TableCopy,
        &mut cost.TableInit,
        &mut cost.ElemDrop,
        &mut cost.RefFunc,
    ] {
        *host_call = HOST_CALL_FUEL;
    }
    // A call through a pointer stays in the guest once the engine knows its target.
    cost.CallIndirect = 8;
    cost
}
