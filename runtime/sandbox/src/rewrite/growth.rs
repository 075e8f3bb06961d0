//! `memory.size` and `memory.grow`, as a global that can be set back.
//!
//! *Invariant `fixed memory`*: memory 0 really has the study's `memory_pages`, from the start and
//! for ever; memory that really grew would stay grown, and tell. What the guest sees as its size
//! is a global with a twin. An access between that size and the real one does not trap, as it
//! would by the specification: it reads zeros or what this person wrote, and is marked and
//! restored like any other. So a guest may find in new pages what it wrote there before it grew.
//! Answers memory-persist and oom-bit.

use wasm_encoder::{BlockType, Function};

use super::places::Places;

/// The generated `grow(pages) -> pages before`, or −1 if they would be more than `pages_max`.
pub(super) fn grow(places: &Places, pages_max: i32) -> Function {
    let pages = places.pages();
    let mut function = Function::new([]);
    let mut code = function.instructions();
    code.local_get(0).i32_const(pages_max).global_get(pages).i32_sub().i32_gt_u();
    code.if_(BlockType::Empty).i32_const(-1).return_().end();
    code.global_get(pages);
    code.global_get(pages).local_get(0).i32_add().global_set(pages).end();
    function
}
