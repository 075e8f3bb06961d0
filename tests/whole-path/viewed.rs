//! A site's own names, mapped by views, give the same release as OMOP's.

use std::fs;
use std::path::{Path, PathBuf};

use datafusion::dataframe::DataFrameWriteOptions;
use datafusion::prelude::{ParquetReadOptions, SessionContext};

use crate::harness::{command, exact, example, fresh, gibleed, succeed, text};

/// GiBleed as a hospital might have it: other names, another key in each table, text for dates,
/// local codes for concepts, two files for one table.
const OWN: [(&str, &str); 5] = [
    (
        "patienten",
        r#"SELECT person_id AS "PatNr", CASE gender_concept_id WHEN 8507 THEN 'M' ELSE 'W' END
           AS "Geschlecht", year_of_birth AS "Geburtsjahr" FROM person"#,
    ),
    (
        "verordnungen",
        "SELECT person_id AS patient, concat('W', drug_concept_id) AS wirkstoff,
         to_char(drug_era_start_date, '%d.%m.%Y') AS beginn FROM drug_era",
    ),
    (
        "diagnosen_alt",
        "SELECT CAST(person_id AS INT) AS pat, condition_concept_id AS konzept,
         condition_start_date AS am FROM condition_occurrence
         WHERE condition_start_date < '1980-01-01'",
    ),
    (
        "diagnosen_neu",
        "SELECT condition_start_date AS datum, condition_concept_id AS konzept,
         person_id AS pat_id FROM condition_occurrence WHERE condition_start_date >= '1980-01-01'",
    ),
    (
        "wirkstoffe",
        "SELECT DISTINCT concat('W', drug_concept_id) AS kuerzel, drug_concept_id AS konzept
         FROM drug_era",
    ),
];

const VIEWS: &str = r#"
person = """
SELECT patnr AS person_id, CASE geschlecht WHEN 'M' THEN 8507 ELSE 8532 END AS gender_concept_id,
       geburtsjahr AS year_of_birth
FROM patienten"""
drug_era = """
SELECT v.patient AS person_id, w.konzept AS drug_concept_id,
       to_date(v.beginn, '%d.%m.%Y') AS drug_era_start_date
FROM verordnungen v JOIN wirkstoffe w ON w.kuerzel = v.wirkstoff"""
condition_occurrence = """
SELECT pat AS person_id, konzept AS condition_concept_id, am AS condition_start_date
FROM diagnosen_alt
UNION ALL
SELECT pat_id, konzept, datum FROM diagnosen_neu"""
"#;

/// Writes GiBleed under the site's own names, with `views`; gives the dataset's file.
fn hospital(folder: &Path, views: &str) -> PathBuf {
    let data = gibleed().parent().unwrap().to_owned();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let session = SessionContext::new();
        for table in ["person", "drug_era", "condition_occurrence"] {
            let file = data.join(table).with_extension("parquet");
            let options = ParquetReadOptions::default();
            session.register_parquet(table, text(&file), options).await.unwrap();
        }
        for (name, sql) in OWN {
            let file = folder.join(name).with_extension("parquet");
            let options = DataFrameWriteOptions::new().with_single_file_output(true);
            let frame = session.sql(sql).await.unwrap();
            frame.write_parquet(text(&file), options, None).await.unwrap();
        }
    });
    let ancestors = data.join("concept_ancestor.parquet");
    fs::copy(ancestors, folder.join("concept_ancestor.parquet")).unwrap();
    let file = folder.join("dataset.toml");
    let own = r#"
name = "gibleed"
snapshot_date = "2019-07-03"
published_persons = 2_690
synthetic = true
[unit]
table = "person"
key = "person_id"
[unit.keys]
patienten = "PatNr"
verordnungen = "patient"
diagnosen_alt = "pat"
diagnosen_neu = "pat_id"
[tables]
patienten = "patienten.parquet"
verordnungen = "verordnungen.parquet"
diagnosen_alt = "diagnosen_alt.parquet"
diagnosen_neu = "diagnosen_neu.parquet"
[vocabulary]
concept_ancestor = "concept_ancestor.parquet"
wirkstoffe = "wirkstoffe.parquet"
[views]
"#;
    fs::write(&file, format!("{own}{views}")).unwrap();
    file
}

