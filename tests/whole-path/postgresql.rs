//! `docs/postgresql.md` holds: its commands, run in order over a real server, give the same cells.
//!
//! The PostgreSQL is this test's own: in a new folder, on a socket in it, and stopped at the end.

mod server;

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::formats::{Dialect, batches, csv};
use crate::harness::{exact, example, fresh, gibleed, root, say_skipped, site_key, succeed, text};
use server::Server;

/// A fenced block of the page: its language, and its text.
type Block = (String, String);

fn page() -> Vec<Block> {
    let page = fs::read_to_string(root().join("docs/postgresql.md")).unwrap();
    // Every second part between fences is a block.
    let blocks = page.split("```").skip(1).step_by(2);
    blocks
        .map(|block| {
            let (language, body) = block.split_once('\n').unwrap();
            (language.to_owned(), body.to_owned())
        })
        .collect()
}

/// Does what the page says in `folder`: a block of `sh` is run, any other is written into the file
/// that its first line names. `change` stands for what a site would write otherwise.
fn follow(folder: &Path, server: &Server, change: impl Fn(&str, String) -> String) {
    let binaries = Path::new(env!("CARGO_BIN_EXE_cloister")).parent().unwrap();
    let path = format!("{}:{}", text(binaries), std::env::var("PATH").unwrap_or_default());
    for (language, body) in page() {
        if language == "sh" {
            let mut shell = Command::new("sh");
            shell.args(["-euc", &body]).current_dir(folder).env("PATH", &path);
            let output = shell.env("PGHOST", server.socket()).output().unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && stderr.is_empty(), "{body}: {stderr}");
        } else {
            let name = body.lines().next().unwrap().trim_start_matches(['-', '#', ' ']);
            fs::write(folder.join(name), change(name, body.clone())).unwrap();
        }
    }
}

/// Loads GiBleed's tables into `cdm` and `vocab`.
fn load(server: &Server, folder: &Path) {
    server.sql("postgres", "CREATE DATABASE omop", "postgres").unwrap();
    server.sql("omop", "CREATE SCHEMA cdm; CREATE SCHEMA vocab", "postgres").unwrap();
    let dialect =
        Dialect { delimiter: ',', quote: "\"", null: "", german_dates: false, head_blanks: "" };
    for (schema, table) in [
        ("cdm", "person"),
        ("cdm", "drug_era"),
        ("cdm", "condition_occurrence"),
        ("vocab", "concept"),
        ("vocab", "concept_ancestor"),
    ] {
        let batches = batches(table);
        let file = folder.join(table);
        fs::write(&file, csv(&batches, &dialect)).unwrap();
        let schema_of = batches[0].schema();
        let columns = schema_of.fields().iter().map(|field| {
            let ty = match field.data_type().to_string().as_str() {
                "Int32" | "Int64" => "bigint",
                "Float64" => "numeric",
                "Date32" => "date",
                name if name.starts_with("Timestamp") => "timestamp",
                _ => "text",
            };
            format!("\"{}\" {ty}", field.name())
        });
        let columns = columns.collect::<Vec<_>>().join(", ");
        let create = format!("CREATE TABLE {schema}.{table} ({columns})");
        server.sql("omop", &create, "postgres").unwrap();
        let copy =
            format!("\\copy {schema}.{table} FROM '{}' WITH (FORMAT csv, HEADER)", text(&file));
        server.sql("omop", &copy, "postgres").unwrap();
    }
}

#[test]
fn the_page_from_postgresql_gives_the_same_cells() {
    let Some(server) = Server::start() else { return };
    let folder = fresh();
    load(&server, folder.path());
    fs::copy(site_key(), folder.path().join("site.key")).unwrap();
    // While the export runs, others delete what is not exported yet.
    let meanwhile = "\\! psql -X -q -U postgres -d omop -c 'DELETE FROM cdm.condition_occurrence'";
    follow(folder.path(), &server, |name, body| match name {
        "export.sql" => {
            let first = "\\g export/person.csv\n";
            assert!(body.contains(first));
            body.replace(first, &format!("{first}{meanwhile}\n"))
        }
        // Its persons are invented, so exact numbers can be compared.
        "export/dataset.toml" => body.replace("snapshot_date", "synthetic = true\nsnapshot_date"),
        _ => body,
    });
    let left = "SELECT count(*) FROM cdm.condition_occurrence";
    assert_eq!(server.sql("omop", left, "postgres").unwrap(), "0\n", "they were deleted");
    assert!(!folder.path().join("export").exists());
    let prepared = folder.path().join("omop/dataset.toml");
    let described = fs::read_to_string(&prepared).unwrap();
    fs::write(&prepared, described.replace("\"omop\"", "\"gibleed\"")).unwrap();
    succeed(&["dataset", "register", text(&prepared)]);
    let module = example("gi-bleed");
    assert_eq!(exact(&module, &prepared, &["--verify"]), exact(&module, &gibleed(), &[]));
    only_what_was_granted(&server);
}

