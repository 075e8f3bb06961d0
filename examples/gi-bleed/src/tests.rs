//! What the study means, person by person: no data set and no host are needed.

use cloister_guest::Date;

use super::*;

const CELECOXIB: i64 = 1_118_084;
const DICLOFENAC: i64 = 1_124_300;

fn day(text: &str) -> Option<Date> {
    text.parse().ok()
}

fn era(drug: i64, start: &str) -> DrugEraRow {
    DrugEraRow { drug_concept_id: Some(drug), drug_era_start_date: day(start) }
}

fn bleeding(start: &str) -> OutcomeRow {
    OutcomeRow { condition_start_date: day(start) }
}

/// Somebody born in 1950 who starts celecoxib on New Year's Day 2000.
fn exposed() -> PersonBuilder {
    Person::builder()
        .person(PersonRow { gender_concept_id: Some(8_507), year_of_birth: Some(1_950) })
        .drug_era(era(CELECOXIB, "2000-01-01"))
}

fn age(years: i32) -> Age {
    Age::of(years).expect("a bin for every age in a test")
}

#[test]
fn who_has_no_drug_contributes_nothing() {
    let found = Study::test().run(Person::builder().outcome(bleeding("2000-01-01")));
    assert!(found.contributions().is_empty());
}

#[test]
fn the_first_drug_decides_in_whatever_order_the_rows_come() {
    let person = exposed().drug_era(era(DICLOFENAC, "1999-12-31"));
    let found = Study::test().run(person);
    assert_eq!(found.exposed, [(Arm::Diclofenac, age(49))]);
    assert_eq!(found.bled, []);
}

#[test]
fn the_horizon_is_from_the_first_day_to_its_last() {
    let study = Study::test().horizon_days(30);
    for (date, days) in [
        ("1999-12-31", None),
        ("2000-01-01", Some(0.0)),
        ("2000-01-31", Some(30.0)),
        ("2000-02-01", None),
    ] {
        let found = study.run(exposed().outcome(bleeding(date)));
        assert_eq!(found.bled.len(), usize::from(days.is_some()), "{date}");
        let expected: Vec<_> = days.map(|days| (Arm::Celecoxib, days)).into_iter().collect();
        assert_eq!(found.days_to_bleed, expected, "{date}");
    }
}

#[test]
fn a_bleeding_before_the_drug_does_not_hide_one_after_it() {
    let person = exposed()
        .outcome(bleeding("2003-05-01"))
        .outcome(bleeding("2001-01-01"))
        .outcome(bleeding("1999-01-01"));
    assert_eq!(Study::test().run(person).days_to_bleed, [(Arm::Celecoxib, 366.0)]);
}

#[test]
fn a_row_without_a_date_or_a_drug_is_skipped() {
    let person = Person::builder()
        .drug_era(DrugEraRow { drug_concept_id: Some(CELECOXIB), ..DrugEraRow::default() })
        .drug_era(era(DICLOFENAC, "2000-01-01"))
        .outcome(OutcomeRow::default());
    let found = Study::test().run(person);
    // Nor is there a year of birth.
    assert_eq!(found.exposed, [(Arm::Diclofenac, Age::OTHER)]);
    assert_eq!(found.bled, []);
}

#[test]
fn descendants_are_in_the_code_set() {
    let person = || Person::builder().drug_era(era(40_000_001, "2000-01-01"));
    // A drug in neither set does not pass the study file's `where`.
    assert_eq!(Study::test().run(person()).exposed, []);
    let study = Study::test().celecoxib([CELECOXIB, 40_000_001]);
    assert_eq!(study.run(person()).exposed, [(Arm::Celecoxib, Age::OTHER)]);
}
