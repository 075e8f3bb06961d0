//! The engine, every setting said aloud.

use std::num::NonZeroUsize;

use wasmtime::{Config, Engine, OperatorCost, OptLevel, Strategy};

use crate::faults::{Faults, Mechanism};
use crate::limits::{HOST_CALL_FUEL, STACK_BYTES_MAX};
use crate::rewrite::REWRITER;

/// The version of what each instruction costs in fuel.
const COST_MODEL: u32 = 1;

/// Most functions that an autopsy names.
const FRAMES_MAX: usize = 16;

/// The engine as a release prints it: what decides, with a module's bytes, what a person
/// contributes. The rewriter's own instructions cost fuel, so its version is part of it.
pub const ENGINE: &str = "wasmtime 48, rewriter 1, costs 1";
const _: () = assert!(REWRITER == 1 && COST_MODEL == 1, "say them in `ENGINE` too");

/// An engine as every guest has it.
pub(crate) fn engine(faults: Faults) -> wasmtime::Result<Engine> {
    Engine::new(&config(faults))
}

/// An engine that can tell where a call trapped: for an autopsy, and never for a run.
pub(crate) fn engine_that_tells(faults: Faults) -> wasmtime::Result<Engine> {
    let mut config = config(faults);
    config.wasm_backtrace_max_frames(NonZeroUsize::new(FRAMES_MAX));
    Engine::new(&config)
}

fn config(faults: Faults) -> Config {
    let mut config = Config::new();
    // Code: Cranelift alone; a NaN has one bit pattern, so that a replay gives the same bytes.
    config
        .strategy(Strategy::Cranelift)
        .cranelift_opt_level(OptLevel::Speed)
        .cranelift_nan_canonicalization(faults.works(Mechanism::OneNan))
        .consume_fuel(true)
        .operator_cost(cost())
        // The clock behind fuel: see `backstop.rs`.
        .epoch_interruption(true)
        .max_wasm_stack(STACK_BYTES_MAX)
        .signals_based_traps(true)
        // Nothing of a guest's inside reaches an error or a file, but in an autopsy.
        .wasm_backtrace_max_frames(None)
        .native_unwind_info(false)
        .generate_address_map(true)
        .memory_init_cow(true);
    // On: what rustc emits.
    config.wasm_bulk_memory(true).wasm_multi_value(false).wasm_simd(true);
    // On for the rewriter's own memory: guests are refused a second one before they are rewritten.
    config.wasm_multi_memory(true);
    // Off: some are on by default. The engine's feature `gc`, which is off too, would bring
    // function references and exceptions.
    config
        .wasm_memory64(false)
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
    for host_call in
        [&mut cost.MemoryFill, &mut cost.MemoryCopy, &mut cost.TableGet, &mut cost.RefFunc]
    {
        *host_call = HOST_CALL_FUEL;
    }
    // A call through a pointer stays in the guest once the engine knows its target.
    cost.CallIndirect = 8;
    cost
}
