//! The parts of a module: sections, functions, constants, data; for people who look at them.
//!
//! Nothing here decides whether a module may run. A function has two digests that do not change
//! when other functions are added: calls are taken by the callee's name, types by what they are.
//!
//! ```text
//! body     the instructions with their constants
//! shape    the instructions alone: two functions of one shape differ in constants only
//! ```

mod body;
mod names;

use std::collections::BTreeSet;
use std::ops::Range;

use cloister_contract::abi;
use cloister_contract::digest::Digest;
use wasmparser::{
    BinaryReaderError, CompositeInnerType, DataKind, ElementItems, Operator, Parser, Payload,
    TypeRef,
};

pub(super) use body::{Constant, Tally};

/// The parts of a module.
#[derive(Clone, Debug, Default)]
pub(super) struct Anatomy {
    pub(super) sections: Vec<SectionPart>,
    /// Functions with a body, in the module's order.
    pub(super) functions: Vec<Function>,
    pub(super) data: Vec<DataPart>,
    /// Exports that no ABI names.
    pub(super) other_exports: Vec<String>,
    /// Functions that a call through the table can reach.
    pub(super) in_table: usize,
    /// Bytes of memory that the module has from the start.
    pub(super) memory_bytes: u64,
    /// Whether functions have names of their author's.
    pub(super) named: bool,
}

/// A section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SectionPart {
    /// `code`, or a custom section's name.
    pub(super) name: String,
    pub(super) custom: bool,
    pub(super) bytes: usize,
    pub(super) digest: Digest,
}

/// A function with a body.
#[derive(Clone, Debug)]
pub(super) struct Function {
    /// By its export, else by the name section, else `function 12`.
    pub(super) name: String,
    pub(super) bytes: usize,
    pub(super) body: Digest,
    pub(super) shape: Digest,
    pub(super) constants: BTreeSet<Constant>,
    pub(super) tally: Tally,
    /// Whether an export, the table or a function that is used leads to it.
    pub(super) used: bool,
}

/// A data segment.
#[derive(Clone, Debug)]
pub(super) struct DataPart {
    /// Where it lies in memory, if that is a plain number.
    pub(super) at: Option<u32>,
    pub(super) bytes: Vec<u8>,
}

/// The module cannot be taken apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the module cannot be taken apart; check it with `cloister verify`")]
pub struct NotTakenApart;

impl From<BinaryReaderError> for NotTakenApart {
    fn from(_: BinaryReaderError) -> Self {
        Self
    }
}

impl Anatomy {
    /// Takes apart a checked module.
    pub(super) fn of(bytes: &[u8]) -> Result<Self, NotTakenApart> {
        let mut reading = Reading::default();
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            if let Some((id, range)) = payload.as_section() {
                reading.section(bytes, &payload, id, range)?;
            }
            reading.look(payload)?;
        }
        reading.finish()
    }
}

/// The names of those of `functions`, by index, that a checked module has.
pub(crate) fn function_names(
    bytes: &[u8],
    functions: &[u32],
) -> Result<Vec<String>, NotTakenApart> {
    let mut reading = Reading::default();
    for payload in Parser::new(0).parse_all(bytes) {
        reading.look(payload?)?;
    }
    let names = names::Names::new(&reading.exported, &reading.named);
    let known = u32::try_from(reading.functions.len()).unwrap_or(u32::MAX);
    Ok(functions.iter().filter(|at| **at < known).map(|at| names.of(*at)).collect())
}

/// What is known before the bodies can be named.
#[derive(Default)]
struct Reading<'m> {
    found: Anatomy,
    /// The signature of each type, in words.
    types: Vec<String>,
    /// The type of each function, imports first.
    functions: Vec<u32>,
    imports: usize,
    exported: Vec<(u32, String)>,
    elements: Vec<u32>,
    bodies: Vec<wasmparser::FunctionBody<'m>>,
    named: Vec<(u32, String)>,
}

impl<'m> Reading<'m> {
    fn section(
        &mut self,
        bytes: &[u8],
        payload: &Payload<'_>,
        id: u8,
        range: Range<usize>,
    ) -> Result<(), NotTakenApart> {
        let bytes = bytes.get(range).ok_or(NotTakenApart)?;
        let (name, custom, bytes) = match payload {
            // The digest of its data, without its name.
            Payload::CustomSection(section) => (section.name().to_owned(), true, section.data()),
            _ => (section_name(id).to_owned(), false, bytes),
        };
        let digest = Digest::of(bytes);
        self.found.sections.push(SectionPart { name, custom, bytes: bytes.len(), digest });
        Ok(())
    }

