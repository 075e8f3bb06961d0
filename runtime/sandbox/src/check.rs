//! What a module must be, decided on its bytes before the engine compiles it.
//!
//! A guest's import list is its list of powers, and it may hold one thing: `cloister.contribute`.
//! Everything here is an allow-list; what is not named is refused. Answers the attacks
//! host-import-probe, two-sections and the malformed and oversized modules.

use cloister_contract::abi;
use wasmparser::{DataSectionReader, Encoding, Parser, Payload, Validator, WasmFeatures};

use crate::exports::Exports;
use crate::faults::{Faults, Mechanism};
use crate::limits::{MODULE_LIMITS, ModuleLimits};
use crate::rewrite::refuse;

/// A module that passed every check on its bytes.
#[derive(Clone, Debug)]
pub struct CheckedModule {
    bytes: Vec<u8>,
    study: String,
    memory_pages_min: u64,
    measures: Vec<Measure>,
}

/// A limit on a module's bytes, and how near the module comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// What is limited.
    pub what: &'static str,
    /// The most that the module has of it, in one place.
    pub found: u64,
    /// The most that a module may have.
    pub limit: u64,
}

/// What every checked module has passed beside the limits; each line is a [`ModuleRefusal`]'s
/// other side.
pub const RULES: &[&str] = &[
    "it is one whole core module, and nothing follows its end",
    "every function validates, with no feature but mutable globals, saturating conversions, sign \
     extension, reference types, bulk memory and SIMD",
    "it imports nothing but `cloister.contribute`",
    "it exports its memory and the functions of ABI version 1, of their types",
    "it has no start function",
    "it has one memory, of its own, and each data segment lies within it",
    "nothing in it changes what could not be undone between two persons",
    "it holds one study file, which is UTF-8",
];

impl CheckedModule {
    /// The module's bytes, as signed.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The study file, verbatim.
    #[must_use]
    pub fn study(&self) -> &str {
        &self.study
    }

    /// Pages of 64 KiB that the module's memory has from the start.
    #[must_use]
    pub const fn memory_pages_min(&self) -> u64 {
        self.memory_pages_min
    }

    /// Every limit that was checked, in the order in which the module met them.
    #[must_use]
    pub fn measures(&self) -> &[Measure] {
        &self.measures
    }
}

/// Why a module is refused. It tells about the module's bytes only; no data was read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModuleRefusal {
    /// It is not a core WebAssembly module.
    #[error("this is not a WebAssembly module: {0}")]
    NotAModule(&'static str),
    /// It is malformed, or uses a proposal that guests may not.
    #[error("the module is malformed or uses a feature that guests may not: {what} (at byte {at})")]
    Invalid {
        /// The parser's words.
        what: String,
        /// Where.
        at: usize,
    },
    /// It is larger than a limit allows.
    #[error("the module has too much: {what} is over {limit}")]
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// How much is allowed.
        limit: u64,
    },
    /// It imports something else than `cloister.contribute`.
    #[error(
        "the module imports `{0}`; its only import may be \
         `cloister.contribute(output: i32, cell: i64, value: f64)`"
    )]
    Import(String),
    /// It lacks an export, or has one of another type.
    #[error("the module does not export `{0}` as ABI version 1 has it")]
    Export(&'static str),
    /// A data segment lies outside its memory.
    #[error("the module has a data segment that lies outside its memory")]
    Segment,
    /// It can change something that the host could not undo.
    #[error(
        "the module has {what}{}, which could not be undone between two persons; build the study \
         with `cloister study build`",
        .at.map_or_else(String::new, |at| format!(" (at byte {at})"))
    )]
    NotResettable {
        /// What it has.
        what: &'static str,
        /// Where, if it is an instruction.
        at: Option<usize>,
    },
    /// It has a start function.
    #[error("the module has a start function; a guest runs only when it is called")]
    Start,
    /// It has no memory of its own, or more than one.
    #[error("the module has {0} memories, and must have one of its own")]
    Memories(u32),
    /// It has no study file, or more than one.
    #[error("the module has {0} sections `cloister.study`, and must have one")]
    StudySections(usize),
    /// Its study file is not UTF-8.
    #[error("the section `cloister.study` is not UTF-8")]
    StudyNotText,
}

