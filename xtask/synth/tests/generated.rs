//! What the generator promises about its files, read back from the files themselves.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that reads something else than promised should stop there"
)]

mod folder;
mod hospital;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use folder::{Folder, TABLES, Traits};

const BLEED: i64 = 192_671;
const CELECOXIB: i64 = 1_118_084;
const DICLOFENAC: i64 = 1_124_300;
const RISK_DAYS: i64 = 3_650;

static LARGE: LazyLock<Folder> = LazyLock::new(|| Folder::generate(20_000, 1, false));

#[test]
fn the_same_seed_gives_the_same_bytes() {
    for shuffled in [false, true] {
        let (one, two) = (Folder::generate(300, 5, shuffled), Folder::generate(300, 5, shuffled));
        assert_eq!(one.files(), two.files());
    }
}

/// Counts noted down on one machine, so that another which throws other dice is found out.
#[test]
fn seed_1_gives_the_known_numbers_of_rows() {
    let folder = Folder::generate(1_000, 1, false);
    for (table, rows) in [
        ("person", 1_000),
        ("observation_period", 981),
        ("drug_era", 4_723),
        ("condition_occurrence", 11_570),
        ("measurement", 18_873),
        ("visit_occurrence", 11_396),
        ("death", 103),
    ] {
        assert_eq!(folder.summary.rows(table), rows, "{table}");
    }
}

#[test]
fn another_seed_gives_other_rows() {
    let (one, two) = (Folder::generate(300, 5, false), Folder::generate(300, 6, false));
    for table in TABLES {
        assert_ne!(one.row_bytes(table), two.row_bytes(table), "{table}");
    }
}

#[test]
fn a_person_keeps_their_rows_in_a_larger_data_set() {
    let (small, large) = (Folder::generate(100, 5, false), Folder::generate(300, 5, false));
    for table in TABLES {
        let (small, large) = (small.row_bytes(table), large.row_bytes(table));
        assert_eq!(small[..], large[..small.len()], "{table}");
    }
}

/// So many persons that the larger tables take more than one block.
#[test]
fn shuffled_has_the_rows_of_sorted_in_another_order() {
    let (sorted, shuffled) = (Folder::generate(7_500, 5, false), Folder::generate(7_500, 5, true));
    for table in TABLES {
        let (mut sorted, mut shuffled) = (sorted.row_bytes(table), shuffled.row_bytes(table));
        assert_ne!(sorted, shuffled, "{table}");
        sorted.sort_unstable();
        shuffled.sort_unstable();
        assert!(sorted == shuffled, "{table}: the rows differ");
    }
}

#[test]
fn sorted_tables_are_by_person_and_date() {
    for (table, date) in [
        ("observation_period", "observation_period_start_date"),
        ("drug_era", "drug_era_start_date"),
        ("condition_occurrence", "condition_start_date"),
        ("measurement", "measurement_date"),
        ("visit_occurrence", "visit_start_date"),
    ] {
        let (persons, dates) = (LARGE.column(table, "person_id"), LARGE.column(table, date));
        let dates = dates.iter().map(|date| date.unwrap_or(i64::MAX));
        assert!(persons.iter().zip(dates).is_sorted(), "{table}");
    }
}

#[test]
fn row_ids_are_unique() {
    for table in TABLES {
        let id = if table == "death" { "person_id".to_owned() } else { format!("{table}_id") };
        let ids = LARGE.column(table, &id);
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{table}");
    }
}

#[test]
fn a_person_has_more_than_40_rows_on_average() {
    assert!(LARGE.summary.rows_total() - LARGE.summary.rows("person") >= 20_000 * 40);
    for table in TABLES {
        let ids = LARGE.column(table, "person_id");
        assert_eq!(u64::try_from(ids.len()).unwrap(), LARGE.summary.rows(table));
    }
}

