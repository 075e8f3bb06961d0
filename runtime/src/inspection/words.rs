//! Each thing that a study file declares, in words: the same for a researcher, a custodian and a
//! comparison of two versions.

use cloister_contract::study::{
    Bounds, CodeSet, Codes, ColumnType, ConceptSource, ConceptSpec, Dimension, Domain, EdgeSource,
    Keep, Output, OutputKind, Param, ParamKind, Study, Table,
};

use crate::page::{counted, grouped};

/// A parameter: what it may be, and what it is unless a run sets it.
pub(super) fn parameter(param: &Param) -> String {
    let what = match &param.kind {
        ParamKind::Int { min, max, .. } => format!("a whole number, {min} to {max}"),
        ParamKind::Float { min, max, .. } => format!("a number, {min} to {max}"),
        ParamKind::Bool { .. } => "true or false".to_owned(),
        ParamKind::Date { min, max, .. } => format!("a date, {min} to {max}"),
        ParamKind::Enum { labels, .. } => format!("one of {}", labels.join(", ")),
        ParamKind::Floats { min, max, len_max, .. } => {
            format!("at most {len_max} numbers, {min} to {max}")
        }
        ParamKind::Edges { min, max, len_max, .. } => {
            format!("at most {len_max} bin edges, {min} to {max}")
        }
        ParamKind::Concepts { len_max, .. } => format!("at most {len_max} concept ids"),
    };
    let unset = default(&param.kind).map(|value| format!("; unless set, {value}"));
    what + &unset.unwrap_or_default()
}

/// What a parameter is if a run sets none, as it would be written.
pub(super) fn default(kind: &ParamKind) -> Option<String> {
    fn list<T: ToString>(values: &[T]) -> String {
        values.iter().map(T::to_string).collect::<Vec<_>>().join(",")
    }
    match kind {
        ParamKind::Int { default, .. } => default.map(|value| value.to_string()),
        ParamKind::Float { default, .. } => default.map(|value| value.to_string()),
        ParamKind::Bool { default } => default.map(|value| value.to_string()),
        ParamKind::Date { default, .. } => default.map(|value| value.to_string()),
        ParamKind::Enum { labels, default } => {
            default.and_then(|at| labels.get(at as usize)).cloned()
        }
        ParamKind::Floats { default, .. } | ParamKind::Edges { default, .. } => {
            default.as_deref().map(list)
        }
        ParamKind::Concepts { default, .. } => default.as_deref().map(list),
    }
}

/// What a code set holds.
pub(super) fn codes(study: &Study, set: &CodeSet) -> String {
    let spec = |spec: &ConceptSpec| {
        let concepts = match &spec.source {
            ConceptSource::Listed(concepts) => {
                let concepts: Vec<_> = concepts.iter().map(i64::to_string).collect();
                format!("concepts {}", concepts.join(", "))
            }
            ConceptSource::Param(at) => {
                let name = study.params.get(*at).map_or("", |param| &param.name);
                format!("the concepts in parameter `{name}`")
            }
        };
        concepts + if spec.descendants { " and descendants" } else { "" }
    };
    match &set.codes {
        Codes::Concepts { include, exclude: None } => spec(include),
        Codes::Concepts { include, exclude: Some(out) } => {
            format!("{}; without {}", spec(include), spec(out))
        }
        Codes::Text(text) => {
            let list = |exact: &[String], prefixes: &[String]| {
                let starred = prefixes.iter().map(|prefix| format!("{prefix}*"));
                exact.iter().cloned().chain(starred).collect::<Vec<_>>().join(", ")
            };
            let mut line = format!("codes {}", list(&text.exact, &text.prefixes));
            let out = list(&text.exclude_exact, &text.exclude_prefixes);
            if !out.is_empty() {
                line += &format!("; without {out}");
            }
            line
        }
    }
}

/// A column's type.
pub(super) fn column(kind: &ColumnType) -> String {
    match kind {
        ColumnType::Text { bytes_max } => format!("text of at most {bytes_max} bytes"),
        ColumnType::Category { labels } => format!("category: {}, or other", labels.join(", ")),
        kind => kind.name().to_owned(),
    }
}

