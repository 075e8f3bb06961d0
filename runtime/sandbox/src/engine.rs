//! The engine, every setting said aloud.

use wasmtime::{Config, Engine, OperatorCost, OptLevel, Strategy};

use crate::limits::{HOST_CALL_FUEL, STACK_BYTES_MAX};

/// The engine's name and version as a release prints it.
pub const ENGINE: &str = "wasmtime 48";

/// An engine as every guest has it.
pub(crate) fn engine() -> wasmtime::Result<Engine> {
    Engine::new(&config())
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
