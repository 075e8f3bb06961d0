//! Stays in hospital: why somebody is there, what is measured, who comes back, who dies.
//!
//! What makes naive studies of readmission wrong is built in: transfers on the day of discharge,
//! returns on the days at which the usual grids change, planned returns, the same diagnoses and
//! labs outside of any stay, laboratories of different units, deaths before a return. Example: who
//! is discharged on day 100 and admitted on day 130 is back after 30 days, and on day 131 too late
//! for most measures.

use crate::calendar::SNAPSHOT;
use crate::codes::{CREATININE, HAEMOGLOBIN};
use crate::dice::Dice;
use crate::life::{Life, Span};
use crate::tables::{Condition, Death, Measurement, Visit};
use crate::vocabulary::VOCABULARY;

const INPATIENT: i64 = 9_201;
/// An emergency that became an inpatient stay, a concept of its own.
const EMERGENCY_AND_INPATIENT: i64 = 262;

/// Days from a discharge to the next admission at which the usual grids change: a transfer, a week,
/// 30 days, 90 days, a year.
const EDGES: [i32; 9] = [0, 1, 7, 8, 30, 31, 90, 91, 365];

/// A laboratory's way to report: unit, least and greatest value in its own steps, steps a unit.
type Report = (i64, i32, i32, f64);

/// In mg/dL, in µmol/L, and in a unit that it does not have.
const CREATININE_REPORTS: [Report; 4] =
    [(8_840, 4, 40, 10.0), (8_840, 4, 40, 10.0), (8_749, 35, 350, 1.0), (8_554, 1, 99, 1.0)];
/// In g/dL, in g/L, and in mmol/L.
const HAEMOGLOBIN_REPORTS: [Report; 3] =
    [(8_713, 70, 170, 10.0), (8_636, 70, 170, 1.0), (8_753, 43, 105, 10.0)];

/// An inpatient visit, its days both included.
#[derive(Clone, Copy)]
struct Stay {
    visit: i64,
    from: i32,
    to: i32,
}

/// Fills the stays that a person has, adds those that follow from them, and maybe a death.
pub(crate) fn happen(life: &mut Life, span: Span, dice: &mut Dice) {
    let own = life.visits.person();
    let visits = life.visits.rows().iter().filter(|visit| visit.person == own);
    let (stays, others): (Vec<_>, Vec<_>) = visits
        .filter_map(|row| {
            let stay = Stay { visit: row.id, from: row.start?, to: row.detail.end };
            Some((row.concept == Some(INPATIENT), stay))
        })
        .partition(|(inpatient, _)| *inpatient);
    let mut last: Option<Stay> = None;
    for (_, stay) in stays {
        be_treated(life, stay, dice);
        if dice.chance(1_000) {
            // Such a diagnosis on such a day, and not of this stay.
            let elsewhere = dice.pick(&others).filter(|_| dice.chance(6_000));
            let elsewhere = elsewhere.map(|(_, other)| other.visit);
            diagnose(life, stay, elsewhere, dice);
        }
        let end = match dice.chance(4_500) {
            true => come_back(life, span, stay, dice).unwrap_or(stay),
            false => stay,
        };
        last = last.into_iter().chain([end]).max_by_key(|stay| stay.to);
    }
    die(life, span, last, dice);
}

fn come_back(life: &mut Life, span: Span, stay: Stay, dice: &mut Dice) -> Option<Stay> {
    let edge = dice.pick(&EDGES).copied().filter(|_| dice.chance(4_000));
    let from = stay.to + edge.unwrap_or_else(|| dice.between(1, 120));
    if from > span.to {
        return None;
    }
    let to = (from + dice.between(0, 12)).min(SNAPSHOT);
    let concept = if dice.chance(3_000) { EMERGENCY_AND_INPATIENT } else { INPATIENT };
    let visit = life.visits.add(Some(concept), Some(from), Visit { end: to });
    let back = Stay { visit, from, to };
    if dice.chance(2_500) {
        let care = dice.pick(&VOCABULARY.care);
        note(life, back, Some(visit), care, dice);
    }
    be_treated(life, back, dice);
    Some(back)
}

fn be_treated(life: &mut Life, stay: Stay, dice: &mut Dice) {
    for _ in 0..dice.between(0, 2) {
        diagnose(life, stay, Some(stay.visit), dice);
    }
    for _ in 0..dice.between(0, 2) {
        measure(life, stay, CREATININE, &CREATININE_REPORTS, dice);
        measure(life, stay, HAEMOGLOBIN, &HAEMOGLOBIN_REPORTS, dice);
    }
}

/// Adds a reason to be in hospital, dated in `stay`, as a diagnosis of `visit`.
fn diagnose(life: &mut Life, stay: Stay, visit: Option<i64>, dice: &mut Dice) {
    let code = dice.pick(&VOCABULARY.admissions);
    note(life, stay, visit, code, dice);
}

fn note(
    life: &mut Life,
    stay: Stay,
    visit: Option<i64>,
    code: Option<&'static (i64, String)>,
    dice: &mut Dice,
) {
    let date = (!dice.chance(100)).then(|| dice.between(stay.from, stay.to));
    let source = code.map(|(_, source)| source.as_str()).filter(|_| !dice.chance(200));
    let detail = Condition { end: date, source, visit };
    life.conditions.add(code.map(|(id, _)| *id), date, detail);
}

fn measure(life: &mut Life, stay: Stay, concept: i64, reports: &[Report], dice: &mut Dice) {
    let Some(&(unit, least, most, steps)) = dice.pick(reports) else { return };
    let value = f64::from(dice.between(least, most)) / steps;
    let value = (!dice.chance(300)).then_some(value);
    let unit = (!dice.chance(200)).then_some(unit);
    let date = dice.between(stay.from, stay.to);
    let detail = Measurement { value, unit, visit: Some(stay.visit) };
    life.measurements.add(Some(concept), Some(date), detail);
}

/// In the last stay, soon after it, or some day; rows after a death are in real data too.
fn die(life: &mut Life, span: Span, last: Option<Stay>, dice: &mut Dice) {
    let date = match (dice.below(100), last) {
        (0..3, Some(stay)) => stay.to,
        (3..8, Some(stay)) => stay.to + dice.between(1, 100),
        (8..10, _) => dice.between(span.from, span.to),
        (10..14, _) => span.to,
        _ => return,
    };
    life.death = Some(Death { person: life.person.id, date: date.min(SNAPSHOT) });
}
