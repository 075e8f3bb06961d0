//! Over random studies: no two cells of an output have the same labels, and a cell's margin has
//! just those of its labels that stay.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cloister_contract::cells::{Layout, OutputCells, cells_max};
use cloister_contract::job::Params;
use cloister_contract::study::Study;
use proptest::prelude::*;
use proptest::sample::Index;

/// A dimension's shape (labels, edges, range), its size, and whether it has `other`.
type Dimension = (u8, usize, bool);
/// Whether an output is a histogram, an order of dimensions, how many are in `by`, and its totals
/// as bit masks over `by`.
type Output = (bool, Vec<Index>, usize, Vec<u8>);

fn dimension_text(at: usize, (shape, size, other): Dimension) -> String {
    let domain = match shape {
        0 => {
            let labels: Vec<_> = (0..size).map(|n| format!("\"label {n}\"")).collect();
            format!("labels = [{}]", labels.join(", "))
        }
        1 => {
            let edges: Vec<_> = (0..=size).map(|n| (n * n).to_string()).collect();
            format!("edges = [{}]", edges.join(", "))
        }
        _ => format!("range = [7, {}]", size + 6),
    };
    format!("d{at} = {{ {domain}, other = {other} }}\n")
}

fn output_text(at: usize, output: &Output, dimensions: usize) -> String {
    let (histogram, order, count, totals) = output;
    let mut left: Vec<usize> = (0..dimensions).collect();
    let mut by = Vec::new();
    for index in order.iter().take((*count).min(dimensions)) {
        by.push(format!("\"d{}\"", left.remove(index.index(left.len()))));
    }
    let kind = if *histogram {
        "kind = \"histogram\", edges = [0, 1, 5], other = true"
    } else {
        "kind = \"count\""
    };
    let mut masks: Vec<usize> =
        totals.iter().map(|mask| *mask as usize % (1 << by.len())).collect();
    masks.sort_unstable();
    masks.dedup();
    let all = (1 << by.len()) - 1;
    let totals = masks.into_iter().filter(|mask| *mask != all).map(|mask| {
        let stay = by.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1);
        format!("[{}]", stay.map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", "))
    });
    let totals: Vec<_> = totals.collect();
    format!("o{at} = {{ {kind}, by = [{}], totals = [{}] }}\n", by.join(", "), totals.join(", "))
}

fn study() -> impl Strategy<Value = Study> {
    let dimension = (0..3_u8, 1..4_usize, any::<bool>());
    let order = prop::collection::vec(any::<Index>(), 4);
    let totals = prop::collection::vec(any::<u8>(), 0..5);
    let output = (any::<bool>(), order, 0..5_usize, totals);
    let dimensions = prop::collection::vec(dimension, 1..5);
    let outputs = prop::collection::vec(output, 1..4);
    (dimensions, outputs).prop_map(|(dimensions, outputs)| {
        let head = include_str!("../../testdata/accepted/smallest.toml");
        let mut text = head.split("[outputs]").next().unwrap().to_owned() + "[dimensions]\n";
        for (at, dimension) in dimensions.iter().enumerate() {
            text += &dimension_text(at, *dimension);
        }
        text += "[outputs]\n";
        for (at, output) in outputs.iter().enumerate() {
            write!(text, "{}", output_text(at, output, dimensions.len())).unwrap();
        }
        Study::parse("study.toml", &text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    })
}

type Labels = BTreeMap<String, String>;

/// Every cell's flat index and labels; each label set is there once.
fn by_index(cells: &OutputCells) -> BTreeMap<usize, Labels> {
    let owned = |labels: Vec<(&str, &str)>| -> Labels {
        labels.into_iter().map(|(name, label)| (name.to_owned(), label.to_owned())).collect()
    };
    let labelled: BTreeMap<usize, Labels> =
        cells.labelled().map(|(at, labels)| (at, owned(labels))).collect();
    let mut distinct: Vec<&Labels> = labelled.values().collect();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), labelled.len(), "two cells have the same labels");
    assert!(labelled.keys().copied().eq(cells.first..cells.end()), "a gap between the cells");
    labelled
}

fn margins_hold_the_labels_that_stay(cells: &OutputCells, labelled: &BTreeMap<usize, Labels>) {
    for margin in &cells.margins {
        let stay = |name: &String| margin.axes.iter().any(|at| cells.axes[*at].name == *name);
        for cell in cells.first..cells.first + cells.cells {
            let mut labels = labelled[&cell].clone();
            labels.retain(|name, _| stay(name));
            let total = cells.margin_cell(margin, cell);
            assert!((margin.first..margin.first + margin.cells).contains(&total));
            assert_eq!(labelled[&total], labels, "cell {cell}");
        }
    }
}

/// What a guest names `cell` is the cell with the labels of the dimensions, in row order.
fn guests_find_their_cells(cells: &OutputCells, labelled: &BTreeMap<usize, Labels>) {
    let dimensions = &cells.axes[..cells.axes.len() - usize::from(cells.bins.is_some())];
    for named in 0..cells.named {
        let found = cells.find(i64::try_from(named).unwrap(), 0.5).unwrap();
        let mut rest = named;
        for axis in dimensions.iter().rev() {
            let label = &axis.labels[rest % axis.labels.len()];
            assert_eq!(&labelled[&found][&axis.name], label);
            rest /= axis.labels.len();
        }
        let bin = labelled[&found].get("bin").map(String::as_str);
        assert_eq!(bin, cells.bins.is_some().then_some("[0, 1)"));
    }
}

/// A denominator by fewer dimensions, in another order too, has the labels that both have.
fn denominators_share_the_labels(cells: &OutputCells, of: &OutputCells) {
    let (labelled, denominators) = (by_index(cells), by_index(of));
    for cell in cells.first..cells.first + cells.cells {
        let mut shared = labelled[&cell].clone();
        shared.retain(|name, _| of.axes.iter().any(|axis| axis.name == *name));
        let found = cells.cell_of(of, cell);
        assert!((of.first..of.first + of.cells).contains(&found));
        assert_eq!(denominators[&found], shared, "cell {cell}");
    }
}

proptest! {
    #[test]
    fn cells_margins_and_labels_agree(study in study()) {
        let layout = Layout::new(&study, &Params::bind(&study, &[]).unwrap()).unwrap();
        let mut next = 0;
        for cells in &layout.outputs {
            prop_assert_eq!(cells.first, next);
            let labelled = by_index(cells);
            margins_hold_the_labels_that_stay(cells, &labelled);
            guests_find_their_cells(cells, &labelled);
            next = cells.end();
            let fewer = |of: &&OutputCells| of.axes.iter().all(|axis| cells.axes.contains(axis));
            for of in layout.outputs.iter().filter(fewer) {
                denominators_share_the_labels(cells, of);
            }
        }
        prop_assert_eq!(layout.len, next);
        prop_assert_eq!(cells_max(&study), Ok(layout.len));
    }
}
