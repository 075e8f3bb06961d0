//! Every mutable global has a twin in memory 1, as it was after init.
//!
//! *Invariant `twins`*: `save` writes the memory's pages and every mutable global to memory 1, once
//! after init; a person's call begins by setting all of them from there, so that no call to the
//! host is spent on them. The guest has no instruction for memory 1. Answers stateful-relay and
//! memory-persist.

use wasm_encoder::{Function, InstructionSink, MemArg, ValType};

use super::notes::{TWIN_BYTES, place};
use super::places::Places;
use crate::faults::{Faults, Mechanism};

/// A global that a guest can change, and its type.
pub(super) type Mutable = (u32, ValType);

/// The generated `save(at)`: writes every global to memory 1, from `at` on.
pub(super) fn save(globals: &[Mutable]) -> Function {
    let mut function = Function::new([]);
    let mut code = function.instructions();
    for ((global, of), place) in globals.iter().zip(places_of_twins(0)) {
        code.local_get(0).global_get(*global);
        match of {
            ValType::I64 => code.i64_store(place),
            ValType::F32 => code.f32_store(place),
            ValType::F64 => code.f64_store(place),
            ValType::V128 => code.v128_store(place),
            // References are refused.
            ValType::I32 | ValType::Ref(_) => code.i32_store(place),
        };
    }
    code.end();
    function
}

/// The generated `reload`, for the host to compare.
pub(super) fn reload(globals: &[Mutable], places: &Places, faults: Faults) -> Function {
    let mut function = Function::new([]);
    let mut code = function.instructions();
    set_all(&mut code, globals, places, faults);
    code.end();
    function
}

/// Sets every global from its twin.
pub(super) fn set_all(
    code: &mut InstructionSink<'_>,
    globals: &[Mutable],
    places: &Places,
    faults: Faults,
) {
    for ((global, of), place) in globals.iter().zip(places_of_twins(places.layout.twins())) {
        let size = *global == places.pages();
        if !faults.works(if size { Mechanism::SizeTwin } else { Mechanism::Twins }) {
            continue;
        }
        code.i32_const(0);
        match of {
            ValType::I64 => code.i64_load(place),
            ValType::F32 => code.f32_load(place),
            ValType::F64 => code.f64_load(place),
            ValType::V128 => code.v128_load(place),
            ValType::I32 | ValType::Ref(_) => code.i32_load(place),
        };
        code.global_set(*global);
    }
}

fn places_of_twins(from: u64) -> impl Iterator<Item = MemArg> {
    (0..).map(move |at| place(from + at * TWIN_BYTES))
}
