//! What lies in a folder: files and folders of files that are named as OMOP's tables.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::super::{Format, TableFile};
use super::{DescribeError, delimited};
use crate::omop::{self, ModelTable};

/// Endings and the format that each stands for.
const ENDINGS: [(&str, Shape); 10] = [
    (".parquet", Shape::Parquet),
    (".arrow", Shape::Arrow),
    (".feather", Shape::Arrow),
    (".ipc", Shape::Arrow),
    (".csv", Shape::Delimited),
    (".tsv", Shape::Delimited),
    (".csv.gz", Shape::Delimited),
    (".tsv.gz", Shape::Delimited),
    (".csv.zst", Shape::Delimited),
    (".tsv.zst", Shape::Delimited),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Parquet,
    Arrow,
    Delimited,
}

/// A folder that was looked at.
pub(super) struct Scan {
    /// The folder's own name.
    pub(super) name: String,
    /// What each known table's entry will be; in the order of the specification.
    pub(super) found: Vec<Found>,
    /// What was left out, and why.
    pub(super) others: Vec<(String, String)>,
}

/// A table of OMOP's and its files.
pub(super) struct Found {
    pub(super) model: &'static ModelTable,
    /// The settings of its entry: `path` first.
    pub(super) entry: Table,
    /// What was assumed of it.
    pub(super) assumed: Vec<String>,
}

impl Found {
    /// Whether a study can read it: OMOP has the unit key in it.
    pub(super) fn has_key(&self) -> bool {
        self.model.column("person_id").is_some()
    }

    /// Whether delimited text is declared to have whole numbers as its unit key.
    pub(super) fn text_with_whole_keys(&self) -> bool {
        let types = self.entry.get("types").and_then(Value::as_table);
        types.and_then(|types| types.get("person_id")).is_some()
    }
}

impl Scan {
    /// Looks at `folder`; `file`, the description to be, names paths from its own folder.
    pub(super) fn of(folder: &Path, file: &Path) -> Result<Self, DescribeError> {
        let failed = |path: &Path, error: &std::io::Error| DescribeError::Read {
            path: path.to_owned(),
            what: error.to_string(),
        };
        let whole = folder.canonicalize().map_err(|error| failed(folder, &error))?;
        let base = match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let base = base.canonicalize().map_err(|error| failed(base, &error))?;
        let name = whole.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let mut scan = Self { name, found: Vec::new(), others: Vec::new() };
        let mut known: BTreeMap<&str, Found> = BTreeMap::new();
        for path in entries(&whole).map_err(|error| failed(folder, &error))? {
            let shown = path.strip_prefix(&base).unwrap_or(&path).to_string_lossy().into_owned();
            match Self::look(&path, &shown) {
                Ok(found) => match known.get(found.model.name) {
                    None => drop(known.insert(found.model.name, found)),
                    Some(first) => {
                        let first = first.entry.get("path").and_then(Value::as_str);
                        let why = format!("`{}` is the same table", first.unwrap_or_default());
                        scan.others.push((shown, why));
                    }
                },
                Err(why) => scan.others.push((shown, why)),
            }
        }
        let tables = omop::tables().iter();
        scan.found = tables.filter_map(|table| known.remove(table.name)).collect();
        if !scan.found.iter().any(|found| found.model.name == "person") {
            let is = |shown: &str| {
                let name = Path::new(shown).file_name().unwrap_or_default().to_string_lossy();
                ending(&name).0 == "person"
            };
            let why = scan.others.iter().find(|(shown, _)| is(shown));
            let why = why.map_or_else(String::new, |(shown, why)| format!(" (`{shown}`: {why})"));
            return Err(DescribeError::NoPersons { folder: folder.to_owned(), why });
        }
        Ok(scan)
    }

    /// How many files were left out.
    pub(super) const fn left_out(&self) -> usize {
        self.others.len()
    }

    /// The table that `path` is, or why it is none.
    fn look(path: &Path, shown: &str) -> Result<Found, String> {
        let (stem, shape) = ending(&path.file_name().unwrap_or_default().to_string_lossy());
        let model = omop::table(&stem).ok_or("it is no table of OMOP CDM 5.4")?;
        let files = TableFile { path: path.to_owned(), format: Format::Parquet }.files();
        let files = files.map_err(|error| error.to_string())?;
        let of = |file: &PathBuf| ending(&file.file_name().unwrap_or_default().to_string_lossy()).1;
        let first = files.first().ok_or("it is an empty folder")?;
        let shape = if path.is_dir() { of(first) } else { shape };
        if path.is_dir() && files.iter().any(|file| of(file) != shape) {
            return Err("its files do not all have one ending; take the others out".to_owned());
        }
        let shape = shape.ok_or("its ending is none of `.parquet`, `.arrow`, `.csv`, `.csv.gz`")?;
        let mut entry = Table::from_iter([("path".to_owned(), shown.into())]);
        let mut assumed = Vec::new();
        match shape {
            Shape::Parquet => {}
            Shape::Arrow => drop(entry.insert("format".to_owned(), "arrow".into())),
            Shape::Delimited => {
                entry.insert("format".to_owned(), "csv".into());
                let told = delimited::look(model, first)?;
                entry.extend(told.settings);
                assumed = told.assumed;
            }
        }
        Ok(Found { model, entry, assumed })
    }
}

/// What lies in `folder` by name, but for what starts with a dot.
fn entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// A file's name in lower case without its ending, and what the ending stands for.
fn ending(name: &str) -> (String, Option<Shape>) {
    let name = name.to_lowercase();
    let known = ENDINGS.iter().find_map(|(ending, shape)| {
        name.strip_suffix(ending).map(|stem| (stem.to_owned(), Some(*shape)))
    });
    known.unwrap_or((name, None))
}
