//! No two things of a study may need the same Rust name, and none may need one of Cloister's own.

use cloister_contract::study::{ColumnType, ParamKind, Study, StudyError, camel_case};
use proc_macro2::Ident;
use toml::de::{DeTable, DeValue};

use crate::ident;

/// Types that `study!` always makes, and names of Rust's prelude that a study must not hide.
const TYPES: &[&str] = &[
    "Box",
    "Clone",
    "Codes",
    "Copy",
    "Default",
    "Drop",
    "Eq",
    "Err",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "Found",
    "From",
    "Into",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "Outputs",
    "Params",
    "Person",
    "PersonBuilder",
    "Result",
    "Send",
    "Some",
    "String",
    "Study",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Vec",
];

/// Methods of `Study` in a study's tests, where parameters and code sets have setters.
const SETTERS: &[&str] = &["init_frame", "params", "person_frame", "replay", "run", "test"];

/// The type of a dimension or of an `enum` parameter.
pub(crate) fn of_type(name: &str) -> Ident {
    ident(&camel_case(name))
}

/// The type of a table's rows.
pub(crate) fn of_row(table: &str) -> Ident {
    ident(&format!("{}Row", camel_case(table)))
}

/// The type of a category column.
pub(crate) fn of_category(table: &str, column: &str) -> Ident {
    ident(&format!("{}{}", camel_case(table), camel_case(column)))
}

/// The type of an output.
pub(crate) fn of_output(output: &str) -> Ident {
    ident(&format!("{}Output", camel_case(output)))
}

/// A type that a study needs, what needs it, and where that stands in the file.
struct Needed<'s> {
    name: Ident,
    by: String,
    path: Vec<&'s str>,
}

pub(crate) fn check(study: &Study, file: &str, text: &str) -> Result<(), StudyError> {
    let error = |path: &[&str], what: String, right: &str| {
        StudyError::at(file, text, place(text, path).unwrap_or_default(), what, right.to_owned())
    };
    let needed = needed(study);
    for (at, Needed { name, by, path }) in needed.iter().enumerate() {
        if TYPES.iter().any(|own| name == own) {
            let what = format!("{by} needs the name `{name}`, which Cloister or Rust has taken");
            return Err(error(path, what, "rename it"));
        }
        if let Some(other) = needed.iter().take(at).find(|other| other.name == *name) {
            let what = format!("{by} needs the name `{name}`, and so does {}", other.by);
            return Err(error(path, what, "rename one of them"));
        }
    }
    let params = study.params.iter().map(|param| ["params", param.name.as_str()]);
    let codes = study.codes.iter().map(|set| ["codes", set.name.as_str()]);
    let taken = params.chain(codes).find(|[_, name]| SETTERS.contains(name));
    let builder = study.tables.iter().find(|table| table.name == "builder");
    let taken = taken.or(builder.map(|_| ["tables", "builder"]));
    taken.map_or(Ok(()), |path| {
        let [_, name] = path;
        let what = format!("`{name}` is a method that Cloister makes for the study's tests");
        Err(error(&path, what, "rename it"))
    })
}

fn needed(study: &Study) -> Vec<Needed<'_>> {
    let mut needed = Vec::new();
    let mut need = |name, by, path| needed.push(Needed { name, by, path });
    for table in &study.tables {
        let name = table.name.as_str();
        need(of_row(name), format!("the table `{name}`"), vec!["tables", name]);
        let categories =
            table.columns.iter().filter(|c| matches!(c.kind, ColumnType::Category { .. }));
        for column in categories.map(|column| column.name.as_str()) {
            let path = vec!["tables", name, "columns", column];
            need(of_category(name, column), format!("the category `{column}`"), path);
        }
    }
    let enums = study.params.iter().filter(|p| matches!(p.kind, ParamKind::Enum { .. }));
    for name in enums.map(|param| param.name.as_str()) {
        need(of_type(name), format!("the parameter `{name}`"), vec!["params", name]);
    }
    for name in study.dimensions.iter().map(|dimension| dimension.name.as_str()) {
        need(of_type(name), format!("the dimension `{name}`"), vec!["dimensions", name]);
    }
    for name in study.outputs.iter().map(|output| output.name.as_str()) {
        need(of_output(name), format!("the output `{name}`"), vec!["outputs", name]);
    }
    needed
}

/// The byte at which the last key of `path` stands.
fn place(text: &str, path: &[&str]) -> Option<usize> {
    let root = DeTable::parse(text).ok()?;
    let (mut table, mut at) = (root.get_ref(), None);
    for key in path {
        let (key, value) = table.get_key_value(*key)?;
        at = Some(key.span().start);
        if let DeValue::Table(inner) = value.get_ref() {
            table = inner;
        }
    }
    at
}
