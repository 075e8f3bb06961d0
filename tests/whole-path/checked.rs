//! What `cloister dataset check` finds, in real data and in data broken on purpose.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray};
use datafusion::parquet::arrow::ArrowWriter;

use crate::harness::{cloister, example, fresh, gibleed, say_skipped, shared, small_guest, text};

/// Checks `dataset`; gives the page and whether there are errors.
fn check(dataset: &Path, more: &[&str]) -> (String, bool) {
    let output = cloister(&[&["dataset", "check", text(dataset)], more].concat());
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = String::from_utf8(output.stdout).unwrap();
    (page, output.status.code() == Some(1))
}

pub(crate) type Columns = Vec<(&'static str, ArrayRef)>;

/// A dataset of `tables` in `folder`, each in one file.
pub(crate) fn dataset(folder: &Path, tables: &[(&str, Columns)]) -> PathBuf {
    let mut described = "name = \"broken\"\nsnapshot_date = \"2020-12-31\"\n\
        published_persons = 10\nsynthetic = true\n\
        unit = { table = \"person\", key = \"person_id\" }\n[tables]\n"
        .to_owned();
    for (table, columns) in tables {
        let file = format!("{table}.parquet");
        let batch = RecordBatch::try_from_iter(columns.clone()).unwrap();
        let opened = File::create(folder.join(&file)).unwrap();
        let mut writer = ArrowWriter::try_new(opened, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        described += &format!("{table} = \"{file}\"\n");
    }
    let file = folder.join("dataset.toml");
    fs::write(&file, described).unwrap();
    file
}

pub(crate) fn ints(values: &[Option<i64>]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

/// Days since 1970-01-01.
fn dates(values: &[i32]) -> ArrayRef {
    Arc::new(Date32Array::from(values.to_vec()))
}

fn persons() -> Columns {
    let born = ints(&[Some(1950), Some(1960)]);
    vec![("person_id", ints(&[Some(1), Some(2)])), ("year_of_birth", born)]
}

fn born(born: ArrayRef) -> Columns {
    vec![("person_id", ints(&[Some(1), Some(2)])), ("year_of_birth", born)]
}

#[test]
fn what_a_study_needs_and_does_not_find() {
    let module = example("gi-bleed");
    let folder = fresh();
    let mut person = born(texts(&[Some("1950"), Some("1960")]));
    person.push(("gender_concept_id", ints(&[Some(8507), Some(8532)])));
    let era = vec![
        ("person_id", ints(&[Some(1)])),
        ("drug_concept_id", ints(&[Some(1)])),
        ("drug_era_start_date", dates(&[100])),
    ];
    let broken = dataset(folder.path(), &[("person", person), ("drug_era", era)]);
    let vocabulary = gibleed().with_file_name("concept_ancestor.parquet");
    let described = fs::read_to_string(&broken).unwrap();
    let vocabulary = format!("[vocabulary]\nconcept_ancestor = \"{}\"\n", text(&vocabulary));
    fs::write(&broken, described + &vocabulary).unwrap();
    let (page, errors) = check(&broken, &["--study", text(&module)]);
    assert!(errors);
    for says in [
        "error    condition_occurrence: the study reads table `condition_occurrence`, which",
        "error    person.year_of_birth: it is Utf8View, which does not fit the declared `int`",
        "warning  drug_era: no row passes the filters of the study's table `drug_era`",
        "warning  drug_era.drug_concept_id: no concept of the study's code set `celecoxib` is here",
    ] {
        assert!(page.contains(says), "`{says}` is not said: {page}");
    }
    let (page, errors) = check(&gibleed(), &["--study", text(&module)]);
    assert!(!errors, "{page}");
}

#[test]
fn a_broken_view_is_told_once_and_a_view_is_an_optional_table() {
    let folder = fresh();
    let prescriptions = vec![("person_id", ints(&[Some(1)])), ("code", ints(&[Some(7)]))];
    let broken = dataset(folder.path(), &[("person", persons()), ("prescriptions", prescriptions)]);
    let described = fs::read_to_string(&broken).unwrap()
        + "[views]\ndeath = \"SELECT person_id, code AS cause FROM prescriptions\"\n\
           drug_era = \"SELECT person_id FROM prescriptions LIMIT 5\"\n";
    fs::write(&broken, described).unwrap();
    let study = crate::hostile::STUDY.replace(
        "[dimensions]",
        "[tables.drug_era]\ncolumns = { drug_concept_id = \"int\" }\nrows_max = 9\n\
         [tables.death]\ncolumns = { cause = \"int\" }\nrows_max = 1\noptional = true\n\
         [dimensions]",
    );
    let module = small_guest(folder.path(), &study, "");
    let (page, errors) = check(&broken, &["--study", text(&module)]);
    assert!(errors);
    assert_eq!(page.matches("`LIMIT` or `OFFSET` is not on the list").count(), 1, "{page}");
    assert!(!page.contains("optional table"), "{page}");
}

#[test]
fn the_page_as_json() {
    let (page, errors) = check(&gibleed(), &["--json"]);
    let page: serde_json::Value = serde_json::from_str(&page).unwrap();
    assert!(!errors);
    assert_eq!(page["dataset"], "gibleed");
    let tables = page["tables"].as_array().unwrap();
    let person = tables.iter().find(|table| table["name"] == "person").unwrap();
    assert_eq!(person["rows"], 2_694);
    let strangers = page["findings"][0]["what"].as_str().unwrap();
    assert!(strangers.starts_with("2649 rows are of units"), "{strangers}");
}

#[test]
fn the_traps_of_real_data() {
    let Some(shared) = shared() else { return say_skipped("the whole of GiBleed is not here") };
    let folder = fresh();
    let described = dataset(folder.path(), &[("person", persons())]);
    let text = fs::read_to_string(&described).unwrap();
    let mut text = text.split("[tables]").next().unwrap().to_owned() + "[tables]\n";
    for table in ["person", "observation_period", "measurement"] {
        text += &format!("{table} = \"{}/gibleed/{table}.parquet\"\n", shared.display());
    }
    text += &format!(
        "[vocabulary]\nvocabulary = \"{}/gibleed/vocabulary.parquet\"\n",
        shared.display()
    );
    fs::write(&described, text).unwrap();
    let (page, _) = check(&described, &[]);
    for says in [
        "vocabulary v5.0 18-JAN-19",
        "observation_period.person_id: 2649 rows are of units that `person` does not have",
        "value_as_number (text)",
        "measurement.measurement_id: whole numbers are stored as float",
    ] {
        assert!(page.contains(says), "`{says}` is not said: {page}");
    }
}