#[test]
fn the_hierarchy_has_three_levels_and_its_closure_is_transitive() {
    let closure: BTreeSet<(i64, i64)> = LARGE.closure().into_keys().collect();
    for &(high, middle) in &closure {
        assert!(closure.contains(&(high, high)) && closure.contains(&(middle, middle)));
        for &(_, low) in closure.range((middle, i64::MIN)..=(middle, i64::MAX)) {
            assert!(closure.contains(&(high, low)), "{high} {middle} {low}");
        }
    }
    for root in [CELECOXIB, DICLOFENAC, BLEED] {
        let levels = LARGE.closure().into_iter().filter(|((high, _), _)| *high == root);
        let levels: BTreeSet<i64> = levels.map(|(_, min_level)| min_level).collect();
        assert_eq!(levels, BTreeSet::from([0, 1, 2]), "{root}");
    }
}

#[test]
fn codes_of_all_levels_occur_in_the_rows() {
    for (table, column, root) in [
        ("drug_era", "drug_concept_id", CELECOXIB),
        ("drug_era", "drug_concept_id", DICLOFENAC),
        ("condition_occurrence", "condition_concept_id", BLEED),
    ] {
        let used: BTreeSet<i64> = LARGE.column(table, column).into_iter().flatten().collect();
        for code in LARGE.under(root) {
            assert!(used.contains(&code), "{table} {code}");
        }
    }
}

#[test]
fn six_in_ten_persons_take_a_study_drug_and_some_take_both() {
    let persons: Vec<Traits> = LARGE.persons().into_values().collect();
    let count = |has: fn(&Traits) -> bool| persons.iter().filter(|person| has(person)).count();
    let exposed = count(|person| !person.celecoxib.is_empty() || !person.diclofenac.is_empty());
    assert!((11_500..12_500).contains(&exposed), "{exposed}");
    assert!(count(|person| !person.celecoxib.is_empty() && !person.diclofenac.is_empty()) > 500);
}

#[test]
fn eras_tie_on_a_day_between_drugs_and_within_one() {
    let ties_within = |days: &[i64]| days.windows(2).any(|pair| pair[0] == pair[1]);
    let persons = LARGE.persons();
    let between = |person: &&Traits| {
        person.first().is_some() && person.celecoxib.first() == person.diclofenac.first()
    };
    assert!(persons.values().filter(between).count() > 100);
    assert!(persons.values().filter(|person| ties_within(&person.celecoxib)).count() > 100);
}

#[test]
fn outcomes_fall_before_on_after_and_beyond_the_time_at_risk() {
    let (mut before, mut on, mut after, mut only_beyond) = (0, 0, 0, 0);
    let (mut last_day, mut day_too_late) = (0, 0);
    for person in LARGE.persons().values() {
        let Some(first) = person.first() else { continue };
        let days: Vec<i64> = person.bleeds.iter().map(|day| day - first).collect();
        before += usize::from(days.iter().any(|day| *day < 0));
        on += usize::from(days.contains(&0));
        after += usize::from(days.iter().any(|day| (1..=RISK_DAYS).contains(day)));
        let beyond = !days.is_empty() && days.iter().all(|day| *day > RISK_DAYS);
        only_beyond += usize::from(beyond);
        last_day += usize::from(days.contains(&RISK_DAYS));
        day_too_late += usize::from(days.contains(&(RISK_DAYS + 1)));
    }
    assert!(before > 500 && on > 100 && after > 500 && only_beyond > 200);
    assert!(last_day > 0 && day_too_late > 0);
}

#[test]
fn some_have_over_200_outcomes_before_and_one_after_the_exposure() {
    let mut crowded = 0;
    for person in LARGE.persons().values().filter(|person| person.bleeds.len() > 200) {
        let first = person.first().unwrap();
        let after: Vec<&i64> = person.bleeds.iter().filter(|day| **day >= first).collect();
        assert_eq!(after.len(), 1);
        assert!((first + 1..=first + RISK_DAYS).contains(after[0]));
        assert!((251..=401).contains(&person.bleeds.len()));
        crowded += 1;
    }
    assert!((15..80).contains(&crowded), "{crowded}");
}