fn only_what_was_granted(server: &Server) {
    let role = "cloister_export";
    assert!(server.sql("omop", "SELECT year_of_birth FROM cdm.person LIMIT 1", role).is_ok());
    for refused in [
        "SELECT person_source_value FROM cdm.person",
        "SELECT * FROM cdm.person",
        "SELECT 1 FROM cdm.drug_exposure",
        "SET default_transaction_read_only = off; DELETE FROM cdm.person",
    ] {
        assert!(server.sql("omop", refused, role).is_err(), "{refused}");
    }
}

#[test]
fn nulls_empty_texts_and_instants_survive_the_pages_options() {
    let Some(server) = Server::start() else { return };
    let export = page().into_iter().find(|(_, body)| body.starts_with("-- export.sql")).unwrap().1;
    let settings = export.split("BEGIN").next().unwrap();
    let options = export.split(" WITH ").nth(1).unwrap().split(" \\g").next().unwrap();
    let folder = fresh();
    let file = folder.path().join("person.csv");
    let values = "(VALUES
        (1, 'a', DATE '2020-02-29', TIMESTAMPTZ '2020-07-01 12:00:00.123456+02', 1.5, true),
        (2, '', NULL, TIMESTAMPTZ '2020-01-01 00:00:00+01', -0.1, false),
        (3, NULL, DATE '1899-12-31', NULL, NULL, NULL),
        (4, E'a,\"b\"\\nü\\\\', NULL, NULL, 1e20, NULL)) AS t (id, note, day, at, value, flag)";
    let script = format!(
        "SET timezone = 'America/New_York'; SET datestyle = 'German';\n{settings}\n\
         COPY (SELECT * FROM {values}) TO STDOUT WITH {options} \\g {}\n",
        text(&file)
    );
    server.sql("postgres", &script, "postgres").unwrap();
    let described = folder.path().join("dataset.toml");
    let entry = page().into_iter().find(|(language, _)| language == "toml").unwrap().1;
    let null = entry.lines().find(|line| line.starts_with("null")).unwrap();
    let lines = format!(
        "name = \"x\"\nsnapshot_date = \"2020-12-31\"\npublished_persons = 4\n\
         unit = {{ table = \"person\", key = \"id\", type = \"int\" }}\n[tables.person]\n\
         path = \"person.csv\"\nformat = \"csv\"\n{null}\n\
         types = {{ day = \"date\", at = \"datetime\", value = \"float\", flag = \"bool\" }}\n"
    );
    fs::write(&described, lines).unwrap();
    let copy = folder.path().join("copy");
    let prepare = ["dataset", "prepare", text(&described), "--ranges", "1", "--out", text(&copy)];
    succeed(&prepare);
    let file = File::open(copy.join("tables/person/00000.parquet")).unwrap();
    let rows = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let rows: Vec<_> = rows.map(Result::unwrap).collect();
    let note = rows[0].column_by_name("note").unwrap();
    let nulls: Vec<bool> = (0..4).map(|row| note.is_null(row)).collect();
    assert_eq!(nulls, [false, false, true, false], "empty is not null");
    let table = pretty_format_batches(&rows).unwrap().to_string();
    let cells = |line: &str| line.split('|').map(|c| c.trim().to_owned()).collect::<Vec<_>>();
    let lines: Vec<Vec<String>> = table.lines().map(cells).collect();
    for wanted in [
        ["1", "a", "2020-02-29", "2020-07-01T10:00:00.123456", "1.5", "true"],
        ["2", "", "", "2019-12-31T23:00:00", "-0.1", "false"],
        ["3", "", "1899-12-31", "", "", ""],
    ] {
        assert!(lines.iter().any(|line| line.len() > 6 && line[1..7] == wanted), "{table}");
    }
    let last = note.to_data();
    let texts = datafusion::arrow::array::StringArray::from(last);
    assert_eq!(texts.value(3), "a,\"b\"\nü\\");
}

/// Says what was left out, and why.
fn absent(why: &str) {
    say_skipped(&format!("nothing was exported from PostgreSQL: {why}"));
}
