//! A person's frame holds just the person's rows, in one order, cut, and nothing else: not the
//! order of the file, not what lies under a null, not the person before.

use cloister_contract::abi;
use cloister_contract::frame::{
    ColumnSlice, FrameWriter, InitFrame, PersonFrame, TableRows, Values, person_frame_bytes_max,
    write_init,
};
use cloister_contract::job::{Job, Params};
use cloister_contract::study::Study;
use proptest::prelude::*;

use super::rows::{Case, Cell, Owned, case, read};

/// The frame of the case's person. The study's first table, `person`, is not given.
fn frame(case: &Case, writer: &mut FrameWriter<'_>) -> Vec<u8> {
    let columns: Vec<Owned> = (0..case.types.len()).map(|at| Owned::new(case, at)).collect();
    let slices: Vec<ColumnSlice<'_>> = columns.iter().map(Owned::slice).collect();
    let range = case.before..case.rows.len() - case.after;
    let rows = TableRows { columns: &slices, range };
    writer.write(&[None, Some(rows)]).unwrap().to_vec()
}

/// The record of the table `visit`, behind that of `person`, which has one column.
const RECORD: usize = abi::PERSON_HEADER_BYTES + abi::TABLE_RECORD_BYTES + abi::COLUMN_RECORD_BYTES;

fn u32_at(frame: &[u8], at: usize) -> usize {
    u32::from_le_bytes(frame[at..at + 4].try_into().unwrap()) as usize
}

/// Offsets of validity and values of a column.
fn places(frame: &[u8], column: usize) -> (usize, usize) {
    let at = RECORD + abi::TABLE_RECORD_BYTES + column * abi::COLUMN_RECORD_BYTES;
    (u32_at(frame, at), u32_at(frame, at + 4))
}

/// The bytes in the slots of nulls, of every column.
fn slots_of_nulls(case: &Case, frame: &[u8]) -> Vec<u8> {
    let mut slots = Vec::new();
    let rows = case.expected();
    for (column, kind) in case.types.iter().enumerate() {
        let (_, values) = places(frame, column);
        for (row, _) in rows.iter().enumerate().filter(|(_, row)| row[column] == Cell::Null) {
            match kind {
                0 | 1 | 4 => slots.extend(&frame[values + row * 8..][..8]),
                3 | 5 | 6 => slots.extend(&frame[values + row * 4..][..4]),
                2 => slots.push(frame[values + row / 8] >> (row % 8) & 1),
                _ => {
                    let end = u32_at(frame, values + row * 4 + 4);
                    slots.push(u8::from(end != u32_at(frame, values + row * 4)));
                }
            }
        }
    }
    slots
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn a_guest_reads_the_rows_sorted_and_cut(case in case()) {
        let study = case.study();
        let bytes = frame(&case, &mut FrameWriter::new(&study));
        let person = PersonFrame::new(&bytes).unwrap();
        prop_assert_eq!(read(person.table(RECORD), &case.types), case.expected());
        // The table that the site does not have is empty.
        prop_assert_eq!(person.table(abi::PERSON_HEADER_BYTES).rows(), 0);
        prop_assert!(bytes.len() <= person_frame_bytes_max(&study));
        prop_assert_eq!(bytes.len() % 8, 0);
    }

    #[test]
    fn the_slot_of_a_null_is_zero_and_blocks_are_aligned(case in case()) {
        let study = case.study();
        let bytes = frame(&case, &mut FrameWriter::new(&study));
        prop_assert!(slots_of_nulls(&case, &bytes).iter().all(|byte| *byte == 0));
        for column in 0..case.types.len() {
            let (validity, values) = places(&bytes, column);
            let null = case.expected().iter().any(|row| row[column] == Cell::Null);
            prop_assert_eq!((validity != 0, values % 8, validity % 8), (null, 0, 0));
        }
    }

    #[test]
    fn neither_order_nor_neighbours_nor_what_lies_under_nulls_is_seen(
        case in case(),
        other in (any::<prop::sample::Index>(), any::<u8>(), 0..16_usize),
    ) {
        let study = case.study();
        let bytes = frame(&case, &mut FrameWriter::new(&study));
        let mut moved = case.clone();
        moved.rows = case.rows[case.before..case.rows.len() - case.after].to_vec();
        (moved.before, moved.after) = (0, 0);
        (moved.garbage, moved.bit_offset) = (other.1, other.2);
        if !moved.rows.is_empty() {
            let at = other.0.index(moved.rows.len());
            moved.rows.rotate_left(at);
            moved.rows[at..].reverse();
        }
        let mut writer = FrameWriter::new(&study);
        prop_assert_eq!(frame(&moved, &mut writer), bytes.clone());
        // A writer that has seen a person writes the next one as a fresh writer does.
        prop_assert_eq!(frame(&case, &mut writer), bytes);
    }
}

