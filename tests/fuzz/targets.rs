//! What each fuzz target does with bytes of anybody's: the decoders may refuse them, and must
//! neither panic nor believe what they would not write themselves. `dataset.rs` has one more.

use cloister_contract::cells::{Layout, cells_max};
use cloister_contract::date::Date;
use cloister_contract::envelope::Envelope;
use cloister_contract::frame::{
    Bits, ColumnSlice, FrameWriter, InitFrame, PersonFrame, TableRows, TableView, Values,
    person_frame_bytes_max,
};
use cloister_contract::job::Params;
use cloister_contract::partial::PartialCells;
use cloister_contract::release::ReleaseDocument;
use cloister_contract::statement::Statement;
use cloister_contract::study::Study;

/// What is done with bytes.
pub type Target = fn(&[u8]);

/// Each target of this file by name.
pub const TARGETS: [(&str, Target); 5] = [
    ("study", study),
    ("module", module),
    ("frame", frame),
    ("partial", partial),
    ("release", release),
];

/// A study file, and the cells and frames that one declares which is accepted.
pub fn study(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(study) = Study::parse("study.toml", text) else { return };
    assert!(person_frame_bytes_max(&study) > 0);
    let Ok(params) = Params::bind(&study, &[]) else { return };
    if let Ok(layout) = Layout::new(&study, &params) {
        assert!(cells_max(&study).is_ok_and(|most| layout.len <= most));
    }
}

/// The bytes of a module.
pub fn module(bytes: &[u8]) {
    if let Ok(checked) = cloister_sandbox::check(bytes.to_vec()) {
        assert_eq!(checked.bytes(), bytes);
    }
}

/// A study whose columns are of every type but `category`, and whose cells keep what cells can.
pub const COLUMNS: &str = "\
[study]\nname = \"f\"\nversion = \"1.0.0\"\ntitle = \"t\"\npurpose = \"statistics\"\n\
[tables.t]\ncolumns = { i = \"int\", f = \"float\", b = \"bool\", d = \"date\", m = \"datetime\", \
o = \"link\", s = { type = \"text\", bytes_max = 8 } }\nrows_max = 8\n\
[outputs]\nn = { kind = \"count\" }\nx = { kind = \"moments\", bounds = [-3, 5], grid = 1 }\n";

/// A frame: bytes that are none are read without harm, and rows are read as they were written.
pub fn frame(bytes: &[u8]) {
    if let Some(frame) = PersonFrame::new(bytes) {
        let table = frame.table(8);
        (0..table.rows().min(9)).for_each(|row| drop(read(table, row)));
    }
    if let Some(frame) = InitFrame::new(bytes) {
        let _ = (frame.snapshot_date(), frame.int(0), frame.float(1));
        let _ = (frame.floats(2).take(9).count(), frame.concepts(3).take(9).count());
        let _ = (frame.codes(4, 0).contains(7), frame.codes(4, 0).len());
    }
    written(bytes);
}

/// A row as text, so that rows compare whatever their order.
fn read(table: TableView<'_>, row: usize) -> String {
    let float = table.float(1).at(row).map(f64::to_bits);
    format!(
        "{:?} {float:?} {:?} {:?} {:?} {:?} {:?}",
        table.int(0).at(row),
        table.bool(2).at(row),
        table.date(3).at(row),
        table.int(4).at(row),
        table.ordinal(5).at(row),
        table.text(6).at(row),
    )
}

