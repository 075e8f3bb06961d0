//! The folder of a prepared dataset: `tables/`, `vocabulary/` and the `dataset.toml` that says so.

use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::super::{Dataset, DatasetError};
use super::{Cut, PrepareError, Written, failed};
use crate::policy::policies_beside;

/// The folder of `table`, under the copy's.
pub(super) fn folder_of(copy: &Path, table: &str) -> Result<PathBuf, PrepareError> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ');
    if table.is_empty() || !table.chars().all(plain) {
        let what = "its name cannot be the name of a folder; rename it under `[tables]`";
        let (table, path, what) = (table.to_owned(), PathBuf::new(), what.to_owned());
        return Err(DatasetError::Table { table, path, what }.into());
    }
    Ok(copy.join("tables").join(table))
}

/// Copies the vocabulary and writes the `dataset.toml`: the site's own, with other paths.
pub(super) fn write(
    dataset: &Dataset,
    copy: &Path,
    cuts: &[Cut],
    written: &[Written],
) -> Result<(), PrepareError> {
    let text = fs::read_to_string(&dataset.file)
        .map_err(|source| DatasetError::Read { file: dataset.file.clone(), source })?;
    let parse = |what: String| DatasetError::Parse { file: dataset.file.clone(), what };
    let mut described: Table = toml::from_str(&text).map_err(|error| parse(error.to_string()))?;
    let kept = written.iter().filter(|table| !table.without_key);
    let tables = kept
        .map(|Written { table, .. }| (table.clone(), Value::String(format!("tables/{table}/"))));
    described.insert("tables".to_owned(), Value::Table(tables.collect()));
    described.remove("views");
    // A view's rows are a table's now, and nobody sees any more what they were made of.
    let views = dataset.views.keys().filter(|view| dataset.is_sensitive_view(view));
    let views: Vec<_> = views.map(|view| Value::String(format!("{view}.*"))).collect();
    if let Some(Value::Array(listed)) = described.get_mut("sensitive") {
        listed.extend(views);
    }
    copy_policies(dataset, copy)?;
    if let Some(Value::Table(entries)) = described.get_mut("vocabulary") {
        for (name, entry) in entries {
            let Some(file) = dataset.vocabulary.get(&name.to_lowercase()) else { continue };
            let path = Value::String(copy_files(&name.to_lowercase(), &file.path, copy)?);
            match entry {
                Value::Table(entry) => drop(entry.insert("path".to_owned(), path)),
                plain => *plain = path,
            }
        }
    }
    let cuts = cuts.iter().map(|cut| match cut {
        Cut::Int(key) => Value::Integer(*key),
        Cut::Text(key) => Value::String(key.clone()),
    });
    let prepared = Table::from_iter([("cuts".to_owned(), Value::Array(cuts.collect()))]);
    described.insert("prepared".to_owned(), Value::Table(prepared));
    let text = toml::to_string(&described).map_err(|error| parse(error.to_string()))?;
    let head =
        "# Written by `cloister dataset prepare`: the tables are sorted by unit and cut.\n\n";
    let file = copy.join("dataset.toml");
    fs::write(&file, format!("{head}{text}")).map_err(|error| failed(&file, &error))
}

/// Copies the site's policies, which are in force over the copy as they are over the dataset.
fn copy_policies(dataset: &Dataset, copy: &Path) -> Result<(), PrepareError> {
    let to = copy.join("policies");
    for file in policies_beside(&dataset.file).map_err(|error| failed(&to, &error))? {
        let Some(name) = file.file_name() else { continue };
        let copied = fs::create_dir_all(&to).and_then(|()| fs::copy(&file, to.join(name)));
        copied.map_err(|error| failed(&to, &error))?;
    }
    Ok(())
}

/// Copies the files of a table of the vocabulary as they are; gives their path in the copy.
fn copy_files(name: &str, from: &Path, copy: &Path) -> Result<String, PrepareError> {
    let folder = copy.join("vocabulary").join(name);
    fs::create_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
    let read = |source| DatasetError::Read { file: from.to_owned(), source };
    let files: Vec<PathBuf> = if from.is_dir() {
        let entries = fs::read_dir(from).map_err(read)?.flatten();
        entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect()
    } else {
        vec![from.to_owned()]
    };
    let mut path = format!("vocabulary/{name}/");
    for file in &files {
        let Some(base) = file.file_name() else { continue };
        let to = folder.join(base);
        fs::copy(file, &to).map_err(|error| failed(&to, &error))?;
        if !from.is_dir() {
            path += &base.to_string_lossy();
        }
    }
    Ok(path)
}
