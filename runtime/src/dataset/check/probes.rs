//! What the columns of a table hold, counted in one pass: nulls, dates, text for numbers.

use cloister_contract::date::Date;
use datafusion::arrow::array::{AsArray as _, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Date32Type, Int64Type};
use datafusion::common::ScalarValue;
use datafusion::functions_aggregate::expr_fn::{count, max};
use datafusion::logical_expr::try_cast;
use datafusion::prelude::{DataFrame, Expr, cast, lit, when};

use super::super::source::{UNIT, column_named, data_type};
use super::super::{DatasetError, Source};
use super::{CheckedTable, Findings, Severity, text};

/// No record of a living person is older.
const EARLIEST: (i32, &str) = (-25_567, "1900-01-01");

/// A question to a column, answered by one aggregate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Probe {
    /// How many values it has.
    Values,
    /// How many dates are later than the snapshot.
    After,
    /// The latest date.
    Newest,
    /// How many dates are before 1900.
    Before,
    /// How many texts are the column's own name.
    Headers,
    /// How many texts are numbers.
    Numbers,
    /// How many numbers are not whole.
    Fractions,
}

/// The table as it is, and the latest date of its persons, if it has one after 1970.
pub(super) async fn probe(
    source: &Source<'_>,
    table: &str,
    frame: &DataFrame,
    findings: &mut Findings,
) -> Result<(CheckedTable, Option<Date>), DatasetError> {
    let fields = frame.schema().fields();
    let names: Vec<String> = fields.iter().map(|field| field.name().clone()).collect();
    let of_persons = source.find(frame, table, source.key_name(table)).is_ok();
    let snapshot = source.dataset.snapshot_date;
    let mut asked = Vec::new();
    let mut questions = vec![count(lit(1_i64)).alias("0")];
    for name in &names {
        for probe in probes(&data_type(frame, name), name, of_persons) {
            let alias = (asked.len() + 1).to_string();
            questions.push(ask(probe, name, snapshot)?.alias(alias));
            asked.push((name, probe));
        }
    }
    let batches = frame.clone().aggregate(Vec::new(), questions)?.collect().await?;
    let batch = batches.first();
    let answer = |at: usize| batch.map_or(0, |batch| number(batch, at));
    let rows = answer(0);
    if rows == 0 {
        findings.add(Severity::Warning, table, "it has no rows");
    }
    let mut shared = Shared::default();
    for name in names.iter().filter(|_| rows > 0) {
        let answers = asked.iter().enumerate().filter(|(_, (of, _))| *of == name);
        let answers: Vec<_> = answers.map(|(at, (_, probe))| (*probe, answer(at + 1))).collect();
        let ty = data_type(frame, name);
        judge(Column { table, name, ty: &ty, rows }, &answers, &mut shared, findings);
    }
    shared.tell(table, snapshot, findings);
    let named = names.iter().filter(|name| *name != UNIT);
    let columns = named.map(|name| (name.clone(), word(&data_type(frame, name))));
    let probed = CheckedTable { name: table.to_owned(), rows, columns: columns.collect() };
    Ok((probed, (shared.latest > 0).then(|| Date::from_days(shared.latest))))
}

fn probes(ty: &DataType, name: &str, of_persons: bool) -> Vec<Probe> {
    let mut probes = vec![Probe::Values];
    match ty {
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) if of_persons => {
            probes.extend([Probe::After, Probe::Newest, Probe::Before]);
        }
        ty if is_text(ty) => {
            probes.push(Probe::Headers);
            if wants_number(name) {
                probes.push(Probe::Numbers);
            }
        }
        DataType::Float32 | DataType::Float64 if wants_whole(name) => {
            probes.push(Probe::Fractions);
        }
        _ => {}
    }
    probes
}

fn ask(probe: Probe, name: &str, snapshot: Date) -> Result<Expr, DatasetError> {
    let column = column_named(name);
    let day = |days: i32| lit(ScalarValue::Date32(Some(days)));
    let date = || cast(column.clone(), DataType::Date32);
    let condition = match probe {
        Probe::Values => return Ok(count(column)),
        Probe::Newest => return Ok(max(date())),
        Probe::Numbers => return Ok(count(try_cast(column, DataType::Float64))),
        Probe::After => date().gt(day(snapshot.days())),
        Probe::Before => date().lt(day(EARLIEST.0)),
        Probe::Headers => {
            let spelt = [name.to_owned(), name.to_lowercase(), name.to_uppercase()];
            cast(column, DataType::Utf8).in_list(spelt.into_iter().map(lit).collect(), false)
        }
        Probe::Fractions => {
            let whole = cast(try_cast(column.clone(), DataType::Int64), DataType::Float64);
            whole.not_eq(cast(column, DataType::Float64))
        }
    };
    Ok(count(when(condition, lit(1_i64)).end()?))
}