    fn look(&mut self, payload: Payload<'m>) -> Result<(), NotTakenApart> {
        match payload {
            Payload::TypeSection(section) => {
                for group in section {
                    for ty in group?.into_types() {
                        self.types.push(match ty.composite_type.inner {
                            CompositeInnerType::Func(function) => format!("{function:?}"),
                            _ => String::new(),
                        });
                    }
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if let TypeRef::Func(ty) = import?.ty {
                        self.functions.push(ty);
                        self.imports += 1;
                    }
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    self.functions.push(ty?);
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    self.found.memory_bytes = memory?.initial.saturating_mul(abi::PAGE_BYTES);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    if export.kind == wasmparser::ExternalKind::Func {
                        self.exported.push((export.index, export.name.to_owned()));
                    }
                    if !ABI_EXPORTS.contains(&export.name) {
                        self.found.other_exports.push(export.name.to_owned());
                    }
                }
            }
            Payload::ElementSection(section) => {
                for element in section {
                    self.element(element?.items)?;
                }
            }
            Payload::DataSection(section) => {
                for data in section {
                    let data = data?;
                    self.found
                        .data
                        .push(DataPart { at: place(&data.kind), bytes: data.data.into() });
                }
            }
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::CustomSection(section) => {
                if let wasmparser::KnownCustom::Name(reader) = section.as_known() {
                    self.named.extend(names::functions(reader));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn element(&mut self, items: ElementItems<'_>) -> Result<(), NotTakenApart> {
        match items {
            ElementItems::Functions(functions) => {
                for function in functions {
                    self.elements.push(function?);
                }
            }
            ElementItems::Expressions(_, expressions) => {
                for expression in expressions {
                    for operator in expression?.get_operators_reader() {
                        if let Operator::RefFunc { function_index } = operator? {
                            self.elements.push(function_index);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Anatomy, NotTakenApart> {
        let names = names::Names::new(&self.exported, &self.named);
        let context =
            body::Context { types: &self.types, functions: &self.functions, names: &names };
        let mut calls = Vec::new();
        for (at, body) in self.bodies.iter().enumerate() {
            let index = u32::try_from(self.imports + at).map_err(|_| NotTakenApart)?;
            let read = body::read(&context, body)?;
            calls.push(read.calls);
            self.found.functions.push(Function {
                name: names.of(index),
                bytes: body.range().len(),
                body: read.body,
                shape: read.shape,
                constants: read.constants,
                tally: read.tally,
                used: false,
            });
        }
        let mut open: Vec<u32> = self.exported.iter().map(|(index, _)| *index).collect();
        open.extend(&self.elements);
        while let Some(index) = open.pop() {
            let at = (index as usize).checked_sub(self.imports);
            let function = at.and_then(|at| self.found.functions.get_mut(at));
            let Some((function, at)) = function.zip(at).filter(|(function, _)| !function.used)
            else {
                continue;
            };
            function.used = true;
            open.extend(calls.get(at).into_iter().flatten());
        }
        self.found.in_table = self.elements.len();
        self.found.named = !self.named.is_empty();
        Ok(self.found)
    }
}

const ABI_EXPORTS: &[&str] =
    &[abi::EXPORT_MEMORY, abi::EXPORT_ARENA, abi::EXPORT_INIT, abi::EXPORT_PERSON];

/// Where an active segment lies, if its offset is a plain number.
fn place(kind: &DataKind<'_>) -> Option<u32> {
    let DataKind::Active { offset_expr, .. } = kind else { return None };
    match offset_expr.get_operators_reader().read().ok()? {
        Operator::I32Const { value } => Some(value.cast_unsigned()),
        _ => None,
    }
}

/// A section's name in the specification.
const fn section_name(id: u8) -> &'static str {
    match id {
        1 => "type",
        2 => "import",
        3 => "function",
        4 => "table",
        5 => "memory",
        6 => "global",
        7 => "export",
        9 => "element",
        10 => "code",
        11 => "data",
        12 => "data count",
        _ => "another",
    }
}

#[cfg(test)]
mod tests;
