//! Whether every row belongs to somebody, and every unit is there once.

use datafusion::common::JoinType;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::prelude::{DataFrame, ident, lit};

use super::super::source::{UNIT, column_named};
use super::super::{DatasetError, Source};
use super::{Findings, Severity, rows, text};

pub(super) async fn check(
    source: &Source<'_>,
    table: &str,
    frame: &DataFrame,
    findings: &mut Findings,
) -> Result<(), DatasetError> {
    let own = match source.find(frame, table, source.key_name(table)) {
        Ok(own) => own,
        Err(DatasetError::NoColumn { column, .. }) => {
            let what = format!(
                "no study can read it: it has no column `{column}`; if it calls the key otherwise, \
                 say so under `[unit]`, as `keys = {{ {table} = \"subject_id\" }}`"
            );
            findings.add(Severity::Note, table, what);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let is_unit_table = *table == source.dataset.unit.table;
    let place = format!("{table}.{own}");
    let nulls = rows(frame.clone().filter(column_named(&own).is_null())?).await?;
    if nulls > 0 {
        let rows = text(nulls, "row has no key", "rows have no key");
        let (severity, then) = if is_unit_table {
            (Severity::Error, "take them out")
        } else {
            (Severity::Warning, "they belong to nobody and are skipped")
        };
        findings.add(severity, &place, format!("{rows}; {then}"));
    }
    let keys = frame.clone().filter(column_named(&own).is_not_null())?;
    let keys = keys.select(vec![source.unit(frame, table)?])?;
    if is_unit_table {
        let each = keys.aggregate(vec![ident(UNIT)], vec![count(lit(1_i64)).alias("rows")])?;
        let twice = rows(each.filter(ident("rows").gt(lit(1_i64)))?).await?;
        if twice > 0 {
            let keys = text(twice, "key is there", "keys are there");
            let what = format!("{keys} more than once; each unit must have one row");
            findings.add(Severity::Error, place, what);
        }
        return Ok(());
    }
    let units = source.units().await?.select(vec![ident(UNIT).alias("__known")])?;
    let strangers = keys.join(units, JoinType::LeftAnti, &[UNIT], &["__known"], None)?;
    let strangers = rows(strangers).await?;
    if strangers > 0 {
        let rows = text(strangers, "row is", "rows are");
        let table = &source.dataset.unit.table;
        let what = format!("{rows} of units that `{table}` does not have, and are skipped");
        findings.add(Severity::Warning, place, what);
    }
    Ok(())
}
