//! What a rehearsal notes of each invented person, and a run never does.
//!
//! Fuel, traps and cuts are functions of one person's rows: told about real persons they would be
//! outputs that passed no gate. Only [`super::rehearse`] makes [`Notes`], and it takes nothing but
//! invented persons.

use std::sync::{Arc, Mutex, PoisonError};

use cloister_contract::frame::TableRows;
use cloister_contract::study::Study;
use cloister_sandbox::{Ending, Outcome, Told};

use super::accumulate::Loss;
use super::bundle::Key;

/// The notes of all partitions of one rehearsal.
#[derive(Clone, Default)]
pub(super) struct Notes(Arc<Mutex<Rehearsed>>);

/// What was seen of invented persons.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rehearsed {
    /// The fuel of each call.
    pub(crate) fuel: Vec<u64>,
    /// Persons whose call trapped.
    pub(crate) trapped: u64,
    /// Persons whose call ran out of fuel.
    pub(crate) out_of_fuel: u64,
    /// Persons whose call contributed too often.
    pub(crate) too_many: u64,
    /// Persons who contributed to an output or cell that is not there.
    pub(crate) out_of_range: u64,
    /// For each table of the study, persons who had more rows than it takes.
    pub(crate) cut: Vec<u64>,
    /// For each output, what did not count.
    pub(crate) losses: Vec<Loss>,
    /// Of the persons whose call trapped, the one with the shortest frame.
    pub(crate) trapped_least: Kept,
    /// Of the persons whose call ran out of fuel, the one with the longest frame.
    pub(crate) out_of_fuel_most: Kept,
}

/// The least rank and key of some persons, and that person's frame.
type Kept = Option<(usize, i64, Vec<u8>)>;

impl Notes {
    /// Adds what one partition saw.
    pub(super) fn add(&self, other: Rehearsed) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.fuel.extend(other.fuel);
        all.trapped += other.trapped;
        all.trapped_least = first(all.trapped_least.take(), other.trapped_least);
        all.out_of_fuel_most = first(all.out_of_fuel_most.take(), other.out_of_fuel_most);
        all.out_of_fuel += other.out_of_fuel;
        all.too_many += other.too_many;
        all.out_of_range += other.out_of_range;
        all.cut.resize(other.cut.len(), 0);
        all.cut.iter_mut().zip(other.cut).for_each(|(cut, more)| *cut += more);
        all.losses.resize(other.losses.len(), Loss::default());
        for (loss, more) in all.losses.iter_mut().zip(other.losses) {
            loss.clamped += more.clamped;
            loss.beyond += more.beyond;
            loss.void += more.void;
        }
    }

    /// What all partitions saw.
    pub(super) fn all(&self) -> Rehearsed {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Rehearsed {
    pub(super) fn new(study: &Study) -> Self {
        Self { cut: vec![0; study.tables.len()], ..Self::default() }
    }

    /// Keeps `frame` if no other of those whose call ended so is better to look at: to find why it
    /// traps, the shorter; to find the fuel that all need, the longer.
    pub(super) fn keep(&mut self, ending: Ending, key: Key<'_>, frame: &[u8]) {
        let (kept, rank) = match ending {
            Ending::Trapped => (&mut self.trapped_least, frame.len()),
            Ending::OutOfFuel => (&mut self.out_of_fuel_most, usize::MAX - frame.len()),
            Ending::Done | Ending::TooMany => return,
        };
        // Invented keys are numbers.
        if let Key::Int(key) = key
            && kept.as_ref().is_none_or(|(other, first, _)| (rank, key) < (*other, *first))
        {
            *kept = Some((rank, key, frame.to_vec()));
        }
    }

    /// Notes one person, and gives what a run would know of the call.
    pub(super) fn person(
        &mut self,
        told: Told,
        study: &Study,
        rows: &[Option<TableRows<'_>>],
    ) -> Outcome {
        self.fuel.push(told.fuel);
        for ((table, rows), cut) in study.tables.iter().zip(rows).zip(&mut self.cut) {
            let has = rows.as_ref().map_or(0, |rows| rows.range.len());
            *cut += u64::from(has > table.rows_max as usize);
        }
        match told.ending {
            Ending::Done => return Outcome::Done,
            Ending::Trapped => self.trapped += 1,
            Ending::OutOfFuel => self.out_of_fuel += 1,
            Ending::TooMany => self.too_many += 1,
        }
        Outcome::Dropped
    }
}

/// The first of two partitions' firsts.
fn first(one: Kept, other: Kept) -> Kept {
    one.into_iter().chain(other).min()
}
