//! What an author sees when a study file is wrong: the place, what is wrong, what would be right.

use super::expand;

/// A study of 15 lines; what a test adds starts in line 16.
const BASE: &str = r#"[study]
name = "small"
version = "1.0.0"
title = "Small"
purpose = "statistics"

[tables.person]
columns = { year_of_birth = "int" }
[tables.visit]
columns = { kind = { type = "category", labels = ["inpatient"] } }
rows_max = 10

[outputs.persons]
kind = "count"

"#;

/// The message for `BASE` with `more` after it.
fn mistake(more: &str) -> String {
    expand("study.toml", &format!("{BASE}{more}")).map(|_| ()).unwrap_err().to_string()
}

/// Checks the message for `more`, up to its second half.
fn check(more: &str, expect: &str) {
    let message = mistake(more);
    assert!(message.starts_with(expect), "{message}\nis not\n{expect}");
    assert!(message.contains("; "), "{message} does not say what would be right");
}

#[test]
fn a_sound_file_expands() {
    let types = expand("study.toml", BASE).unwrap().to_string();
    for name in ["PersonRow", "VisitRow", "VisitKind", "PersonsOutput", "Params", "Outputs"] {
        assert!(types.contains(name), "{name}");
    }
    assert!(types.contains(&format!("STUDY : [u8 ; {}usize]", BASE.len())));
}

#[test]
fn mistakes_name_their_line_and_column() {
    check("[dimensions]\nage = { edges = [0, 0] }", "study.toml:17:17: the edges do not increase");
    check("[params]\n  days = { type = \"integer\" }", "study.toml:17:19: there is no parameter");
    check("[tables.death]\ncolumns = {}", "study.toml:17:11: there are 0 columns");
    check(
        "[outputs.p]\nkind = \"count\"\nby = [\"arm\"]",
        "study.toml:18:7: there is no dimension",
    );
    check("[x]", "study.toml:16:2: unknown field `x` in the file");
    check("[[", "study.toml:16:3: ");
}

#[test]
fn columns_count_characters() {
    let text = BASE.replace("\"Small\"", "\"Größe\", # é");
    let error = expand("sub/study.toml", &text).map(|_| ()).unwrap_err().to_string();
    assert!(error.starts_with("sub/study.toml:4:16: "), "{error}");
}

#[test]
fn a_name_of_cloister_or_of_rust_is_taken() {
    for (name, needs) in [
        ("person", "Person"),
        ("params", "Params"),
        ("study", "Study"),
        ("found", "Found"),
        ("person_builder", "PersonBuilder"),
        ("option", "Option"),
    ] {
        check(
            &format!("[dimensions]\n {name} = [\"a\"]"),
            &format!("study.toml:17:2: the dimension `{name}` needs the name `{needs}`, which"),
        );
    }
}

#[test]
fn two_things_cannot_have_one_name() {
    check(
        "[dimensions]\nperson_row = [\"a\"]",
        "study.toml:17:1: the dimension `person_row` needs the name `PersonRow`, and so does the \
         table `person`",
    );
    check(
        "[dimensions.visit_kind]\nlabels = [\"a\"]",
        "study.toml:16:13: the dimension `visit_kind` needs the name `VisitKind`, and so does the \
         category `kind`",
    );
    check(
        "[params]\nmode = { type = \"enum\", labels = [\"a\"] }\n[dimensions]\nmode = [\"a\"]",
        "study.toml:19:1: the dimension `mode` needs the name `Mode`, and so does the parameter",
    );
    check(
        "[dimensions]\na1 = [\"a\"]\na_1 = [\"a\"]",
        "study.toml:18:1: the dimension `a_1` needs the name `A1`, and so does the dimension `a1`",
    );
    check(
        "[tables.a]\ncolumns = { row = { type = \"category\", labels = [\"a\"] } }\nrows_max = 1",
        "study.toml:17:13: the category `row` needs the name `ARow`, and so does the table `a`",
    );
}

#[test]
fn setters_do_not_hide_what_a_test_needs() {
    check(
        "[params]\nrun = { type = \"bool\" }",
        "study.toml:17:1: `run` is a method that Cloister",
    );
    check("[codes]\ntest = { concepts = [1] }", "study.toml:17:1: `test` is a method");
    check(
        "[tables.builder]\ncolumns = { a = \"int\" }\nrows_max = 1",
        "study.toml:16:9: `builder` is a method",
    );
}
