//! Stays in hospital: who comes back when, what belongs to a stay, who dies.

use std::collections::{BTreeMap, BTreeSet};

use super::LARGE;

/// Inpatient, and what began as an emergency.
const INPATIENT: [i64; 2] = [9_201, 262];

/// Each person's stays by first day, as first and last day.
fn stays() -> BTreeMap<i64, Vec<(i64, i64)>> {
    let column = |name| LARGE.column("visit_occurrence", name).into_iter().flatten();
    let days = column("visit_start_date").zip(column("visit_end_date"));
    let rows = column("person_id").zip(column("visit_concept_id")).zip(days);
    let mut stays: BTreeMap<i64, Vec<(i64, i64)>> = BTreeMap::new();
    for ((person, concept), days) in rows {
        if INPATIENT.contains(&concept) {
            stays.entry(person).or_default().push(days);
        }
    }
    stays
}

/// Whether each row with a diagnosis of a stay's kind names a stay, another visit, or none.
fn named_by_diagnoses() -> [usize; 3] {
    let column = |table, name| LARGE.column(table, name);
    let visits = column("visit_occurrence", "visit_occurrence_id");
    let concepts = column("visit_occurrence", "visit_concept_id");
    let stays: BTreeSet<i64> = visits
        .into_iter()
        .zip(concepts)
        .filter_map(|(id, concept)| id.filter(|_| INPATIENT.contains(&concept.unwrap())))
        .collect();
    let heart_failure = LARGE.under(316_139);
    let rows = column("condition_occurrence", "condition_concept_id").into_iter();
    let rows = rows.zip(column("condition_occurrence", "visit_occurrence_id"));
    let mut named = [0; 3];
    for (_, visit) in
        rows.filter(|(concept, _)| concept.is_some_and(|c| heart_failure.contains(&c)))
    {
        let at = visit.map_or(2, |visit| usize::from(!stays.contains(&visit)));
        named[at] += 1;
    }
    named
}

#[test]
fn persons_come_back_on_both_sides_of_the_usual_edges() {
    let mut gaps: BTreeMap<i64, usize> = BTreeMap::new();
    for stays in stays().values() {
        for pair in stays.windows(2) {
            *gaps.entry(pair[1].0 - pair[0].1).or_default() += 1;
        }
    }
    let seen = |gap: i64| gaps.get(&gap).copied().unwrap_or_default();
    for gap in [0, 1, 7, 8, 30, 31, 90, 91] {
        assert!(seen(gap) > 100, "{gap}: {}", seen(gap));
    }
    assert!(gaps.keys().any(|gap| *gap < 0), "stays overlap");
}

#[test]
fn a_stay_has_diagnoses_of_its_own_and_others_name_none_or_another_visit() {
    let [stay, other, none] = named_by_diagnoses();
    assert!(stay > 3_000 && other > 100 && none > 10, "{stay} {other} {none}");
}

#[test]
fn laboratories_report_in_units_of_their_own() {
    let concepts = LARGE.column("measurement", "measurement_concept_id");
    let units = LARGE.column("measurement", "unit_concept_id");
    let mut found: BTreeMap<(i64, i64), usize> = BTreeMap::new();
    for (concept, unit) in concepts.into_iter().zip(units) {
        if let (Some(concept), Some(unit)) = (concept, unit) {
            *found.entry((concept, unit)).or_default() += 1;
        }
    }
    for (concept, unit) in
        [(3_016_723, 8_840), (3_016_723, 8_749), (3_000_963, 8_713), (3_000_963, 8_636)]
    {
        assert!(found[&(concept, unit)] > 3_000, "{concept} in {unit}: {found:?}");
    }
    // Creatinine in percent is a mistake that real data have, and no value.
    assert!(found[&(3_016_723, 8_554)] > 1_000);
}

#[test]
fn some_die_in_the_stay_some_after_it_and_some_before_their_last_row() {
    let stays = stays();
    let persons = LARGE.column("death", "person_id").into_iter().flatten();
    let days = LARGE.column("death", "death_date").into_iter().flatten();
    let (mut on_discharge, mut soon, mut before) = (0, 0, 0);
    for (person, day) in persons.zip(days) {
        let Some(last) = stays.get(&person).and_then(|stays| stays.last()) else { continue };
        on_discharge += usize::from(day == last.1);
        soon += usize::from((1..=100).contains(&(day - last.1)));
        before += usize::from(day < last.0);
    }
    assert!(on_discharge > 100 && soon > 200 && before > 50, "{on_discharge} {soon} {before}");
}
