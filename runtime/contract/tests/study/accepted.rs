//! Each file in `testdata/accepted` uses some features of the study file; all of them parse, and
//! what they parse to is asserted here.

use cloister_contract::cells::Layout;
use cloister_contract::job::Params;
use cloister_contract::study::{
    Codes, ColumnType, ConceptSource, ConceptSpec, Domain, EdgeSource, Keep, OutputKind, PURPOSES,
    ParamKind, Study,
};

/// The study in `testdata/accepted` under this name, without `.toml`.
pub(crate) fn study(name: &str) -> Study {
    let files = super::files("accepted");
    let (_, text) = files.iter().find(|(file, _)| *file == format!("{name}.toml")).unwrap();
    Study::parse(name, text).unwrap()
}

#[test]
fn every_accepted_file_parses() {
    let files = super::files("accepted");
    assert!(files.len() >= 8, "files are missing: there are {}", files.len());
    for (name, text) in files {
        let study = Study::parse(&name, &text).unwrap();
        assert_eq!(format!("{}.toml", study.name).replace("ages", "smallest"), name);
    }
}

#[test]
fn the_page_on_study_files_has_a_study_that_parses_and_every_purpose() {
    let page = include_str!("../../../../docs/study.md");
    let example = page.split("```").nth(1).unwrap().strip_prefix("toml").unwrap();
    let study = Study::parse("docs/study.md", example).unwrap();
    let params = Params::bind(&study, &[]).unwrap();
    assert!(Layout::new(&study, &params).unwrap().len > 20);
    for purpose in PURPOSES {
        assert!(page.contains(&format!("`{purpose}`")), "{purpose}");
    }
}

#[test]
fn what_is_not_said_has_its_default() {
    let study = study("smallest");
    assert_eq!((study.limits.fuel, study.limits.memory_pages), (1_000_000, 32));
    let person = &study.tables[0];
    assert_eq!((person.from.as_str(), person.rows_max, person.keep), ("person", 1, Keep::First));
    assert_eq!((person.optional, person.order_by, person.filters.len()), (false, None, 0));
    let output = &study.outputs[0];
    assert_eq!((output.by.len(), output.totals.len(), output.of), (0, 0, None));
    assert_eq!((output.cells_per_person, output.unit.clone()), (1, None));
}

#[test]
fn columns_keep_the_order_of_the_file() {
    let study = study("every-column-type");
    let types = |table: usize| {
        study.tables[table].columns.iter().map(|c| c.kind.name()).collect::<Vec<_>>()
    };
    assert_eq!(types(0), ["int", "bool"]);
    assert_eq!(types(1), ["float", "date", "link"]);
    assert_eq!(types(2), ["link", "datetime", "text", "category"]);
    let stay = &study.tables[2];
    assert_eq!((stay.name.as_str(), stay.from.as_str()), ("stay", "visit_occurrence"));
    assert_eq!((stay.optional, stay.order_by), (true, Some(1)));
    assert_eq!(study.tables[1].keep, Keep::Last);
    assert_eq!(stay.columns[2].kind, ColumnType::Text { bytes_max: 16 });
    let ColumnType::Category { labels } = &stay.columns[3].kind else { panic!() };
    assert_eq!(labels[..], ["home", "another hospital", "nursing home"]);
    assert_eq!(study.title, "Stays, measurements and notes — ü, 患者");
}

#[test]
fn one_table_may_be_read_twice() {
    let study = study("one-table-read-twice");
    let [first, last] = &study.tables[..] else { panic!() };
    assert_eq!((first.from.as_str(), last.from.as_str()), ("drug_era", "drug_era"));
    assert_eq!((first.keep, last.keep), (Keep::First, Keep::Last));
    let OutputKind::Moments(bounds) = &study.outputs[0].kind else { panic!() };
    assert_eq!((bounds.low, bounds.high, bounds.grid.size()), (-1, 3_650, 10.0));
}

