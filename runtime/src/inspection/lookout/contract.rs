//! Signs in a contract: where its cells, columns, cuts and parameters leave room.

use cloister_contract::cells::{output_cells_max, values_max};
use cloister_contract::study::{
    Codes, ColumnType, ConceptSource, Domain, Output, OutputKind, ParamKind, Study,
};

use super::super::contract::hidden_filters;
use super::{Sign, sign};
use crate::page::{counted, grouped};

/// Persons a cell in the mean, below which a table is called fine: ten times the usual threshold.
const PERSONS_A_CELL_FEW: u64 = 100;
/// Values of a dimension, or cells of an output, from which on they are called many.
const VALUES_MANY: u64 = 20;
const CELLS_MANY: u64 = 100;
/// Rows of one person from which on they are called many: a chronic patient's visits.
const ROWS_MANY: u32 = 1_000;
/// Values of one person's number from which on it can carry more than a small count.
const STEPS_MANY: u64 = 1_000;
/// Fuel of one person that is enough to try every key of a short secret.
const FUEL_MUCH: u64 = 10_000_000;

pub(super) fn signs(study: &Study, persons: u64) -> Vec<Sign> {
    let mut signs = Vec::new();
    columns(study, &mut signs);
    cuts(study, &mut signs);
    params(study, &mut signs);
    codes(study, &mut signs);
    dimensions(study, &mut signs);
    outputs(study, persons, &mut signs);
    shared(study, &mut signs);
    if study.limits.fuel >= FUEL_MUCH {
        let fuel = grouped(study.limits.fuel);
        signs.push(sign(
            "constants",
            format!("{fuel} units of fuel a person can undo a hash of a name"),
        ));
    }
    signs
}

fn columns(study: &Study, signs: &mut Vec<Sign>) {
    for table in &study.tables {
        let names: Vec<_> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let used = format!("is each column of {} used? {}", table.name, names.join(", "));
        signs.push(sign("needs", used));
        for column in &table.columns {
            let fine = match &column.kind {
                ColumnType::Text { bytes_max } => {
                    format!("a text of up to {bytes_max} bytes can name a person")
                }
                ColumnType::Date => "a date, to the day".to_owned(),
                ColumnType::DateTime => "an instant, to the microsecond".to_owned(),
                ColumnType::Float => "a float, to all its digits".to_owned(),
                ColumnType::Link => "a link ties rows of several tables".to_owned(),
                _ => continue,
            };
            signs.push(sign("fine-data", format!("{}.{}: {fine}", table.name, column.name)));
        }
        let hidden = hidden_filters(table).join(", ");
        if !hidden.is_empty() {
            let words = format!("{}: whoever has a row at all is known by {hidden}", table.name);
            signs.push(sign("rare-combinations", words));
        }
    }
}

fn cuts(study: &Study, signs: &mut Vec<Sign>) {
    for table in study.tables.iter().filter(|table| table.rows_max > 1) {
        let many = if table.rows_max >= ROWS_MANY { ", which are many" } else { "" };
        let rows = grouped(u64::from(table.rows_max));
        let words = format!("{}: rows beyond {rows} of a person are cut{many}", table.name);
        signs.push(sign("cuts", words));
    }
    for output in study.outputs.iter().filter(|output| output.cells_per_person > 1) {
        let (name, most) = (&output.name, output.cells_per_person);
        let words = format!("{name}: the first {most} cells of a person count, in call order");
        signs.push(sign("cuts", words));
        let cells = grouped(output_cells_max(study, output).unwrap_or_default() as u64);
        let words = format!(
            "{name}: a person may be in {most} cells, so any two of {cells} may differ by one"
        );
        signs.push(sign("pairs", words));
    }
}

fn params(study: &Study, signs: &mut Vec<Sign>) {
    for param in &study.params {
        let choice = match &param.kind {
            ParamKind::Int { min, max, .. } => match max.checked_sub(*min) {
                Some(steps) => {
                    format!("{} whole numbers", grouped(steps.unsigned_abs().saturating_add(1)))
                }
                None => "any whole number".to_owned(),
            },
            ParamKind::Date { min, max, .. } => format!("any day from {min} to {max}"),
            ParamKind::Float { .. } => "any number in a range, to all its digits".to_owned(),
            ParamKind::Floats { len_max, .. } => format!("up to {len_max} numbers"),
            ParamKind::Edges { len_max, .. } => {
                format!("up to {len_max} edges, which can be drawn around a few persons")
            }
            ParamKind::Concepts { len_max, .. } => {
                format!("up to {len_max} concepts, also ones that few persons have")
            }
            ParamKind::Bool { .. } | ParamKind::Enum { .. } => continue,
        };
        signs.push(sign(
            "params",
            format!("{}: {choice}; each choice is another question", param.name),
        ));
    }
}

