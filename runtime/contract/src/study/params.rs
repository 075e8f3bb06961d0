//! `[params]`: what a run may set, each within declared bounds.

use super::walk::{Section, Value, listed};
use super::{BOUNDS, StudyError};
use crate::date::Date;

/// A parameter of a study.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Its type, bounds and default.
    pub kind: ParamKind,
}

/// Type, bounds and default of a parameter; without a default a run must set it.
#[derive(Clone, Debug, PartialEq)]
pub enum ParamKind {
    /// A whole number in `min..=max`.
    Int {
        /// Least value.
        min: i64,
        /// Greatest value.
        max: i64,
        /// Value if a run sets none.
        default: Option<i64>,
    },
    /// A finite number in `min..=max`.
    Float {
        /// Least value.
        min: f64,
        /// Greatest value.
        max: f64,
        /// Value if a run sets none.
        default: Option<f64>,
    },
    /// `true` or `false`.
    Bool {
        /// Value if a run sets none.
        default: Option<bool>,
    },
    /// A date in `min..=max`.
    Date {
        /// Earliest value.
        min: Date,
        /// Latest value.
        max: Date,
        /// Value if a run sets none.
        default: Option<Date>,
    },
    /// One of the declared labels.
    Enum {
        /// The labels.
        labels: Vec<String>,
        /// Index of the label if a run sets none.
        default: Option<u32>,
    },
    /// A list of finite numbers in `min..=max`.
    Floats {
        /// Least value.
        min: f64,
        /// Greatest value.
        max: f64,
        /// Most entries.
        len_max: usize,
        /// Value if a run sets none.
        default: Option<Vec<f64>>,
    },
    /// Strictly increasing bin edges in `min..=max`, usable in `[dimensions]` and histograms.
    Edges {
        /// Least value.
        min: f64,
        /// Greatest value.
        max: f64,
        /// Most edges.
        len_max: usize,
        /// Value if a run sets none.
        default: Option<Vec<f64>>,
    },
    /// OMOP concept ids, usable in `[codes]`.
    Concepts {
        /// Most ids.
        len_max: usize,
        /// Value if a run sets none.
        default: Option<Vec<i64>>,
    },
}

const KINDS: &[&str] = &["int", "float", "bool", "date", "enum", "floats", "edges", "concepts"];

pub(super) fn params(root: &Section<'_>) -> Result<Vec<Param>, StudyError> {
    let param = |entry: Value<'_>| {
        if entry.name == "snapshot_date" || entry.name == "codes" {
            return Err(entry.error_at_name(
                format!("`{}` is always there", entry.name),
                "choose another name",
            ));
        }
        Ok(Param { name: entry.name.clone(), kind: kind(&entry)? })
    };
    root.entries("params")?.into_iter().map(param).collect()
}

fn kind(entry: &Value<'_>) -> Result<ParamKind, StudyError> {
    let section = entry.section(&format!("parameter `{}`", entry.name))?;
    let of = section.need("type", "type = \"int\"")?;
    match of.text()? {
        "int" => {
            section.only(&["type", "min", "max", "default"])?;
            let (min, max) = bounds(&section, Value::int)?;
            let default = default(&section, |value| within(value, value.int()?, &min, &max))?;
            Ok(ParamKind::Int { min, max, default })
        }
        "float" => {
            section.only(&["type", "min", "max", "default"])?;
            let (min, max) = bounds(&section, Value::float)?;
            let default = default(&section, |value| within(value, value.float()?, &min, &max))?;
            Ok(ParamKind::Float { min, max, default })
        }
        "bool" => {
            section.only(&["type", "default"])?;
            Ok(ParamKind::Bool { default: default(&section, Value::bool)? })
        }
        "date" => {
            section.only(&["type", "min", "max", "default"])?;
            let (min, max) = bounds(&section, date)?;
            let default = default(&section, |value| within(value, date(value)?, &min, &max))?;
            Ok(ParamKind::Date { min, max, default })
        }
        "enum" => {
            section.only(&["type", "labels", "default"])?;
            let labels = labels(&section.need("labels", "labels = [\"a\", \"b\"]")?)?;
            let index = |value: &Value<'_>| {
                let at = value.one_of("label", labels.iter().map(String::as_str))?;
                u32::try_from(at).map_err(|_| value.error("too many labels", "declare fewer"))
            };
            let default = default(&section, index)?;
            Ok(ParamKind::Enum { labels, default })
        }
        "floats" | "edges" => list_of_numbers(&section, of.text()? == "edges"),
        "concepts" => {
            section.only(&["type", "len_max", "default"])?;
            let len_max = len_max(&section, 1)?;
            let default = default(&section, |value| concepts(value, len_max))?;
            Ok(ParamKind::Concepts { len_max, default })
        }
        other => Err(of.error(
            format!("there is no parameter type `{}`", super::walk::printable(other)),
            format!("the types are {}", listed(KINDS)),
        )),
    }
}

