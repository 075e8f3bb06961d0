//! `dataset.toml` as it is written: tables as paths or with settings, the unit, the vocabulary.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cloister_contract::date::Date;
use serde::Deserialize;

use super::csv::CsvSettings;
use super::{DatasetError, KeyKind, Prepared, Unit};

/// Where a table is and how it is written.
#[derive(Clone, Debug)]
pub(crate) struct TableFile {
    /// A file, or a folder of files.
    pub(crate) path: PathBuf,
    /// Its format; nothing is inferred.
    pub(crate) format: Format,
}

/// The format of a table's files.
#[derive(Clone, Debug)]
pub(crate) enum Format {
    /// Apache Parquet.
    Parquet,
    /// Apache Arrow IPC, as a file or a stream.
    Arrow,
    /// Text, cast strictly to what a study declares.
    Csv(Box<CsvSettings>),
}

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) name: String,
    #[serde(default)]
    #[expect(dead_code, reason = "catalogue text: for people who read the file")]
    title: String,
    /// A text, or a date of TOML's own.
    snapshot_date: toml::Value,
    pub(super) published_persons: u64,
    /// The persons, by a name that all datasets over them share; by default the dataset's.
    pub(super) population: Option<String>,
    #[serde(default)]
    pub(super) synthetic: bool,
    #[serde(default)]
    pub(super) public: bool,
    /// Columns, by name in any table, that no study gets: names, free text, local identifiers.
    #[serde(default)]
    pub(super) withheld: Vec<String>,
    /// Columns that the site's policies ask about, by name, as `table.column` or as `table.*`.
    #[serde(default)]
    pub(super) sensitive: Vec<String>,
    unit: UnitEntry,
    tables: BTreeMap<String, toml::Value>,
    #[serde(default)]
    vocabulary: BTreeMap<String, toml::Value>,
    /// Views by name: one SELECT each.
    #[serde(default)]
    pub(super) views: BTreeMap<String, String>,
    pub(super) prepared: Option<Prepared>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitEntry {
    table: String,
    key: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<KeyKind>,
    #[serde(default)]
    row_is_person: bool,
    #[serde(default)]
    keys: BTreeMap<String, String>,
}

/// A table with settings: `{ path = "x.csv", format = "csv", delimiter = ";" }`.
#[derive(Deserialize)]
struct TableEntry {
    path: PathBuf,
    format: FormatName,
    #[serde(flatten)]
    settings: toml::Table,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FormatName {
    Parquet,
    Arrow,
    Csv,
}

impl File {
    /// The snapshot date; `parse` makes an error of what is wrong.
    pub(super) fn snapshot_date(
        &self,
        parse: &dyn Fn(String) -> DatasetError,
    ) -> Result<Date, DatasetError> {
        let text = match &self.snapshot_date {
            toml::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let what = "`snapshot_date` is not a date; write it as `\"2024-12-31\"`";
        text.parse().map_err(|_| parse(what.to_owned()))
    }

    /// The unit; `parse` makes an error of what is wrong.
    pub(super) fn unit(
        &self,
        parse: &dyn Fn(String) -> DatasetError,
    ) -> Result<Unit, DatasetError> {
        let UnitEntry { table, key, kind, row_is_person, keys } = &self.unit;
        if key.is_none() && (!self.views.is_empty() || !keys.is_empty()) {
            return Err(parse("views and `unit.keys` want a unit `key`".to_owned()));
        }
        match (key, row_is_person) {
            (Some(_), false) | (None, true) => {}
            _ => {
                let what = "`unit` wants `key = \"person_id\"`, or `row_is_person = true` for a \
                            flat table without a key";
                return Err(parse(what.to_owned()));
            }
        }
        let keys = keys.iter().map(|(table, key)| (table.to_lowercase(), key.clone())).collect();
        Ok(Unit { table: table.to_lowercase(), key: key.clone(), kind: *kind, keys })
    }

    /// Tables and vocabulary, by name in lower case: OMOP's names have no case.
    pub(super) fn tables(
        &self,
        folder: &Path,
        parse: &dyn Fn(String) -> DatasetError,
    ) -> Result<[BTreeMap<String, TableFile>; 2], DatasetError> {
        let resolve = |entries: &BTreeMap<String, toml::Value>| {
            let mut tables = BTreeMap::new();
            for (name, value) in entries {
                let file = table(value, folder)
                    .map_err(|what| parse(format!("table `{name}`: {what}")))?;
                if let Err(source) = std::fs::metadata(&file.path) {
                    let what = source.to_string();
                    return Err(DatasetError::Table { table: name.clone(), path: file.path, what });
                }
                if tables.insert(name.to_lowercase(), file).is_some() {
                    return Err(parse(format!("table `{name}` is there twice, but for case")));
                }
            }
            Ok(tables)
        };
        Ok([resolve(&self.tables)?, resolve(&self.vocabulary)?])
    }
}

fn table(value: &toml::Value, folder: &Path) -> Result<TableFile, String> {
    if let Some(path) = value.as_str() {
        let is = |ending: &str| path.to_lowercase().ends_with(ending);
        if [".csv", ".tsv", ".txt", ".gz", ".zst", ".arrow", ".feather", ".ipc"].into_iter().any(is)
        {
            return Err("a path alone is Parquet; write `{ path = \"…\", format = \"csv\" }`, or \
                        `format = \"arrow\"`"
                .to_owned());
        }
        return Ok(TableFile { path: folder.join(path), format: Format::Parquet });
    }
    let entry: TableEntry = value.clone().try_into().map_err(|error: toml::de::Error| {
        format!("{}; write a path, or `{{ path = \"…\", format = \"csv\" }}`", error.message())
    })?;
    let format = match entry.format {
        FormatName::Csv => {
            let settings: CsvSettings =
                entry.settings.try_into().map_err(|e: toml::de::Error| e.message().to_owned())?;
            settings.check()?;
            Format::Csv(Box::new(settings))
        }
        other => {
            if let Some(name) = entry.settings.keys().next() {
                return Err(format!("`{name}` is a setting of `format = \"csv\"` alone"));
            }
            if other == FormatName::Arrow { Format::Arrow } else { Format::Parquet }
        }
    };
    Ok(TableFile { path: folder.join(entry.path), format })
}

impl TableFile {
    /// The files of the table, sorted by name: itself, or those in its folder that do not start
    /// with a dot.
    pub(super) fn files(&self) -> std::io::Result<Vec<PathBuf>> {
        if !self.path.is_dir() {
            return Ok(vec![self.path.clone()]);
        }
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            let entry = entry?;
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            if !hidden && entry.path().is_file() {
                files.push(entry.path());
            }
        }
        files.sort();
        Ok(files)
    }
}