/// What rustc emits, and nothing that another engine or another run could decide differently.
pub(crate) fn features() -> WasmFeatures {
    WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::SIMD
        | WasmFeatures::FLOATS
}

/// Checks the bytes of a module.
///
/// # Errors
/// [`ModuleRefusal`] for the first thing that a guest may not have.
pub fn check(bytes: Vec<u8>) -> Result<CheckedModule, ModuleRefusal> {
    not_something_else(&bytes)?;
    let limits = MODULE_LIMITS;
    let mut found = Found::default();
    found.within("its size in bytes", len(bytes.len()), limits.module_bytes_max as u64)?;
    let mut validator = Validator::new_with_features(features());
    let mut offset = 0;
    for payload in Parser::new(0).parse_all(&bytes) {
        let payload = payload.map_err(invalid)?;
        found.look(&payload, &limits)?;
        // Function bodies are validated below: the walk alone hands them out unvalidated.
        if let wasmparser::ValidPayload::Func(function, body) =
            validator.payload(&payload).map_err(invalid)?
        {
            let bytes = len(body.range().len());
            found.within("a function's body in bytes", bytes, limits.body_bytes_max as u64)?;
            let mut function =
                function.into_validator(wasmparser::FuncValidatorAllocations::default());
            function.validate(&body).map_err(invalid)?;
            resettable(&body)?;
            let locals = u64::from(function.len_locals());
            found.within("a function's locals", locals, u64::from(limits.locals_max))?;
            let max = limits.body_bytes_times_locals_max;
            found.within("a function's body in bytes times its locals", bytes * locals, max)?;
        }
        if let Payload::End(end) = payload {
            offset = end;
        }
    }
    if offset != bytes.len() {
        return Err(ModuleRefusal::NotAModule("it ends early or late"));
    }
    found.finish(bytes)
}

/// Looks at each instruction of a valid body, whether its effect can be undone.
fn resettable(body: &wasmparser::FunctionBody<'_>) -> Result<(), ModuleRefusal> {
    let operators = body.get_operators_reader().map_err(invalid)?;
    for operator in operators.into_iter_with_offsets() {
        let (operator, at) = operator.map_err(invalid)?;
        undone(refuse::instruction(&operator), Some(at))?;
    }
    Ok(())
}

fn undone(what: Option<&'static str>, at: Option<usize>) -> Result<(), ModuleRefusal> {
    let what = what.filter(|_| Faults::chosen().works(Mechanism::Resettable));
    what.map_or(Ok(()), |what| Err(ModuleRefusal::NotResettable { what, at }))
}

/// Names what people hand over by mistake, for a kinder message than the parser's.
fn not_something_else(bytes: &[u8]) -> Result<(), ModuleRefusal> {
    let kind = match bytes {
        [0x7f, b'E', b'L', b'F', ..] => "it is a native program (ELF)",
        [0x1f, 0x8b, ..] => "it is gzip; unpack it first",
        [b'(', ..] => "it is WebAssembly text; build the study with `cloister study build`",
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => return Ok(()),
        [0, b'a', b's', b'm', _, 0, 1, 0, ..] => "it is a component; guests are core modules",
        _ => "it does not start as one; build the study with `cloister study build`",
    };
    Err(ModuleRefusal::NotAModule(kind))
}

#[derive(Default)]
struct Found {
    studies: Vec<Vec<u8>>,
    custom_sections: u32,
    memories: u32,
    memory_pages_min: u64,
    exports: Exports,
    measures: Vec<Measure>,
}

