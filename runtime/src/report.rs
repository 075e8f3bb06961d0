//! A release as people read it on a terminal: one table per output.

use std::fmt::Write as _;

use cloister_contract::release::{CellDocument, Noise, Protection, ReleaseDocument, Status};
use comfy_table::{Cell, CellAlignment, Table, presets};

/// The release as text; `width` is the terminal's, in columns.
#[must_use]
pub fn text(document: &ReleaseDocument, width: Option<u16>) -> String {
    let ReleaseDocument { study, dataset, profile, .. } = document;
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{} {} over {} (snapshot {}), profile {}",
        study.name, study.version, dataset.name, dataset.snapshot_date, profile.name
    );
    if document.protection == Protection::Unprotected {
        let _ = writeln!(text, "UNPROTECTED: exact numbers of synthetic or public data");
    }
    if let Some(noise) = &document.noise {
        let Noise { epsilon, delta, interval_probability, .. } = noise;
        let hold = interval_probability * 100.0;
        let _ = writeln!(
            text,
            "tier open: noise of ε = {epsilon} at δ = {delta:e}; an interval of noised persons \
             holds the exact number with {hold:.0}%"
        );
    }
    let mut outputs: Vec<&str> = Vec::new();
    for cell in &document.cells {
        if !outputs.contains(&cell.output.as_str()) {
            outputs.push(&cell.output);
        }
    }
    for output in outputs {
        let cells: Vec<_> = document.cells.iter().filter(|cell| cell.output == output).collect();
        let _ = writeln!(text, "\n{output}\n{}", table(&cells, width));
    }
    text
}

fn table(cells: &[&CellDocument], width: Option<u16>) -> Table {
    let dimensions = crate::views::dimensions(cells.iter().copied());
    let sums = cells.iter().any(|cell| cell.sum.is_some());
    let spread = cells.iter().any(|cell| cell.excess_squares.is_some());
    let mut header = dimensions.clone();
    header.push("persons");
    if sums {
        header.push("sum");
    }
    if spread {
        header.extend(["mean", "sd"]);
    }
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    if let Some(width) = width {
        table.set_width(width);
    }
    table.set_header(header);
    for cell in cells {
        let label = |name: &&str| match cell.cell.get(name) {
            Some(label) => Cell::new(label),
            None => Cell::new("all"),
        };
        let mut row: Vec<Cell> = dimensions.iter().map(label).collect();
        row.extend(numbers(cell, sums, spread).into_iter().map(right));
        table.add_row(row);
    }
    table
}

fn numbers(cell: &CellDocument, sums: bool, spread: bool) -> Vec<String> {
    let mut numbers = Vec::new();
    if cell.status == Status::Withheld {
        numbers.push("withheld".to_owned());
        return numbers;
    }
    let persons = cell.persons.map(|persons| persons.map(|n| n.to_string()));
    let whole = |pair: [f64; 2]| pair.map(|end| end.to_string());
    let short = |pair: [f64; 2]| pair.map(|end| format!("{end:.1}"));
    numbers.push(between(persons));
    if sums {
        numbers.push(between(cell.sum.map(whole)));
    }
    if spread {
        numbers.push(between(cell.mean.map(short)));
        numbers.push(between(cell.sd.map(short)));
    }
    numbers
}

fn between(ends: Option<[String; 2]>) -> String {
    match ends {
        None => String::new(),
        Some([low, high]) if low == high => low,
        Some([low, high]) => format!("{low}–{high}"),
    }
}

fn right(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}
