//! Rewrites a checked module so that the host can make it pristine again in nanoseconds.
//!
//! The guest computes what it computed before, and the host learns which of its memory it wrote.
//! One file each: [`refuse`] what cannot be undone; [`marks`] before every store; [`growth`] and
//! [`globals`] that can be set back; [`contribute`] without a call to the host; [`depth`] of calls;
//! [`entry`], where every call begins. [`notes`] is the memory in which all of it is written down.

mod body;
mod contribute;
mod depth;
pub(crate) mod entry;
mod globals;
mod growth;
mod marks;
pub(crate) mod notes;
mod parts;
mod places;
pub(crate) mod refuse;

use cloister_contract::abi::PAGE_BYTES;
use wasm_encoder::reencode::{self, Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, FunctionSection, GlobalSection,
    GlobalType, MemorySection, MemoryType, Module, TableSection, TypeSection, ValType,
};
use wasmparser::{FuncValidatorAllocations, Validator, WasmFeatures};

use crate::check::{CheckedModule, features};
use crate::faults::Faults;
use crate::limits::CallLimits;
use globals::Mutable;
use notes::Layout;
use parts::Parts;
use places::Places;

/// The version of the rewriter: what it does to a module, and so what a guest's fuel buys.
pub(crate) const REWRITER: u32 = 1;

/// What the checks should have made impossible.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unexpected {
    /// The module does not parse or validate, before or after.
    #[error("{0}")]
    Parse(#[from] wasmparser::Error),
    /// An item cannot be written again.
    #[error("{0}")]
    Encode(#[from] reencode::Error),
}

/// Rewrites `module` for calls under `limits`; the result is validated.
pub(crate) fn rewrite(
    module: &CheckedModule,
    limits: &CallLimits,
    faults: Faults,
) -> Result<Vec<u8>, Unexpected> {
    let parts = Parts::read(module.bytes())?;
    let pages_max = limits.memory_bytes_max as u64 / PAGE_BYTES;
    let imports = u32::from(parts.import.is_some());
    let globals = parts.globals.as_ref().map_or(0, |section| section.count());
    let mut mutable: Vec<Mutable> = vec![(globals, ValType::I32)];
    mutable.extend(parts.mutable()?);
    let places = Places {
        functions: parts.functions.as_ref().map_or(0, |section| section.count()) + imports,
        globals,
        layout: Layout::new(pages_max, mutable.len() as u64),
    };
    let mut written = Module::new();
    let types = write_types(&mut written, &parts)?;
    write_functions(&mut written, &parts, types)?;
    write_state(&mut written, &parts, &places, pages_max)?;
    written.section(&entry::exports(&places));
    if let Some(section) = parts.elements.clone() {
        let mut elements = ElementSection::new();
        RoundtripReencoder.parse_element_section(&mut elements, section)?;
        written.section(&elements);
    }
    let data = parts.data.clone();
    write_code(&mut written, parts, &places, pages_max, &mutable, faults)?;
    if let Some(section) = data {
        let mut data = DataSection::new();
        RoundtripReencoder.parse_data_section(&mut data, section)?;
        written.section(&data);
    }
    let bytes = written.finish();
    let features = features() | WasmFeatures::MULTI_MEMORY;
    Validator::new_with_features(features).validate_all(&bytes)?;
    Ok(bytes)
}

/// The guest's types, and behind them those of generated functions; gives the first of those.
fn write_types(written: &mut Module, parts: &Parts<'_>) -> Result<u32, Unexpected> {
    const I32: ValType = ValType::I32;
    let mut types = TypeSection::new();
    if let Some(section) = parts.types.clone() {
        RoundtripReencoder.parse_type_section(&mut types, section)?;
    }
    let first = types.len();
    types.ty().function([], []);
    types.ty().function([I32], []);
    types.ty().function([I32, I32], []);
    types.ty().function([I32], [I32]);
    written.section(&types);
    Ok(first)
}

/// The type of every function: `contribute` in the import's place, the guest's, the generated.
fn write_functions(written: &mut Module, parts: &Parts<'_>, types: u32) -> Result<(), Unexpected> {
    let mut functions = FunctionSection::new();
    if let Some(of) = parts.import {
        functions.function(of);
    }
    if let Some(section) = parts.functions.clone() {
        RoundtripReencoder.parse_function_section(&mut functions, section)?;
    }
    let [none, one, two, gives] = [types, types + 1, types + 2, types + 3];
    for of in [one, two, gives, one, none, gives, two, two] {
        functions.function(of);
    }
    written.section(&functions);
    Ok(())
}

/// Tables, memories and globals.
fn write_state(
    written: &mut Module,
    parts: &Parts<'_>,
    places: &Places,
    pages_max: u64,
) -> Result<(), Unexpected> {
    if let Some(section) = parts.tables.clone() {
        let mut tables = TableSection::new();
        RoundtripReencoder.parse_table_section(&mut tables, section)?;
        written.section(&tables);
    }
    let mut memories = MemorySection::new();
    for pages in [pages_max, places.layout.pages()] {
        memories.memory(MemoryType {
            minimum: pages,
            maximum: Some(pages),
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
    }
    written.section(&memories);
    let mut globals = GlobalSection::new();
    if let Some(section) = parts.globals.clone() {
        RoundtripReencoder.parse_global_section(&mut globals, section)?;
    }
    // In the order of `Places`: the size of memory, the depth of calls, the number of twins.
    let twins = places.layout.twins_len();
    for (value, mutable) in [(parts.pages.0, true), (0, true), (twins, false)] {
        let of = GlobalType { val_type: ValType::I32, mutable, shared: false };
        globals.global(of, &ConstExpr::i32_const(i32_bits(value)));
    }
    written.section(&globals);
    Ok(())
}

/// All functions: `contribute`, the guest's own, the generated ones in the order of `Places`.
fn write_code(
    written: &mut Module,
    parts: Parts<'_>,
    places: &Places,
    pages_max: u64,
    mutable: &[Mutable],
    faults: Faults,
) -> Result<(), Unexpected> {
    let import = parts.import.map(|_| 0);
    let mut code = CodeSection::new();
    if import.is_some() {
        code.function(&contribute::contribute(&places.layout, faults));
    }
    let mut allocations = FuncValidatorAllocations::default();
    for (function, body) in parts.bodies {
        let mut validator = function.into_validator(allocations);
        code.function(&body::rewrite(&body, &mut validator, places, import, faults)?);
        allocations = validator.into_allocations();
    }
    // What the module itself says may be less than the study allows.
    let pages_max = parts.pages.1.map_or(pages_max, |own| own.min(pages_max));
    let [arena, init, person] = parts.entries;
    for function in [
        marks::note(&places.layout),
        marks::mark_range(places),
        growth::grow(places, i32_bits(pages_max)),
        globals::save(mutable),
        globals::reload(mutable, places, faults),
        entry::plain(places, arena, 1),
        entry::plain(places, init, 2),
        entry::person(places, person, mutable, faults),
    ] {
        code.function(&function);
    }
    written.section(&code);
    Ok(())
}

/// A number as the instruction `i32.const` has it: at most 2³¹, pages or a count of globals.
fn i32_bits(value: u64) -> i32 {
    u32::try_from(value).unwrap_or(u32::MAX).cast_signed()
}
