//! What the study means, person by person: no data set and no host are needed.

use cloister_guest::{Date, Link};

use super::*;

const HEART_FAILURE: i64 = 316_139;

fn day(text: &str) -> Option<Date> {
    text.parse().ok()
}

/// The visit `id` from one day to another.
fn stay(id: u32, from: &str, to: &str) -> StayRow {
    StayRow {
        visit_start_date: day(from),
        visit_end_date: day(to),
        visit_occurrence_id: Some(Link::new(id)),
    }
}

/// A diagnosis of the visit `id` that is one of the study's conditions.
fn reason(id: u32, date: &str, code: &'static str) -> ReasonRow<'static> {
    ReasonRow {
        condition_start_date: day(date),
        condition_source_value: Some(code),
        visit_occurrence_id: Some(Link::new(id)),
    }
}

fn planned(id: u32) -> PlannedRow {
    PlannedRow { visit_occurrence_id: Some(Link::new(id)) }
}

fn death(date: &str) -> DeathRow {
    DeathRow { death_date: day(date) }
}

/// Somebody born in 1950, discharged on 10 January 2010 after ten days with heart failure.
fn discharged() -> PersonBuilder {
    Person::builder()
        .person(PersonRow { year_of_birth: Some(1950) })
        .stay(stay(0, "2010-01-01", "2010-01-10"))
        .reason(reason(0, "2010-01-01", "I50.9"))
}

fn age(years: i32) -> Age {
    Age::of(years).expect("a bin for every age in a test")
}

/// The outcome of a person who is discharged.
fn outcome(person: PersonBuilder) -> Outcome {
    let found = Study::test().run(person);
    assert_eq!(found.discharged.len(), 1);
    let [(_, outcome)] = found.outcomes[..] else { panic!("one person has one outcome") };
    assert_eq!(found.readmitted.len(), usize::from(outcome == Outcome::Readmitted));
    outcome
}

#[test]
fn who_is_discharged_and_stays_at_home_is_counted_once() {
    let found = Study::test().run(discharged());
    assert_eq!((found.discharged, found.readmitted), (vec![age(60)], vec![]));
    assert_eq!(found.outcomes, [(Reason::Circulatory, Outcome::Neither)]);
    assert_eq!((found.first_creatinine, found.last_haemoglobin), (vec![], vec![]));
}

#[test]
fn days_are_counted_from_the_day_after_discharge_to_the_grid_s_end() {
    let params = Study::test().params();
    for (date, bin) in [
        ("2010-01-11", Some(1)),
        ("2010-01-17", Some(7)),
        ("2010-01-18", Some(8)),
        ("2010-02-09", Some(30)),
        ("2010-02-10", Some(31)),
        ("2010-04-10", Some(90)),
        ("2010-04-11", None),
    ] {
        let found = Study::test().run(discharged().stay(stay(1, date, "2010-05-01")));
        let bin = bin.and_then(|days| Days::of(days, &params));
        let expected: Vec<_> = bin.map(|days| (age(60), days)).into_iter().collect();
        assert_eq!(found.readmitted, expected, "{date}");
    }
}

#[test]
fn a_transfer_belongs_to_the_stay_and_its_diagnoses_too() {
    let person = Person::builder()
        .stay(stay(1, "2010-01-01", "2010-01-10"))
        .stay(stay(0, "2010-01-10", "2010-01-20"))
        .reason(reason(0, "2010-01-10", "J18.9"));
    let found = Study::test().run(person.clone());
    assert_eq!(found.discharged, [Age::OTHER]);
    assert_eq!(found.outcomes, [(Reason::Respiratory, Outcome::Neither)]);
    // Day 30 after the second discharge.
    assert_eq!(outcome(person.stay(stay(2, "2010-02-19", "2010-02-19"))), Outcome::Readmitted);
}

#[test]
fn a_diagnosis_of_another_visit_is_no_reason() {
    let visit = Person::builder().stay(stay(0, "2010-01-01", "2010-01-10"));
    for link in [Some(Link::new(1)), None] {
        let other = ReasonRow { visit_occurrence_id: link, ..reason(0, "2010-01-02", "I50.9") };
        let found = Study::test().run(visit.clone().reason(other));
        assert!(found.contributions().is_empty(), "{link:?}");
    }
}

#[test]
fn the_first_diagnosis_says_why() {
    let why = |person| Study::test().run(person).outcomes;
    let person = discharged().reason(reason(0, "2009-12-31", "B44.1"));
    assert_eq!(why(person), [(Reason::Other, Outcome::Neither)]);
    let person = discharged().reason(reason(0, "2010-01-01", "I11.0"));
    let person = person.reason(reason(0, "2010-01-02", "K92.2"));
    assert_eq!(why(person), [(Reason::Circulatory, Outcome::Neither)]);
}

#[test]
fn the_first_stay_for_a_condition_is_the_index_and_whatever_comes_next_counts() {
    let person = discharged()
        .stay(stay(5, "2009-12-01", "2009-12-24"))
        .stay(stay(6, "2010-03-01", "2010-03-02"))
        .stay(stay(7, "2010-03-10", "2010-03-11"))
        .reason(reason(7, "2010-03-10", "J18.9"));
    let found = Study::test().run(person);
    assert_eq!((found.discharged.len(), found.readmitted.len()), (1, 1));
    assert_eq!(found.outcomes, [(Reason::Circulatory, Outcome::Readmitted)]);
}

#[test]
fn a_planned_return_ends_the_count() {
    let person = discharged().stay(stay(1, "2010-01-20", "2010-01-21"));
    assert_eq!(outcome(person.clone()), Outcome::Readmitted);
    let person = person.planned(planned(1));
    assert_eq!(outcome(person.clone()), Outcome::Neither);
    assert_eq!(outcome(person.stay(stay(2, "2010-01-30", "2010-01-31"))), Outcome::Neither);
}

#[test]
fn who_dies_in_hospital_is_no_index_and_who_dies_at_home_is_no_readmission() {
    let found = Study::test().run(discharged().death(death("2010-01-10")));
    assert!(found.contributions().is_empty());
    for (date, expected) in [
        ("2010-01-11", Outcome::Died),
        ("2010-04-10", Outcome::Died),
        ("2010-04-11", Outcome::Neither),
    ] {
        assert_eq!(outcome(discharged().death(death(date))), expected, "{date}");
    }
    let back = discharged().stay(stay(1, "2010-01-20", "2010-01-21"));
    // Rows after a death are a mistake; a death in the second stay is not.
    assert_eq!(outcome(back.clone().death(death("2010-01-19"))), Outcome::Died);
    assert_eq!(outcome(back.death(death("2010-01-20"))), Outcome::Readmitted);
}

#[test]
fn who_was_discharged_too_lately_is_not_followed() {
    // Day 90 after discharge, and not yet.
    for (snapshot, counted) in [("2010-04-10", 1), ("2010-04-09", 0)] {
        let study = Study::test().snapshot_date(day(snapshot).expect("a date"));
        assert_eq!(study.run(discharged()).discharged.len(), counted, "{snapshot}");
        let study = study.grid([1.0, 30.5]);
        assert_eq!(study.run(discharged()).discharged.len(), 1, "{snapshot}");
    }
    let still_there = StayRow { visit_end_date: None, ..stay(0, "2010-01-01", "") };
    let person = Person::builder().stay(still_there).reason(reason(0, "2010-01-01", "I50.9"));
    assert!(Study::test().run(person).contributions().is_empty());
}

#[test]
fn a_run_may_ask_of_other_conditions() {
    let study = Study::test().conditions([HEART_FAILURE]);
    assert!(study.params().codes.condition.contains(HEART_FAILURE));
    assert!(!study.params().codes.condition.contains(255_848));
}

fn creatinine(id: u32, date: &str, value: f64, unit: i64) -> CreatinineRow {
    CreatinineRow {
        measurement_date: day(date),
        value_as_number: Some(value),
        unit_concept_id: Some(unit),
        visit_occurrence_id: Some(Link::new(id)),
    }
}

fn haemoglobin(id: u32, date: &str, value: f64, unit: i64) -> HaemoglobinRow {
    let CreatinineRow { measurement_date, value_as_number, unit_concept_id, visit_occurrence_id } =
        creatinine(id, date, value, unit);
    HaemoglobinRow { measurement_date, value_as_number, unit_concept_id, visit_occurrence_id }
}

#[test]
fn labs_are_those_of_the_stay_in_one_unit() {
    let person = discharged()
        .creatinine(creatinine(1, "2010-01-01", 9.0, 8840))
        .creatinine(creatinine(0, "2010-01-03", 3.0, 8840))
        .creatinine(CreatinineRow {
            value_as_number: None,
            ..creatinine(0, "2010-01-01", 0.0, 8840)
        })
        // Percent is no unit of creatinine: the site leaves the row out.
        .creatinine(creatinine(0, "2010-01-01", 8.0, 8554))
        .creatinine(creatinine(0, "2010-01-02", 176.84, 8749))
        .haemoglobin(haemoglobin(0, "2010-01-01", 9.0, 8713))
        .haemoglobin(haemoglobin(0, "2010-01-08", 105.0, 8636))
        .haemoglobin(haemoglobin(2, "2010-01-09", 12.0, 8713));
    let found = Study::test().run(person);
    let [(Outcome::Neither, first)] = found.first_creatinine[..] else { panic!("{found:?}") };
    let [(Outcome::Neither, last)] = found.last_haemoglobin[..] else { panic!("{found:?}") };
    assert!((first - 2.0).abs() < 1e-9 && (last - 10.5).abs() < 1e-9, "{first} {last}");
}
