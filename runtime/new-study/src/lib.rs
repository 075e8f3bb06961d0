//! First gastrointestinal bleeding, by sex and age.

use cloister_guest::observed;

cloister_guest::study!("study.toml");

/// Everything that one person contributes. It is called once for each person, sees that person's
/// rows only, and remembers nobody.
fn analyse(person: &Person, params: &Params, out: &mut Outputs) {
    let Some(row) = person.person().next() else { return };
    let sex = match row.gender_concept_id {
        Some(8532) => Sex::Female,
        Some(8507) => Sex::Male,
        _ => Sex::Other,
    };
    let Some(born) = row.year_of_birth else { return };
    let age = Age::of(i64::from(params.snapshot_date.year()) - born).unwrap_or(Age::OTHER);
    out.persons.add(sex, age);

    // Rows come in the order of the study file; a row without a date says nothing.
    let Some(first) = person.bleeding().find_map(|row| row.condition_start_date) else { return };
    // Only who is observed for long enough before is known to bleed for the first time.
    let periods = person.observation().filter_map(|row| {
        Some((row.observation_period_start_date?, row.observation_period_end_date?))
    });
    let washout_days = u32::try_from(params.washout_days).unwrap_or(0);
    if washout_days > 0 && observed(periods, first, washout_days).is_none() {
        return;
    }
    out.bled.add(sex, age);
    out.age_at_first.add(sex, i64::from(first.year()) - born);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Option<cloister_guest::Date> {
        text.parse().ok()
    }

    /// A woman born in 1950, observed from 2000 to 2010: 70 at the tests' snapshot, 2020-01-01.
    fn woman() -> PersonBuilder {
        Person::builder()
            .person(PersonRow { gender_concept_id: Some(8532), year_of_birth: Some(1950) })
            .observation(ObservationRow {
                observation_period_start_date: day("2000-01-01"),
                observation_period_end_date: day("2010-12-31"),
            })
    }

    fn bleeding(date: &str) -> BleedingRow {
        BleedingRow { condition_start_date: day(date) }
    }

    fn age(years: i32) -> Age {
        Age::of(years).expect("a bin for every age in a test")
    }

    #[test]
    fn who_never_bled_is_counted_once() {
        let found = Study::test().run(woman());
        assert_eq!(found.persons, [(Sex::Female, age(70))]);
        assert_eq!(found.bled, []);
    }

    #[test]
    fn the_first_bleeding_counts_in_whatever_order_the_rows_come() {
        let person = woman().bleeding(bleeding("2005-06-01")).bleeding(bleeding("2001-03-01"));
        let found = Study::test().run(person);
        assert_eq!(found.bled, [(Sex::Female, age(70))]);
        assert_eq!(found.age_at_first, [(Sex::Female, 51.0)]);
    }

    #[test]
    fn a_washout_wants_days_of_observation_before() {
        let person = woman().bleeding(bleeding("2000-12-30"));
        assert_eq!(Study::test().washout_days(364).run(person.clone()).bled.len(), 1);
        assert_eq!(Study::test().washout_days(365).run(person).bled.len(), 0);
    }

    #[test]
    fn who_has_no_year_of_birth_contributes_nothing() {
        let person = Person::builder().person(PersonRow::default());
        assert!(Study::test().run(person).contributions().is_empty());
    }
}
