//! The text of a first `dataset.toml`.

use toml::{Table, Value};

use super::scan::{Found, Scan};

/// What is known besides the files.
pub(super) struct Facts<'f> {
    /// The day of today.
    pub(super) today: &'f str,
    /// The number of persons, rounded.
    pub(super) persons: u64,
    /// Columns to keep from studies.
    pub(super) withheld: Vec<&'static str>,
}

/// Columns of a line.
const WIDTH: usize = 100;

/// Describes what was found.
pub(super) fn text(scan: &Scan, facts: &Facts<'_>) -> String {
    let Facts { today, persons, withheld } = facts;
    let name = Value::from(scan.name.as_str());
    let whole = scan.found.iter().any(|f| f.model.name == "person" && f.text_with_whole_keys());
    let kind = if whole { ", type = \"int\"" } else { "" };
    let mut text = format!(
        "# Written by `cloister dataset new`, by the names of files and their first lines. Settle\n\
         # each TODO: only the site can know. docs/datasets.md has every key.\n\n\
         # TODO: the name by which studies and releases call it; that of the folder was taken.\n\
         name = {name}\n\
         # title = \"\"\n\n\
         # TODO: the day of the export: no row is later. Today was taken.\n\
         snapshot_date = \"{today}\"\n\n\
         # TODO: the number of persons that you publish, rounded as you like: runs tell it, and\n\
         # no other. What the unit table has was rounded.\n\
         published_persons = {persons}\n\n\
         # TODO: are these persons invented, or may anybody have these data? If so, say it, and\n\
         # exact numbers may be shown. Assumed: they are patients'.\n\
         # synthetic = true\n\
         # public = true\n\n"
    );
    let listed: Vec<String> = withheld.iter().map(|name| format!("\"{name}\"")).collect();
    text += "# TODO: columns that no study gets, in whatever table: what tells who somebody is.\n";
    text += &format!("withheld = [{}]\n\n", listed.join(", "));
    text += "# One row of `person` is one person, as in OMOP; its key is in every table below.\n";
    text += &format!("unit = {{ table = \"person\", key = \"person_id\"{kind} }}\n");
    let clinical = |found: &&Found| !found.model.vocabulary;
    section(&mut text, "[tables]", scan.found.iter().filter(clinical).filter(|f| f.has_key()));
    let keyless = scan.found.iter().filter(clinical).filter(|found| !found.has_key());
    let keyless: Vec<&str> = keyless.map(|found| path(&found.entry)).collect();
    if !keyless.is_empty() {
        text += "\n# Without `person_id`, so that no study can read them, and left out:\n";
        keyless.iter().for_each(|path| text += &format!("#   {}\n", plain(path)));
    }
    let vocabulary = scan.found.iter().filter(|found| found.model.vocabulary);
    section(&mut text, "# Public: rows of nobody.\n[vocabulary]", vocabulary);
    if !scan.others.is_empty() {
        text += "\n# Left out:\n";
        let line = |(path, why): &(String, String)| plain(&format!("{path}: {why}"));
        scan.others.iter().for_each(|other| text += &format!("#   {}\n", line(other)));
    }
    text
}

/// A section with an entry for each of `found`.
fn section<'f>(text: &mut String, heading: &str, found: impl Iterator<Item = &'f Found>) {
    *text += &format!("\n{heading}\n");
    for Found { model, entry, assumed } in found {
        assumed.iter().for_each(|what| *text += &format!("# {}: {what}.\n", model.name));
        *text += &format!("{} = {}\n", model.name, written(model.name, entry));
    }
}

/// An entry: a path alone, or settings, wrapped.
fn written(name: &str, entry: &Table) -> String {
    if entry.len() == 1 {
        return Value::from(path(entry)).to_string();
    }
    let settings = entry.iter().flat_map(|(key, value)| match value.as_table() {
        None => vec![format!("{key} = {value}")],
        // The types of all columns are many: each is a piece of its own, to wrap between.
        Some(types) => {
            let types: Vec<String> = types.iter().map(|(k, v)| format!("{k} = {v}")).collect();
            format!("{key} = {{ {} }}", types.join(",\n")).split('\n').map(str::to_owned).collect()
        }
    });
    let (mut text, mut column) = ("{".to_owned(), name.len() + 4);
    let mut before = "";
    for setting in settings {
        text += before;
        if column + setting.len() + 3 > WIDTH {
            text += "\n   ";
            column = 3;
        }
        text += " ";
        text += &setting;
        column += setting.len() + 2;
        before = if setting.ends_with(',') { "" } else { "," };
    }
    text + " }"
}

fn path(entry: &Table) -> &str {
    entry.get("path").and_then(Value::as_str).unwrap_or_default()
}

/// Text that ends no comment, whatever a file is called.
fn plain(path: &str) -> String {
    path.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