/// Writes up to eight rows made of `bytes`, and reads them again.
fn written(bytes: &[u8]) {
    let study = Study::parse("frame", COLUMNS).unwrap();
    let rows = bytes.len().min(8);
    let number = |row: usize, column: usize| {
        let digits = (0..8).map(|at| bytes.get(row * 31 + column * 8 + at).copied().unwrap_or(0));
        i64::from_le_bytes(digits.collect::<Vec<_>>().try_into().unwrap_or([0; 8]))
    };
    let low = |row, column| i32::try_from(number(row, column) & 0x7fff_ffff).unwrap_or(0);
    let ints: Vec<i64> = (0..rows).map(|row| number(row, 0)).collect();
    let floats: Vec<f64> = ints.iter().map(|bits| f64::from_bits(bits.cast_unsigned())).collect();
    let days: Vec<i32> = (0..rows).map(|row| low(row, 1) % 3_000_000).collect();
    let ordinals: Vec<i32> = (0..rows).map(|row| low(row, 2)).collect();
    let letter = |row| if low(row, 3) % 2 == 0 { 'a' } else { 'ä' };
    let letters: String = (0..rows).map(letter).collect();
    let offsets = std::iter::once(0).chain(letters.char_indices().map(|(at, c)| at + c.len_utf8()));
    let offsets: Vec<i32> = offsets.map(|at| i32::try_from(at).unwrap_or(0)).collect();
    let (valid, flags) = ([bytes.first().copied().unwrap_or(0)], [bytes.len().to_le_bytes()[0]]);
    let validity = Some(Bits::new(&valid, 0));
    let some = |values| ColumnSlice { values, validity };
    let all = |values| ColumnSlice { values, validity: None };
    let columns = [
        some(Values::Int(&ints)),
        all(Values::Float(&floats)),
        some(Values::Bool(Bits::new(&flags, 0))),
        some(Values::Date(&days)),
        all(Values::DateTime(&ints)),
        all(Values::Ordinal(&ordinals)),
        some(Values::Text { offsets: &offsets, bytes: letters.as_bytes() }),
    ];
    let mut writer = FrameWriter::new(&study);
    let table = TableRows { columns: &columns, range: 0..rows };
    let frame = writer.write(&[Some(table)]).unwrap().to_vec();
    assert!(frame.len() <= person_frame_bytes_max(&study));
    let table = PersonFrame::new(&frame).unwrap().table(8);
    assert_eq!(table.rows(), rows);
    let mut found: Vec<_> = (0..rows).map(|row| read(table, row)).collect();
    let there = |row: usize| valid[0] >> row & 1 == 1;
    let mut expected: Vec<_> = (0..rows)
        .map(|row| {
            let if_there = there(row).then_some(row);
            format!(
                "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
                if_there.map(|row| ints[row]),
                Some(floats[row].to_bits()),
                if_there.map(|row| flags[0] >> row & 1 == 1),
                if_there.map(|row| Date::from_days(days[row])),
                Some(ints[row]),
                u32::try_from(ordinals[row]).ok(),
                if_there.and_then(|row| letters.chars().nth(row)).map(String::from),
            )
        })
        .collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

/// What a worker hands over: of what is believed, the bytes are those that it would write.
pub fn partial(bytes: &[u8]) {
    let study = Study::parse("partial", COLUMNS).unwrap();
    let params = Params::bind(&study, &[]).unwrap();
    let layout = Layout::new(&study, &params).unwrap();
    // Random bytes are hardly ever as long as two cells: they are cut and filled up.
    let mut whole = bytes.to_vec();
    whole.resize(PartialCells::bytes(&layout), 0);
    for bytes in [bytes, &whole] {
        if let Ok(cells) = PartialCells::decode(bytes, &study, &layout) {
            assert_eq!(cells.encode(), bytes);
            let mut sum = PartialCells::none(&layout);
            sum.merge(&cells);
            assert_eq!(sum.encode(), bytes);
        }
    }
}

/// A release, and the envelopes and statements beside it.
pub fn release(bytes: &[u8]) {
    if let Ok(document) = ReleaseDocument::decode(bytes) {
        assert!(document.encode().is_ok_and(|again| again == bytes));
    }
    if let Ok(statement) = Statement::decode(bytes) {
        let again = statement.encode().unwrap();
        assert!(Statement::decode(&again).is_ok_and(|once_more| once_more == statement));
    }
    let Ok(line) = std::str::from_utf8(bytes) else { return };
    if let Ok(envelope) = Envelope::from_line(line) {
        let again = envelope.to_line().unwrap();
        assert!(Envelope::from_line(&again).is_ok());
        Statement::decode(envelope.unverified()).ok();
    }
}