/// The answer in column `at`: a count, or a date in days.
fn number(batch: &RecordBatch, at: usize) -> u64 {
    let Some(column) = batch.columns().get(at).filter(|column| column.is_valid(0)) else {
        return 0;
    };
    if let Some(counts) = column.as_primitive_opt::<Int64Type>() {
        return u64::try_from(counts.value(0)).unwrap_or_default();
    }
    let days = column.as_primitive_opt::<Date32Type>().map(|days| days.value(0));
    u64::try_from(days.unwrap_or_default()).unwrap_or_default()
}

/// A column that is judged.
struct Column<'a> {
    table: &'a str,
    name: &'a str,
    ty: &'a DataType,
    rows: u64,
}

/// What many columns of a table have in common is told once.
#[derive(Default)]
struct Shared {
    nulls: Vec<String>,
    late: Vec<String>,
    newest: i32,
    /// The latest date, in days since 1970-01-01, of all columns.
    latest: i32,
}

impl Shared {
    fn tell(&self, table: &str, snapshot: Date, findings: &mut Findings) {
        if !self.late.is_empty() {
            let (late, newest) = (self.late.join(", "), Date::from_days(self.newest));
            let what = format!(
                "dates are later than the snapshot date {snapshot}, up to {newest}; rows: {late}"
            );
            findings.add(Severity::Warning, table, what);
        }
        if !self.nulls.is_empty() {
            let what = format!("these columns hold only nulls: {}", self.nulls.join(", "));
            findings.add(Severity::Note, table, what);
        }
    }
}

fn judge(
    Column { table, name, ty, rows }: Column<'_>,
    answers: &[(Probe, u64)],
    shared: &mut Shared,
    findings: &mut Findings,
) {
    let place = &format!("{table}.{name}");
    let answer = |of: Probe| answers.iter().find(|(probe, _)| *probe == of).map(|found| found.1);
    let said = |of: Probe| answer(of).filter(|count| *count > 0);
    let values = answer(Probe::Values).unwrap_or(rows);
    if values == 0 {
        shared.nulls.push(format!("{name} ({})", word(ty)));
        return;
    }
    if let Some(newest) = said(Probe::Newest) {
        let newest = i32::try_from(newest).unwrap_or(i32::MAX);
        shared.latest = shared.latest.max(newest);
        if let Some(after) = said(Probe::After) {
            shared.late.push(format!("{after} in {name}"));
            shared.newest = shared.newest.max(newest);
        }
    }
    if let Some(before) = said(Probe::Before) {
        let rows = text(before, "row is", "rows are");
        findings.add(Severity::Warning, place, format!("{rows} before {}", EARLIEST.1));
    }
    if let Some(headers) = said(Probe::Headers) {
        let rows = text(headers, "row holds", "rows hold");
        let what = format!("{rows} the column's own name: a header was read as data");
        findings.add(Severity::Warning, place, what);
    }
    if let Some(numbers) = answer(Probe::Numbers) {
        let numbers = text(numbers, "is a number", "are numbers");
        let what = format!("it is text, and OMOP has numbers here; of {values} values {numbers}");
        findings.add(Severity::Warning, place, what);
    }
    match answer(Probe::Fractions) {
        Some(0) => {
            let ty = word(ty);
            let what = format!("whole numbers are stored as {ty}; a study may read them as `int`");
            findings.add(Severity::Note, place, what);
        }
        Some(fractions) => {
            let what = format!("OMOP has whole numbers here, and {fractions} are not whole");
            findings.add(Severity::Warning, place, what);
        }
        None => {}
    }
}

/// A type in the words of a study file, where it has one.
fn word(ty: &DataType) -> String {
    match ty {
        DataType::Dictionary(_, value) => return word(value),
        DataType::Boolean => "bool",
        DataType::Float32 | DataType::Float64 => "float",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Timestamp(..) => "datetime",
        DataType::Decimal128(..) | DataType::Decimal256(..) => "decimal",
        ty if ty.is_integer() => "int",
        ty if is_text(ty) => "text",
        other => return other.to_string(),
    }
    .to_owned()
}

fn is_text(ty: &DataType) -> bool {
    match ty {
        DataType::Dictionary(_, value) => is_text(value),
        ty => matches!(ty, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View),
    }
}

/// Whether OMOP has whole numbers in a column of this name.
fn wants_whole(name: &str) -> bool {
    const TEXT_IDS: [&str; 6] = [
        "vocabulary_id",
        "domain_id",
        "concept_class_id",
        "relationship_id",
        "unique_device_id",
        "reverse_relationship_id",
    ];
    let name = name.to_ascii_lowercase();
    let id = name.ends_with("_id") && !TEXT_IDS.contains(&name.as_str());
    id || name.ends_with("_of_birth") || matches!(name.as_str(), "refills" | "days_supply")
}

/// Whether OMOP has numbers in a column of this name.
fn wants_number(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    wants_whole(name)
        || matches!(lower.as_str(), "value_as_number" | "range_low" | "range_high" | "quantity")
}
