//! Parameters and code sets through the init frame; dimensions and outputs as cells.

use cloister_guest::{Contribution, Date};

use super::*;

#[test]
fn defaults_stand_where_a_test_sets_none() {
    let params = Study::test().must(0).params();
    assert_eq!((params.whole, params.real, params.flag), (-1, 0.1, true));
    assert_eq!(params.since.to_string(), "2020-02-29");
    assert_eq!(params.snapshot_date.to_string(), "2020-01-01");
    assert_eq!(params.mode, Mode::VerySlow);
    assert_eq!((params.weights, params.grid), (vec![0.1, 2.0], vec![0.0, 10.0, 20.0]));
    assert_eq!(params.drugs, [9, 7]);
}

#[test]
fn a_test_sets_each_type() {
    let day = Date::from_ymd(2024, 12, 31).unwrap();
    let study = Study::test().whole(5).real(1e-300).flag(false).since(day).mode(Mode::Fast);
    let study = study.weights([]).grid([0.25, 99.75]).drugs([1, 2]).must(3).must(4);
    let params = study.snapshot_date(day).params();
    assert_eq!((params.whole, params.real, params.flag), (5, 1e-300, false));
    assert_eq!((params.since, params.snapshot_date), (day, day));
    assert_eq!((params.mode, params.must), (Mode::Fast, 4));
    assert_eq!((params.weights, params.grid), (vec![], vec![0.25, 99.75]));
    assert_eq!((params.drugs, params.codes.chosen.contains(2)), (vec![1, 2], true));
}

#[test]
#[should_panic(expected = "parameter `must`: it has no default; set it")]
fn a_parameter_without_a_default_must_be_set() {
    let _ = Study::test().params();
}

#[test]
#[should_panic(expected = "parameter `whole`: the value does not fit")]
fn a_parameter_has_its_bounds_in_a_test_too() {
    let _ = Study::test().must(0).whole(6).params();
}

#[test]
fn code_sets_hold_what_the_file_lists() {
    let study = Study::test().must(0);
    let codes = study.params().codes;
    assert_eq!(
        [0, 1, 2, 3, 4].map(|id| codes.listed.contains(id)),
        [false, true, false, true, false]
    );
    assert!(!codes.listed.contains(None) && codes.listed.contains(Some(3)));
    assert_eq!((codes.listed.len(), codes.listed.is_empty()), (2, false));
    assert!(codes.chosen.contains(7) && codes.chosen.contains(9));
    let holds = ["K92.2", "I21", "I21.0", "I21.9", "K92", "", "i21"].map(|c| codes.icd.contains(c));
    assert_eq!(holds, [true, true, true, false, false, false, false]);
    assert!(!codes.icd.contains(None));
    let codes = study.listed([5, 4, 5]).icd(["Z*", "A1"]).params().codes;
    assert_eq!((codes.listed.len(), codes.listed.contains(5)), (2, true));
    assert_eq!(
        ["Z9", "A1", "A12", "K92.2"].map(|c| codes.icd.contains(c)),
        [true, true, false, false]
    );
}

#[test]
fn dimensions_find_their_bin() {
    let params = Study::test().must(0).params();
    assert_eq!(
        [Label::of("b c"), Label::of("B C"), Label::of("other")],
        [Some(Label::BC), None, None]
    );
    assert_eq!([Age::of(0.49), Age::of(40)], [Age::of(0), None]);
    assert_ne!(Age::of(0.5), Age::of(0));
    assert_eq!([Score::of(-3), Score::of(3)], [None, None]);
    assert_eq!(Slot::of(9.99, &params), Slot::of(0, &params));
    assert_eq!(Slot::of(20, &params), None);
    let shown = format!("{:?} {:?} {:?}", Age::of(1).unwrap(), Age::OTHER, Score::of(-2).unwrap());
    assert_eq!(shown, "Age [0.5, 40) Age other Score -2");
    assert_eq!(format!("{:?}", Grade::OTHER), "Grade other");
}

#[test]
fn contributions_name_their_cells() {
    let found = Study::test().must(0).run(Person::builder());
    let params = Study::test().must(0).params();
    let slot = Slot::of(15, &params).unwrap();
    assert_eq!(found.n, [()]);
    assert_eq!(found.cells, [(Label::BC, Age::OTHER, Score::of(-1).unwrap())]);
    assert_eq!(found.total, [2.0]);
    assert_eq!(found.spread, [(slot, Grade::OTHER, -1.5)]);
    assert_eq!(found.shape, [(Slot::other(&params), 15.0)]);
    // label 1 of 3, age 2 of 3, score 1 of 5; slot 1 of 3, value 3 of 4; slot 2 of 3.
    let expected = [(0, 0, 1.0), (1, 26, 1.0), (2, 0, 2.0), (3, 7, -1.5), (4, 2, 15.0)];
    let expected = expected.map(|(output, cell, value)| Contribution { output, cell, value });
    assert_eq!(found.contributions(), expected);
}

#[test]
fn the_host_names_the_same_cells() {
    use cloister_contract::{cells::Layout, job, study};

    let text = include_str!("kinds.toml");
    let study = study::Study::parse("kinds.toml", text).unwrap();
    let params = job::Params::bind(&study, &[("must".to_owned(), "0".to_owned())]).unwrap();
    let layout = Layout::new(&study, &params).unwrap();
    let labels: Vec<_> = Study::test()
        .must(0)
        .run(Person::builder())
        .contributions()
        .iter()
        .map(|given| {
            let output = &layout.outputs[usize::try_from(given.output).unwrap()];
            let flat = output.find(given.cell, given.value).unwrap();
            let (_, labels) = output.labelled().find(|(at, _)| *at == flat).unwrap();
            labels.iter().map(|(_, label)| *label).collect::<Vec<_>>().join(" ")
        })
        .collect();
    assert_eq!(labels, ["", "b c other -1", "", "[10, 20) other", "other [10, 20)"]);
}
