//! Each file in `testdata/refused` holds one mistake, named by the file, and opens with the error:
//! `# expect: LINE:COLUMN: what is wrong; what would be right`.

use cloister_contract::study::Study;

/// The error that the first line of a file announces.
fn expected(text: &str) -> Option<&str> {
    text.lines().next()?.strip_prefix("# expect: ").filter(|error| !error.trim().is_empty())
}

fn check(name: &str, text: &str) -> Result<(), String> {
    let expected = expected(text).ok_or(format!("{name}: no `# expect: ` in the first line"))?;
    match Study::parse("study.toml", text) {
        Ok(_) => Err(format!("{name}: accepted, expected {expected}")),
        Err(error) if error.to_string() == format!("study.toml:{expected}") => Ok(()),
        Err(error) => Err(format!("{name}\n  found    {error}\n  expected study.toml:{expected}")),
    }
}

#[test]
fn every_mistake_is_named_with_its_place_and_what_would_be_right() {
    let files = super::files("refused");
    assert!(files.len() >= 200, "files are missing: there are {}", files.len());
    assert!(files.iter().all(|(name, _)| name.ends_with(".toml")), "another kind of file");
    let wrong: Vec<String> =
        files.iter().filter_map(|(name, text)| check(name, text).err()).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), files.len(), wrong.join("\n"));
}

/// Sections that a mistake is not in have none, so nothing else is told.
#[test]
fn one_mistake_is_told_as_one() {
    let files = super::files("refused");
    let mut several: Vec<(&str, usize)> = Vec::new();
    for (name, text) in &files {
        let told = Study::mistakes("study.toml", text);
        assert_eq!(told.first(), Study::parse("study.toml", text).err().as_ref(), "{name}");
        if told.len() > 1 {
            several.push((name, told.len()));
        }
    }
    // Three sections must be there; these files have none of them.
    assert_eq!(several, [("empty.toml", 3), ("study-is-no-table.toml", 3)]);
}

#[test]
fn a_file_without_a_verdict_fails() {
    for text in ["", "[study]\n", "# expect: \n", "\n# expect: 1:1: late; early\n"] {
        assert!(check("a file", text).is_err(), "{text:?}");
    }
}

#[test]
fn no_message_breaks_the_line_or_the_terminal() {
    for (name, text) in super::files("refused") {
        let error = Study::parse("study.toml", &text).unwrap_err().to_string();
        assert!(!error.contains(char::is_control), "{name}: {error:?}");
        assert!(error.len() < 500, "{name}: {} bytes", error.len());
    }
}

fn error_of(text: &str) -> String {
    Study::parse("study.toml", text).unwrap_err().to_string()
}

#[test]
fn a_file_longer_than_a_custodian_can_read() {
    let text = "#".repeat(65_537);
    let expected = "study.toml:1:1: the study file has 65537 bytes; at most 65536 fit";
    assert_eq!(error_of(&text), expected);
}

#[test]
fn more_entries_than_a_page_needs() {
    let params: String = (0..65).map(|n| format!("p{n} = {{ type = \"bool\" }}\n")).collect();
    let study = include_str!("../../testdata/accepted/smallest.toml");
    let error = error_of(&format!("{study}[params]\n{params}"));
    assert_eq!(error, "study.toml:12:2: [params] has 65 entries; at most 64 are allowed");
    let labels: Vec<String> = (0..4_097).map(|n| format!("\"a{n}\"")).collect();
    let error = error_of(&format!("{study}[dimensions]\nx = [{}]\n", labels.join(",")));
    assert_eq!(error, "study.toml:13:5: `x` has 4097 entries; at most 4096 are allowed");
}

#[test]
fn nesting_without_end_does_not_end_the_process() {
    for text in ["[".repeat(60_000), "x = ".to_owned() + &"[".repeat(60_000)] {
        assert!(Study::parse("study.toml", &text).is_err());
    }
    for (open, close) in [("{ a = ", ""), ("{ a = ", "}"), ("a.", "a = 1"), ("[[", "")] {
        let text = format!("x = {}1{}", open.repeat(8_000), close.repeat(8_000));
        assert!(Study::parse("study.toml", &text).is_err());
        let text = format!("{}{close}", open.repeat(8_000));
        assert!(Study::parse("study.toml", &text).is_err());
    }
}
