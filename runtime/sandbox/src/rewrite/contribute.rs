//! `cloister.contribute`, as a function that appends a record to memory 1.
//!
//! *Invariant `said is said`*: a contribution costs no call to the host, and the guest cannot touch
//! what it has said. One more than there is room for traps, and voids that person. While arena and
//! init run, the host says that there is no room, so that neither can contribute. Answers L0-flood
//! as far as memory goes, and init-peek.

use wasm_encoder::{BlockType, Function, ValType};

use super::i32_bits;
use super::notes::{CONTRIBUTION_BYTES, CONTRIBUTIONS_BYTES, Layout, SAID, place};
use crate::faults::{Faults, Mechanism};

/// The generated `contribute(output: i32, cell: i64, value: f64)`, in the import's place.
pub(super) fn contribute(layout: &Layout, faults: Faults) -> Function {
    const AT: u32 = 3;
    let part = |offset| place(layout.contributions() + offset);
    let [room, record] = [CONTRIBUTIONS_BYTES, CONTRIBUTION_BYTES as u64].map(i32_bits);
    let mut function = Function::new([(1, ValType::I32)]);
    let mut code = function.instructions();
    code.i32_const(0).i32_load(place(SAID)).local_tee(AT);
    code.i32_const(room).i32_ge_u().if_(BlockType::Empty);
    if faults.works(Mechanism::ContributionsCap) {
        code.unreachable().end();
    } else {
        code.return_().end();
    }
    code.local_get(AT).local_get(0).i32_store(part(0));
    code.local_get(AT).local_get(1).i64_store(part(8));
    code.local_get(AT).local_get(2).f64_store(part(16));
    code.i32_const(0).local_get(AT).i32_const(record).i32_add().i32_store(place(SAID)).end();
    function
}
