//! How a table of delimited text is written, as its entry in `dataset.toml` says.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use cloister_contract::study::ColumnType;
use serde::Deserialize;

use super::TEXT;
use crate::dataset::naming::same_name;

/// How a table of delimited text is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CsvSettings {
    /// One character between fields.
    delimiter: String,
    /// One character around fields that hold a delimiter; empty for none.
    quote: String,
    /// Fields that stand for null.
    pub(crate) null: Vec<String>,
    /// The character before decimals: `.` or `,`.
    pub(crate) decimal: String,
    /// How dates are written, as strptime has it: `%d.%m.%Y`.
    pub(crate) date_format: String,
    /// How datetimes are written; without it RFC 3339, with `T` or a blank.
    pub(crate) datetime_format: Option<String>,
    /// The IANA time zone of datetimes that name none.
    pub(crate) time_zone: String,
    /// The encoding by its WHATWG label: `utf-8`, `latin1`, `windows-1252`, …
    encoding: String,
    /// `none`, `gzip` or `zstd`.
    compression: Compression,
    /// The types of columns in a prepared copy, which must have some; what is not listed is text.
    types: Option<BTreeMap<String, TypeName>>,
}

/// A type that a column of text may have in a prepared copy.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TypeName {
    Int,
    Float,
    Bool,
    Date,
    DateTime,
    Text,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Default for CsvSettings {
    fn default() -> Self {
        Self {
            delimiter: ",".to_owned(),
            quote: "\"".to_owned(),
            null: vec![String::new()],
            decimal: ".".to_owned(),
            date_format: "%Y-%m-%d".to_owned(),
            datetime_format: None,
            time_zone: "UTC".to_owned(),
            encoding: "utf-8".to_owned(),
            compression: Compression::None,
            types: None,
        }
    }
}

impl CsvSettings {
    /// Whether the settings can be used.
    pub(crate) fn check(&self) -> Result<(), String> {
        let byte = |text: &str| matches!(text.as_bytes(), [byte] if byte.is_ascii());
        if !byte(&self.delimiter) {
            return Err("`delimiter` is not one character; write `\";\"` or `\"\\t\"`".to_owned());
        }
        if !self.quote.is_empty() && !byte(&self.quote) {
            return Err("`quote` is not one character, or empty for none".to_owned());
        }
        if !matches!(self.decimal.as_str(), "." | ",") || self.decimal == self.delimiter {
            return Err("`decimal` is not `.` or `,`, or the delimiter too".to_owned());
        }
        if encoding_rs::Encoding::for_label(self.encoding.as_bytes()).is_none() {
            return Err(
                "`encoding` is not known; write `utf-8`, `latin1`, `windows-1252`, …".into()
            );
        }
        if jiff::tz::TimeZone::get(&self.time_zone).is_err() {
            return Err("`time_zone` is not known; write `Europe/Berlin`, `UTC`, …".to_owned());
        }
        let day = jiff::civil::date(2020, 12, 31);
        let written = jiff::fmt::strtime::format(&self.date_format, day);
        let read =
            written.ok().and_then(|text| jiff::civil::Date::strptime(&self.date_format, text).ok());
        if read != Some(day) {
            return Err("`date_format` does not hold a day; write `%d.%m.%Y`".to_owned());
        }
        Ok(())
    }

    /// The columns whose types are declared.
    pub(crate) fn typed(&self) -> impl Iterator<Item = &str> {
        self.types.iter().flat_map(BTreeMap::keys).map(String::as_str)
    }

    /// The declared type of `column`, whose name has no case; `None` if no types are declared.
    pub(crate) fn type_of(&self, column: &str) -> Option<ColumnType> {
        let types = self.types.as_ref()?;
        let named = types.iter().find(|(name, _)| same_name(name, column));
        Some(match named.map_or(TypeName::Text, |(_, name)| *name) {
            TypeName::Int => ColumnType::Int,
            TypeName::Float => ColumnType::Float,
            TypeName::Bool => ColumnType::Bool,
            TypeName::Date => ColumnType::Date,
            TypeName::DateTime => ColumnType::DateTime,
            TypeName::Text => TEXT,
        })
    }

    /// The records of `file`.
    pub(super) fn reader(&self, file: &Path) -> std::io::Result<csv::Reader<Quotes>> {
        let bytes = std::io::BufReader::new(File::open(file)?);
        let plain: Box<dyn Read + Send> = match self.compression {
            Compression::None => Box::new(bytes),
            Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(bytes)),
            Compression::Zstd => Box::new(zstd::Decoder::with_buffer(bytes)?),
        };
        // UTF-8 is passed through and checked by the CSV reader, which then names the line.
        let encoding = encoding_rs::Encoding::for_label(self.encoding.as_bytes());
        let other = encoding.filter(|encoding| *encoding != encoding_rs::UTF_8);
        let text: Box<dyn Read + Send> = match other {
            None => plain,
            Some(encoding) => {
                let mut decoder = encoding_rs_io::DecodeReaderBytesBuilder::new();
                Box::new(decoder.encoding(Some(encoding)).build(plain))
            }
        };
        let byte = |text: &str| text.bytes().next();
        Ok(csv::ReaderBuilder::new()
            .delimiter(byte(&self.delimiter).unwrap_or(b','))
            .quote(byte(&self.quote).unwrap_or(b'"'))
            .quoting(!self.quote.is_empty())
            .from_reader(Quotes { text, quote: byte(&self.quote), open: false }))
    }
}

/// Text on its way to the CSV reader, which takes a quote that is never closed for the start of a
/// field that holds all that follows.
pub(super) struct Quotes {
    text: Box<dyn Read + Send>,
    quote: Option<u8>,
    open: bool,
}

impl Quotes {
    /// Whether more quotes were opened than closed; quotes in a quoted field are doubled.
    pub(super) const fn open(&self) -> bool {
        self.open
    }
}

impl Read for Quotes {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.text.read(buffer)?;
        let quotes = buffer.iter().take(read).filter(|byte| Some(**byte) == self.quote).count();
        self.open ^= quotes % 2 == 1;
        Ok(read)
    }
}
