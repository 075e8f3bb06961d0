//! Calls have a depth, counted in bytes of stack, and a limit far below the native stack.
//!
//! *Invariant `one depth`*: how deep a guest may call is decided by its bytes and not by what a
//! compiler makes of them, so that a person is dropped on every machine or on none. Each function
//! that calls another has a weight, an estimate of its native frame; before a call it adds its
//! weight to that of its callers, and traps over the limit. The native stack is four times as
//! large. A function that calls nobody needs no count. Answers stack/recursion.

use wasm_encoder::{BlockType, InstructionSink};

use super::notes::{DEEP, place};
use super::places::Places;
use crate::limits::DEPTH_BYTES_MAX;

/// Bytes of a frame besides its values: return address, frame pointer, saved registers.
const FRAME_BYTES: u32 = 64;
/// Bytes of one value on the native stack.
const VALUE_BYTES: u32 = 8;

/// Bytes that an instruction may add: the compiler keeps a value over a call rather than compute
/// it again, and of four instructions, two to fetch operands, one to compute, one to use, one
/// makes a value.
const INSTRUCTION_BYTES: u32 = 2;

/// The weight of a function of so many instructions, with so many `values`: parameters, locals and
/// operands at once.
pub(super) const fn weight(values: u32, instructions: u32) -> u32 {
    FRAME_BYTES
        .saturating_add(VALUE_BYTES.saturating_mul(values))
        .saturating_add(INSTRUCTION_BYTES.saturating_mul(instructions))
}

/// Emits a function's beginning: its depth, in the local `depth`, is its caller's and its weight.
pub(super) fn begin(code: &mut InstructionSink<'_>, places: &Places, depth: u32, weight: u32) {
    // A function may weigh more than the limit: then it traps.
    let weight = i32::try_from(weight.min(DEPTH_BYTES_MAX + 1)).unwrap_or(i32::MAX);
    let max = DEPTH_BYTES_MAX.cast_signed();
    code.global_get(places.depth()).i32_const(weight).i32_add().local_tee(depth);
    code.i32_const(max).i32_gt_u().if_(BlockType::Empty);
    code.i32_const(0).i32_const(1).i32_store(place(DEEP)).unreachable().end();
}

/// Emits what comes before a call: the callee's depth starts from the caller's.
pub(super) fn before_call(code: &mut InstructionSink<'_>, places: &Places, depth: u32) {
    code.local_get(depth).global_set(places.depth());
}