impl Found {
    fn look(&mut self, payload: &Payload<'_>, limits: &ModuleLimits) -> Result<(), ModuleRefusal> {
        match payload {
            Payload::Version { encoding: Encoding::Component, .. } => {
                return Err(ModuleRefusal::NotAModule(
                    "it is a component; guests are core modules",
                ));
            }
            Payload::TypeSection(section) => {
                self.items("the number of types", section.count(), limits)?;
                let params = self.exports.types(section.clone()).map_err(invalid)?;
                let max = limits.params_max as u64;
                self.within("the number of a function's parameters", len(params), max)?;
            }
            Payload::ImportSection(section) => {
                self.items("the number of imports", section.count(), limits)?;
                self.exports.imports(section.clone())?;
            }
            Payload::FunctionSection(section) => {
                let count = u64::from(section.count());
                self.within("the number of functions", count, u64::from(limits.functions_max))?;
                self.exports.functions(section.clone()).map_err(invalid)?;
            }
            Payload::TableSection(section) => {
                let tables = u64::from(section.count());
                self.within("the number of tables", tables, u64::from(limits.tables_max))?;
                for table in section.clone() {
                    let elements = table.map_err(invalid)?.ty.initial;
                    let max = limits.table_elements_max as u64;
                    self.within("the number of table elements", elements, max)?;
                }
            }
            Payload::MemorySection(section) => {
                self.memories += section.count();
                if self.memories != 1 {
                    return Err(ModuleRefusal::Memories(self.memories));
                }
                for memory in section.clone() {
                    self.memory_pages_min = memory.map_err(invalid)?.initial;
                }
            }
            Payload::GlobalSection(section) => {
                self.items("the number of globals", section.count(), limits)?;
                for global in section.clone() {
                    let of = global.map_err(invalid)?.ty;
                    undone(refuse::global(of.content_type, of.mutable), None)?;
                }
            }
            Payload::ElementSection(section) => {
                self.items("the number of element segments", section.count(), limits)?;
                for segment in section.clone() {
                    undone(refuse::elements(&segment.map_err(invalid)?.kind), None)?;
                }
            }
            Payload::DataSection(section) => {
                self.items("the number of data segments", section.count(), limits)?;
                self.data(section.clone())?;
            }
            Payload::ExportSection(section) => {
                self.items("the number of exports", section.count(), limits)?;
                self.exports.exports(section.clone()).map_err(invalid)?;
            }
            Payload::StartSection { .. } => return Err(ModuleRefusal::Start),
            Payload::CustomSection(section) => self.custom(section, limits)?,
            _ => {}
        }
        Ok(())
    }

    fn data(&self, section: DataSectionReader<'_>) -> Result<(), ModuleRefusal> {
        for segment in section {
            let segment = segment.map_err(invalid)?;
            undone(refuse::data(&segment.kind), None)?;
            let bytes = self.memory_pages_min * abi::PAGE_BYTES;
            if !refuse::fits(&segment, bytes).map_err(invalid)? {
                return Err(ModuleRefusal::Segment);
            }
        }
        Ok(())
    }

    /// Refuses what is over `limit`, and remembers the most that was `found`.
    fn within(&mut self, what: &'static str, found: u64, limit: u64) -> Result<(), ModuleRefusal> {
        match self.measures.iter_mut().find(|measure| measure.what == what) {
            Some(measure) => measure.found = measure.found.max(found),
            None => self.measures.push(Measure { what, found, limit }),
        }
        if found <= limit || !Faults::chosen().works(Mechanism::ModuleLimits) {
            Ok(())
        } else {
            Err(ModuleRefusal::TooMuch { what, limit })
        }
    }

    fn items(
        &mut self,
        what: &'static str,
        count: u32,
        limits: &ModuleLimits,
    ) -> Result<(), ModuleRefusal> {
        self.within(what, u64::from(count), u64::from(limits.items_max))
    }

