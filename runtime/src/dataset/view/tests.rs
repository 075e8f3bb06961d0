//! Walks `tests/views`: each file there is a view over the tables below, and says what comes of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, Date32Array, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::arrow::util::display::array_value_to_string;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::prelude::SessionContext;
use tempfile::TempDir;

use crate::dataset::{Dataset, DatasetError, Source};

type Columns = Vec<(&'static str, ArrayRef)>;

fn ints(values: Vec<i64>) -> ArrayRef {
    Arc::new(Int64Array::from(values))
}

fn texts(values: Vec<Option<&str>>) -> ArrayRef {
    Arc::new(StringArray::from(values))
}

/// Three persons; `visit` shouts its columns, `lab` has a key of its own name, and the key of
/// `texts` is a text. What `stays` calls its key nobody has said.
fn tables() -> Vec<(&'static str, Columns)> {
    let codes = vec![Some("A01"), Some("B02"), Some("A01"), None];
    let starts = Date32Array::from(vec![18_262, 18_293, 18_322, 18_353]);
    vec![
        (
            "person",
            vec![
                ("person_id", ints(vec![1, 2, 3])),
                ("sex", texts(vec![Some("f"), Some("m"), Some("f")])),
                ("year", ints(vec![1980, 1990, 2000])),
            ],
        ),
        (
            "visit",
            vec![
                ("VISIT_ID", ints(vec![10, 11, 12, 13])),
                ("PERSON_ID", Arc::new(Int32Array::from(vec![1, 1, 2, 3]))),
                ("START", Arc::new(starts)),
                ("CODE", texts(codes)),
            ],
        ),
        (
            "lab",
            vec![
                ("patient_nr", ints(vec![1, 2, 2, 4])),
                ("visit_id", ints(vec![10, 12, 12, 99])),
                ("value", Arc::new(Float64Array::from(vec![1.5, 2.5, 3.5, 9.0]))),
                ("unit", texts(vec![Some("mg"); 4])),
            ],
        ),
        ("texts", vec![("person_id", texts(vec![Some("1"), Some("01")]))]),
        ("stays", vec![("nr", ints(vec![1]))]),
        (
            "concept",
            vec![
                ("concept_id", ints(vec![100, 200])),
                ("concept_code", texts(vec![Some("A01"), Some("B02")])),
            ],
        ),
        (
            "concept_ancestor",
            vec![
                ("ancestor_concept_id", ints(vec![1, 1])),
                ("descendant_concept_id", ints(vec![100, 200])),
            ],
        ),
    ]
}

const VOCABULARY: [&str; 2] = ["concept", "concept_ancestor"];

fn written() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, columns) in tables() {
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let file = fs::File::create(folder.path().join(name).with_extension("parquet")).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }
    folder
}

/// The columns and rows of the view `tested`, as text; `more` are further lines of the file.
async fn view(folder: &Path, sql: &str, more: &str) -> Result<(String, Vec<String>), DatasetError> {
    let list = |vocabulary: bool| {
        let names = tables().into_iter().map(|(name, _)| name);
        let names = names.filter(move |name| VOCABULARY.contains(name) == vocabulary);
        names.map(|name| format!("{name} = \"{name}.parquet\"\n")).collect::<String>()
    };
    let text = format!(
        "name = \"t\"\nsnapshot_date = \"2020-12-31\"\npublished_persons = 3\n\
         unit = {{ table = \"person\", key = \"person_id\", keys = {{ lab = \"Patient_Nr\" }} }}\n\
         [tables]\n{}[vocabulary]\n{}\
         [views]\nother = \"SELECT * FROM person\"\n{more}\ntested = '''\n{sql}'''\n",
        list(false),
        list(true)
    );
    let file = tempfile::Builder::new().suffix(".toml").tempfile_in(folder).unwrap();
    fs::write(file.path(), text).unwrap();
    let dataset = Dataset::open(file.path())?;
    let session = SessionContext::new();
    let source = Source::open(&dataset, &session).await?;
    let frame = source.table("tested", &[]).await?;
    let head: Vec<_> = frame.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut rows = Vec::new();
    for batch in frame.collect().await.unwrap() {
        for row in 0..batch.num_rows() {
            let value = |column: &ArrayRef| array_value_to_string(column, row).unwrap();
            let values: Vec<_> = batch.columns().iter().map(value).collect();
            rows.push(values.join(" | ").trim_end().to_owned());
        }
    }
    rows.sort();
    Ok((head.join(" | "), rows))
}

/// The files of one folder, by name.
fn cases(folder: &str) -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/views").join(folder);
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let name = |file: &PathBuf| file.file_name().unwrap().to_str().unwrap().to_owned();
    files.map(|file| (name(&file), fs::read_to_string(&file).unwrap())).collect()
}

#[tokio::test]
async fn every_refused_view_is_refused_with_its_message() {
    let (folder, cases) = (written(), cases("refused"));
    let mut wrong = Vec::new();
    for (name, sql) in &cases {
        let verdict = sql.lines().next().and_then(|line| line.strip_prefix("-- refused: "));
        let says = verdict.unwrap_or_else(|| panic!("{name} has no verdict"));
        match view(folder.path(), sql, "").await {
            Ok((head, rows)) => wrong.push(format!("{name} is let through: {head} {rows:?}")),
            Err(error) => {
                let message = error.to_string();
                let named = message.starts_with("view `tested`: ");
                if !named || says.is_empty() || !message.contains(says) || message.contains('\n') {
                    wrong.push(format!("{name}: {message}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases.len() >= 100, "{}", cases.len());
}

#[tokio::test]
async fn every_accepted_view_gives_its_rows() {
    let (folder, cases) = (written(), cases("accepted"));
    let mut wrong = Vec::new();
    for (name, sql) in &cases {
        let mut lines = sql.lines();
        let verdict = lines.next().and_then(|line| line.strip_prefix("-- gives: "));
        let head = verdict.unwrap_or_else(|| panic!("{name} has no verdict"));
        let rows = lines.map_while(|line| line.strip_prefix("--"));
        let rows: Vec<_> = rows.map(|row| row.trim_start().to_owned()).collect();
        match view(folder.path(), sql, "").await {
            Ok(found) if found == (head.to_owned(), rows.clone()) => {}
            Ok((head, rows)) => wrong.push(format!("{name} gives {head}\n{}", rows.join("\n"))),
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases.len() >= 20, "{}", cases.len());
}

#[tokio::test]
async fn a_view_with_the_name_of_a_table_or_of_a_view_is_refused() {
    let folder = written();
    for name in ["Visit", "concept", "OTHER"] {
        let more = format!("{name} = \"SELECT * FROM person\"");
        let message = view(folder.path(), "SELECT * FROM person", &more).await.unwrap_err();
        let message = message.to_string();
        assert!(message.contains("a table or another view has this name"), "{message}");
    }
}