fn text_study() -> Study {
    super::accepted::study("text-codes-with-exclude")
}

#[test]
fn a_text_longer_than_declared_is_no_frame() {
    let study = text_study();
    let mut writer = FrameWriter::new(&study);
    let mut write = |bytes: &[u8]| {
        let offsets = [0, i32::try_from(bytes.len()).unwrap()];
        let columns = [Values::Text { offsets: &offsets, bytes }, Values::Ordinal(&[0])];
        let columns = columns.map(|values| ColumnSlice { values, validity: None });
        writer.write(&[Some(TableRows { columns: &columns, range: 0..1 })]).is_ok()
    };
    assert!(write(b"12345678"));
    assert!(!write(b"123456789"));
    assert!(write(b""));
}

#[test]
fn other_bytes_are_no_frame() {
    let study = text_study();
    let frame = FrameWriter::new(&study).write(&[None]).unwrap().to_vec();
    assert!(PersonFrame::new(&frame).is_some());
    assert!(InitFrame::new(&frame).is_none());
    for at in 0..frame.len() {
        assert!(PersonFrame::new(&frame[..at]).is_none(), "{at}");
    }
    assert!(PersonFrame::new(&[&frame[..], &[0]].concat()).is_none());
}

#[test]
fn a_guest_reads_what_a_run_has_set() {
    let study = super::accepted::study("every-param-type");
    let params = Params::bind(&study, &[("must_days".into(), "-5".into())]).unwrap();
    let snapshot = "2024-12-31".parse().unwrap();
    let bytes = write_init(&Job::without_vocabulary(study, params, snapshot)).unwrap();
    let init = InitFrame::new(&bytes).unwrap();
    assert_eq!(init.snapshot_date(), snapshot);
    assert_eq!((init.int(0), init.float(1), init.int(2)), (365, 0.5, 1));
    assert_eq!((init.int(3), init.int(4), init.int(8)), (18_321, 1, -5));
    assert_eq!(init.floats(5).len(), 0);
    assert!(init.floats(6).eq([0.0, 40.5, 80.0]));
    assert!(init.concepts(7).eq([1_124_300, 1_118_084]));
    let codes = init.codes(9, 0);
    assert_eq!(codes.len(), 2);
    assert!(codes.contains(1_118_084) && codes.contains(1_124_300));
    assert!(!codes.contains(1) && !codes.contains(i64::MAX) && !codes.contains_text("1"));
}

#[test]
fn a_text_code_is_in_a_set_unless_excluded() {
    let study = text_study();
    let params = Params::bind(&study, &[]).unwrap();
    let snapshot = "2024-12-31".parse().unwrap();
    let bytes = write_init(&Job::without_vocabulary(study, params, snapshot)).unwrap();
    let mi = InitFrame::new(&bytes).unwrap().codes(0, 0);
    for (code, inside) in [
        ("I22.0", true),
        ("I22.01", false),
        ("I22", false),
        ("I21", true),
        ("I21.0", true),
        ("I21.9", false),
        ("I21.90", true),
        ("I21.A1", false),
        ("I21.A", false),
        ("i21", false),
        ("", false),
    ] {
        assert_eq!(mi.contains_text(code), inside, "{code}");
    }
}
