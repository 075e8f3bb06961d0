//! A population pyramid: persons by sex and by age at the snapshot date.

cloister_guest::study!("study.toml");

/// Everything that one person contributes.
fn analyse(person: &Person, params: &Params, out: &mut Outputs) {
    let Some(row) = person.person().next() else { return };
    let sex = match row.gender_concept_id {
        Some(8507) => Sex::Male,
        Some(8532) => Sex::Female,
        _ => Sex::Other,
    };
    let year = i64::from(params.snapshot_date.year());
    let age = row.year_of_birth.and_then(|born| Age::of(year - born)).unwrap_or(Age::OTHER);
    out.persons.add(sex, age);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At the test's snapshot date, 2020-01-01.
    fn persons(gender: i64, born: i64) -> Vec<(Sex, Age)> {
        let row = PersonRow { gender_concept_id: Some(gender), year_of_birth: Some(born) };
        Study::test().run(Person::builder().person(row)).persons
    }

    fn age(years: i32) -> Age {
        Age::of(years).unwrap_or(Age::OTHER)
    }

    #[test]
    fn everybody_is_in_one_cell() {
        assert_eq!(persons(8_507, 1_990), [(Sex::Male, age(30))]);
        assert_eq!(persons(8_532, 1_991), [(Sex::Female, age(29))]);
        assert_ne!(age(30), age(29));
        assert_eq!(persons(0, 2_020), [(Sex::Other, age(0))]);
    }

    #[test]
    fn an_age_that_no_band_holds_is_other() {
        assert_eq!(persons(8_507, 1_920), [(Sex::Male, Age::OTHER)]);
        assert_eq!(persons(8_507, 2_021), [(Sex::Male, Age::OTHER)]);
        let found = Study::test().run(Person::builder().person(PersonRow::default()));
        assert_eq!(found.persons, [(Sex::Other, Age::OTHER)]);
    }

    #[test]
    fn the_snapshot_date_says_how_old() {
        let row = PersonRow { gender_concept_id: Some(8_532), year_of_birth: Some(1_970) };
        let study = Study::test().snapshot_date(cloister_guest::Date::from_days(0));
        let found = study.run(Person::builder().person(row));
        assert_eq!(found.persons, [(Sex::Female, age(0))]);
    }

    #[test]
    fn who_has_no_row_is_not_counted() {
        assert_eq!(Study::test().run(Person::builder()).persons, []);
    }
}
