//! Walks over a parsed TOML document, so that every complaint can name line and column.

use core::fmt::Display;
use core::ops::{Range, RangeInclusive};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::StudyError;
use super::names;

/// The file that errors point into.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
}

impl Source<'_> {
    pub(super) fn error(
        self,
        span: Range<usize>,
        what: impl Into<String>,
        right: impl Into<String>,
    ) -> StudyError {
        StudyError::at(self.file, self.text, span.start, what.into(), right.into())
    }
}

/// A table of the document and its name in messages, such as `[tables.person]`.
#[derive(Clone)]
pub(super) struct Section<'a> {
    source: Source<'a>,
    table: &'a DeTable<'a>,
    span: Range<usize>,
    name: String,
}

impl<'a> Section<'a> {
    pub(super) fn root(source: Source<'a>, table: &'a Spanned<DeTable<'a>>) -> Self {
        Self { source, table: table.get_ref(), span: table.span(), name: "the file".to_owned() }
    }

    pub(super) fn error(&self, what: impl Into<String>, right: impl Into<String>) -> StudyError {
        self.source.error(self.span.clone(), what, right)
    }

    /// Refuses any field that is not in `fields`.
    pub(super) fn only(&self, fields: &[&str]) -> Result<(), StudyError> {
        match self.table.keys().find(|key| !fields.contains(&key.get_ref().as_ref())) {
            None => Ok(()),
            Some(key) => Err(self.source.error(
                key.span(),
                format!("unknown field `{}` in {}", printable(key.get_ref()), self.name),
                format!("the fields are {}", listed(fields)),
            )),
        }
    }

    pub(super) fn opt(&self, field: &str) -> Option<Value<'a>> {
        let (key, value) = self.table.get_key_value(field)?;
        Some(Value { source: self.source, value, key: key.span(), name: field.to_owned() })
    }

    pub(super) fn need(&self, field: &str, example: &str) -> Result<Value<'a>, StudyError> {
        self.opt(field).ok_or_else(|| {
            self.error(format!("`{field}` is missing in {}", self.name), format!("add `{example}`"))
        })
    }

    /// The sub-table `field`, named `[field]` in messages; an empty list if it is absent.
    pub(super) fn entries(&self, field: &str) -> Result<Vec<Value<'a>>, StudyError> {
        match self.opt(field) {
            None => Ok(Vec::new()),
            Some(value) => value.section(&format!("[{field}]"))?.named(),
        }
    }

    /// Every field as a value under a name of the study's own.
    pub(super) fn named(&self) -> Result<Vec<Value<'a>>, StudyError> {
        let max = super::BOUNDS.items_max;
        if self.table.len() > max {
            let what = format!("{} has {} entries", self.name, self.table.len());
            return Err(self.error(what, format!("at most {max} are allowed")));
        }
        let value = |(key, value): (&'a Spanned<_>, &'a Spanned<DeValue<'a>>)| {
            let name: &std::borrow::Cow<'a, str> = key.get_ref();
            names::check(name).map_err(|right| {
                let what = format!("`{}` cannot be a name", printable(name));
                self.source.error(key.span(), what, right)
            })?;
            Ok(Value { source: self.source, value, key: key.span(), name: name.to_string() })
        };
        self.table.iter().map(value).collect()
    }
}

/// A value of the document and the field or entry that it stands under.
#[derive(Clone)]
pub(super) struct Value<'a> {
    source: Source<'a>,
    value: &'a Spanned<DeValue<'a>>,
    key: Range<usize>,
    pub(super) name: String,
}

impl<'a> Value<'a> {
    /// An error at this value.
    pub(super) fn error(&self, what: impl Into<String>, right: impl Into<String>) -> StudyError {
        self.source.error(self.value.span(), what, right)
    }

    /// An error at this value's name.
    pub(super) fn error_at_name(
        &self,
        what: impl Into<String>,
        right: impl Into<String>,
    ) -> StudyError {
        self.source.error(self.key.clone(), what, right)
    }