#[test]
fn nulls_occur_where_real_data_has_them() {
    for (table, column) in [
        ("person", "year_of_birth"),
        ("drug_era", "drug_era_start_date"),
        ("drug_era", "drug_concept_id"),
        ("condition_occurrence", "condition_start_date"),
        ("condition_occurrence", "condition_end_date"),
        ("condition_occurrence", "condition_source_value"),
        ("measurement", "value_as_number"),
        ("measurement", "unit_concept_id"),
    ] {
        let (nulls, rows) = LARGE.nulls(table, column);
        assert!(nulls > 0 && nulls < rows / 2, "{table}.{column}: {nulls} of {rows}");
    }
}

#[test]
fn some_rows_belong_to_nobody_and_some_persons_have_no_rows() {
    let known: BTreeSet<_> = LARGE.column("person", "person_id").into_iter().collect();
    let mut seen = BTreeSet::new();
    for table in TABLES[1..].iter().filter(|table| **table != "death") {
        let persons = LARGE.column(table, "person_id");
        let strays = persons.iter().filter(|person| !known.contains(person)).count();
        assert!(strays > 0 && strays < persons.len() / 500, "{table}: {strays}");
        seen.extend(persons);
    }
    let unseen = known.difference(&seen).count();
    assert!((300..500).contains(&unseen), "{unseen}");
}

#[test]
fn a_few_persons_have_thousands_of_lab_rows() {
    let mut rows: BTreeMap<_, usize> = BTreeMap::new();
    for person in LARGE.column("measurement", "person_id") {
        *rows.entry(person).or_default() += 1;
    }
    assert!(rows.values().any(|rows| *rows >= 2_000));
    assert!(rows.values().filter(|rows| **rows < 50).count() > 19_000);
}

#[test]
fn dates_lie_after_birth_and_before_the_snapshot() {
    let (ids, years) =
        (LARGE.column("person", "person_id"), LARGE.column("person", "year_of_birth"));
    let born: BTreeMap<_, _> = ids.into_iter().zip(years).collect();
    for (table, date) in [
        ("drug_era", "drug_era_start_date"),
        ("condition_occurrence", "condition_end_date"),
        ("measurement", "measurement_date"),
        ("visit_occurrence", "visit_end_date"),
    ] {
        let dates = LARGE.column(table, date);
        for (person, day) in LARGE.column(table, "person_id").into_iter().zip(dates) {
            let Some(day) = day else { continue };
            assert!((-7_305..=19_722).contains(&day), "{table} {person:?} {day}");
            if let Some(Some(year)) = born.get(&person) {
                // 1970-01-01 plus whole years of 365.25 days, a day off at most.
                assert!(day >= (year - 1970) * 1_461 / 4, "{table} {person:?} {day}");
            }
        }
    }
}

#[test]
fn the_manifest_names_every_file() {
    let files = LARGE.files();
    let manifest = String::from_utf8(files["dataset.toml"].clone()).unwrap();
    assert!(manifest.contains("name = \"synthetic-20000-1\"\n"));
    assert!(manifest.contains("published_persons = 20000\n"));
    for file in files.keys().filter(|file| file.ends_with(".parquet")) {
        assert!(manifest.contains(&format!("= \"{file}\"\n")), "{file}");
    }
    assert_eq!(files.len(), TABLES.len() + 3);
}

#[test]
fn a_folder_with_something_in_it_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("person.parquet"), "mine").unwrap();
    let options = cloister_synth::Options { persons: 10, seed: 1, shuffled: false };
    let error = cloister_synth::generate(&options, folder.path()).unwrap_err();
    assert!(error.to_string().contains("is not empty"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
