//! What the first records of a file of delimited text tell of how it is written.
//!
//! The real reader and the real casts are tried: a setting is written if OMOP's names and types
//! come out with it, and not without.

use std::path::Path;

use csv::StringRecord;
use toml::{Table, Value};

use super::super::cast::Builder;
use super::super::csv::{self as text, CsvSettings};
use crate::omop::{ModelTable, ModelType};

/// Records that are looked at.
const RECORDS_MAX: usize = 1_000;

/// What was told of a file.
pub(super) struct Told {
    pub(super) settings: Table,
    /// What was assumed, each as a sentence.
    pub(super) assumed: Vec<String>,
}

/// Looks at `file`, the first of the table `model`.
///
/// # Errors
/// Why it cannot be told: no delimiter gives OMOP's names.
pub(super) fn look(model: &ModelTable, file: &Path) -> Result<Told, String> {
    let mut told = Told { settings: Table::new(), assumed: Vec::new() };
    let name = file.to_string_lossy().to_lowercase();
    if let Some((_, how)) =
        [(".gz", "gzip"), (".zst", "zstd")].iter().find(|(ending, _)| name.ends_with(ending))
    {
        told.set("compression", *how);
    }
    let header = told.delimiter(model, file)?;
    let records = told.encoding(file)?;
    let seen = Seen { header, records };
    told.null(&seen);
    told.formats(model, &seen)?;
    told.types(model, &seen)?;
    let read = seen.records.len();
    told.assumed.insert(0, format!("settings fit its first records, of which {read} were read"));
    Ok(told)
}

/// The names and the first records of a file.
struct Seen {
    header: Vec<String>,
    records: Vec<StringRecord>,
}

impl Seen {
    /// Whether all values seen in the column `at` can be cast to `ty` with `settings`.
    fn fits(&self, at: usize, ty: ModelType, settings: &CsvSettings) -> bool {
        let builder = ty.cast().and_then(|kind| Builder::new(&kind, settings).ok());
        let Some(mut builder) = builder else { return true };
        let mut values = self.records.iter().filter_map(|record| record.get(at));
        values.all(|value| builder.push(value, settings).is_ok())
    }

    /// The columns that are of type `ty` in `model`.
    fn of(&self, model: &ModelTable, ty: ModelType) -> impl Iterator<Item = usize> {
        let is = move |name: &String| model.column(name) == Some(ty);
        self.header.iter().enumerate().filter(move |(_, name)| is(name)).map(|(at, _)| at)
    }
}

impl Told {
    fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.settings.insert(name.to_owned(), value.into());
    }

    /// The settings, and `name` set to `value`.
    fn with(&self, name: &str, value: &str) -> Result<CsvSettings, String> {
        let mut table = self.settings.clone();
        table.insert(name.to_owned(), value.into());
        settings(table)
    }

    /// Finds the delimiter by which the first line has the most names of `model`; gives all names.
    fn delimiter(&mut self, model: &ModelTable, file: &Path) -> Result<Vec<String>, String> {
        let mut best: (usize, &str, Vec<String>) = (0, "", Vec::new());
        for delimiter in [",", ";", "\t", "|"] {
            let settings = self.with("delimiter", delimiter)?;
            let Ok(header) = text::header(&settings, file) else { continue };
            let known = header.iter().filter(|name| model.column(name).is_some()).count();
            if known > best.0 {
                best = (known, delimiter, header);
            }
        }
        let (known, delimiter, header) = best;
        if known == 0 {
            return Err("its first line has no column of OMOP's; is there a header?".to_owned());
        }
        if delimiter != "," {
            self.set("delimiter", delimiter);
        }
        if delimiter == "\t" && model.vocabulary {
            self.set("quote", "");
            self.assumed.push("it has no quotes, as OHDSI's vocabulary files have none".to_owned());
        }
        Ok(header)
    }

    /// Reads the first records, in UTF-8 or, where that fails, in the encoding of old Windows.
    fn encoding(&mut self, file: &Path) -> Result<Vec<StringRecord>, String> {
        let sample = |told: &Self| {
            let settings = settings(told.settings.clone())?;
            text::sample(&settings, file, RECORDS_MAX).map_err(|error| error.to_string())
        };
        let (mut records, mut error) = sample(self)?;
        if error.as_ref().is_some_and(|e| matches!(e.kind(), csv::ErrorKind::Utf8 { .. })) {
            self.set("encoding", "windows-1252");
            let what = "TODO: it is not UTF-8; `windows-1252` reads anything, so see that it is";
            self.assumed.push(what.to_owned());
            (records, error) = sample(self)?;
        }
        if let Some(error) = error {
            let line = error.position().map_or(0, csv::Position::line);
            let what = format!("TODO: line {line} cannot be read; `dataset check` says why");
            self.assumed.push(what);
        }
        Ok(records)
    }

    /// Words that stand for null.
    fn null(&mut self, seen: &Seen) {
        let is = |null: &&str| seen.records.iter().any(|record| record.iter().any(|f| f == *null));
        let found: Vec<&str> = ["\\N", "NULL"].into_iter().filter(is).collect();
        if !found.is_empty() {
            let null = std::iter::once("").chain(found).map(Value::from);
            self.set("null", null.collect::<Vec<_>>());
        }
    }

    /// How dates and decimals are written.
    fn formats(&mut self, model: &ModelTable, seen: &Seen) -> Result<(), String> {
        for (name, ty, ways) in [
            ("date_format", ModelType::Date, &["%Y-%m-%d", "%Y%m%d", "%d.%m.%Y"][..]),
            ("decimal", ModelType::Float, &[".", ","]),
        ] {
            for (at, way) in ways.iter().enumerate() {
                let settings = self.with(name, way)?;
                if settings.check().is_ok()
                    && seen.of(model, ty).all(|at| seen.fits(at, ty, &settings))
                {
                    // The first is the default.
                    if at > 0 {
                        self.set(name, *way);
                    }
                    break;
                }
            }
        }
        Ok(())
    }

    /// The types of columns, which a prepared copy must have.
    fn types(&mut self, model: &ModelTable, seen: &Seen) -> Result<(), String> {
        let settings = settings(self.settings.clone())?;
        let (mut types, mut other) = (Table::new(), Vec::new());
        for (at, name) in seen.header.iter().enumerate() {
            match model.column(name) {
                None | Some(ModelType::Text) => {}
                Some(ty) if seen.fits(at, ty, &settings) => {
                    types.insert(name.clone(), ty.name().into());
                }
                Some(ty) => other.push(format!("{name} ({})", ty.name())),
            }
        }
        if !other.is_empty() {
            let names = other.join(", ");
            self.assumed.push(format!("TODO: text for now, as not all values fit: {names}"));
        }
        if types.values().any(|ty| ty.as_str() == Some(ModelType::DateTime.name())) {
            let what =
                "TODO: datetimes that name no zone are read as UTC; `time_zone` says another";
            self.assumed.push(what.to_owned());
        }
        if !types.is_empty() {
            self.set("types", types);
        }
        Ok(())
    }
}

fn settings(table: Table) -> Result<CsvSettings, String> {
    table.try_into().map_err(|error: toml::de::Error| error.message().to_owned())
}