#[test]
fn views_from_a_hospitals_own_names_give_the_same_release() {
    let folder = fresh();
    let own = hospital(folder.path(), VIEWS);
    for study in ["gi-bleed", "age-sex"] {
        let module = example(study);
        let plain = exact(&module, &gibleed(), &[]);
        for partitions in ["1", "3"] {
            let viewed = exact(&module, &own, &["--partitions", partitions]);
            assert_eq!(String::from_utf8_lossy(&viewed), String::from_utf8_lossy(&plain));
        }
    }
}

#[test]
fn a_prepared_copy_holds_the_rows_of_views() {
    let folder = fresh();
    let own = hospital(folder.path(), VIEWS);
    let copy = folder.path().join("copy");
    let prepare = ["dataset", "prepare", text(&own), "--ranges", "3", "--out", text(&copy)];
    let said = succeed(&prepare);
    for line in ["person                            2,694 rows", "verordnungen"] {
        assert!(said.contains(line), "{said}");
    }
    let copy = copy.join("dataset.toml");
    assert!(!fs::read_to_string(&copy).unwrap().contains("SELECT"));
    for study in ["gi-bleed", "age-sex"] {
        let module = example(study);
        assert_eq!(exact(&module, &copy, &[]), exact(&module, &gibleed(), &[]));
    }
}

#[test]
fn a_view_that_mixes_persons_ends_the_run_before_it_begins() {
    let folder = fresh();
    // Each person would get the prescriptions of the next one.
    let mixing = VIEWS.replace("v.patient AS person_id", "v.patient - 1 AS person_id");
    let own = hospital(folder.path(), &mixing);
    let module = example("gi-bleed");
    let out = folder.path().join("release");
    let arguments = ["run", text(&module), "--dataset", text(&own), "--profile", "exact", "--out"];
    let output = command(&[&arguments[..], &[text(&out)]].concat()).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("view `drug_era`: its `person_id` is computed"), "{message}");
    assert!(!out.exists());
}

/// What is withheld or sensitive stays so under a view, in whatever script and case its name is.
#[test]
fn a_withheld_name_beyond_ascii_is_the_same_name_in_any_case() {
    let folder = fresh();
    let rows: String = (100..300).map(|id| format!("{id},19{},x\n", id % 70 + 10)).collect();
    fs::write(folder.path().join("leute.csv"), format!("person_id,JAHR_Ä,Öde\n{rows}")).unwrap();
    let file = folder.path().join("dataset.toml");
    let write = |withheld: &str, sensitive: &str, view: &str| {
        let lines = format!(
            "name = \"leute\"\nsnapshot_date = \"2020-01-01\"\n\
             published_persons = 100\nsynthetic = true\nwithheld = [{withheld}]\n\
             sensitive = [{sensitive}]\n\
             unit = {{ table = \"person\", key = \"person_id\", type = \"int\" }}\n[tables]\n\
             leute = {{ path = \"leute.csv\", format = \"csv\" }}\n[views]\n\
             person = '''{view}'''\n"
        );
        fs::write(&file, lines).unwrap();
    };
    let view = "SELECT person_id, CAST(\"JAHR_Ä\" AS BIGINT) AS year_of_birth, \
                8507 AS gender_concept_id FROM leute";
    let module = example("age-sex");
    let run = |name: &str| {
        let out = folder.path().join(name);
        let run = ["run", text(&module), "--dataset", text(&file), "--profile", "exact", "--out"];
        let output = command(&[&run[..], &[text(&out)]].concat()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.success(), out.exists(), "{said}");
        (output.status.code(), said)
    };
    write("\"öde\"", "", view);
    let (code, said) = run("other");
    assert_eq!(code, Some(0), "nobody reads what is withheld: {said}");
    for name in ["\"jahr_ä\"", "\"JAHR_Ä\""] {
        write(name, "", view);
        let (code, said) = run("withheld");
        assert!(
            code == Some(1) && said.contains("names `jahr_ä`, which `withheld`"),
            "{name}: {said}"
        );
        write("", name, view);
        // By its registration it would be data of nobody.
        fs::remove_file(file.with_extension("snapshot.json")).unwrap();
        fs::remove_file(file.with_extension("snapshot.json.intoto.jsonl")).unwrap();
        let check = ["policy", "check", text(&module), "--profile", "exact", "--dataset"];
        let told = command(&[&check[..], &[text(&file)]].concat()).output().unwrap();
        let told = String::from_utf8(told.stdout).unwrap();
        assert!(told.contains("context.sensitive is [person.gender"), "{name}: {told}");
    }
}
