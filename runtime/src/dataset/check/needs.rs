//! What a study needs and does not find: tables, columns, types, concepts.

use cloister_contract::job::{CodeList, Params};
use cloister_contract::study::{Study, Table};
use datafusion::prelude::{DataFrame, lit};
use futures::StreamExt as _;

use super::super::source::{column_named, data_type};
use super::super::vocabulary::UNKNOWN;
use super::super::{DatasetError, Source, columns, normalise};
use super::{Findings, Severity, rows};

pub(super) async fn check(
    source: &Source<'_>,
    study: &Study,
    params: &Params,
    findings: &mut Findings,
) -> Result<(), DatasetError> {
    let (codes, unknown) = source.resolve_told(study, params).await?;
    for set in unknown {
        findings.add(Severity::Warning, set, format!("the study's code set {UNKNOWN}"));
    }
    for (set, list) in study.codes.iter().zip(&codes) {
        if matches!(list, CodeList::Concepts(ids) if ids.is_empty()) {
            let what = "the study's code set resolves to no concept";
            findings.add(Severity::Warning, &set.name, what);
        }
    }
    for table in &study.tables {
        if !source.dataset.has(&table.from) && table.optional {
            let near = source.dataset.near(&table.from);
            let what = format!("the study's optional table `{}` is not here{near}", table.name);
            // A name that is nearly one of the dataset's is a slip of one of the two.
            let severity = if near.is_empty() { Severity::Note } else { Severity::Warning };
            findings.add(severity, &table.from, what);
            continue;
        }
        let frame = source.whole(&table.from).await;
        let Some(frame) = findings.take(&table.from, frame) else { continue };
        if fits(source, table, &frame, findings) {
            let read = values(source, table, &codes, findings).await;
            findings.take(&table.from, read);
            let found = concepts(source, study, table, &frame, &codes, findings).await;
            findings.take(&table.from, found);
        }
    }
    Ok(())
}

/// Whether every declared column is there and of a type that fits; all that do not are told.
fn fits(source: &Source<'_>, table: &Table, frame: &DataFrame, findings: &mut Findings) -> bool {
    let before = findings.0.len();
    for column in &table.columns {
        let found = source.find(frame, &table.from, &column.name);
        let Some(name) = findings.take(&table.from, found) else { continue };
        if let Err(what) = columns::can_hold(&data_type(frame, &name), &column.kind) {
            findings.add(Severity::Error, format!("{}.{name}", table.from), what);
        }
    }
    findings.0.len() == before
}

/// Reads the rows that the study would read and casts them as a run does.
async fn values(
    source: &Source<'_>,
    table: &Table,
    codes: &[CodeList],
    findings: &mut Findings,
) -> Result<(), DatasetError> {
    let Some(frame) = source.rows(table, codes).await? else { return Ok(()) };
    let mut batches = frame.execute_stream().await?;
    let mut count = 0;
    let mut told = vec![false; table.columns.len()];
    while let Some(batch) = batches.next().await {
        let batch = batch?;
        count += batch.num_rows();
        // The first column is the unit key.
        let arrays = batch.columns().iter().skip(1);
        for ((array, column), told) in arrays.zip(&table.columns).zip(&mut told) {
            match normalise(array, &column.kind) {
                Err(error) if !*told => {
                    let place = format!("{}.{}", table.from, column.name);
                    findings.add(Severity::Error, place, error.to_string());
                    *told = true;
                }
                _ => {}
            }
        }
    }
    if count == 0 && !table.filters.is_empty() {
        let what = format!("no row passes the filters of the study's table `{}`", table.name);
        findings.add(Severity::Warning, &table.from, what);
    }
    Ok(())
}

/// Tells the code sets of which no concept is in the data.
async fn concepts(
    source: &Source<'_>,
    study: &Study,
    table: &Table,
    frame: &DataFrame,
    codes: &[CodeList],
    findings: &mut Findings,
) -> Result<(), DatasetError> {
    for filter in &table.filters {
        let name = source.find(frame, &table.from, &filter.column)?;
        for at in &filter.sets {
            let (Some(CodeList::Concepts(ids)), Some(set)) = (codes.get(*at), study.codes.get(*at))
            else {
                continue;
            };
            let listed = ids.iter().map(|id| lit(*id)).collect();
            let any = column_named(&name).in_list(listed, false);
            if !ids.is_empty() && rows(frame.clone().filter(any)?).await? == 0 {
                let what = format!("no concept of the study's code set `{}` is here", set.name);
                findings.add(Severity::Warning, format!("{}.{name}", table.from), what);
            }
        }
    }
    Ok(())
}
