//! What a dataset holds, and what a run over it would stumble on. For the site's eyes only.
//!
//! Everything is counted by the engine while it reads: no table is held in memory.

mod files;
mod keys;
mod needs;
mod probes;

use cloister_contract::date::Date;
use cloister_contract::job::Params;
use cloister_contract::study::Study;
use datafusion::arrow::array::AsArray as _;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext, lit};
use serde::Serialize;

use super::naming::same_name;
use super::sensitive::names;
use super::source::column_named;
use super::{Dataset, DatasetError, Source};
use crate::omop::lacks;
use crate::run::{Memory, RunFault};

/// What [`check`] found.
#[derive(Clone, Debug, Serialize)]
pub struct Checkup {
    /// The dataset's name.
    pub dataset: String,
    /// No row should be later.
    pub snapshot_date: String,
    /// The version of the vocabulary, where the data say so.
    pub vocabulary_version: Option<String>,
    /// The tables.
    pub tables: Vec<CheckedTable>,
    /// What is wrong or odd, the worst first.
    pub findings: Vec<CheckFinding>,
}

/// Days after the latest date at which a snapshot date is most likely not that of the export.
const STALE_DAYS: i64 = 366;

/// A table as it is.
#[derive(Clone, Debug, Serialize)]
pub struct CheckedTable {
    /// Its name.
    pub name: String,
    /// How many rows it has.
    pub rows: u64,
    /// Its columns and their types.
    pub columns: Vec<(String, String)>,
}

/// Something that is wrong or odd.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckFinding {
    /// How bad it is.
    pub severity: Severity,
    /// The table, or the table and column as `table.column`, or the code set.
    pub place: String,
    /// What is the matter.
    pub what: String,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A run would fail.
    Error,
    /// A run would do something that may not be meant.
    Warning,
    /// Good to know.
    Note,
}

impl Checkup {
    /// Whether a run would fail.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// The findings so far.
#[derive(Default)]
struct Findings(Vec<CheckFinding>);

impl Findings {
    fn add(&mut self, severity: Severity, place: impl Into<String>, what: impl Into<String>) {
        let finding = CheckFinding { severity, place: place.into(), what: what.into() };
        // A broken view is met again where the study reads it.
        if !self.0.contains(&finding) {
            self.0.push(finding);
        }
    }