#[test]
fn codes_are_sorted_and_each_is_there_once() {
    let study = study("text-codes-with-exclude");
    let Codes::Text(mi) = &study.codes[0].codes else { panic!() };
    assert_eq!((&mi.exact[..], &mi.prefixes[..]), (&["I22.0".into()][..], &["I21".into()][..]));
    assert_eq!(mi.exclude_exact, ["I21.9"]);
    assert_eq!(mi.exclude_prefixes, ["I21.A"]);
    let listed = |concepts: &[i64], descendants| ConceptSpec {
        source: ConceptSource::Listed(concepts.to_vec()),
        descendants,
    };
    assert_eq!(
        study.codes[2].codes,
        Codes::Concepts {
            include: listed(&[1_539_403, 1_545_958], false),
            exclude: Some(listed(&[1_539_403], true)),
        }
    );
    let filters = study.tables[0].filters.iter();
    let filters: Vec<_> = filters.map(|f| (f.column.as_str(), f.sets.clone())).collect();
    assert_eq!(filters, [("icd", vec![0]), ("sex", vec![1]), ("drug_concept_id", vec![2])]);
}

#[test]
fn parameters_stand_for_concepts_and_edges() {
    let study = study("every-param-type");
    assert_eq!(study.params[0].kind, ParamKind::Int { min: 1, max: 3_650, default: Some(365) });
    let float = ParamKind::Float { min: -1.0, max: 25.0, default: Some(0.5) };
    assert_eq!(study.params[1].kind, float);
    let Codes::Concepts { include, .. } = &study.codes[0].codes else { panic!() };
    assert_eq!(include.source, ConceptSource::Param(7));
    assert_eq!(study.dimensions[0].domain, Domain::Edges(EdgeSource::Param(6)));
    assert!(study.dimensions[0].other);
    let edges = EdgeSource::Param(6);
    assert_eq!(study.outputs[1].kind, OutputKind::Histogram { edges, other: true });
    assert_eq!(study.param("weights"), Some(5));
    assert_eq!(study.param("weight"), None);
}

#[test]
fn dimensions_of_every_shape() {
    let study = study("every-dimension");
    let domains: Vec<_> = study.dimensions.iter().map(|d| (&d.domain, d.other)).collect();
    let labels = |labels: [&str; 2]| Domain::Labels(labels.map(str::to_owned).to_vec());
    assert_eq!(domains[0], (&labels(["female", "male"]), false));
    assert_eq!(domains[1], (&labels(["north", "south"]), true));
    let edges = Domain::Edges(EdgeSource::Listed(vec![-0.5, 0.0, 17.5, 1_000.0]));
    assert_eq!(domains[2], (&edges, false));
    assert_eq!(domains[3], (&Domain::Range { min: -1, max: 2 }, true));
    assert_eq!(domains[4], (&Domain::Range { min: 7, max: 7 }, false));
    let [persons, ill, ill_in, weeks] = &study.outputs[..] else { panic!() };
    assert_eq!(persons.by, [0, 2, 1]);
    // In the order of `by`, whatever the order in which a total is written.
    assert_eq!(persons.totals, [vec![0, 1], vec![2], vec![]]);
    assert_eq!((ill.of, ill.cells_per_person), (Some(0), 3));
    // Persons by sex, age and region; who is ill by week besides, in an order of its own.
    assert_eq!((ill_in.of, &ill_in.by[..]), (Some(0), &[3, 1, 2, 0][..]));
    assert_eq!(weeks.cells_per_person, 10_000);
}

#[test]
fn bounds_are_in_steps_of_the_grid() {
    let study = study("every-output-kind");
    let bounds = |output: usize| match &study.outputs[output].kind {
        OutputKind::Sum(bounds) | OutputKind::Moments(bounds) => (bounds.low, bounds.high),
        _ => panic!(),
    };
    assert_eq!(bounds(2), (-1, 4_000_000));
    assert_eq!(bounds(3), (300, 457));
    assert_eq!(bounds(6), (0, 1 << 40));
    let edges = EdgeSource::Listed(vec![0.0, 30.0, 90.0]);
    assert_eq!(study.outputs[4].kind, OutputKind::Histogram { edges, other: false });
    assert_eq!(study.outputs[3].unit.as_deref(), Some("°C"));
}
