//! The same data in other shapes gives the same cells: delimited text of several kinds, Arrow IPC,
//! folders of files; and flat tables without a key.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use cloister_contract::release::ReleaseDocument;
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Date32Type};
use datafusion::arrow::ipc::writer::FileWriter;
use datafusion::arrow::util::display::array_value_to_string;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;

use crate::harness::{
    FIRST_VALUE, command, exact, example, fresh, gibleed, root, say_skipped, shared, small_guest,
    text,
};

const TABLES: [&str; 4] = ["person", "drug_era", "condition_occurrence", "concept_ancestor"];

pub(crate) fn batches(table: &str) -> Vec<RecordBatch> {
    let file = root().join(format!("examples/data/gibleed/{table}.parquet"));
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(file).unwrap()).unwrap();
    reader.build().unwrap().map(Result::unwrap).collect()
}

/// How a table is written as text.
pub(crate) struct Dialect {
    pub(crate) delimiter: char,
    pub(crate) quote: &'static str,
    pub(crate) null: &'static str,
    pub(crate) german_dates: bool,
    pub(crate) head_blanks: &'static str,
}

/// A field as `dialect` writes it; floats that are whole are written as whole numbers.
fn field(array: &dyn Array, row: usize, dialect: &Dialect) -> String {
    if array.is_null(row) {
        return dialect.null.to_owned();
    }
    if let (DataType::Date32, true) = (array.data_type(), dialect.german_dates) {
        let days = array.as_primitive::<Date32Type>().value(row);
        let (year, month, day) = cloister_contract::date::Date::from_days(days).ymd();
        return format!("{day:02}.{month:02}.{year}");
    }
    let plain = array_value_to_string(array, row).unwrap();
    let plain = plain.strip_suffix(".0").unwrap_or(&plain);
    if dialect.quote.is_empty() { plain.to_owned() } else { format!("\"{plain}\"") }
}

pub(crate) fn csv(batches: &[RecordBatch], dialect: &Dialect) -> Vec<u8> {
    let mut text = Vec::new();
    let delimiter = dialect.delimiter.to_string();
    let head = batches[0].schema();
    let head = head.fields().iter().map(|f| format!("{}{}", f.name(), dialect.head_blanks));
    writeln!(text, "{}", head.collect::<Vec<_>>().join(&delimiter)).unwrap();
    for batch in batches {
        for row in 0..batch.num_rows() {
            let fields = batch.columns().iter().map(|array| field(array, row, dialect));
            writeln!(text, "{}", fields.collect::<Vec<_>>().join(&delimiter)).unwrap();
        }
    }
    text
}

/// A copy of GiBleed whose tables `write` makes; it gives each table's entry in `dataset.toml`.
fn copy(write: impl Fn(&Path, &str) -> String) -> (TempDir, PathBuf) {
    let folder = fresh();
    let entries = TABLES.map(|table| (table, write(folder.path(), table)));
    let line = |(table, entry): &(&str, String)| format!("{table} = {entry}\n");
    let tables: String = entries[..3].iter().map(line).collect();
    let description = format!(
        "name = \"gibleed\"\nsnapshot_date = \"2019-07-03\"\npublished_persons = 2_690\n\
         synthetic = true\nunit = {{ table = \"person\", key = \"person_id\", type = \"int\" }}\n\
         [tables]\n{tables}[vocabulary]\n{}",
        line(&entries[3])
    );
    let file = folder.path().join("dataset.toml");
    fs::write(&file, description).unwrap();
    (folder, file)
}

/// The release of gi-bleed over the copy equals that over the Parquet files.
fn same(write: impl Fn(&Path, &str) -> String) {
    let (_folder, dataset) = copy(write);
    let module = example("gi-bleed");
    let wanted = exact(&module, &gibleed(), &[]);
    assert_eq!(exact(&module, &dataset, &[]), wanted);
}

#[test]
fn semicolons_german_dates_and_quotes() {
    let dialect = Dialect {
        delimiter: ';',
        quote: "\"",
        null: "NULL",
        german_dates: true,
        head_blanks: "  ",
    };
    same(|folder, table| {
        fs::write(folder.join(format!("{table}.csv")), csv(&batches(table), &dialect)).unwrap();
        format!(
            "{{ path = \"{table}.csv\", format = \"csv\", delimiter = \";\", null = [\"NULL\"], \
             date_format = \"%d.%m.%Y\", decimal = \",\", encoding = \"latin1\" }}"
        )
    });
}

#[test]
fn tabs_without_quotes_compressed_in_folders() {
    let dialect =
        Dialect { delimiter: '\t', quote: "", null: "", german_dates: false, head_blanks: "" };
    same(|folder, table| {
        let table_folder = folder.join(table);
        fs::create_dir(&table_folder).unwrap();
        let batches = batches(table);
        for (part, rows) in batches.chunks(batches.len().div_ceil(2)).enumerate() {
            let file = File::create(table_folder.join(format!("{part}.tsv.gz"))).unwrap();
            let mut gzip = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
            gzip.write_all(&csv(rows, &dialect)).unwrap();
            gzip.finish().unwrap();
        }
        format!(
            "{{ path = \"{table}\", format = \"csv\", delimiter = \"\\t\", quote = \"\", \
             compression = \"gzip\" }}"
        )
    });
}

