//! Columns that a site calls sensitive, for its policies to ask about: which of them a study reads.
//!
//! `sensitive = ["note_text", "condition_occurrence.condition_concept_id", "measurement.*"]` names
//! a column of whatever table, of one table, and all of a table. A view that names one of them, or
//! has a `*`, is sensitive as a whole: what it calls its columns is the site's own matter.

use std::collections::BTreeSet;

use cloister_contract::study::Study;

use super::Dataset;
use super::naming::same_name;

impl Dataset {
    /// The columns that the site calls sensitive, as it wrote them.
    pub(crate) fn sensitive(&self) -> &[String] {
        &self.sensitive
    }

    /// What `study` reads and filters by, as `table.column` in lower case; then what of that the
    /// site calls sensitive.
    pub(crate) fn reads(&self, study: &Study) -> (BTreeSet<String>, BTreeSet<String>) {
        let (mut reads, mut sensitive) = (BTreeSet::new(), BTreeSet::new());
        for table in &study.tables {
            let from = table.from.to_lowercase();
            let whole = self.is_sensitive_view(&from);
            let columns = table.columns.iter().map(|column| &column.name);
            for column in columns.chain(table.filters.iter().map(|filter| &filter.column)) {
                let name = format!("{from}.{}", column.to_lowercase());
                if whole || self.sensitive.iter().any(|entry| names(entry, &from, column)) {
                    sensitive.insert(name.clone());
                }
                reads.insert(name);
            }
        }
        (reads, sensitive)
    }

    /// Whether `name` is a view that names a sensitive column of a table that it reads.
    pub(super) fn is_sensitive_view(&self, name: &str) -> bool {
        let Some(view) = self.views.get(name) else { return false };
        self.sensitive.iter().any(|entry| match entry.split_once('.') {
            Some((table, "*")) => view.reads_from(table),
            Some((table, column)) => view.reads_from(table) && view.may_name(column),
            None => view.may_name(entry),
        })
    }
}

/// Whether an `entry` of `sensitive` names `column` of `table`; names have no case.
pub(super) fn names(entry: &str, table: &str, column: &str) -> bool {
    let of_table = |(named, rest): (&str, &str)| {
        same_name(named, table) && (rest == "*" || same_name(rest, column))
    };
    same_name(entry, column) || entry.split_once('.').is_some_and(of_table)
}

/// Whether `text` has `word` with no letter, digit or `_` at either side; both are in lower case.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, found)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(part_of_word) && !after.is_some_and(part_of_word)
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Which columns of a study that reads all of the folder's tables and views are sensitive.
    fn sensitive(entries: &str, views: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for table in ["person", "note"] {
            std::fs::write(folder.path().join(format!("{table}.parquet")), b"").unwrap();
        }
        let text = format!(
            "name = 'd'\nsnapshot_date = '2024-12-31'\npublished_persons = 100\n\
             sensitive = {entries}\nunit = {{ table = 'person', key = 'person_id' }}\n\
             [tables]\nperson = 'person.parquet'\nnote = 'note.parquet'\n[views]\n{views}"
        );
        let dataset = Dataset::parse(&folder.path().join(Path::new("dataset.toml")), text).unwrap();
        let table = |from: &str, column: &str| format!("[tables.{from}]\nrows_max = 1\n{column}\n");
        let mut study =
            "[study]\nname = \"s\"\ntitle = \"t\"\nversion = \"1.0.0\"\npurpose = \"education\"\n"
                .to_owned()
                + &table("person", "columns = { sex = \"int\" }")
                + &table("note", "columns = { note_text = \"int\" }");
        if !views.is_empty() {
            study += &table("seen", "columns = { x = \"int\" }");
        }
        study += "[outputs]\nn = { kind = \"count\" }\n";
        let study = Study::parse("study.toml", &study).unwrap();
        let (reads, sensitive) = dataset.reads(&study);
        assert!(reads.contains("note.note_text") && reads.is_superset(&sensitive), "{reads:?}");
        sensitive.into_iter().collect()
    }

    #[test]
    fn a_column_is_named_alone_with_its_table_or_with_all_of_its_table() {
        assert_eq!(sensitive("[]", ""), [""; 0]);
        assert_eq!(sensitive("['note_text']", ""), ["note.note_text"]);
        assert_eq!(sensitive("['NOTE.note_TEXT']", ""), ["note.note_text"]);
        assert_eq!(sensitive("['person.note_text']", ""), [""; 0]);
        assert_eq!(sensitive("['person.*']", ""), ["person.sex"]);
        assert_eq!(sensitive("['note']", ""), [""; 0]);
    }

    #[test]
    fn a_view_that_names_one_is_sensitive_under_whatever_name() {
        let seen = |query: &str| {
            let views = format!("seen = \"SELECT {query}\"");
            sensitive("['note.note_text', 'diary']", &views).contains(&"seen.x".to_owned())
        };
        assert!(seen("person_id, note_text AS x FROM note"));
        assert!(seen("person_id, LENGTH(NOTE_TEXT) AS x FROM note"));
        assert!(seen("* FROM note"));
        assert!(seen("person_id, p.diary AS x FROM person p"));
        assert!(!seen("person_id, sex AS x FROM person"));
        assert!(!seen("person_id, note_text_id AS x FROM note"));
        assert!(!seen("person_id, note_text AS x FROM person"), "of another table");
    }
}
