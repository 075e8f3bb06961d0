//! The rows of one invented person: plausible ones, and those that break a careless analysis.
//!
//! Nulls, ties, whole rows twice, an end before its start, a value far out, a NaN, a person with
//! no rows and one with more than `rows_max`: all of them are in real data.

use cloister_contract::date::Date;

use super::dice::Dice;
use super::tables::{Holds, Reading, SiteTable};

/// A value of a column; `None` is null.
pub(super) type Value = Option<Field>;

/// What is not null.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Field {
    Int(i64),
    Float(f64),
    Bool(bool),
    Date(Date),
    /// Microseconds since 1970-01-01T00:00Z.
    DateTime(i64),
    Text(String),
}

const DAY_MICROS: i64 = 86_400_000_000;

/// One invented person's chances in one table.
pub(super) struct Life<'d> {
    pub(super) dice: &'d mut Dice,
    pub(super) born: Date,
    pub(super) snapshot: Date,
    /// Rows made in the table so far.
    pub(super) rows: i64,
}

impl Life<'_> {
    /// The one row of the unit table.
    pub(super) fn row_of(&mut self, table: &SiteTable<'_>) -> Vec<Value> {
        self.row(table, None)
    }

    /// The rows of another table; with `flood` one reading gets more than it takes.
    pub(super) fn rows_of(&mut self, table: &SiteTable<'_>, flood: bool) -> Vec<Vec<Value>> {
        let mut rows: Vec<Vec<Value>> = Vec::new();
        let many = match self.dice.within(0, 99) {
            // Nobody dies twice, and most are alive.
            percent if table.name == "death" => i64::from(percent < 10),
            0..12 => 0,
            12..60 => self.dice.within(1, 3),
            60..95 => self.dice.within(4, 12),
            _ => self.dice.within(13, 30),
        };
        for _ in 0..many {
            let reading =
                if self.dice.percent(70) { self.dice.pick(&table.readings) } else { None };
            let row = match rows.last() {
                Some(last) if self.dice.percent(4) => last.clone(),
                last => {
                    let last = last.cloned();
                    let mut row = self.row(table, reading);
                    self.follow(&mut row, last.as_deref(), table);
                    row
                }
            };
            rows.push(row);
        }
        if let Some(reading) = self.dice.pick(&table.readings).filter(|_| flood) {
            let over = i64::from(reading.rows_max) + self.dice.within(1, 3);
            rows.extend((0..over).map(|_| self.row(table, Some(reading))));
        }
        rows
    }

    /// A row that passes the filters of `reading`, if there is one.
    fn row(&mut self, table: &SiteTable<'_>, reading: Option<&Reading>) -> Vec<Value> {
        self.rows += 1;
        let mut row: Vec<Value> = Vec::with_capacity(table.columns.len());
        for (at, (_, holds)) in table.columns.iter().enumerate() {
            let filters = reading.map_or(&[][..], |reading| reading.filters.as_slice());
            let passes = filters.iter().find(|(column, _)| *column == at).and_then(|(_, set)| {
                let concept = self.dice.pick(&set.concepts).copied().map(Field::Int);
                concept.or_else(|| self.dice.pick(&set.texts).cloned().map(Field::Text))
            });
            let value = match passes {
                Some(passes) => Some(passes),
                None if self.dice.percent(3) => None,
                None => self.value(holds, &row, table.name),
            };
            row.push(value);
        }
        row
    }

    /// Sometimes takes the dates of the row before, or days soon after them: what happens on one
    /// day is in no order, and one thing leads to another.
    fn follow(&mut self, row: &mut [Value], last: Option<&[Value]>, table: &SiteTable<'_>) {
        let days = match self.dice.within(0, 99) {
            0..15 => 0,
            15..35 => self.dice.within(1, 60),
            _ => return,
        };
        let last = last.unwrap_or_default().iter();
        for ((value, before), (_, holds)) in row.iter_mut().zip(last).zip(&table.columns) {
            if matches!(holds, Holds::Date | Holds::DateAfter(_) | Holds::DateTime) {
                *value = before.as_ref().map(|before| self.later(before, days));
            }
        }
    }

    /// Some days later, or at the snapshot.
    fn later(&self, before: &Field, days: i64) -> Field {
        match before {
            Field::Date(date) => {
                let later = date.plus_days(i32::try_from(days).unwrap_or(0));
                Field::Date(later.min(self.snapshot.max(*date)))
            }
            Field::DateTime(micros) => {
                let last = (i64::from(self.snapshot.days()) + 1) * DAY_MICROS - 1;
                Field::DateTime((micros + days * DAY_MICROS).min(last.max(*micros)))
            }
            other => other.clone(),
        }
    }

    fn value(&mut self, holds: &Holds, row: &[Value], table: &str) -> Value {
        let field = match holds {
            Holds::Concept(codes) => match self.dice.pick(codes).copied() {
                Some(code) if self.dice.percent(75) => Field::Int(code),
                _ if self.dice.percent(30) => Field::Int(0),
                _ => Field::Int(self.dice.within(1, 50_000_000)),
            },
            Holds::Gender => Field::Int(match self.dice.within(0, 99) {
                0..3 => 0,
                3..52 => 8_532,
                _ => 8_507,
            }),
            Holds::YearOfBirth => Field::Int(self.born.year().into()),
            Holds::Int(low, high) => match self.dice.within(0, 99) {
                0 => Field::Int(low.saturating_sub(1)),
                1 => Field::Int(high.saturating_mul(10_000)),
                _ => Field::Int(self.dice.within(*low, *high)),
            },
            Holds::Float => Field::Float(self.float()),
            Holds::Bool => Field::Bool(self.dice.percent(50)),
            Holds::Date => Field::Date(self.day()),
            Holds::DateAfter(start) => match row.get(*start) {
                Some(Some(Field::Date(start))) => Field::Date(self.after(*start, table)),
                _ => Field::Date(self.day()),
            },
            Holds::DateTime => {
                let seconds = self.dice.within(0, 86_399);
                Field::DateTime(i64::from(self.day().days()) * DAY_MICROS + seconds * 1_000_000)
            }
            Holds::OwnId => Field::Int(self.rows),
            Holds::IdOfOther => Field::Int(self.dice.within(1, 5)),
            Holds::Text(codes, bytes_max) => Field::Text(self.text(codes, *bytes_max)),
        };
        Some(field)
    }

    /// Over four decades, as laboratories measure; some are none.
    fn float(&mut self) -> f64 {
        let ten = [0.1, 1.0, 10.0, 100.0];
        let decade = self.dice.pick(&ten).copied().unwrap_or(1.0);
        let digits = f64::from(i32::try_from(self.dice.within(100, 999)).unwrap_or(100)) / 100.0;
        match self.dice.within(0, 199) {
            0 => f64::NAN,
            1 => -digits,
            2..6 => 0.0,
            _ => digits * decade,
        }
    }

    /// A day of life up to the snapshot, more often a late one.
    fn day(&mut self) -> Date {
        let lived = self.snapshot - self.born;
        let recent = if self.dice.percent(60) { lived.min(3_650) } else { lived };
        let ago = self.dice.within(0, recent.max(0));
        self.snapshot.plus_days(-i32::try_from(ago).unwrap_or(0))
    }

    /// A day on or after `start`; rarely one before it, as data have them.
    fn after(&mut self, start: Date, table: &str) -> Date {
        // Persons are observed for years, and treated for days.
        let long = if table == "observation_period" { 7_300 } else { 60 };
        let days = if self.dice.percent(2) { -1 } else { self.dice.within(0, long) };
        start.plus_days(i32::try_from(days).unwrap_or(0)).min(self.snapshot.max(start))
    }

    fn text(&mut self, codes: &[String], bytes_max: usize) -> String {
        let others = ["Z99.9", "other", "", "naïve", "ß"];
        let code = if self.dice.percent(75) { self.dice.pick(codes).cloned() } else { None };
        let other = self.dice.pick(&others).copied().unwrap_or_default();
        let mut text = code.unwrap_or_else(|| other.to_owned());
        while text.len() > bytes_max {
            text.pop();
        }
        text
    }
}
