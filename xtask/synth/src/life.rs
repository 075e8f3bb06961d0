//! One person and all their rows, thrown from that person's own dice.

use crate::calendar::{SNAPSHOT, day};
use crate::codes::LABS;
use crate::dice::Dice;
use crate::exposure;
use crate::hospital;
use crate::tables::{Condition, Death, Era, Event, Measurement, Period, Person, Visit};
use crate::vocabulary::VOCABULARY;

/// Ids of rows leave room for this many rows of one person in one table.
const ROW_IDS_PER_PERSON: i64 = 10_000;
/// Person ids lie this far apart, so that some lie between that belong to nobody.
const PERSON_ID_STEP: i64 = 7;

/// A person's rows; the same value is filled anew for each person.
#[derive(Default)]
pub(crate) struct Life {
    pub(crate) person: Person,
    pub(crate) periods: Ledger<Period>,
    pub(crate) eras: Ledger<Era>,
    pub(crate) conditions: Ledger<Condition>,
    pub(crate) measurements: Ledger<Measurement>,
    pub(crate) visits: Ledger<Visit>,
    pub(crate) death: Option<Death>,
}

/// The days of a life that matter to its rows.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    /// The first day with rows, after birth.
    pub(crate) from: i32,
    /// The last day with rows.
    pub(crate) to: i32,
    /// The first day a study drug may be taken, if ever.
    pub(crate) study_drug_from: Option<i32>,
}

impl Life {
    /// Throws the life of the person with this index; what becomes of their stays in hospital has
    /// dice of its own.
    pub(crate) fn live(&mut self, index: i64, dice: &mut Dice, hospital: &mut Dice) {
        let id = 1_000 + PERSON_ID_STEP * index;
        self.periods.open(index, id);
        self.eras.open(index, id);
        self.conditions.open(index, id);
        self.measurements.open(index, id);
        self.visits.open(index, id);
        self.death = None;
        let span = self.be_born(id, dice);
        if dice.chance(200) {
            // Known to the register, never seen by anyone.
            return;
        }
        self.periods.add(Some(32_817), Some(span.from), Period { end: span.to });
        exposure::happen(self, span, dice);
        self.fall_ill(span, dice);
        self.take_other_drugs(span, dice);
        self.be_measured(span, dice);
        self.visit(span, dice);
        self.stray(dice);
        hospital::happen(self, span, hospital);
    }

    /// Puts each table's rows in the order of person and date; only a sorted data set pays for it.
    pub(crate) fn sort(&mut self) {
        self.periods.sort();
        self.eras.sort();
        self.conditions.sort();
        self.measurements.sort();
        self.visits.sort();
    }

    fn be_born(&mut self, id: i64, dice: &mut Dice) -> Span {
        let adult_in_study = dice.chance(8_000);
        let (first, last) = if adult_in_study { (1925, 1985) } else { (1986, 2005) };
        let (year, month) = (dice.between(first, last), dice.between(1, 12));
        self.person = Person {
            id,
            gender: match dice.below(1_000) {
                0..5 => 0,
                5..490 => 8_507,
                _ => 8_532,
            },
            year_of_birth: (!dice.chance(100)).then_some(year),
            month_of_birth: (!dice.chance(300)).then_some(i64::from(month)),
            race: dice.pick(&[8_527, 8_527, 8_527, 8_516, 8_515, 0]).copied().unwrap_or(0),
            ethnicity: dice.pick(&[38_003_564, 38_003_564, 38_003_563]).copied().unwrap_or(0),
        };
        // Births fall on a month's first day, and rows start a month later: after birth, whatever
        // day of the month a reader assumes.
        let from = day(year, month, 1) + 31;
        let registered = day(1950, 1, 1) + dice.between(0, 45 * 365);
        Span {
            from: from.max(registered),
            to: dice.between(day(2021, 1, 1), SNAPSHOT),
            // Celecoxib came in 1999; nobody here takes either drug before being of age.
            study_drug_from: adult_in_study.then(|| day(1999, 1, 1).max(day(year + 18, month, 1))),
        }
    }

    fn fall_ill(&mut self, span: Span, dice: &mut Dice) {
        for _ in 0..dice.between(2, 16) {
            let start = (!dice.chance(50)).then(|| dice.between(span.from, span.to));
            let code = dice.pick(&VOCABULARY.other_conditions);
            // Concept 0 is OMOP's word for a source code that nothing maps to.
            let concept = if dice.chance(100) { Some(0) } else { code.map(|(id, _)| *id) };
            let source = code.map(|(_, source)| source.as_str());
            self.fall_ill_with(concept, start, source, dice);
        }
    }

