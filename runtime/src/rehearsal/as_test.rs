//! An invented person as a native test of the study: what an author pastes into `mod tests`, to
//! have `cargo test` tell a panic's message and its line.
//!
//! The names are those that `study!` makes; whole-path tests compile what is written here.

use cloister_contract::abi::{COLUMN_RECORD_BYTES, PERSON_HEADER_BYTES, TABLE_RECORD_BYTES};
use cloister_contract::date::Date;
use cloister_contract::frame::{PersonFrame, TableView};
use cloister_contract::job::{CodeList, Job};
use cloister_contract::study::{Codes, Column, ColumnType, Study, Table, camel_case};

/// Most rows that are written.
const ROWS_MAX: usize = 30;

/// The person's rows in all tables.
pub(super) fn rows(study: &Study, frame: &[u8]) -> usize {
    tables(study, frame).map(|(_, view)| view.rows()).sum()
}

/// The test that runs the study over the person of `frame`, with the parameters `given`.
pub(super) fn test(job: &Job, given: &[(String, String)], frame: &[u8]) -> String {
    let study = job.study();
    let mut text = String::from("    #[test]\n    fn who_trapped_in_study_test() {\n");
    text += "        let person = Person::builder()";
    let (mut left, mut cut) = (ROWS_MAX, String::new());
    for (table, view) in tables(study, frame) {
        let shown = view.rows().min(left);
        left -= shown;
        for row in 0..shown {
            text += &format!("\n            .{}({})", table.name, row_of(table, view, row));
        }
        let more = view.rows() - shown;
        if more > 0 {
            cut += &format!("        // and {more} more rows of `{}`\n", table.name);
        }
    }
    text += &format!(";\n{cut}");
    let date = parsed(job.snapshot_date());
    text += "        let study = Study::test()";
    text += &format!(".snapshot_date({date}){};\n", code_sets(job));
    for (name, value) in given {
        text += &format!("        // and set the parameter `{name}` to {value:?}\n");
    }
    text + "        let _ = study.run(person);\n    }\n"
}

/// The tables of `study` with the person's rows in each.
fn tables<'f>(
    study: &'f Study,
    frame: &'f [u8],
) -> impl Iterator<Item = (&'f Table, TableView<'f>)> {
    let mut record = PERSON_HEADER_BYTES;
    let frame = PersonFrame::new(frame);
    study.tables.iter().filter_map(move |table| {
        let view = frame?.table(record);
        record += TABLE_RECORD_BYTES + table.columns.len() * COLUMN_RECORD_BYTES;
        Some((table, view))
    })
}

/// The literal of one row.
fn row_of(table: &Table, view: TableView<'_>, row: usize) -> String {
    let columns = table.columns.iter().enumerate().map(|(at, column)| {
        let value = value(table, column, view, (at, row));
        let value = value.map_or("None".to_owned(), |value| format!("Some({value})"));
        format!("{}: {value}", column.name)
    });
    let columns = columns.collect::<Vec<_>>().join(", ");
    format!("{}Row {{ {columns} }}", camel_case(&table.name))
}

/// The literal of the value at a column's and a row's position; `None` if it is null.
fn value(
    table: &Table,
    column: &Column,
    view: TableView<'_>,
    (at, row): (usize, usize),
) -> Option<String> {
    Some(match &column.kind {
        ColumnType::Int => view.int(at).at(row)?.to_string(),
        ColumnType::Float => match view.float(at).at(row)? {
            float if float.is_nan() => "f64::NAN".to_owned(),
            float if float.is_infinite() && float > 0.0 => "f64::INFINITY".to_owned(),
            float if float.is_infinite() => "f64::NEG_INFINITY".to_owned(),
            float => format!("{float:?}"),
        },
        ColumnType::Bool => view.bool(at).at(row)?.to_string(),
        ColumnType::Date => parsed(view.date(at).at(row)?),
        ColumnType::DateTime => {
            format!("cloister_guest::DateTime::from_micros({})", view.int(at).at(row)?)
        }
        ColumnType::Link => format!("cloister_guest::Link::new({})", view.ordinal(at).at(row)?),
        ColumnType::Text { .. } => format!("{:?}", view.text(at).at(row)?),
        ColumnType::Category { labels } => {
            let label = labels.get(view.ordinal(at).at(row)? as usize);
            let label = label.map_or("Other".to_owned(), |label| camel_case(label));
            format!("{}{}::{label}", camel_case(&table.name), camel_case(&column.name))
        }
    })
}

/// The expression of a date.
fn parsed(date: Date) -> String {
    format!("\"{date}\".parse().expect(\"a date\")")
}

/// The code sets that a native test cannot know: those with descendants, which are in no study
/// file.
fn code_sets(job: &Job) -> String {
    let sets = job.study().codes.iter().zip(job.codes());
    let sets = sets.filter_map(|(set, list)| match (&set.codes, list) {
        (Codes::Concepts { include, exclude }, CodeList::Concepts(concepts))
            if include.descendants || exclude.as_ref().is_some_and(|out| out.descendants) =>
        {
            Some(format!("\n            .{}({concepts:?})", set.name))
        }
        _ => None,
    });
    sets.collect()
}