#[test]
fn text_whose_types_are_declared_can_be_prepared() {
    let dialect =
        Dialect { delimiter: ';', quote: "\"", null: "-", german_dates: true, head_blanks: " " };
    let (folder, dataset) = copy(|folder, table| {
        fs::write(folder.join(format!("{table}.csv")), csv(&batches(table), &dialect)).unwrap();
        let types = match table {
            "person" => "gender_concept_id = \"int\", YEAR_OF_BIRTH = \"int\"",
            "drug_era" => "drug_concept_id = \"int\", drug_era_start_date = \"date\"",
            _ => "condition_concept_id = \"int\", condition_start_date = \"date\"",
        };
        let types = if table == "concept_ancestor" { "" } else { types };
        format!(
            "{{ path = \"{table}.csv\", format = \"csv\", delimiter = \";\", null = [\"-\"], \
             date_format = \"%d.%m.%Y\", types = {{ {types} }} }}"
        )
    });
    let module = example("gi-bleed");
    let out = folder.path().join("prepared");
    let prepare = |dataset: &Path| {
        let arguments = ["dataset", "prepare", text(dataset), "--ranges", "3", "--out", text(&out)];
        let output = command(&arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(prepare(&dataset), (Some(0), String::new()));
    let wanted = exact(&module, &gibleed(), &[]);
    assert_eq!(exact(&module, &out.join("dataset.toml"), &[]), wanted);
    fs::remove_dir_all(&out).unwrap();
    let described = fs::read_to_string(&dataset).unwrap().replace("synthetic = true", "");
    for (from, to, says) in [
        (" = \"int\", YEAR", " = \"date\", YEAR", "line 2: column `gender_concept_id`: not a date"),
        ("YEAR_OF_BIRTH", "year_of_brith", "has no column `year_of_brith`"),
        ("YEAR_OF_BIRTH = \"int\"", "YEAR_OF_BIRTH = \"number\"", "unknown variant `number`"),
        (", types =", ", colours =", "unknown field `colours`"),
        (
            ", types = { drug_concept_id = \"int\", drug_era_start_date = \"date\" }",
            "",
            "table `drug_era` is delimited text, and a prepared copy has types",
        ),
    ] {
        assert!(described.contains(from), "{from}");
        fs::write(&dataset, described.replacen(from, to, 1)).unwrap();
        let (code, message) = prepare(&dataset);
        assert_eq!(code, Some(1), "{message}");
        assert!(message.contains(says) && !out.exists(), "{says}: {message}");
    }
}

#[test]
fn arrow_ipc() {
    same(|folder, table| {
        let batches = batches(table);
        let file = File::create(folder.join(format!("{table}.arrow"))).unwrap();
        let mut writer = FileWriter::try_new(file, &batches[0].schema()).unwrap();
        batches.iter().for_each(|batch| writer.write(batch).unwrap());
        writer.finish().unwrap();
        format!("{{ path = \"{table}.arrow\", format = \"arrow\" }}")
    });
}

/// A study, as a guest in WebAssembly text, that counts rows of a flat table by an integer column.
fn flat_guest(folder: &Path, table: &str, column: &str) -> PathBuf {
    let study = format!(
        "[study]\nname = \"flat\"\nversion = \"1.0.0\"\ntitle = \"t\"\npurpose = \"statistics\"\n\
         [tables.{table}]\ncolumns = {{ {column} = \"int\" }}\nrows_max = 1\n\
         [dimensions]\nevent = {{ range = [0, 9] }}\n\
         [outputs]\nn = {{ kind = \"count\", by = [\"event\"], totals = [[]] }}\n\
         [limits]\nmemory_pages = 2\n"
    );
    let count = "(if (i32.load (i32.add (local.get $ptr) (i32.const 8)))
        (then (call $contribute (i32.const 0) (local.get $secret) (f64.const 0))))";
    small_guest(folder, &study, &format!("{FIRST_VALUE}{count}"))
}

#[test]
fn flat_tables_count_each_row_as_a_person() {
    let Some(data) = shared() else { return say_skipped("the shared survival data are absent") };
    let folder = fresh();
    for (name, column, rows) in [("gbsg2", "cens", 686), ("waltons", "E", 163)] {
        let file = data.join(format!("survival/{name}.csv"));
        let raw = fs::read_to_string(&file).unwrap();
        let head = raw.lines().next().unwrap().to_owned();
        let at = head.split(',').position(|c| c.trim_matches('"').eq_ignore_ascii_case(column));
        let at = at.unwrap_or_else(|| panic!("{head}"));
        let value = |line: &str| line.split(',').nth(at).unwrap().trim_matches('"').to_owned();
        let ones = raw.lines().skip(1).filter(|line| value(line) == "1").count();
        let description = format!(
            "name = \"{name}\"\nsnapshot_date = \"2000-01-01\"\npublished_persons = 100\n\
             public = true\nunit = {{ table = \"{name}\", row_is_person = true }}\n[tables]\n\
             {name} = {{ path = \"{}\", format = \"csv\" }}\n",
            text(&file)
        );
        let dataset = folder.path().join("dataset.toml");
        fs::write(&dataset, description).unwrap();
        let module = flat_guest(folder.path(), name, &column.to_lowercase());
        let release = ReleaseDocument::decode(&exact(&module, &dataset, &[])).unwrap();
        assert!(release.dataset.row_is_person, "the release repeats that rows count as persons");
        let count = |label| crate::harness::persons(&release, "n", label);
        assert_eq!((count(&[]), count(&[("event", "1")])), (rows, ones as u64), "{name}");
        let copy = text(&folder.path().join("copy")).to_owned();
        let prepared = command(&["dataset", "prepare", text(&dataset), "--out", &copy]).output();
        let message = String::from_utf8(prepared.unwrap().stderr).unwrap();
        assert!(message.contains("nothing to sort"), "{message}");
        // Nothing else can be read of a dataset without a key.
        let other = flat_guest(folder.path(), "visits", column.to_lowercase().as_str());
        let out = folder.path().join("out");
        let arguments = ["run", text(&other), "--dataset", text(&dataset), "--profile", "exact"];
        let output = command(&[&arguments[..], &["--out", text(&out)]].concat()).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains("have no key"), "{message}");
    }
}
