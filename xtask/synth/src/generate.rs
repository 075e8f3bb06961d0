//! From options to a folder: walk the persons, write their rows, then name the files.

use std::fmt;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::dice::Dice;
use crate::life::Life;
use crate::manifest;
use crate::order::Order;
use crate::tables::{Condition, Death, Era, Event, Measurement, Period, Person, Row, Visit};
use crate::vocabulary::{Ancestor, Concept, VOCABULARY};
use crate::writer::{PartFile, TableWriter};

/// More persons than have ever lived; below it, no row id overflows.
const PERSONS_MAX: u64 = 100_000_000_000;
/// A person's second stream of dice, beyond the first ones of all persons there can be.
const HOSPITAL_STREAMS: u64 = 1 << 40;
/// Progress is told once in this many persons.
const PERSONS_PER_REPORT: u64 = 1_000;

/// What to generate.
#[derive(Clone, Debug)]
pub struct Options {
    /// The number of rows in `person`.
    pub persons: u64,
    /// The same seed and number of persons give the same rows on every machine.
    pub seed: u64,
    /// Scatters each table's rows over its file instead of sorting them by person and date.
    pub shuffled: bool,
}

/// How far a run has come; a shuffled one visits each person several times.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Visits made.
    pub done: u64,
    /// Visits in all.
    pub total: u64,
}

/// The tables written, with their numbers of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    tables: Vec<(&'static str, u64)>,
}

impl Summary {
    /// Each table's name and number of rows.
    pub fn tables(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.tables.iter().copied()
    }

    /// The number of rows in a table; 0 if there is no such table.
    pub fn rows(&self, table: &str) -> u64 {
        self.tables().find(|(name, _)| *name == table).map_or(0, |(_, rows)| rows)
    }

    /// The number of rows in all tables.
    pub fn rows_total(&self) -> u64 {
        self.tables().map(|(_, rows)| rows).sum()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (table, rows) in self.tables() {
            writeln!(out, "{table:<22}{rows:>14}")?;
        }
        write!(out, "{:<22}{:>14}", "rows in all", self.rows_total())
    }
}

/// Writes a data set into `out`, a folder that is empty or not yet there.
pub fn generate(options: &Options, out: &Path) -> Result<Summary> {
    generate_with(options, out, &mut |_| {})
}

