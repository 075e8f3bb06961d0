//! What a study tries to learn of one patient by what it declares: identifiers, and values that do
//! not fit.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use datafusion::parquet::arrow::ArrowWriter;

use crate::harness::{People, fresh, small_guest, text};
use crate::hostile::{HONEST, STUDY, guest};

/// A study over `visits` whose text column `note` is declared as `kind`, filtered by parameters.
fn peeping(folder: &Path, kind: &str) -> PathBuf {
    let study = STUDY
        .replace(
            "[tables.person]",
            "[tables.visits]\nwhere = { concept = [\"what\"] }\nrows_max = 9",
        )
        .replace("year_of_birth = \"int\"", &format!("note = {kind}"))
        .replace(
            "[tables.visits]",
            "[params]\nasked = { type = \"concepts\", default = [1] }\n\
             [codes]\nwhat = { concepts = \"asked\" }\n[tables.visits]",
        );
    small_guest(folder, &study, "(call $contribute (i32.const 1) (i64.const 0) (f64.const 0))")
}

/// Sixty-three persons of a real site, of whom one alone has concept 7 and a note of seven bytes;
/// sixty-two would be shown as the same interval.
fn real_site(folder: &Path, csv: bool) -> PathBuf {
    let mut person = "person_id\n".to_owned();
    let mut visits = "person_id,concept,note\n".to_owned();
    for id in 0..63 {
        person += &format!("{id}\n");
        visits += &format!(
            "{id},{},{}\n",
            if id == 42 { 7 } else { 5 },
            if id == 42 { "urgent!" } else { "" }
        );
    }
    fs::write(folder.join("person.csv"), person).unwrap();
    fs::write(folder.join("visits.csv"), visits).unwrap();
    let entry = if csv {
        "{ path = \"visits.csv\", format = \"csv\" }"
    } else {
        parquet_visits(folder);
        "\"visits.parquet\""
    };
    let description = format!(
        "name = \"real\"\nsnapshot_date = \"2020-01-01\"\npublished_persons = 60\n\
         unit = {{ table = \"person\", key = \"person_id\", type = \"int\" }}\n\
         [tables]\nperson = {{ path = \"person.csv\", format = \"csv\" }}\nvisits = {entry}\n"
    );
    let file = folder.join("dataset.toml");
    fs::write(&file, description).unwrap();
    file
}

fn parquet_visits(folder: &Path) {
    let ids: Int64Array = (0..63).collect();
    let concepts: Int64Array = (0..63).map(|id| if id == 42 { 7 } else { 5 }).collect();
    let notes: StringArray = (0..63).map(|id| (id == 42).then_some("urgent!")).collect();
    let batch = RecordBatch::try_from_iter([
        ("person_id", Arc::new(ids) as ArrayRef),
        ("concept", Arc::new(concepts) as ArrayRef),
        ("note", Arc::new(notes) as ArrayRef),
    ])
    .unwrap();
    let file = fs::File::create(folder.join("visits.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

#[test]
fn a_value_that_does_not_fit_is_no_answer_about_a_patient() {
    let people = People::new();
    for csv in [false, true] {
        for kind in ["\"int\"", "\"date\"", "{ type = \"text\", bytes_max = 2 }"] {
            let folder = fresh();
            let module = people.signed(&peeping(folder.path(), kind));
            let dataset = real_site(folder.path(), csv);
            let ask = |concept: &str| {
                let out = folder.path().join(format!("out-{concept}"));
                let mut arguments = people.run(&module, &dataset, &out);
                arguments.extend(["--param".to_owned(), format!("asked={concept}")]);
                let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                let output = crate::harness::cloister(&arguments);
                let release = fs::read_to_string(out.join("release.json")).unwrap_or_default();
                let rest = |line: &&str| {
                    !["asked", concept, "\"what\""].iter().any(|word| line.contains(word))
                };
                let release: Vec<_> = release.lines().filter(rest).map(str::to_owned).collect();
                (output.status.code(), output.stderr, release)
            };
            // Somebody has concept 7 with a note; nobody has concept 9.
            assert_eq!(ask("7"), ask("9"), "csv: {csv}, note = {kind}");
        }
    }
}

#[test]
fn the_unit_key_and_withheld_columns_are_no_studys() {
    let folder = fresh();
    let module = peeping(folder.path(), "{ type = \"text\", bytes_max = 9 }");
    let dataset = real_site(folder.path(), true);
    let text_of = fs::read_to_string(&dataset).unwrap();
    let refused = |more: &str| {
        fs::write(&dataset, format!("synthetic = true\n{more}\n{text_of}")).unwrap();
        let out = folder.path().join("out");
        let arguments = ["run", text(&module), "--dataset", text(&dataset), "--profile", "exact"];
        let output = crate::harness::cloister(&[&arguments[..], &["--out", text(&out)]].concat());
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, message) = refused("withheld = [\"NOTE\"]");
    assert!(code == Some(1) && message.contains("reads `note` of table `visits`"), "{message}");
    let (code, message) = refused("withheld = [\"concept\"]");
    assert!(
        code == Some(1) && message.contains("withholds"),
        "filters are no way round: {message}"
    );
}

#[test]
fn a_view_renames_no_withheld_column() {
    let folder = fresh();
    let module = guest(folder.path(), HONEST);
    fs::write(folder.path().join("raw.csv"), "person_id,ssn\n1,4711\n").unwrap();
    let run = |withheld: &str| {
        let description = format!(
            "name = \"x\"\nsnapshot_date = \"2020-01-01\"\npublished_persons = 60\n\
             synthetic = true\n{withheld}\n\
             unit = {{ table = \"person\", key = \"person_id\", type = \"int\" }}\n\
             [tables]\nraw = {{ path = \"raw.csv\", format = \"csv\" }}\n[views]\n\
             person = \"SELECT person_id, CAST(ssn AS BIGINT) AS year_of_birth FROM raw\"\n"
        );
        let dataset = folder.path().join("dataset.toml");
        fs::write(&dataset, description).unwrap();
        let out = folder.path().join(format!("out{}", withheld.len()));
        let arguments = ["run", text(&module), "--dataset", text(&dataset), "--profile", "exact"];
        let output = crate::harness::cloister(&[&arguments[..], &["--out", text(&out)]].concat());
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(run(""), (Some(0), String::new()), "it is the site's to withhold");
    let (code, message) = run("withheld = [\"SSN\"]");
    assert!(code == Some(1) && message.contains("ssn"), "{message}");
}