fn codes(study: &Study, signs: &mut Vec<Sign>) {
    for set in &study.codes {
        let narrow = match &set.codes {
            Codes::Concepts { include, .. } => match &include.source {
                ConceptSource::Listed(list) if !include.descendants => {
                    format!(
                        "{} alone, without descendants",
                        counted(list.len() as u64, "concept", "concepts")
                    )
                }
                _ => continue,
            },
            Codes::Text(text) if !text.exact.is_empty() => {
                counted(text.exact.len() as u64, "whole code", "whole codes")
            }
            Codes::Text(_) => continue,
        };
        let words = format!("code set {}: {narrow}; how many persons have one?", set.name);
        signs.push(sign("rare-combinations", words));
    }
}

fn dimensions(study: &Study, signs: &mut Vec<Sign>) {
    for dimension in &study.dimensions {
        let name = &dimension.name;
        if dimension.other {
            let words = format!("{name}: who is in `other`, and by which line of code?");
            signs.push(sign("honest-labels", words));
        }
        let values = values_max(study, dimension).unwrap_or_default() as u64;
        if values > VALUES_MANY {
            let words = format!("{name}: {} values, an alphabet of that size", grouped(values));
            signs.push(sign("many-cells", words));
        }
        if let Domain::Range { .. } = dimension.domain {
            let words = format!("{name}: a range of numbers is what the code makes of it");
            signs.push(sign("honest-labels", words));
        }
    }
}

fn outputs(study: &Study, persons: u64, signs: &mut Vec<Sign>) {
    for output in &study.outputs {
        let name = &output.name;
        let cells = output_cells_max(study, output).unwrap_or_default() as u64;
        if cells > CELLS_MANY {
            signs.push(sign("many-cells", format!("{name}: {} cells", grouped(cells))));
        }
        let mean = persons / cells.max(1);
        if mean < PERSONS_A_CELL_FEW {
            let (mean, persons) = (grouped(mean), grouped(persons));
            let words = format!("{name}: {mean} persons a cell, were all {persons} in it evenly");
            signs.push(sign("rare-combinations", words));
        }
        if let OutputKind::Sum(bounds) | OutputKind::Moments(bounds) = &output.kind {
            let steps = bounds.high.abs_diff(bounds.low).saturating_add(1);
            if steps >= STEPS_MANY {
                let words = format!("{name}: a person's value is one of {}", grouped(steps));
                signs.push(sign("values", words));
            }
        }
        if let Some(of) = output.of.and_then(|at| study.outputs.get(at)) {
            let words = format!(
                "{name} lies within {}: {} tell who is in one and not in the other",
                of.name,
                counted(cells, "difference", "differences")
            );
            signs.push(sign("nested", words));
        }
        if !output.totals.is_empty() {
            let words = format!("{name}: a withheld cell is its total less the cells beside it");
            signs.push(sign("nested", words));
        }
    }
}

/// Outputs that have cells of the same labels: each such pair of cells can be a difference.
fn shared(study: &Study, signs: &mut Vec<Sign>) {
    let blocks = |output: &Output| {
        let mut blocks: Vec<Vec<usize>> = vec![output.by.clone()];
        blocks.extend(output.totals.iter().cloned());
        blocks.iter_mut().for_each(|block| block.sort_unstable());
        blocks
    };
    for (at, one) in study.outputs.iter().enumerate() {
        for other in study.outputs.iter().skip(at + 1) {
            let others = blocks(other);
            let both = blocks(one).into_iter().filter(|block| others.contains(block));
            let sizes = both.map(|block| {
                let sizes = block.iter().filter_map(|at| study.dimensions.get(*at));
                sizes.filter_map(|dimension| values_max(study, dimension)).product::<usize>()
            });
            let cells = sizes.sum::<usize>() as u64;
            if cells > 0 {
                let cells = counted(cells, "pair of cells", "pairs of cells");
                let words = format!("{} and {}: {cells} of the same labels", one.name, other.name);
                signs.push(sign("pairs", words));
            }
        }
    }
}
