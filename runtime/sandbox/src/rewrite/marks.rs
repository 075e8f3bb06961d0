//! The mark before every instruction that writes to the guest's memory.
//!
//! *Invariant `marked before written`*: when a byte of memory 0 is written, the granule in which
//! the write begins is in the log. Memory is cut into granules of 256 bytes; a write of up to 16
//! bytes touches at most the next one too, so the host restores both. Fill and copy mark each
//! granule that they touch.
//!
//! A mark costs a load and a branch where the granule is in the log already. The address wraps at
//! 4 GiB where the store's own does not: such a store traps, and with it ends the instance.
//! Answers stateful-relay and memory-persist.

use wasm_encoder::{BlockType, Function, InstructionSink, ValType as Encoded};
use wasmparser::Operator;

use super::notes::{GRANULE_SHIFT, LOGGED, Layout, place};
use super::places::Places;
use crate::faults::Mechanism;

/// An instruction that stores one value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Store {
    /// What marks it.
    pub(super) mechanism: Mechanism,
    /// Bytes from the address on the stack.
    offset: u64,
    /// The type of the value on the stack.
    pub(super) value: Encoded,
}

/// What the instruction stores, if it is a store.
pub(super) const fn store(operator: &Operator<'_>) -> Option<Store> {
    use Encoded::{F32, F64, I32, I64, V128};
    use Mechanism as M;
    use Operator as O;
    let (mechanism, value, memarg) = match operator {
        O::I32Store { memarg } => (M::I32Store, I32, memarg),
        O::I32Store8 { memarg } => (M::I32Store8, I32, memarg),
        O::I32Store16 { memarg } => (M::I32Store16, I32, memarg),
        O::I64Store { memarg } => (M::I64Store, I64, memarg),
        O::I64Store8 { memarg } => (M::I64Store8, I64, memarg),
        O::I64Store16 { memarg } => (M::I64Store16, I64, memarg),
        O::I64Store32 { memarg } => (M::I64Store32, I64, memarg),
        O::F32Store { memarg } => (M::F32Store, F32, memarg),
        O::F64Store { memarg } => (M::F64Store, F64, memarg),
        O::V128Store { memarg } => (M::V128Store, V128, memarg),
        O::V128Store8Lane { memarg, .. } => (M::V128Store8Lane, V128, memarg),
        O::V128Store16Lane { memarg, .. } => (M::V128Store16Lane, V128, memarg),
        O::V128Store32Lane { memarg, .. } => (M::V128Store32Lane, V128, memarg),
        O::V128Store64Lane { memarg, .. } => (M::V128Store64Lane, V128, memarg),
        _ => return None,
    };
    Some(Store { mechanism, offset: memarg.offset, value })
}

/// Local variables that marks need, behind the function's own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scratch {
    /// The first: an address, a granule and a length, then a value of each type.
    pub(super) first: u32,
}

impl Scratch {
    /// The locals to declare.
    pub(super) const LOCALS: [(u32, Encoded); 5] = [
        (4, Encoded::I32),
        (1, Encoded::I64),
        (1, Encoded::F32),
        (1, Encoded::F64),
        (1, Encoded::V128),
    ];

    const fn address(self) -> u32 {
        self.first
    }

    const fn granule(self) -> u32 {
        self.first + 1
    }

    const fn length(self) -> u32 {
        self.first + 2
    }

    const fn value(self, of: Encoded) -> u32 {
        self.first
            + match of {
                Encoded::I32 | Encoded::Ref(_) => 3,
                Encoded::I64 => 4,
                Encoded::F32 => 5,
                Encoded::F64 => 6,
                Encoded::V128 => 7,
            }
    }
}

/// Emits what comes before a store; the stack has its address and value, before and after.
pub(super) fn before_store(
    code: &mut InstructionSink<'_>,
    places: &Places,
    scratch: Scratch,
    store: &Store,
) {
    let value = scratch.value(store.value);
    code.local_set(value).local_tee(scratch.address()).local_get(scratch.address());
    if let (1.., Ok(offset)) = (store.offset, u32::try_from(store.offset)) {
        code.i32_const(offset.cast_signed()).i32_add();
    }
    code.i32_const(GRANULE_SHIFT.cast_signed()).i32_shr_u().local_set(scratch.granule());
    unless_marked(code, places, scratch.granule());
    code.local_get(value);
}

/// Emits what comes before a fill or a copy; the stack has the three operands, before and after.
pub(super) fn before_bulk(code: &mut InstructionSink<'_>, places: &Places, scratch: Scratch) {
    let middle = scratch.value(Encoded::I32);
    code.local_set(scratch.length()).local_set(middle).local_tee(scratch.address());
    code.local_get(scratch.address()).local_get(scratch.length()).call(places.mark_range());
    code.local_get(middle).local_get(scratch.length());
}

/// Notes the granule in the local `granule`, unless it is noted.
fn unless_marked(code: &mut InstructionSink<'_>, places: &Places, granule: u32) {
    code.local_get(granule).i32_load8_u(place(places.layout.map())).i32_eqz();
    code.if_(BlockType::Empty).local_get(granule).call(places.note()).end();
}

/// The generated `note(granule)`: sets the granule's byte in the map, and appends it to the log.
pub(super) fn note(layout: &Layout) -> Function {
    let mut function = Function::new([]);
    let mut code = function.instructions();
    code.local_get(0).i32_const(1).i32_store8(place(layout.map()));
    code.i32_const(0).i32_load(place(LOGGED)).local_get(0).i32_store(place(layout.log()));
    code.i32_const(0).i32_const(0).i32_load(place(LOGGED)).i32_const(4).i32_add();
    code.i32_store(place(LOGGED)).end();
    function
}

/// The generated `mark_range(address, length)`: notes every granule of the range. A range that
/// does not lie in memory 0 traps, as the instruction that it belongs to would.
pub(super) fn mark_range(places: &Places) -> Function {
    const ADDRESS: u32 = 0;
    const LENGTH: u32 = 1;
    // From here on they hold granules: the one to mark, and the last one.
    const GRANULE: u32 = ADDRESS;
    const LAST: u32 = 2;
    let shift = GRANULE_SHIFT.cast_signed();
    let mut function = Function::new([(1, Encoded::I32)]);
    let mut code = function.instructions();
    code.local_get(LENGTH).i32_eqz().if_(BlockType::Empty).return_().end();
    code.local_get(ADDRESS).local_get(LENGTH).i32_add().i32_const(1).i32_sub().local_tee(LAST);
    code.local_get(ADDRESS).i32_lt_u().if_(BlockType::Empty).unreachable().end();
    code.local_get(LAST).i32_const(shift).i32_shr_u().local_tee(LAST);
    code.i32_const(places.granules()).i32_ge_u().if_(BlockType::Empty).unreachable().end();
    code.local_get(ADDRESS).i32_const(shift).i32_shr_u().local_set(GRANULE);
    code.loop_(BlockType::Empty);
    unless_marked(&mut code, places, GRANULE);
    code.local_get(GRANULE).local_get(LAST).i32_lt_u().if_(BlockType::Empty);
    code.local_get(GRANULE).i32_const(1).i32_add().local_set(GRANULE).br(1).end();
    code.end().end();
    function
}
