//! The frames of `ABI.md`, byte for byte: study file, rows' meaning and bytes stand on that page.

// Lets clippy see that the helpers belong to tests.
#![cfg(test)]

use cloister_contract::date::Date;
use cloister_contract::frame::{
    Bits, ColumnSlice, FrameWriter, InitFrame, PersonFrame, TableRows, Values, write_init,
};
use cloister_contract::job::{Job, Params};
use cloister_contract::study::Study;

const ABI: &str = include_str!("../../../ABI.md");

/// The lines of the page's one block fenced as `kind`.
fn block(kind: &str) -> Vec<&'static str> {
    let fence = format!("```{kind}");
    let mut lines = ABI.lines().skip_while(|line| *line != fence).skip(1);
    let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
    assert!(!block.is_empty(), "ABI.md has no block {kind}");
    assert!(lines.all(|line| line != fence), "ABI.md has two blocks {kind}");
    block
}

/// The bytes of a block: an offset, bytes in hexadecimal, and from column 53 on words for people.
fn bytes(kind: &str) -> Vec<u8> {
    let hex = |digits| u8::from_str_radix(digits, 16).unwrap();
    let mut bytes = Vec::new();
    for line in block(kind) {
        let (offset, rest) = line.split_once("  ").unwrap();
        assert_eq!(usize::from_str_radix(offset, 16), Ok(bytes.len()), "{line}");
        bytes.extend(rest.get(..47).unwrap_or(rest).split_whitespace().map(hex));
    }
    bytes
}

fn study() -> Study {
    Study::parse("ABI.md", &block("toml").join("\n")).unwrap()
}

/// Compares eight bytes at a time, so that a difference names its offset.
fn check(written: &[u8], page: &[u8]) {
    for (at, (written, page)) in written.chunks(8).zip(page.chunks(8)).enumerate() {
        assert_eq!(written, page, "at {:03x}", at * 8);
    }
    assert_eq!(written.len(), page.len());
}

fn init_frame() -> Vec<u8> {
    let study = study();
    let params = Params::bind(&study, &[]).unwrap();
    let snapshot = "2020-01-01".parse().unwrap();
    write_init(&Job::without_vocabulary(study, params, snapshot)).unwrap()
}

fn person_frame() -> Vec<u8> {
    // The later row first; no null's slot is zero, so that the writer has something to hide.
    let first_valid = [0b01];
    let some = |values| ColumnSlice { values, validity: Some(Bits::new(&first_valid, 0)) };
    let all = |values| ColumnSlice { values, validity: None };
    let flags = [0b11];
    let columns = [
        some(Values::Int(&[258, 99])),
        some(Values::Float(&[-1.0, f64::NAN])),
        some(Values::Bool(Bits::new(&flags, 0))),
        all(Values::Date(&[-1, 0])),
        some(Values::DateTime(&[1_000_000, 99])),
        some(Values::Ordinal(&[2, 1])),
        some(Values::Text { offsets: &[0, 2, 6], bytes: "ésink".as_bytes() }),
        all(Values::Ordinal(&[0, 1])),
    ];
    let study = study();
    let rows = TableRows { columns: &columns, range: 0..2 };
    FrameWriter::new(&study).write(&[Some(rows), None]).unwrap().to_vec()
}

#[test]
fn the_init_frame_is_as_the_page_says() {
    check(&init_frame(), &bytes("init"));
}

#[test]
fn the_persons_frame_is_as_the_page_says() {
    check(&person_frame(), &bytes("person"));
}

#[test]
fn a_guest_reads_the_pages_init_frame() {
    let page = bytes("init");
    let init = InitFrame::new(&page).unwrap();
    assert_eq!(init.snapshot_date().to_string(), "2020-01-01");
    assert_eq!((init.int(0), init.float(1), init.int(2)), (-2, 0.5, 1));
    assert_eq!((init.int(3), init.int(4)), (1, 1));
    assert!(init.floats(5).eq([1.0, 2.0]) && init.floats(6).eq([0.0, 0.5]));
    assert!(init.concepts(7).eq([5]));
    let (drug, icd) = (init.codes(8, 0), init.codes(8, 1));
    assert_eq!((drug.len(), [6, 7, 258].map(|id| drug.contains(id))), (2, [false, true, true]));
    let held = ["K92.2", "I21", "I21.0", "I21.9", "K92"].map(|code| icd.contains_text(code));
    assert_eq!(held, [true, true, true, false, false]);
}

#[test]
fn a_guest_reads_the_pages_person() {
    let page = bytes("person");
    let person = PersonFrame::new(&page).unwrap();
    let all = person.table(8);
    assert_eq!(all.rows(), 2);
    assert_eq!((all.int(0).at(0), all.int(0).at(1)), (None, Some(258)));
    assert_eq!((all.float(1).at(0), all.float(1).at(1)), (None, Some(-1.0)));
    assert_eq!((all.bool(2).at(0), all.bool(2).at(1)), (None, Some(true)));
    let days = [0, 1].map(|row| all.date(3).at(row));
    assert_eq!(days, [Some(Date::from_days(0)), Some(Date::from_days(-1))]);
    assert_eq!((all.int(4).at(0), all.int(4).at(1)), (None, Some(1_000_000)));
    assert_eq!((all.ordinal(5).at(0), all.ordinal(5).at(1)), (None, Some(2)));
    assert_eq!((all.text(6).at(0), all.text(6).at(1)), (None, Some("é")));
    assert_eq!((all.ordinal(7).at(0), all.ordinal(7).at(1)), (Some(1), Some(0)));
    assert_eq!(person.table(0x90).rows(), 0);
}
