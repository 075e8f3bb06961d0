//! Where values and labels fall, on small studies counted by hand.

use cloister_contract::cells::{Layout, cells_max};
use cloister_contract::job::Params;
use cloister_contract::study::{BOUNDS, Study};

/// The layout of a study with these `[dimensions]` and `[outputs]`.
fn layout(dimensions: &str, outputs: &str) -> Layout {
    let head = include_str!("../../testdata/accepted/smallest.toml");
    let head = head.split("[outputs]").next().unwrap();
    let text = format!("{head}[dimensions]\n{dimensions}\n[outputs]\n{outputs}\n");
    let study = Study::parse("study.toml", &text).unwrap();
    Layout::new(&study, &Params::bind(&study, &[]).unwrap()).unwrap()
}

/// The labels of every cell, `|` between dimensions.
fn labels(layout: &Layout, output: usize) -> Vec<String> {
    let cells = layout.outputs[output].labelled();
    cells.map(|(_, cell)| cell.iter().map(|(_, l)| *l).collect::<Vec<_>>().join("|")).collect()
}

#[test]
fn cells_run_row_by_row_and_margins_follow() {
    let layout = layout(
        "arm = [\"a\", \"b\"]\nage = { edges = [0, 40, 80.5], other = true }",
        "n = { kind = \"count\", by = [\"arm\", \"age\"], totals = [[\"arm\"], [\"age\"], []] }\n\
         all = { kind = \"count\" }",
    );
    let expected = [
        "a|[0, 40)",
        "a|[40, 80.5)",
        "a|other",
        "b|[0, 40)",
        "b|[40, 80.5)",
        "b|other",
        "a",
        "b",
        "[0, 40)",
        "[40, 80.5)",
        "other",
        "",
    ];
    assert_eq!(labels(&layout, 0), expected);
    assert_eq!(labels(&layout, 1), [""]);
    assert_eq!((layout.outputs[1].first, layout.len), (12, 13));
    let n = &layout.outputs[0];
    let margin_of = |cell| n.margins.iter().map(|m| n.margin_cell(m, cell)).collect::<Vec<_>>();
    assert_eq!(margin_of(0), [6, 8, 11]);
    assert_eq!(margin_of(5), [7, 10, 11]);
}

#[test]
fn a_guest_cannot_name_a_cell_that_is_not_declared() {
    let layout = layout(
        "week = { range = [-1, 1] }",
        "n = { kind = \"count\", by = [\"week\"], totals = [[]] }",
    );
    assert_eq!(labels(&layout, 0), ["-1", "0", "1", ""]);
    let n = &layout.outputs[0];
    assert_eq!([0, 1, 2].map(|cell| n.find(cell, 1.0)), [Some(0), Some(1), Some(2)]);
    // The margin at 3 is the host's; far numbers do not wrap around.
    for cell in [-1, 3, 4, i64::MIN, i64::MAX, 1 << 32, -(1 << 32)] {
        assert_eq!(n.find(cell, 1.0), None, "{cell}");
    }
}

#[test]
fn a_bin_holds_its_lower_edge_and_not_its_upper_one() {
    let outputs = "open = { kind = \"histogram\", edges = [-1, 0, 30, 90], other = true }\n\
                   shut = { kind = \"histogram\", edges = [-1, 0, 30, 90] }";
    let layout = layout("", outputs);
    let [open, shut] = &layout.outputs[..] else { panic!() };
    let below = f64::next_down;
    for (value, bin) in [
        (-1.0, 0),
        (below(0.0), 0),
        (-0.0, 1),
        (0.0, 1),
        (f64::MIN_POSITIVE, 1),
        (below(30.0), 1),
        (30.0, 2),
        (below(90.0), 2),
    ] {
        assert_eq!(open.find(0, value), Some(open.first + bin), "{value}");
        assert_eq!(shut.find(0, value), Some(shut.first + bin), "{value}");
    }
    for value in [below(-1.0), -2.0, 90.0, 91.0, f64::MAX, f64::MIN] {
        assert_eq!(open.find(0, value), Some(open.first + 3), "{value}");
        assert_eq!(shut.find(0, value), None, "{value}");
    }
    // A value that is not finite is in no bin, not even in `other`.
    for value in [f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!((open.find(0, value), shut.find(0, value)), (None, None), "{value}");
    }
    assert_eq!(labels(&layout, 0), ["[-1, 0)", "[0, 30)", "[30, 90)", "other"]);
}

#[test]
fn bins_run_fastest_and_totals_keep_them() {
    let layout = layout(
        "arm = [\"a\", \"b\"]",
        "h = { kind = \"histogram\", by = [\"arm\"], edges = [0, 1, 2], totals = [[]] }",
    );
    let expected = ["a|[0, 1)", "a|[1, 2)", "b|[0, 1)", "b|[1, 2)", "[0, 1)", "[1, 2)"];
    assert_eq!(labels(&layout, 0), expected);
    let h = &layout.outputs[0];
    assert_eq!((h.named, h.cells, h.end()), (2, 4, 6));
    assert_eq!(h.find(1, 1.5), Some(3));
    assert_eq!(h.margin_cell(&h.margins[0], 3), 5);
}

#[test]
fn edges_of_a_run_make_the_cells() {
    let study = super::accepted::study("every-param-type");
    let bind = |cuts: &str| {
        let given = [("must_days", "-1"), ("cuts", cuts)];
        Params::bind(&study, &given.map(|(name, text)| (name.into(), text.into()))).unwrap()
    };
    let layout = Layout::new(&study, &bind("10,20")).unwrap();
    assert_eq!(labels(&layout, 0), ["[10, 20)", "other", ""]);
    assert_eq!(layout.outputs[1].cells, 4);
    let longest = Layout::new(&study, &bind("0,1,2,3")).unwrap();
    assert_eq!(Ok(longest.len), cells_max(&study));
}

#[test]
fn exactly_as_many_cells_as_allowed() {
    let layout = layout(
        "week = { range = [1, 1000] }\nday = { range = [1, 100] }",
        "n = { kind = \"count\", by = [\"week\", \"day\"] }",
    );
    assert_eq!(layout.len, BOUNDS.cells_max);
}