    fn custom(
        &mut self,
        section: &wasmparser::CustomSectionReader<'_>,
        limits: &ModuleLimits,
    ) -> Result<(), ModuleRefusal> {
        self.custom_sections += 1;
        let sections = u64::from(self.custom_sections);
        self.within(
            "the number of custom sections",
            sections,
            u64::from(limits.custom_sections_max),
        )?;
        let max = limits.custom_bytes_max as u64;
        self.within("a custom section in bytes", len(section.data().len()), max)?;
        if section.name() == abi::STUDY_SECTION {
            self.studies.push(section.data().to_vec());
        }
        Ok(())
    }

    fn finish(self, bytes: Vec<u8>) -> Result<CheckedModule, ModuleRefusal> {
        let Self { mut studies, memories, memory_pages_min, exports, measures, .. } = self;
        if memories != 1 {
            return Err(ModuleRefusal::Memories(memories));
        }
        exports.complete()?;
        let study = match (studies.pop(), studies.len()) {
            (Some(study), 0) => study,
            (None, _) => return Err(ModuleRefusal::StudySections(0)),
            (Some(last), _) if !Faults::chosen().works(Mechanism::OneStudySection) => last,
            (Some(_), more) => return Err(ModuleRefusal::StudySections(more + 1)),
        };
        let study = String::from_utf8(study).map_err(|_| ModuleRefusal::StudyNotText)?;
        Ok(CheckedModule { bytes, study, memory_pages_min, measures })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is used with `map_err`")]
pub(crate) fn invalid(error: wasmparser::BinaryReaderError) -> ModuleRefusal {
    ModuleRefusal::Invalid { what: printable(error.message()), at: error.offset() }
}

/// Text from a module, safe to print on a terminal.
pub(crate) fn printable(text: &str) -> String {
    let safe = |c: char| if c == ' ' || c.is_ascii_graphic() { c } else { '?' };
    if !Faults::chosen().works(Mechanism::Printable) {
        return text.to_owned();
    }
    text.chars().take(120).map(safe).collect()
}

fn len(bytes: usize) -> u64 {
    bytes as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rule that a refusal is the other side of; none for a limit, which is a [`Measure`]. A
    /// new kind of refusal does not compile here until its rule is told to reviewers.
    fn rule(refusal: &ModuleRefusal) -> Option<&'static str> {
        match refusal {
            ModuleRefusal::TooMuch { .. } => None,
            ModuleRefusal::NotAModule(_) => Some("whole core module"),
            ModuleRefusal::Invalid { .. } => Some("validates"),
            ModuleRefusal::Import(_) => Some("imports nothing but"),
            ModuleRefusal::Export(_) => Some("exports its memory"),
            ModuleRefusal::Segment => Some("each data segment"),
            ModuleRefusal::NotResettable { .. } => Some("be undone"),
            ModuleRefusal::Start => Some("no start function"),
            ModuleRefusal::Memories(_) => Some("one memory"),
            ModuleRefusal::StudySections(_) => Some("one study file"),
            ModuleRefusal::StudyNotText => Some("UTF-8"),
        }
    }

    #[test]
    fn every_refusal_is_a_rule_that_reviewers_are_told() {
        let refusals = [
            ModuleRefusal::NotAModule(""),
            ModuleRefusal::Invalid { what: String::new(), at: 0 },
            ModuleRefusal::Import(String::new()),
            ModuleRefusal::Export(""),
            ModuleRefusal::Segment,
            ModuleRefusal::NotResettable { what: "", at: None },
            ModuleRefusal::Start,
            ModuleRefusal::Memories(0),
            ModuleRefusal::StudySections(0),
            ModuleRefusal::StudyNotText,
        ];
        for refusal in &refusals {
            let told = rule(refusal).is_some_and(|rule| RULES.iter().any(|r| r.contains(rule)));
            assert!(told, "{refusal}");
        }
        let broken =
            |rules: &&str| !refusals.iter().any(|r| rule(r).is_some_and(|w| rules.contains(w)));
        assert_eq!(RULES.iter().find(|rules| broken(rules)), None);
    }
}
