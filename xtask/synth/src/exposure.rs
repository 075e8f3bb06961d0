//! The study drugs, the bleeds before and after them, and what makes naive studies of them wrong.
//!
//! Example: a person of the course `Crowded` has 300 bleeds before the first era and one after it.
//! A study that looks at no more than the first 200 outcome rows of a person counts no event.

use crate::codes::{BLEED, CELECOXIB, DICLOFENAC};
use crate::dice::Dice;
use crate::life::{Life, Span};
use crate::vocabulary::VOCABULARY;

/// The time at risk after the first exposure.
const RISK_DAYS: i32 = 3_650;

/// When a person bleeds, seen from the first exposure.
#[derive(Clone, Copy)]
enum Course {
    /// Never on a known day.
    Quiet,
    /// Only before.
    Before,
    /// On the day of the first exposure.
    OnTheDay,
    /// Within the time at risk.
    After,
    /// Before, and within the time at risk.
    BeforeAndAfter,
    /// Only when the time at risk is over.
    Beyond,
    /// Hundreds of times before, once within the time at risk.
    Crowded,
}

impl Course {
    /// The comparator carries the higher risk, so that a study has something to find.
    fn thrown(first_drug: i64, dice: &mut Dice) -> Self {
        let after = if first_drug == CELECOXIB { 500 } else { 900 };
        match dice.below(10_000) {
            0..30 => Self::Crowded,
            30..600 => Self::Before,
            600..800 => Self::OnTheDay,
            800..1_000 => Self::BeforeAndAfter,
            1_000..1_400 => Self::Beyond,
            throw if throw < 1_400 + after => Self::After,
            _ => Self::Quiet,
        }
    }
}

/// Adds the eras of the study drugs, if any, and the bleeds.
pub(crate) fn happen(life: &mut Life, span: Span, dice: &mut Dice) {
    match span.study_drug_from.filter(|_| dice.chance(7_700)) {
        Some(from) => be_exposed(life, span, from, dice),
        None if dice.chance(400) => bleed_between(life, 1, span.from, span.to, dice),
        None => {}
    }
}

fn be_exposed(life: &mut Life, span: Span, from: i32, dice: &mut Dice) {
    let drug = if dice.chance(5_000) { CELECOXIB } else { DICLOFENAC };
    let course = Course::thrown(drug, dice);
    // Whoever bleeds beyond the time at risk must have begun early enough to get there: at least 17
    // years lie between `from` and the last day, and two thirds of them are 11.
    let room = match course {
        Course::Beyond => (span.to - from) / 3,
        _ => span.to - from - 400,
    };
    let first = from + dice.between(0, room);
    take_study_drugs(life, span, course, (drug, first), dice);
    bleed(life, span, course, first, dice);
    if !matches!(course, Course::Crowded) && dice.chance(100) {
        bleed_on(life, None, dice);
    }
}

fn take_study_drugs(
    life: &mut Life,
    span: Span,
    course: Course,
    (drug, first): (i64, i32),
    dice: &mut Dice,
) {
    // Only where no bleed is placed by the first exposure may its date be lost.
    let dated = !(matches!(course, Course::Quiet) && dice.chance(50));
    take_one_drug(life, span, drug, first, dated, dice);
    if dice.chance(1_500) {
        let other = if drug == CELECOXIB { DICLOFENAC } else { CELECOXIB };
        let same_day = dice.chance(3_000);
        let later = dice.between(first, span.to);
        take_one_drug(life, span, other, if same_day { first } else { later }, dated, dice);
    }
}

fn take_one_drug(life: &mut Life, span: Span, drug: i64, first: i32, dated: bool, dice: &mut Dice) {
    life.take(Some(code_under(drug, dice)), dated.then_some(first), dice);
    if dice.chance(500) {
        life.take(Some(code_under(drug, dice)), dated.then_some(first), dice);
    }
    for _ in 0..dice.between(0, 3) {
        let later = dice.between(first, span.to);
        let start = (dated && !dice.chance(50)).then_some(later);
        life.take(Some(code_under(drug, dice)), start, dice);
    }
}

/// The ingredient itself, or a code at any level below it.
fn code_under(drug: i64, dice: &mut Dice) -> i64 {
    let below = if drug == CELECOXIB { &VOCABULARY.celecoxib } else { &VOCABULARY.diclofenac };
    if dice.chance(6_000) { drug } else { dice.pick(below).copied().unwrap_or(drug) }
}

fn bleed(life: &mut Life, span: Span, course: Course, first: i32, dice: &mut Dice) {
    let before = first - 1;
    let last_at_risk = span.to.min(first + RISK_DAYS);
    match course {
        Course::Quiet => {}
        Course::Before => bleed_between(life, dice.between(1, 3), span.from, before, dice),
        Course::OnTheDay => bleed_between(life, 1, first, first, dice),
        Course::After => bleed_at_risk(life, span, first, dice),
        Course::BeforeAndAfter => {
            bleed_between(life, dice.between(1, 3), span.from, before, dice);
            bleed_at_risk(life, span, first, dice);
        }
        Course::Beyond => {
            // Some on the very first day that no longer counts.
            let start = first + RISK_DAYS + 1;
            let end = if dice.chance(500) { start } else { span.to };
            bleed_between(life, dice.between(1, 2), start, end, dice);
        }
        Course::Crowded => {
            bleed_between(life, dice.between(250, 400), span.from, before, dice);
            bleed_between(life, 1, first + 1, last_at_risk, dice);
        }
    }
}

fn bleed_at_risk(life: &mut Life, span: Span, first: i32, dice: &mut Dice) {
    let last = first + RISK_DAYS;
    if last <= span.to && dice.chance(500) {
        // The very last day that counts.
        return bleed_on(life, Some(last), dice);
    }
    bleed_between(life, 1, first + 1, last.min(span.to), dice);
    let again = dice.between(0, 2);
    bleed_between(life, again, first + 1, span.to, dice);
}

fn bleed_between(life: &mut Life, times: i32, first: i32, last: i32, dice: &mut Dice) {
    for _ in 0..times {
        let date = dice.between(first, last);
        bleed_on(life, Some(date), dice);
    }
}

fn bleed_on(life: &mut Life, date: Option<i32>, dice: &mut Dice) {
    let code = dice.pick(&VOCABULARY.bleeds);
    let concept = code.map_or(BLEED, |(id, _)| *id);
    life.fall_ill_with(Some(concept), date, code.map(|(_, source)| source.as_str()), dice);
}
