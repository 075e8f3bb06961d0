//! A module's one import and its four exports, each of exactly the type that `ABI.md` gives it.

use cloister_contract::abi;
use wasmparser::{
    BinaryReaderError, CompositeInnerType, ExportSectionReader, ExternalKind, FuncType,
    FunctionSectionReader, ImportSectionReader, TypeRef, TypeSectionReader, ValType,
};

use crate::check::{ModuleRefusal, invalid, printable};
use crate::faults::{Faults, Mechanism};

const FUNCTIONS: [(&str, &[ValType], &[ValType]); 3] = [
    (abi::EXPORT_ARENA, &[ValType::I32], &[ValType::I32]),
    (abi::EXPORT_INIT, &[ValType::I32, ValType::I32], &[]),
    (abi::EXPORT_PERSON, &[ValType::I32, ValType::I32], &[]),
];

/// What the walk over a module has found out about its functions.
#[derive(Default)]
pub(crate) struct Exports {
    types: Vec<Option<FuncType>>,
    /// The type index of each function, imported ones first.
    functions: Vec<u32>,
    found: [bool; FUNCTIONS.len()],
    memory: bool,
}

impl Exports {
    /// Remembers the types; gives the most parameters that one of them has.
    pub(crate) fn types(
        &mut self,
        section: TypeSectionReader<'_>,
    ) -> Result<usize, BinaryReaderError> {
        let mut params_max = 0;
        for group in section {
            for ty in group?.into_types() {
                self.types.push(match ty.composite_type.inner {
                    CompositeInnerType::Func(function) => {
                        params_max = params_max.max(function.params().len());
                        Some(function)
                    }
                    _ => None,
                });
            }
        }
        Ok(params_max)
    }

    pub(crate) fn imports(
        &mut self,
        section: ImportSectionReader<'_>,
    ) -> Result<(), ModuleRefusal> {
        for import in section.into_imports() {
            let import = import.map_err(invalid)?;
            let named =
                (import.module, import.name) == (abi::IMPORT_MODULE, abi::IMPORT_CONTRIBUTE);
            let other = !Faults::chosen().works(Mechanism::Imports);
            let function = match import.ty {
                TypeRef::Func(at) if self.functions.is_empty() => Some(at),
                _ => None,
            };
            let typed = function.is_some_and(|at| {
                self.has_type(at, &[ValType::I32, ValType::I64, ValType::F64], &[])
            });
            match function {
                Some(at) if typed && (named || other) => self.functions.push(at),
                _ => {
                    let name = format!("{}.{}", import.module, import.name);
                    return Err(ModuleRefusal::Import(printable(&name)));
                }
            }
        }
        Ok(())
    }

    pub(crate) fn functions(
        &mut self,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), BinaryReaderError> {
        for ty in section {
            self.functions.push(ty?);
        }
        Ok(())
    }

    pub(crate) fn exports(
        &mut self,
        section: ExportSectionReader<'_>,
    ) -> Result<(), BinaryReaderError> {
        for export in section {
            let export = export?;
            let function = match export.kind {
                ExternalKind::Memory if export.name == abi::EXPORT_MEMORY => {
                    self.memory = true;
                    continue;
                }
                ExternalKind::Func => self.functions.get(export.index as usize).copied(),
                _ => None,
            };
            let wanted = FUNCTIONS.iter().position(|(name, ..)| *name == export.name);
            let Some((at, ty)) = wanted.zip(function) else { continue };
            let fits = FUNCTIONS
                .get(at)
                .is_some_and(|(_, params, results)| self.has_type(ty, params, results));
            if let Some(found) = self.found.get_mut(at) {
                *found = fits;
            }
        }
        Ok(())
    }

    fn has_type(&self, at: u32, params: &[ValType], results: &[ValType]) -> bool {
        self.types
            .get(at as usize)
            .and_then(Option::as_ref)
            .is_some_and(|ty| ty.params() == params && ty.results() == results)
    }

    pub(crate) fn complete(&self) -> Result<(), ModuleRefusal> {
        if !self.memory {
            return Err(ModuleRefusal::Export(abi::EXPORT_MEMORY));
        }
        match FUNCTIONS.iter().zip(self.found).find(|(_, found)| !found) {
            Some(((name, ..), _)) => Err(ModuleRefusal::Export(name)),
            None => Ok(()),
        }
    }
}
