//! The reviewer's page: the same words in a terminal and in a browser, whatever a module calls
//! its parts.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::harness::{People, cloister, example, fresh, say_skipped, succeed, text};
use crate::hostile;

/// What an XML parser reads in a page; `None`, once said, without Python.
fn parsed(page: &Path) -> Option<Value> {
    let script = crate::harness::root().join("tests/scripts/page.py");
    let Ok(output) = Command::new("python3").args(["-B", text(&script), text(page)]).output()
    else {
        say_skipped("no page was read by an XML parser: there is no `python3`");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// The page of `module` as text, and as HTML in `folder`.
fn page(module: &Path, folder: &Path, more: &[&str]) -> (String, String) {
    let file = folder.join("page.html");
    let said = succeed(&[&["inspect", text(module), "--html", text(&file)], more].concat());
    (said, fs::read_to_string(file).unwrap())
}

/// Words in any order: a terminal breaks the lines of a cell where a browser does not.
fn sorted<'w>(words: impl Iterator<Item = &'w str>) -> Vec<String> {
    // Marks of a list, and of code, are the terminal's own.
    let words = words.filter(|word| *word != "-").map(|word| word.replace('`', ""));
    let mut words: Vec<_> = words.collect();
    words.sort();
    words
}

#[test]
fn both_pages_have_the_same_words_and_the_browsers_loads_nothing() {
    let folder = fresh();
    let (module, earlier) = (example("gi-bleed"), example("age-sex"));
    let (said, html) = page(&module, folder.path(), &["--earlier", text(&earlier)]);
    for part in ["<script", "<link", "<img", "<iframe", "http://", "https://", "url(", "@import"] {
        let namespace = html.replace("xmlns=\"http://www.w3.org/1999/xhtml\"", "");
        assert!(!namespace.contains(part), "{part}");
    }
    let Some(found) = parsed(&folder.path().join("page.html")) else { return };
    let words = found["words"].as_array().unwrap().iter().filter_map(Value::as_str);
    assert_eq!(sorted(words), sorted(said.split_whitespace()));
    let addresses = found["addresses"].as_array().unwrap();
    let inside = |address: &Value| address.as_str().is_some_and(|a| a.starts_with("#s"));
    assert!(!addresses.is_empty() && addresses.iter().all(inside), "{addresses:?}");
    assert_eq!(found["handlers"], Value::Array(vec![]));
    let heads = found["heads"].as_array().unwrap();
    assert!(!heads.is_empty() && heads.iter().all(|scope| scope == "col" || scope == "row"));
}

#[test]
fn the_contract_is_told_with_what_can_leave() {
    let folder = fresh();
    let (said, _) = page(&example("gi-bleed"), folder.path(), &["--persons", "2690"]);
    // The bits are worked out by hand beside the formula, in `protect/volume.rs`.
    for fact in [
        "5 columns of each person: 2 of person, 2 of drug_era, 1 of outcome",
        "at most 28 cells, 32 numbers, 291 bits, under the profile `hospital` among 2,690",
        "bled lies within exposed: 13 differences",
        "is each column of person used? gender_concept_id, year_of_birth",
    ] {
        assert!(said.contains(fact), "{fact}: {said}");
    }
    assert!(!said.contains("it withholds all"), "{said}");
    let (said, _) = page(&example("gi-bleed"), folder.path(), &["--persons", "28"]);
    assert!(said.contains("among 28 persons;"), "{said}");
    assert!(said.contains("it withholds all where fewer than 50 contribute"), "{said}");
    let (said, _) = page(&example("gi-bleed"), folder.path(), &["--profile", "exact"]);
    assert!(said.contains("28 cells, 32 numbers, under the profile `exact`"), "{said}");
}

/// Text that would colour a terminal, close a tag, or turn the reading direction.
const EVIL: &str = "a\u{1b}[31m\u{202e}<script>x</script>\u{2066}&\u{200b}\u{7}\u{9b}";

#[test]
fn what_a_module_calls_its_parts_is_only_shown() {
    let folder = fresh();
    let bytes = fs::read(hostile::guest(folder.path(), "nop")).unwrap();
    let mut module = bytes.clone();
    // Custom sections anywhere, one of them with names of functions.
    let escaped: String = EVIL.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let evil = format!(
        "(module (func (export \"{escaped}\")) (func $\"{escaped}\") (memory (data \"{escaped}\"))
            (@custom \"{escaped}\" \"{escaped}\"))"
    );
    let evil = wat::parse_str(evil).unwrap();
    module.extend(sections(&evil).filter(|(id, _)| *id == 0).flat_map(|(_, section)| section));
    let file = folder.path().join("evil.wasm");
    fs::write(&file, &module).unwrap();
    // An envelope that says the same, in every field that is text.
    fs::write(folder.path().join("evil.wasm.intoto.jsonl"), format!("{EVIL}\n{{\"{EVIL}\":1}}\n"))
        .unwrap();
    let people = People::new();
    let trust = people.file("trust.toml");
    let earlier = folder.path().join("guest.wasm");
    let more = ["--trust", text(&trust), "--earlier", text(&earlier)];
    let (said, html) = page(&file, folder.path(), &more);
    for page in [&said, &html] {
        let unseen = |c: char| c != '\n' && cloister_contract::study::is_unprintable(c);
        assert_eq!(page.chars().find(|c| unseen(*c)), None);
        assert!(page.contains("\\u{1b}[31m\\u{202e}"), "{page}");
    }
    assert!(!html.contains("<script"));
    if let Some(found) = parsed(&folder.path().join("page.html")) {
        let elements = found["elements"].as_array().unwrap();
        assert!(elements.iter().all(|element| element != "script"), "{elements:?}");
    }
}

/// The sections of a module: id and bytes with their header.
fn sections(module: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = &module[8..];
    std::iter::from_fn(move || {
        let (id, tail) = rest.split_first()?;
        let last = tail.iter().position(|byte| byte & 0x80 == 0).unwrap();
        let sevens = tail[..=last].iter().rev();
        let length = sevens.fold(0, |sum, byte| sum << 7 | usize::from(byte & 0x7f));
        let (section, after) = rest.split_at(2 + last + length);
        rest = after;
        Some((*id, section))
    })
}

#[test]
fn a_difference_to_an_earlier_version_is_told() {
    let folder = fresh();
    let before = folder.path().join("before.wasm");
    let guest = hostile::guest(folder.path(), "(drop (i64.const 1000))");
    fs::copy(&guest, &before).unwrap();
    let with = |module: &Path| page(module, folder.path(), &["--earlier", text(&before)]).0;
    assert!(with(&guest).contains("they are the same, byte for byte"));

    let now = hostile::guest(folder.path(), "(drop (i64.const 19680314))");
    let said = with(&now);
    for fact in [
        "the contract says the same, word for word",
        "2 the same; 1 with other constants only; 0 changed; 0 removed; 0 added",
        "1000 became 19680314",
        "numbers in the code: 19680314",
    ] {
        assert!(said.contains(fact), "{fact}: {said}");
    }
    let now = hostile::guest(folder.path(), "(drop (f64.reinterpret_i64 (i64.const 1000)))");
    let said = with(&now);
    assert!(said.contains("0 with other constants only; 1 changed"), "{said}");
    assert!(said.contains("1× a float's bits are taken as an integer"), "{said}");
}

#[test]
fn what_is_no_module_gets_no_page() {
    let folder = fresh();
    let file = folder.path().join("page.html");
    let output = cloister(&["inspect", "README.md", "--html", text(&file)]);
    assert!(!output.status.success() && output.stdout.is_empty() && !file.exists());
}
