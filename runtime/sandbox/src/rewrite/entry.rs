//! The functions that the host calls: around the guest's own entries, and beside them.
//!
//! *Invariant `every call begins alike`*: an entry sets the depth of calls to none, and that for a
//! person sets all globals from their twins, whatever an earlier call left. The module exports
//! these, its two memories and the number of twins, and nothing of the guest's.

use wasm_encoder::{ExportKind, ExportSection, Function};

use super::globals::{self, Mutable};
use super::places::Places;
use crate::faults::Faults;

/// Names of the rewritten module's exports.
pub(crate) mod export {
    /// The guest's memory.
    pub(crate) const MEMORY: &str = "memory";
    /// Memory 1.
    pub(crate) const NOTES: &str = "notes";
    /// An immutable global: the number of twins.
    pub(crate) const TWINS: &str = "twins";
    /// `(at: i32)`: writes pages and globals to memory 1.
    pub(crate) const SAVE: &str = "save";
    /// `()`: sets pages and globals from their twins.
    pub(crate) const RELOAD: &str = "reload";
    /// `(len: i32) -> ptr: i32`.
    pub(crate) const ARENA: &str = "arena";
    /// `(ptr: i32, len: i32)`.
    pub(crate) const INIT: &str = "init";
    /// `(ptr: i32, len: i32)`.
    pub(crate) const PERSON: &str = "person";
}

/// The generated entry around the guest's function `inner` with `params` parameters.
pub(super) fn plain(places: &Places, inner: u32, params: u32) -> Function {
    let mut function = Function::new([]);
    call(&mut function, places, inner, params);
    function
}

/// The same for a person.
pub(super) fn person(places: &Places, inner: u32, mutable: &[Mutable], faults: Faults) -> Function {
    let mut function = Function::new([]);
    globals::set_all(&mut function.instructions(), mutable, places, faults);
    call(&mut function, places, inner, 2);
    function
}

fn call(function: &mut Function, places: &Places, inner: u32, params: u32) {
    let mut code = function.instructions();
    code.i32_const(0).global_set(places.depth());
    for param in 0..params {
        code.local_get(param);
    }
    code.call(inner).end();
}

/// All that the rewritten module exports.
pub(super) fn exports(places: &Places) -> ExportSection {
    let mut section = ExportSection::new();
    section.export(export::MEMORY, ExportKind::Memory, 0);
    section.export(export::NOTES, ExportKind::Memory, 1);
    section.export(export::TWINS, ExportKind::Global, places.twins());
    for (name, function) in [
        (export::SAVE, places.save()),
        (export::RELOAD, places.reload()),
        (export::ARENA, places.arena()),
        (export::INIT, places.init()),
        (export::PERSON, places.person()),
    ] {
        section.export(name, ExportKind::Func, function);
    }
    section
}
