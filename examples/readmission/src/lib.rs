//! Unplanned readmission after a stay in hospital, and two labs of the stay.
//!
//! `study.toml` has the definitions, `stays.rs` makes stays of visits.

use cloister_guest::{Date, Unit, convert};

mod stays;

use stays::{Stay, stays};

cloister_guest::study!("study.toml");

/// In mg/dL: one is 88.42 µmol/L.
const CREATININE: &[Unit<i64>] = &[Unit::new(8840, 1.0), Unit::new(8749, 1.0 / 88.42)];
/// In g/dL: one is 10 g/L, and 1 mmol/L of the monomer is 1.6114 of them.
const HAEMOGLOBIN: &[Unit<i64>] =
    &[Unit::new(8713, 1.0), Unit::new(8636, 0.1), Unit::new(8753, 1.6114)];

/// Everything that one person contributes.
fn analyse(person: &Person, params: &Params, out: &mut Outputs) {
    let died = person.death().find_map(|row| row.death_date);
    let end = params.grid.last().copied().unwrap_or_default();
    let in_grid = |stay: &Stay, day: Date| ((day - stay.discharged) as f64) < end;
    // The day after the snapshot is the first of which nothing is known.
    let unknown = params.snapshot_date.plus_days(1);
    let is_index =
        |stay: &Stay| died.is_none_or(|day| day > stay.discharged) && !in_grid(stay, unknown);

    let stays = stays(person, params);
    let mut later = stays.iter();
    let index = later.find_map(|stay| Some((stay, stay.reason.filter(|_| is_index(stay))?)));
    let Some((index, reason)) = index else { return };
    let born = person.person().next().and_then(|row| row.year_of_birth);
    let age = born.and_then(|year| Age::of(i64::from(index.admitted.year()) - year));
    let age = age.unwrap_or(Age::OTHER);
    out.discharged.add(age);

    let alive = |stay: &&Stay| died.is_none_or(|day| day >= stay.admitted);
    let next = later.next().filter(|stay| !stay.planned).filter(alive);
    let days = next.and_then(|stay| Days::of(stay.admitted - index.discharged, params));
    let outcome = match days {
        Some(_) => Outcome::Readmitted,
        None if died.is_some_and(|day| in_grid(index, day)) => Outcome::Died,
        None => Outcome::Neither,
    };
    out.outcomes.add(reason, outcome);
    if let Some(days) = days {
        out.readmitted.add(age, days);
    }

    let mut rows = person.creatinine().filter(|row| index.has(row.visit_occurrence_id));
    if let Some(value) =
        rows.find_map(|row| convert(CREATININE, row.value_as_number?, &row.unit_concept_id?))
    {
        out.first_creatinine.add(outcome, value);
    }
    // From the last row to the first.
    let mut rows = person.haemoglobin().rev().filter(|row| index.has(row.visit_occurrence_id));
    if let Some(value) =
        rows.find_map(|row| convert(HAEMOGLOBIN, row.value_as_number?, &row.unit_concept_id?))
    {
        out.last_haemoglobin.add(outcome, value);
    }
}

#[cfg(test)]
mod tests;