    /// Adds a condition that may have no end and no source code.
    pub(crate) fn fall_ill_with(
        &mut self,
        concept: Option<i64>,
        start: Option<i32>,
        source: Option<&'static str>,
        dice: &mut Dice,
    ) {
        let days = dice.between(0, 60);
        let end = start.filter(|_| !dice.chance(4_000)).map(|start| (start + days).min(SNAPSHOT));
        let source = source.filter(|_| !dice.chance(200));
        self.conditions.add(concept, start, Condition { end, source, visit: None });
    }

    fn take_other_drugs(&mut self, span: Span, dice: &mut Dice) {
        for _ in 0..dice.between(0, 6) {
            let start = (!dice.chance(50)).then(|| dice.between(span.from, span.to));
            let known = !dice.chance(50);
            let concept = dice.pick(&VOCABULARY.other_drugs).copied().filter(|_| known);
            self.take(concept, start, dice);
        }
    }

    /// Adds a drug era.
    pub(crate) fn take(&mut self, concept: Option<i64>, start: Option<i32>, dice: &mut Dice) {
        let days = dice.between(9, 180);
        let end = start.map(|start| (start + days).min(SNAPSHOT));
        let exposures = i64::from(dice.below(6)) + 1;
        let gap_days = i64::from(dice.below(30));
        self.eras.add(concept, start, Era { end, exposures, gap_days });
    }

    fn be_measured(&mut self, span: Span, dice: &mut Dice) {
        // The tail is heavy: one person in 2,000 has more lab rows than a hundred others.
        let rows = match dice.below(10_000) {
            0..5 => dice.between(2_000, 6_000),
            5..105 => dice.between(100, 300),
            _ => dice.between(4, 24),
        };
        for _ in 0..rows {
            let Some(&(concept, unit, least, most)) = dice.pick(&LABS) else { return };
            let date = dice.between(span.from, span.to);
            let tenths = f64::from(dice.between(least, most));
            let value = (!dice.chance(300)).then_some(tenths / 10.0);
            let unit = (!dice.chance(200)).then_some(unit);
            self.measurements.add(
                Some(concept),
                Some(date),
                Measurement { value, unit, visit: None },
            );
        }
    }

    fn visit(&mut self, span: Span, dice: &mut Dice) {
        for _ in 0..dice.between(3, 19) {
            let start = dice.between(span.from, span.to);
            let (concept, days) = match dice.below(100) {
                0..10 => (9_201, dice.between(1, 20)),
                10..25 => (9_203, dice.between(0, 1)),
                _ => (9_202, 0),
            };
            let end = (start + days).min(SNAPSHOT);
            self.visits.add(Some(concept), Some(start), Visit { end });
        }
    }

    fn stray(&mut self, dice: &mut Dice) {
        self.periods.stray(dice);
        self.eras.stray(dice);
        self.conditions.stray(dice);
        self.measurements.stray(dice);
        self.visits.stray(dice);
    }
}

/// A person's rows in one table.
pub(crate) struct Ledger<D> {
    person: i64,
    next_id: i64,
    rows: Vec<Event<D>>,
}

impl<D> Default for Ledger<D> {
    fn default() -> Self {
        Self { person: 0, next_id: 0, rows: Vec::new() }
    }
}

impl<D: Copy> Ledger<D> {
    fn open(&mut self, index: i64, person: i64) {
        (self.person, self.next_id) = (person, index * ROW_IDS_PER_PERSON + 1);
        self.rows.clear();
    }

    /// The person whose rows they are, but for strays.
    pub(crate) fn person(&self) -> i64 {
        self.person
    }

    /// Adds a row and gives its id.
    pub(crate) fn add(&mut self, concept: Option<i64>, start: Option<i32>, detail: D) -> i64 {
        let id = self.next_id;
        self.rows.push(Event { id, person: self.person, concept, start, detail });
        self.next_id += 1;
        id
    }

    /// The rows by person and date.
    pub(crate) fn rows(&self) -> &[Event<D>] {
        &self.rows
    }

    /// Now and then (once in 1,000 rows) adds a row of a person nobody knows.
    fn stray(&mut self, dice: &mut Dice) {
        let rows = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        if dice.below(1_000) < rows
            && let Some(&row) = dice.pick(&self.rows)
        {
            // An id between this person's and the next keeps the table in order.
            self.rows.push(Event { id: self.next_id, person: self.person + 3, ..row });
            self.next_id += 1;
        }
    }

    fn sort(&mut self) {
        let key = |row: &Event<D>| (row.person, row.start.unwrap_or(i32::MAX), row.id);
        self.rows.sort_unstable_by_key(key);
    }
}