/// As [`generate`], telling `progress` every thousand persons.
pub fn generate_with(
    options: &Options,
    out: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<Summary> {
    ensure!(options.persons > 0, "there is nothing to write for 0 persons");
    ensure!(options.persons <= PERSONS_MAX, "at most {PERSONS_MAX} persons can have ids");
    make_folder(out)?;

    let dice = Dice::new(options.seed);
    let mut tables = Tables::create(out, options, &dice)?;
    walk(options, &dice, &mut tables, progress)?;
    let mut finished = tables.finish()?;
    let vocabulary = write_vocabulary(out)?;

    let manifest = manifest::write(options, out, &names(&finished), &names(&vocabulary))?;
    finished.extend(vocabulary);
    let summary =
        Summary { tables: finished.iter().map(|(_, name, rows)| (*name, *rows)).collect() };
    for (part, ..) in finished {
        part.publish()?;
    }
    manifest.publish()?;
    Ok(summary)
}

/// A written table that has yet to take its name: the file, the table, its rows.
type Finished = (PartFile, &'static str, u64);

fn names(finished: &[Finished]) -> Vec<&'static str> {
    finished.iter().map(|(_, name, _)| *name).collect()
}

fn make_folder(out: &Path) -> Result<()> {
    let shown = out.display();
    std::fs::create_dir_all(out).with_context(|| format!("cannot make the folder `{shown}`"))?;
    let mut entries =
        std::fs::read_dir(out).with_context(|| format!("cannot read the folder `{shown}`"))?;
    ensure!(entries.next().is_none(), "`{shown}` is not empty\nname a new folder, or empty it");
    Ok(())
}

fn walk(
    options: &Options,
    dice: &Dice,
    tables: &mut Tables,
    progress: &mut dyn FnMut(Progress),
) -> Result<()> {
    let order = match options.shuffled {
        true => Order::shuffled(options.persons, options.seed),
        false => Order::sorted(options.persons),
    };
    let (mut done, total) = (0, options.persons * order.passes());
    let mut life = Life::default();
    for pass in 0..order.passes() {
        for index in order.walk(pass) {
            let hospital = &mut dice.stream(HOSPITAL_STREAMS + index);
            life.live(i64::try_from(index)?, &mut dice.stream(index), hospital);
            if !options.shuffled {
                life.sort();
            }
            tables.add(&life, |salt, id| order.admits(pass, salt, id))?;
            done += 1;
            if done % PERSONS_PER_REPORT == 0 || done == total {
                progress(Progress { done, total });
            }
        }
    }
    Ok(())
}

/// The writers of the tables that grow with the persons.
struct Tables {
    person: TableWriter<Person>,
    periods: TableWriter<Event<Period>>,
    eras: TableWriter<Event<Era>>,
    conditions: TableWriter<Event<Condition>>,
    measurements: TableWriter<Event<Measurement>>,
    visits: TableWriter<Event<Visit>>,
    deaths: TableWriter<Death>,
}

impl Tables {
    fn create(folder: &Path, options: &Options, dice: &Dice) -> Result<Self> {
        // Persons take the streams from 0 up, the tables those from the other end down.
        let shuffle = |salt: u64| options.shuffled.then(|| dice.stream(u64::MAX - salt));
        Ok(Self {
            person: TableWriter::create(folder, shuffle(0))?,
            periods: TableWriter::create(folder, shuffle(1))?,
            eras: TableWriter::create(folder, shuffle(2))?,
            conditions: TableWriter::create(folder, shuffle(3))?,
            measurements: TableWriter::create(folder, shuffle(4))?,
            visits: TableWriter::create(folder, shuffle(5))?,
            deaths: TableWriter::create(folder, shuffle(6))?,
        })
    }

    /// Adds those of a person's rows that `admits`, given the table's salt and the row's id.
    fn add(&mut self, life: &Life, admits: impl Fn(u64, i64) -> bool) -> Result<()> {
        add(&mut self.person, std::slice::from_ref(&life.person), |id| admits(0, id))?;
        add(&mut self.periods, life.periods.rows(), |id| admits(1, id))?;
        add(&mut self.eras, life.eras.rows(), |id| admits(2, id))?;
        add(&mut self.conditions, life.conditions.rows(), |id| admits(3, id))?;
        add(&mut self.measurements, life.measurements.rows(), |id| admits(4, id))?;
        add(&mut self.visits, life.visits.rows(), |id| admits(5, id))?;
        add(&mut self.deaths, life.death.as_slice(), |id| admits(6, id))
    }

    fn finish(self) -> Result<Vec<Finished>> {
        Ok(vec![
            self.person.finish()?,
            self.periods.finish()?,
            self.eras.finish()?,
            self.conditions.finish()?,
            self.measurements.finish()?,
            self.visits.finish()?,
            self.deaths.finish()?,
        ])
    }
}

fn add<R: Row + Copy>(
    table: &mut TableWriter<R>,
    rows: &[R],
    admits: impl Fn(i64) -> bool,
) -> Result<()> {
    rows.iter().filter(|row| admits(row.id())).try_for_each(|row| table.add(*row))
}

fn write_vocabulary(folder: &Path) -> Result<Vec<Finished>> {
    let mut concepts = TableWriter::<Concept>::create(folder, None)?;
    VOCABULARY.concepts().try_for_each(|row| concepts.add(row))?;
    let mut closure = TableWriter::<Ancestor>::create(folder, None)?;
    VOCABULARY.closure().try_for_each(|row| closure.add(row))?;
    Ok(vec![concepts.finish()?, closure.finish()?])
}