    /// A table that cannot be read is a finding, and the others are still looked at.
    fn take<T>(&mut self, place: &str, result: Result<T, DatasetError>) -> Option<T> {
        result.map_err(|error| self.add(Severity::Error, place, error.to_string())).ok()
    }
}

/// Looks at every table and view of `dataset`, and at what `study` needs of them.
///
/// # Errors
/// [`RunFault`] if memory or disk run out; all else is a finding.
pub async fn check(
    dataset: &Dataset,
    study: Option<(&Study, &Params)>,
    memory: &Memory,
) -> Result<Checkup, RunFault> {
    let session = SessionContext::new_with_config_rt(SessionConfig::new(), memory.environment()?);
    let mut findings = Findings::default();
    let mut tables = Vec::new();
    let mut vocabulary_version = None;
    let mut latest = None;
    let opened = Source::open(dataset, &session).await;
    if let Some(mut source) = findings.take(&dataset.unit.table, opened) {
        // The site may be told what a study is not: which line does not fit.
        source.strict = true;
        for table in dataset.tables.keys().chain(dataset.views.keys()) {
            let frame = match source.typed(table).await {
                Ok(None) => source.whole(table).await.map(Some),
                typed => typed,
            };
            let Some(frame) = findings.take(table, frame).flatten() else { continue };
            let probed = probes::probe(&source, table, &frame, &mut findings).await;
            let Some((probed, newest)) = findings.take(table, probed) else { continue };
            latest = latest.max(newest);
            let lacks = if study.is_none() { lacks(table, &probed.columns) } else { Vec::new() };
            if !lacks.is_empty() {
                let lacks = lacks.join(", ");
                let what = format!("it lacks columns that OMOP CDM 5.4 requires: {lacks}");
                findings.add(Severity::Note, table, what);
            }
            tables.push(probed);
            if *table == dataset.unit.table {
                published(dataset, tables.last(), &mut findings);
            }
            files::check(dataset, table, &mut findings);
            let held = keys::check(&source, table, &frame, &mut findings).await;
            findings.take(table, held);
        }
        stale(dataset, latest, &mut findings);
        for (table, file) in &dataset.vocabulary {
            let counted = async { rows(source.read(table, file, &[]).await?).await };
            if findings.take(table, counted.await) == Some(0) {
                findings.add(Severity::Warning, table, "it has no rows");
            }
        }
        let withheld = withheld(&source).await;
        findings.take("withheld", withheld);
        let sensitive = sensitive(&source).await;
        findings.take("sensitive", sensitive);
        if let Some((study, params)) = study {
            let needed = needs::check(&source, study, params, &mut findings).await;
            findings.take(&study.name, needed);
        }
        vocabulary_version = version(&source).await;
        if vocabulary_version.is_none() && !dataset.vocabulary.is_empty() {
            let what = "the version of the vocabulary is unknown: no row of a table `vocabulary` \
                        has the id 'None', as OMOP's has, and there is no `cdm_source`";
            findings.add(Severity::Note, "vocabulary", what);
        }
    }
    findings.0.sort_by_key(|finding| finding.severity);
    Ok(Checkup {
        dataset: dataset.name.clone(),
        snapshot_date: dataset.snapshot_date.to_string(),
        vocabulary_version,
        tables,
        findings: findings.0,
    })
}

/// The snapshot date should be the day of the export, about which there are data.
fn stale(dataset: &Dataset, latest: Option<Date>, findings: &mut Findings) {
    let snapshot = dataset.snapshot_date;
    if let Some(latest) = latest.filter(|latest| snapshot - *latest > STALE_DAYS) {
        let what = format!(
            "`snapshot_date` is {snapshot}, more than a year after the latest date of the data, \
             {latest}; write the day of the export: ages and follow-up are counted up to it"
        );
        findings.add(Severity::Warning, &dataset.name, what);
    }
}

/// The number of persons that the site publishes should be about that of its units.
fn published(dataset: &Dataset, units: Option<&CheckedTable>, findings: &mut Findings) {
    let (published, rows) = (dataset.published_persons, units.map_or(0, |table| table.rows));
    if published.abs_diff(rows) > rows / 10 + 10 {
        let table = &dataset.unit.table;
        let what = format!("`published_persons` is {published}, and there are {rows}; round these");
        findings.add(Severity::Warning, table, what);
    }
}

/// Whether every column that the site withholds is one of some table or view.
pub(super) async fn withheld(source: &Source<'_>) -> Result<(), DatasetError> {
    let same = |name: &str, _: &str, column: &str| same_name(name, column);
    let nowhere = nowhere(source, &source.dataset.withheld, same).await;
    nowhere.map_or(Ok(()), |name| Err(DatasetError::NothingWithheld(name)))
}

/// Whether every column that the site calls sensitive is one of some table or view.
pub(super) async fn sensitive(source: &Source<'_>) -> Result<(), DatasetError> {
    let nowhere = nowhere(source, &source.dataset.sensitive, names).await;
    nowhere.map_or(Ok(()), |name| Err(DatasetError::NothingSensitive(name)))
}

/// One of `listed` that, as `is` has it, is no column of any table or view.
async fn nowhere(
    source: &Source<'_>,
    listed: &[String],
    is: impl Fn(&str, &str, &str) -> bool,
) -> Option<String> {
    let (dataset, mut kept) = (source.dataset, listed.to_vec());
    for table in dataset.tables.keys().chain(dataset.views.keys()) {
        if kept.is_empty() {
            break;
        }
        // What cannot be read is told by its own name.
        let frame = source.whole(table).await.ok()?;
        let fields = frame.schema().fields();
        kept.retain(|name| !fields.iter().any(|field| is(name, table, field.name())));
    }
    kept.pop()
}

/// The version that the vocabulary gives for itself, else the one that the export noted.
async fn version(source: &Source<'_>) -> Option<String> {
    for (table, only) in [("vocabulary", Some("None")), ("cdm_source", None)] {
        let dataset = source.dataset;
        let frame = match dataset.vocabulary.get(table) {
            Some(file) => source.read(table, file, &[]).await.ok(),
            None => source.whole(table).await.ok(),
        };
        let Some(mut frame) = frame else { continue };
        let Ok(column) = source.find(&frame, table, "vocabulary_version") else { continue };
        if let Some(only) = only {
            let Ok(id) = source.find(&frame, table, "vocabulary_id") else { continue };
            frame = frame.filter(column_named(&id).eq(lit(only))).ok()?;
        }
        let frame = frame.select(vec![column_named(&column)]).ok()?.limit(0, Some(1)).ok()?;
        let batches = frame.collect().await.ok()?;
        let text = batches.iter().filter(|batch| batch.num_rows() > 0).find_map(|batch| {
            let text = cast(batch.columns().first()?, &DataType::Utf8).ok()?;
            text.as_string::<i32>().iter().next().flatten().map(str::to_owned)
        });
        if text.is_some() {
            return text;
        }
    }
    None
}

/// How many rows `frame` has.
async fn rows(frame: DataFrame) -> Result<u64, DatasetError> {
    Ok(frame.count().await? as u64)
}

/// `1 row is` or `2 rows are`.
fn text(count: u64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// Reads every table's description, as a run would have to.
pub(super) async fn readable(source: &Source<'_>) -> Result<(), DatasetError> {
    for table in source.dataset.tables.keys() {
        source.whole(table).await?;
    }
    for (table, file) in &source.dataset.vocabulary {
        source.read(table, file, &[]).await?;
    }
    Ok(())
}

/// What is wrong with the keys of the unit table, if anything is.
pub(super) async fn keys_of_units(source: &Source<'_>) -> Result<Option<String>, DatasetError> {
    let table = &source.dataset.unit.table;
    let mut findings = Findings::default();
    keys::check(source, table, &source.whole(table).await?, &mut findings).await?;
    let finding = findings.0.into_iter().find(|finding| finding.severity == Severity::Error);
    Ok(finding.map(|finding| format!("{}: {}", finding.place, finding.what)))
}