    /// An error about this value's type.
    pub(super) fn wrong(&self, wanted: &str) -> StudyError {
        let kind = match self.value.get_ref() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "an integer",
            DeValue::Float(_) => "a float",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        };
        self.error(format!("`{}` is {kind}", self.name), format!("it wants {wanted}"))
    }

    pub(super) fn text(&self) -> Result<&'a str, StudyError> {
        match self.value.get_ref() {
            DeValue::String(text) => Ok(text),
            _ => Err(self.wrong("a string")),
        }
    }

    /// A string of one to `chars_max` printable characters.
    pub(super) fn line(&self, chars_max: usize) -> Result<String, StudyError> {
        let text = self.text()?;
        let fits = !text.trim().is_empty()
            && text.trim() == text
            && text.chars().count() <= chars_max
            && !text.chars().any(names::is_unprintable);
        let right = format!("it wants 1 to {chars_max} printable characters, trimmed");
        fits.then(|| text.to_owned())
            .ok_or_else(|| self.error(format!("`{}` cannot be this text", self.name), right))
    }

    pub(super) fn bool(&self) -> Result<bool, StudyError> {
        match self.value.get_ref() {
            DeValue::Boolean(value) => Ok(*value),
            _ => Err(self.wrong("`true` or `false`")),
        }
    }

    pub(super) fn int(&self) -> Result<i64, StudyError> {
        match self.value.get_ref() {
            DeValue::Integer(value) => i64::from_str_radix(value.as_str(), value.radix())
                .map_err(|_| self.error("the integer is too large", "it must fit 64 bits")),
            _ => Err(self.wrong("an integer")),
        }
    }

    pub(super) fn int_in<T: TryFrom<i64> + PartialOrd + Display>(
        &self,
        range: RangeInclusive<T>,
    ) -> Result<T, StudyError> {
        let value = self.int()?;
        T::try_from(value).ok().filter(|value| range.contains(value)).ok_or_else(|| {
            let right = format!("it must be in {} to {}", range.start(), range.end());
            self.error(format!("`{}` is {value}", self.name), right)
        })
    }

    /// A finite number; an integer counts as one.
    pub(super) fn float(&self) -> Result<f64, StudyError> {
        let value = match self.value.get_ref() {
            DeValue::Float(value) => value.as_str().parse::<f64>().ok(),
            #[expect(
                clippy::cast_precision_loss,
                reason = "beyond 2^53 the nearest float is meant"
            )]
            DeValue::Integer(_) => Some(self.int()? as f64),
            _ => return Err(self.wrong("a number")),
        };
        value
            .filter(|value| value.is_finite())
            .ok_or_else(|| self.error(format!("`{}` is not finite", self.name), "write a number"))
    }

    pub(super) fn list(&self) -> Result<Vec<Self>, StudyError> {
        let DeValue::Array(list) = self.value.get_ref() else {
            return Err(self.wrong("an array"));
        };
        let max = super::BOUNDS.entries_max;
        if list.len() > max {
            let what = format!("`{}` has {} entries", self.name, list.len());
            return Err(self.error(what, format!("at most {max} are allowed")));
        }
        let entry = |value: &'a Spanned<DeValue<'a>>| Value {
            source: self.source,
            value,
            key: value.span(),
            name: self.name.clone(),
        };
        Ok(list.iter().map(entry).collect())
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self.value.get_ref(), DeValue::Array(_))
    }

    pub(super) fn is_text(&self) -> bool {
        matches!(self.value.get_ref(), DeValue::String(_))
    }

    pub(super) fn is_table(&self) -> bool {
        matches!(self.value.get_ref(), DeValue::Table(_))
    }

    /// The value as a table that messages call `name`.
    pub(super) fn section(&self, name: &str) -> Result<Section<'a>, StudyError> {
        match self.value.get_ref() {
            DeValue::Table(table) => Ok(Section {
                source: self.source,
                table,
                span: self.key.clone(),
                name: name.to_owned(),
            }),
            _ => Err(self.wrong("a table")),
        }
    }

    /// The value, a name, looked up among `names`.
    pub(super) fn one_of<'n>(
        &self,
        what: &str,
        names: impl Iterator<Item = &'n str> + Clone,
    ) -> Result<usize, StudyError> {
        let text = self.text()?;
        names.clone().position(|name| name == text).ok_or_else(|| {
            let known: Vec<_> = names.collect();
            let right = if known.is_empty() {
                format!("the file declares no {what}")
            } else {
                format!("the file knows {}", listed(&known))
            };
            self.error(format!("there is no {what} `{}`", printable(text)), right)
        })
    }
}

/// `a`, `b`, `c` in back-ticks; a long list is cut.
pub(super) fn listed(names: &[&str]) -> String {
    let shown: Vec<_> = names.iter().take(20).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > 20 { ", and more" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// A name from the file, safe to print on a terminal.
pub(crate) fn printable(name: &str) -> String {
    name.chars().take(80).map(|c| if names::is_unprintable(c) { '\u{fffd}' } else { c }).collect()
}
