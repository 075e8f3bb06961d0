//! A study file changed at random parses or is refused at a place within the file.

use cloister_contract::study::Study;
use proptest::prelude::*;

/// One change of a file's bytes.
#[derive(Clone, Debug)]
enum Change {
    Set(prop::sample::Index, u8),
    Insert(prop::sample::Index, String),
    Remove(prop::sample::Index, usize),
    Truncate(prop::sample::Index),
    /// Copies a piece of the file to another place.
    Copy(prop::sample::Index, prop::sample::Index, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<prop::sample::Index>;
    let piece = prop::sample::select(vec![
        "\"",
        "'",
        "[",
        "]",
        "{",
        "}",
        "=",
        ",",
        "\n",
        "\r",
        "#",
        "-1",
        "1e999",
        "nan",
        "\u{202e}",
        "0",
        "9223372036854775808",
        "other",
        "type",
        "\u{0}",
        "é",
        "_",
        ".",
        "[[",
        "\"\"\"",
        "[]",
    ]);
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (at(), piece).prop_map(|(at, piece)| Change::Insert(at, piece.to_owned())),
        (at(), 1..30_usize).prop_map(|(at, len)| Change::Remove(at, len)),
        at().prop_map(Change::Truncate),
        (at(), at(), 1..80_usize).prop_map(|(from, to, len)| Change::Copy(from, to, len)),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    if bytes.is_empty() {
        return;
    }
    let len = bytes.len();
    match change {
        Change::Set(at, byte) => bytes[at.index(len)] = *byte,
        Change::Insert(at, piece) => {
            let at = at.index(len);
            bytes.splice(at..at, piece.bytes());
        }
        Change::Remove(at, count) => {
            let at = at.index(len);
            bytes.drain(at..len.min(at + count));
        }
        Change::Truncate(at) => bytes.truncate(at.index(len)),
        Change::Copy(from, to, count) => {
            let from = from.index(len);
            let piece = bytes[from..len.min(from + count)].to_vec();
            let to = to.index(len);
            bytes.splice(to..to, piece);
        }
    }
}

/// The place of an error is a character of the file, or the end of one of its lines.
fn parses_or_points_into_the_file(text: &str) {
    let Err(error) = Study::parse("study.toml", text) else { return };
    let line = text.split('\n').nth(error.line - 1);
    let line = line.unwrap_or_else(|| panic!("no line {} in {text:?}: {error}", error.line));
    let columns = line.chars().count() + 1;
    assert!((1..=columns).contains(&error.column), "{error} in {line:?}");
    assert!(!error.to_string().contains(char::is_control), "{error:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_file_never_panics(
        file in any::<prop::sample::Index>(),
        changes in prop::collection::vec(change(), 1..6),
    ) {
        let mut files = super::files("accepted");
        files.push(("gi-bleed".into(), include_str!("../../testdata/gi-bleed.toml").into()));
        let mut bytes = files[file.index(files.len())].1.clone().into_bytes();
        changes.iter().for_each(|change| apply(&mut bytes, change));
        parses_or_points_into_the_file(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_text_never_panics(text in "\\PC{0,200}") {
        parses_or_points_into_the_file(&text);
    }
}

#[test]
fn a_file_truncated_anywhere_never_panics() {
    for (_, text) in super::files("accepted") {
        for at in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
            parses_or_points_into_the_file(&text[..at]);
        }
    }
}
