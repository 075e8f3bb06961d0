//! A study in its own tests: rows become the host's frames, and frames are read as a guest does.
//!
//! Whatever a test gets wrong here ends it with a panic that says what would be right.

use core::fmt::Display;

use cloister_contract::date::Date;
use cloister_contract::frame::{FrameWriter, InitFrame, write_init};
use cloister_contract::job::{CodeList, Job, Params};
use cloister_contract::study::{Study, TextCodes};

use crate::params::Param;
use crate::person_rows::{PersonRows, TableColumns};

/// The snapshot date of a test that sets none: 2020-01-01.
const SNAPSHOT_DATE: Date = Date::from_days(18_262);

/// A study with the parameters and code sets that a test sets.
#[derive(Clone, Debug)]
pub struct Trial {
    study: Study,
    given: Vec<(String, String)>,
    codes: Vec<(usize, CodeList)>,
    snapshot_date: Date,
}

impl Trial {
    /// The study of `text`, with default parameters.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let study = Study::parse("study.toml", text).unwrap_or_else(|error| wrong(error));
        Self { study, given: Vec::new(), codes: Vec::new(), snapshot_date: SNAPSHOT_DATE }
    }

    /// Sets the parameter `name`.
    pub fn param<P: Param>(&mut self, name: &str, value: &P) {
        self.given.retain(|(other, _)| other != name);
        self.given.push((name.to_owned(), value.text()));
    }

    /// Sets the snapshot date.
    pub const fn snapshot_date(&mut self, date: Date) {
        self.snapshot_date = date;
    }

    /// Sets the code set at position `set` to `concepts`.
    pub fn concepts(&mut self, set: usize, concepts: impl IntoIterator<Item = i64>) {
        let mut concepts: Vec<i64> = concepts.into_iter().collect();
        concepts.sort_unstable();
        concepts.dedup();
        self.codes.push((set, CodeList::Concepts(concepts)));
    }

    /// Sets the code set at position `set` to text codes; one that ends in `*` is a prefix.
    pub fn texts<'c>(&mut self, set: usize, codes: impl IntoIterator<Item = &'c str>) {
        let mut list = TextCodes::default();
        for code in codes {
            match code.strip_suffix('*') {
                Some(prefix) => list.prefixes.push(prefix.to_owned()),
                None => list.exact.push(code.to_owned()),
            }
        }
        list.exact.sort_unstable();
        list.prefixes.sort_unstable();
        self.codes.push((set, CodeList::Text(list)));
    }

    /// The init frame that a host would write.
    #[must_use]
    pub fn init_frame(&self) -> Vec<u8> {
        let params = Params::bind(&self.study, &self.given).unwrap_or_else(|error| wrong(error));
        let mut job = Job::without_vocabulary(self.study.clone(), params, self.snapshot_date);
        for (set, list) in &self.codes {
            job.set_codes(*set, list.clone());
        }
        write_init(&job).unwrap_or_else(|error| wrong(error))
    }

    /// The frame that a host would write for a person with `rows`.
    #[must_use]
    pub fn person_frame(&self, rows: &PersonRows) -> Vec<u8> {
        let init = self.init_frame();
        let init = InitFrame::new(&init).unwrap_or_else(|| wrong("the init frame is none"));
        let codes = |set| init.codes(self.study.params.len(), set);
        let tables = self.study.tables.iter().enumerate();
        let columns: Vec<TableColumns> =
            tables.map(|(at, table)| TableColumns::new(table, rows.table(at), codes)).collect();
        let slices: Vec<_> = columns.iter().map(TableColumns::slices).collect();
        let tables: Vec<_> =
            columns.iter().zip(&slices).map(|(table, slices)| Some(table.rows(slices))).collect();
        let mut writer = FrameWriter::new(&self.study);
        writer.write(&tables).unwrap_or_else(|error| wrong(error)).to_vec()
    }
}

/// The init frame in `bytes`, kept for ever as a guest keeps it: some hundred bytes a test.
#[must_use]
pub fn init_frame(bytes: &[u8]) -> InitFrame<'static> {
    InitFrame::new(bytes.to_vec().leak()).unwrap_or_else(|| wrong("the init frame is malformed"))
}

/// Ends the test.
#[expect(clippy::panic, reason = "only a study's own tests come here, and they must fail")]
pub fn wrong(message: impl Display) -> ! {
    panic!("{message}")
}
