//! A checked module, taken apart.

use cloister_contract::abi;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasmparser::{
    DataSectionReader, ElementSectionReader, ExternalKind, FuncToValidate, FunctionBody,
    FunctionSectionReader, GlobalSectionReader, Parser, Payload, TableSectionReader, TypeRef,
    TypeSectionReader, ValidPayload, Validator, ValidatorResources,
};

use super::Unexpected;
use super::globals::Mutable;
use crate::check::features;

/// The sections of a module that the rewriter needs.
#[derive(Default)]
pub(super) struct Parts<'m> {
    pub(super) types: Option<TypeSectionReader<'m>>,
    /// The type of `cloister.contribute`, if it is imported; it is then function 0.
    pub(super) import: Option<u32>,
    pub(super) functions: Option<FunctionSectionReader<'m>>,
    pub(super) tables: Option<TableSectionReader<'m>>,
    /// Pages of memory that the module starts with, and has at most.
    pub(super) pages: (u64, Option<u64>),
    pub(super) globals: Option<GlobalSectionReader<'m>>,
    pub(super) elements: Option<ElementSectionReader<'m>>,
    pub(super) data: Option<DataSectionReader<'m>>,
    pub(super) bodies: Vec<(FuncToValidate<ValidatorResources>, FunctionBody<'m>)>,
    /// The functions that the host calls: arena, init, person.
    pub(super) entries: [u32; 3],
}

impl<'m> Parts<'m> {
    /// Takes apart the module in `bytes`, which is validated once more as it goes.
    pub(super) fn read(bytes: &'m [u8]) -> Result<Self, Unexpected> {
        let mut parts = Self::default();
        let mut validator = Validator::new_with_features(features());
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            if let ValidPayload::Func(function, body) = validator.payload(&payload)? {
                parts.bodies.push((function, body));
            }
            parts.keep(payload)?;
        }
        Ok(parts)
    }

    /// The guest's mutable globals.
    pub(super) fn mutable(&self) -> Result<Vec<Mutable>, Unexpected> {
        let mut mutable = Vec::new();
        for (at, global) in (0..).zip(self.globals.clone().into_iter().flatten()) {
            let of = global?.ty;
            if of.mutable {
                mutable.push((at, RoundtripReencoder.val_type(of.content_type)?));
            }
        }
        Ok(mutable)
    }

    fn keep(&mut self, payload: Payload<'m>) -> Result<(), Unexpected> {
        match payload {
            Payload::TypeSection(section) => self.types = Some(section),
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if let TypeRef::Func(of) = import?.ty {
                        self.import = Some(of);
                    }
                }
            }
            Payload::FunctionSection(section) => self.functions = Some(section),
            Payload::TableSection(section) => self.tables = Some(section),
            Payload::MemorySection(section) => {
                for memory in section {
                    let memory = memory?;
                    self.pages = (memory.initial, memory.maximum);
                }
            }
            Payload::GlobalSection(section) => self.globals = Some(section),
            Payload::ExportSection(section) => {
                let names = [abi::EXPORT_ARENA, abi::EXPORT_INIT, abi::EXPORT_PERSON];
                for export in section {
                    let export = export?;
                    let entry = names.iter().position(|name| *name == export.name);
                    let entry = entry.and_then(|at| self.entries.get_mut(at));
                    if let (Some(entry), ExternalKind::Func) = (entry, export.kind) {
                        *entry = export.index;
                    }
                }
            }
            Payload::ElementSection(section) => self.elements = Some(section),
            Payload::DataSection(section) => self.data = Some(section),
            _ => {}
        }
        Ok(())
    }
}
