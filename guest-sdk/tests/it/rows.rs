//! Builder, host's encoder, frame, `Person`: each type of column, canonical order, the cut.

use cloister_guest::{Date, DateTime, Link};

use super::*;

const NULL: AllRow<'static> = AllRow {
    int: None,
    float: None,
    bool: None,
    date: None,
    datetime: None,
    kind: None,
    text: None,
    link: None,
};

/// Checks that `rows`, added from last to first, are seen in the order given.
fn check(rows: &[AllRow<'_>]) {
    let backwards = rows.iter().rev().fold(Person::builder(), |person, row| person.all(*row));
    let expected: Vec<_> = rows.iter().map(|row| format!("{row:?}")).collect();
    assert_eq!(seen(backwards), expected);
}

#[test]
fn values_come_back_as_they_went_in() {
    check(&[AllRow {
        int: Some(i64::MIN),
        float: Some(-0.0),
        bool: Some(true),
        date: Some(Date::from_days(-1)),
        datetime: Some(DateTime::from_micros(-1)),
        kind: Some(AllKind::OutPatient),
        text: Some("Größe 🦴"),
        link: Some(Link::new(7)),
    }]);
    check(&[]);
    check(&[NULL]);
}

#[test]
fn nulls_stand_first_and_an_empty_text_is_none() {
    check(&[NULL, AllRow { text: Some(""), ..NULL }, AllRow { text: Some("a"), ..NULL }]);
    check(&[NULL, AllRow { bool: Some(false), ..NULL }, AllRow { bool: Some(true), ..NULL }]);
    let int = |int| AllRow { int: Some(int), ..NULL };
    check(&[NULL, NULL, int(i64::MIN), int(-1), int(0), int(i64::MAX)]);
}

#[test]
fn each_type_has_its_order() {
    let floats = [-f64::NAN, f64::NEG_INFINITY, -1.5, -0.0, 0.0, 5e-324, f64::INFINITY, f64::NAN];
    check(&floats.map(|float| AllRow { float: Some(float), ..NULL }));
    let dates = [i32::MIN, -1, 0, i32::MAX].map(Date::from_days);
    check(&dates.map(|date| AllRow { date: Some(date), ..NULL }));
    let instants = [i64::MIN, -1, 0, i64::MAX].map(DateTime::from_micros);
    check(&instants.map(|datetime| AllRow { datetime: Some(datetime), ..NULL }));
    let kinds = [AllKind::InPatient, AllKind::OutPatient, AllKind::Other];
    check(&kinds.map(|kind| AllRow { kind: Some(kind), ..NULL }));
    // By bytes: no locale has a say.
    check(&["", "Z", "Za", "a", "z", "é", "🦴"].map(|text| AllRow { text: Some(text), ..NULL }));
    check(&[0, 1, 10].map(|link| AllRow { link: Some(Link::new(link)), ..NULL }));
}

#[test]
fn ties_are_broken_by_the_next_columns() {
    let row = |int, text, link| AllRow { int: Some(int), text, link, ..NULL };
    check(&[
        row(1, None, Some(Link::new(9))),
        row(1, Some("a"), None),
        row(1, Some("a"), Some(Link::new(0))),
        row(1, Some("a"), Some(Link::new(0))),
        row(2, None, None),
    ]);
}

#[test]
fn nine_rows_need_two_bytes_of_a_bitmap() {
    let rows: Vec<_> = (0..9).map(|int| AllRow { int: Some(int), ..NULL }).collect();
    let with_bool =
        |row: &AllRow<'static>| AllRow { bool: row.int.map(|int| int % 3 == 0), ..*row };
    check(&rows.iter().map(with_bool).collect::<Vec<_>>());
    check(&rows);
}

#[test]
fn order_by_comes_before_the_first_column_and_decides_what_is_cut() {
    let rows = [(1, Some(5)), (2, Some(4)), (3, Some(4)), (4, None), (5, Some(9))];
    let person = rows.into_iter().fold(Person::builder(), |person, (a, b)| {
        person.first(FirstRow { a: Some(a), b }).last(LastRow { a: Some(a), b })
    });
    assert_eq!(
        seen(person),
        [
            "first Some(4) None",
            "first Some(2) Some(4)",
            "first Some(3) Some(4)",
            "last Some(3) Some(4)",
            "last Some(1) Some(5)",
            "last Some(5) Some(9)",
        ]
    );
}

#[test]
fn filters_on_declared_columns_hold_before_the_cut() {
    let rows = [
        (Some(1), Some("K92.2")),
        (Some(7), Some("I21.0")),
        (Some(2), Some("K92.2")),
        (Some(3), Some("I21.9")),
        (Some(3), Some("K92")),
        (None, Some("K92.2")),
        (Some(3), None),
    ];
    let many = rows.iter().cycle().take(21);
    let person = many.fold(Person::builder(), |person, (concept, code)| {
        person.picked(PickedRow { concept: *concept, code: *code })
    });
    let of = |text: &str| vec![format!("picked {text}"); 3];
    let expected = [of("Some(1) Some(\"K92.2\")"), of("Some(7) Some(\"I21.0\")")].concat();
    assert_eq!(seen(person), expected);
}

#[test]
fn rows_are_an_iterator_from_both_ends() {
    let study = Study::test().must(0);
    let person =
        (0..5).fold(Person::builder(), |person, int| person.all(AllRow { int: Some(int), ..NULL }));
    let frame = study.person_frame(&person);
    let frame = cloister_contract::frame::PersonFrame::new(&frame).unwrap();
    let rows = cloister_guest::Rows::<AllRow<'_>>::new(frame.table(8));
    let ints = |rows: cloister_guest::Rows<'_, AllRow<'_>>| {
        rows.filter_map(|row| row.int).collect::<Vec<_>>()
    };
    assert_eq!((rows.len(), rows.clone().count()), (5, 5));
    assert_eq!(ints(rows.clone()), [0, 1, 2, 3, 4]);
    let mut rest = rows.clone();
    assert_eq!(rest.nth(1).and_then(|row| row.int), Some(1));
    assert_eq!(rest.next_back().and_then(|row| row.int), Some(4));
    assert_eq!((rest.len(), ints(rest.clone())), (2, vec![2, 3]));
    assert_eq!(rest.nth(9), None);
    assert_eq!((rest.next(), rest.next_back(), rest.len()), (None, None, 0));
    assert_eq!(rows.last().and_then(|row| row.int), Some(4));
}

#[test]
#[should_panic(expected = "do not fit")]
fn a_text_that_is_too_long_ends_the_test() {
    let _ = seen(Person::builder().all(AllRow { text: Some("seventeen letters"), ..NULL }));
}
