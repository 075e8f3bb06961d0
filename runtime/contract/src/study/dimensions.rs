//! `[dimensions]`: the finite domains that cells are made of.

use super::walk::{Section, Value};
use super::{BOUNDS, Param, ParamKind, StudyError, params};

/// A dimension.
#[derive(Clone, Debug, PartialEq)]
pub struct Dimension {
    /// Its name.
    pub name: String,
    /// Its values.
    pub domain: Domain,
    /// Whether one more value, `other`, takes what is in none of them.
    pub other: bool,
}

/// The values of a dimension.
#[derive(Clone, Debug, PartialEq)]
pub enum Domain {
    /// Labels.
    Labels(Vec<String>),
    /// Bins between edges: each holds its lower edge and not its upper one.
    Edges(EdgeSource),
    /// The whole numbers in `min..=max`.
    Range {
        /// Least.
        min: i64,
        /// Greatest.
        max: i64,
    },
}

/// Where bin edges come from.
#[derive(Clone, Debug, PartialEq)]
pub enum EdgeSource {
    /// The study file lists them.
    Listed(Vec<f64>),
    /// The `edges` parameter at this position.
    Param(usize),
}

/// What a release's table calls its other columns; `bin` is the dimension of a histogram.
const RESERVED: &[&str] = &[
    "bin",
    "output",
    "status",
    "persons_low",
    "persons_high",
    "value",
    "mean_low",
    "mean_high",
    "sd_low",
    "sd_high",
    "sum_low",
    "sum_high",
    "excess_low",
    "excess_high",
    "excess_squares_low",
    "excess_squares_high",
];

pub(super) fn dimensions(
    root: &Section<'_>,
    known: &[Param],
) -> Result<Vec<Dimension>, StudyError> {
    let dimension = |entry: Value<'_>| {
        if RESERVED.contains(&entry.name.as_str()) {
            return Err(entry.error_at_name(
                format!("`{}` is a column of every release", entry.name),
                "choose another name",
            ));
        }
        let (domain, other) = one(&entry, known)?;
        Ok(Dimension { name: entry.name.clone(), domain, other })
    };
    root.entries("dimensions")?.into_iter().map(dimension).collect()
}

fn one(entry: &Value<'_>, known: &[Param]) -> Result<(Domain, bool), StudyError> {
    if entry.is_list() {
        return Ok((Domain::Labels(params::labels(entry)?), false));
    }
    if !entry.is_table() {
        return Err(entry.wrong("an array of labels, or a table"));
    }
    let section = entry.section(&format!("dimension `{}`", entry.name))?;
    if let Some(open) = section.opt("open") {
        return Err(open.error_at_name(
            "open dimensions are not built yet",
            "list `labels`, `edges` or a `range`",
        ));
    }
    section.only(&["labels", "edges", "range", "other", "open"])?;
    let other = section.opt("other").map(|value| value.bool()).transpose()?.unwrap_or(false);
    let given = [section.opt("labels"), section.opt("edges"), section.opt("range")];
    let domain = match given {
        [Some(labels), None, None] => Domain::Labels(params::labels(&labels)?),
        [None, Some(value), None] => Domain::Edges(edges(&value, known)?),
        [None, None, Some(value)] => range(&value)?,
        _ => {
            return Err(entry.error_at_name(
                format!("the dimension `{}` has no domain, or more than one", entry.name),
                "give it one of `labels`, `edges`, `range`",
            ));
        }
    };
    Ok((domain, other))
}

/// Edges as a list, or the name of a parameter of type `edges`.
pub(super) fn edges(value: &Value<'_>, known: &[Param]) -> Result<EdgeSource, StudyError> {
    if !value.is_text() {
        return params::edge_list(value).map(EdgeSource::Listed);
    }
    let params = known.iter().enumerate();
    let edges = params.filter(|(_, param)| matches!(param.kind, ParamKind::Edges { .. }));
    let edges: Vec<_> = edges.map(|(at, param)| (at, param.name.as_str())).collect();
    let at = value.one_of("parameter of type `edges`", edges.iter().map(|(_, name)| *name))?;
    Ok(EdgeSource::Param(edges.get(at).map(|(at, _)| *at).unwrap_or_default()))
}

fn range(value: &Value<'_>) -> Result<Domain, StudyError> {
    let ends = value.list()?.iter().map(Value::int).collect::<Result<Vec<_>, _>>()?;
    let fits = |min: i64, max: i64| {
        max.checked_sub(min)
            .is_some_and(|n| (0..BOUNDS.cells_max as u64).contains(&n.cast_unsigned()))
    };
    match ends[..] {
        [min, max] if fits(min, max) => Ok(Domain::Range { min, max }),
        _ => {
            let right = format!("write `[0, 10]`, at most {} numbers", BOUNDS.cells_max);
            Err(value.error("the range is not two increasing whole numbers", right))
        }
    }
}
