//! Small words that several commands say: the time, numbers with thousands, a study's columns.

use cloister_contract::study::{ColumnType, Domain, EdgeSource, Keep, OutputKind, Study, Table};

/// Now, RFC 3339 in UTC, to the second.
pub(super) fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A number with thin groups of three: `12,345`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// What a study reads of a table, in one line.
pub(super) fn reads(study: &Study, table: &Table) -> String {
    let columns = table.columns.iter().map(|column| match &column.kind {
        ColumnType::Text { bytes_max } => format!("{} (text ≤ {bytes_max} bytes)", column.name),
        kind => format!("{} ({})", column.name, kind.name()),
    });
    let mut line = columns.collect::<Vec<_>>().join(", ");
    for filter in &table.filters {
        let sets = filter.sets.iter().filter_map(|at| study.codes.get(*at));
        let names: Vec<_> = sets.map(|set| set.name.as_str()).collect();
        line += &format!("; only where {} in {}", filter.column, names.join(" or "));
    }
    let keep = match table.keep {
        Keep::First => "first",
        Keep::Last => "last",
    };
    line += &match table.rows_max {
        1 => format!("; the {keep} row of a person"),
        max => format!("; the {keep} {max} rows of a person"),
    };
    if table.optional {
        line += "; optional";
    }
    line
}

/// What an output releases, in one line.
pub(super) fn releases(study: &Study, output: &cloister_contract::study::Output) -> String {
    let what = match &output.kind {
        OutputKind::Count => "how many persons".to_owned(),
        OutputKind::Sum(b) => format!("the sum of a value in {}", range(b)),
        OutputKind::Moments(b) => format!("mean and spread of a value in {}", range(b)),
        OutputKind::Histogram { edges: EdgeSource::Listed(edges), .. } => {
            format!("persons per bin of a value, {} bins", edges.len().saturating_sub(1))
        }
        OutputKind::Histogram { .. } => "persons per bin of a value, bins by parameter".to_owned(),
    };
    let by = output.by.iter().filter_map(|at| study.dimensions.get(*at));
    let by: Vec<_> = by.map(|dimension| dimension.name.as_str()).collect();
    let mut line = what;
    if !by.is_empty() {
        line += &format!(", by {}", by.join(" and "));
    }
    if let Some(of) = output.of.and_then(|at| study.outputs.get(at)) {
        line += &format!(", of those in {}", of.name);
    }
    if !output.totals.is_empty() {
        line += &format!(", with {} totals", output.totals.len());
    }
    line
}

fn range(bounds: &cloister_contract::study::Bounds) -> String {
    let value = |steps: i64| bounds.grid.value(i128::from(steps));
    format!("[{}, {}] to the nearest {}", value(bounds.low), value(bounds.high), bounds.grid)
}

/// The values of a dimension, in one line.
pub(super) fn values(study: &Study, domain: &Domain, other: bool) -> String {
    let mut line = match domain {
        Domain::Labels(labels) => labels.join(", "),
        Domain::Edges(EdgeSource::Listed(edges)) => {
            let edges: Vec<_> = edges.iter().map(f64::to_string).collect();
            format!("bins at {}", edges.join(", "))
        }
        Domain::Edges(EdgeSource::Param(at)) => {
            format!("bins by `{}`", study.params.get(*at).map_or("", |param| &param.name))
        }
        Domain::Range { min, max } => format!("{min} to {max}"),
    };
    if other {
        line += ", other";
    }
    line
}
