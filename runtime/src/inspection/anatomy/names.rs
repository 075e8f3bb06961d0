//! What functions are called: by an export, else as the module's name section says.
//!
//! The name section is its author's word. A name says nothing of what a function does.

use std::collections::BTreeMap;

use wasmparser::{Name, NameSectionReader};

use crate::custom_section::readable;
use crate::page::plain;

/// The names of functions by index.
pub(super) struct Names(BTreeMap<u32, String>);

impl Names {
    /// Names from exports and from a name section; an export counts more.
    pub(super) fn new(exported: &[(u32, String)], named: &[(u32, String)]) -> Self {
        let mut names: BTreeMap<u32, String> = BTreeMap::new();
        for (index, name) in named {
            let readable = readable(name);
            names.entry(*index).or_insert_with(|| plain(&readable));
        }
        names.extend(exported.iter().map(|(index, name)| (*index, plain(name))));
        Self(names)
    }

    /// The name of a function, if it has one.
    pub(super) fn known(&self, index: u32) -> Option<&str> {
        self.0.get(&index).map(String::as_str)
    }

    /// The name of a function, or its number.
    pub(super) fn of(&self, index: u32) -> String {
        self.known(index).map_or_else(|| format!("function {index}"), str::to_owned)
    }
}

/// The names of functions in a name section, as far as it can be read.
pub(super) fn functions(reader: NameSectionReader<'_>) -> Vec<(u32, String)> {
    let mut functions = Vec::new();
    for name in reader.into_iter().map_while(Result::ok) {
        if let Name::Function(map) = name {
            let names = map.into_iter().map_while(Result::ok);
            functions.extend(names.map(|naming| (naming.index, naming.name.to_owned())));
        }
    }
    functions
}