fn list_of_numbers(section: &Section<'_>, edges: bool) -> Result<ParamKind, StudyError> {
    section.only(&["type", "min", "max", "len_max", "default"])?;
    let (min, max) = bounds(section, Value::float)?;
    let len_max = len_max(section, if edges { 2 } else { 1 })?;
    let list = |value: &Value<'_>| {
        let list = if edges { edge_list(value)? } else { numbers(value)? };
        bounded_len(value, list.len(), len_max)?;
        let outside = list.iter().any(|number| !(min..=max).contains(number));
        let right = format!("each must be in {min} to {max}");
        if outside { Err(value.error("a number is out of bounds", right)) } else { Ok(list) }
    };
    let default = default(section, list)?;
    Ok(if edges {
        ParamKind::Edges { min, max, len_max, default }
    } else {
        ParamKind::Floats { min, max, len_max, default }
    })
}

fn bounds<'a, T: PartialOrd>(
    section: &Section<'a>,
    read: impl Fn(&Value<'a>) -> Result<T, StudyError>,
) -> Result<(T, T), StudyError> {
    let min = read(&section.need("min", "min = …")?)?;
    let above = section.need("max", "max = …")?;
    let max = read(&above)?;
    if min > max {
        return Err(above.error("`max` is below `min`", "a parameter needs a range of values"));
    }
    Ok((min, max))
}

fn default<'a, T>(
    section: &Section<'a>,
    read: impl Fn(&Value<'a>) -> Result<T, StudyError>,
) -> Result<Option<T>, StudyError> {
    section.opt("default").map(|value| read(&value)).transpose()
}

fn within<T: PartialOrd>(value: &Value<'_>, read: T, min: &T, max: &T) -> Result<T, StudyError> {
    if read >= *min && read <= *max {
        return Ok(read);
    }
    Err(value.error("the default is out of bounds", "it must lie in `min` to `max`"))
}

/// The most entries of a list that has at least `least`.
fn len_max(section: &Section<'_>, least: u32) -> Result<usize, StudyError> {
    match section.opt("len_max") {
        None => Ok(64),
        Some(value) => value.int_in(least..=1_024).map(|len| len as usize),
    }
}

fn bounded_len(value: &Value<'_>, len: usize, max: usize) -> Result<(), StudyError> {
    if len <= max {
        return Ok(());
    }
    Err(value.error(format!("the list has {len} entries"), format!("at most {max} are allowed")))
}

/// A date, written as a string: `"2024-12-31"`.
pub(super) fn date(value: &Value<'_>) -> Result<Date, StudyError> {
    if !value.is_text() {
        return Err(value.wrong("a string, as in `\"2024-12-31\"`"));
    }
    let text = value.text()?;
    text.parse().map_err(|_| {
        let what = format!("`{}` is not a date", super::walk::printable(text));
        value.error(what, "write it as `\"2024-12-31\"`")
    })
}

/// OMOP concept ids: not negative.
pub(super) fn concepts(value: &Value<'_>, len_max: usize) -> Result<Vec<i64>, StudyError> {
    let list = value.list()?;
    bounded_len(value, list.len(), len_max)?;
    list.iter().map(|concept| concept.int_in(0..=i64::from(i32::MAX))).collect()
}

pub(super) fn numbers(value: &Value<'_>) -> Result<Vec<f64>, StudyError> {
    value.list()?.iter().map(Value::float).collect()
}

/// Bin edges: two or more, strictly increasing.
pub(super) fn edge_list(value: &Value<'_>) -> Result<Vec<f64>, StudyError> {
    let edges = numbers(value)?;
    if edges.len() < 2 || !edges.is_sorted_by(|a, b| a < b) {
        let right = "write two or more, each above the one before";
        return Err(value.error("the edges do not increase", right));
    }
    Ok(edges)
}

/// Labels: one or more, distinct, also as Rust variants.
pub(super) fn labels(value: &Value<'_>) -> Result<Vec<String>, StudyError> {
    let entries = value.list()?;
    if entries.is_empty() {
        return Err(value.error("there are no labels", "write at least one"));
    }
    let mut variants = vec!["Other".to_owned()];
    let mut labels = Vec::new();
    for entry in entries {
        let label = entry.line(BOUNDS.name_chars_max)?;
        let variant = super::camel_case(&label);
        if variant.is_empty() || variants.contains(&variant) || variant == "Self" {
            return Err(entry.error(
                format!("the label `{label}` reads like another one, or like none"),
                "labels must differ in their letters and digits; `other` is the host's own",
            ));
        }
        variants.push(variant);
        labels.push(label);
    }
    Ok(labels)
}