/// A table's columns with their types, in one line.
pub(super) fn columns(table: &Table) -> String {
    let columns = table.columns.iter().map(|one| format!("{} ({})", one.name, column(&one.kind)));
    columns.collect::<Vec<_>>().join(", ")
}

/// Which rows of a table a guest sees, in one line.
pub(super) fn rows(study: &Study, table: &Table) -> String {
    let keep = match table.keep {
        Keep::First => "first",
        Keep::Last => "last",
    };
    let by = table.order_by.and_then(|at| table.columns.get(at));
    let by = by.map(|column| format!(" by {}", column.name)).unwrap_or_default();
    let mut line = match table.rows_max {
        1 => format!("one row of a person, the {keep}{by}"),
        rows => format!("the {keep} {} rows of a person{by}", grouped(u64::from(rows))),
    };
    for filter in &table.filters {
        let sets = filter.sets.iter().filter_map(|at| study.codes.get(*at));
        let names: Vec<_> = sets.map(|set| set.name.as_str()).collect();
        line += &format!("; only where {} in {}", filter.column, names.join(" or "));
    }
    if table.optional {
        line += "; optional";
    }
    line
}

/// What an output counts or sums.
pub(super) fn what(study: &Study, output: &Output) -> String {
    let mut line = match &output.kind {
        OutputKind::Count => "how many persons".to_owned(),
        OutputKind::Sum(bounds) => format!("the sum of a value in {}", range(bounds)),
        OutputKind::Moments(bounds) => format!("mean and spread of a value in {}", range(bounds)),
        OutputKind::Histogram { edges, other } => {
            let other = if *other { ", and other" } else { "" };
            format!("persons per bin of a value, {}{other}", self::edges(study, edges))
        }
    };
    if let Some(unit) = &output.unit {
        line += &format!(", in {unit}");
    }
    if let Some(of) = output.of.and_then(|at| study.outputs.get(at)) {
        line += &format!(", of those in {}", of.name);
    }
    if output.cells_per_person > 1 {
        let cells = u64::from(output.cells_per_person);
        line += &format!(", a person in at most {}", counted(cells, "cell", "cells"));
    }
    line
}

/// By what an output's cells differ, and their totals.
pub(super) fn by(study: &Study, output: &Output) -> String {
    let names = |positions: &[usize]| {
        let named = positions.iter().filter_map(|at| study.dimensions.get(*at));
        named.map(|dimension| dimension.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    if output.by.is_empty() {
        return "one cell".to_owned();
    }
    let mut line = names(&output.by);
    let totals = output.totals.iter();
    let totals: Vec<_> =
        totals
            .map(|total| {
                if total.is_empty() { "of all".to_owned() } else { format!("by {}", names(total)) }
            })
            .collect();
    if !totals.is_empty() {
        line += &format!("; totals {}", totals.join(", "));
    }
    line
}

/// The values of a dimension.
pub(super) fn values(study: &Study, dimension: &Dimension) -> String {
    let mut line = match &dimension.domain {
        Domain::Labels(labels) => labels.join(", "),
        Domain::Edges(source) => edges(study, source),
        Domain::Range { min, max } => format!("{min} to {max}"),
    };
    if dimension.other {
        line += ", other";
    }
    line
}

fn edges(study: &Study, source: &EdgeSource) -> String {
    match source {
        EdgeSource::Listed(edges) => {
            let edges: Vec<_> = edges.iter().map(f64::to_string).collect();
            format!("bins at {}", edges.join(", "))
        }
        EdgeSource::Param(at) => {
            let name = study.params.get(*at).map_or("", |param| &param.name);
            format!("bins by parameter `{name}`")
        }
    }
}

fn range(bounds: &Bounds) -> String {
    let value = |steps: i64| bounds.grid.value(i128::from(steps));
    format!("[{}, {}] to the nearest {}", value(bounds.low), value(bounds.high), bounds.grid)
}
