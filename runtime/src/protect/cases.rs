//! Decision cases: `policies/cases/*.toml`, each a draft and what becomes of it, as data.
//!
//! Persons say things, the host's own accumulation makes a draft of it, and every cell of the
//! release must be what the case says: `withheld`, or the interval of its persons.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::drafts::Sample;
use super::screen::withheld;
use super::{History, Profile, Rules, rounding};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What it shows, in a sentence.
    shows: String,
    profile: String,
    published_persons: u64,
    /// Dimensions and outputs of a study file.
    study: String,
    people: Vec<People>,
    /// Of each output, its cells in order, margins last.
    release: BTreeMap<String, Vec<String>>,
}

/// Persons who say the same.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct People {
    count: u64,
    /// `OUTPUT CELL`, and a value if it is not 1: `OUTPUT CELL VALUE`, or `A..B` for values from A
    /// to B, one after another.
    says: Vec<String>,
}

impl People {
    fn contributions(&self, outputs: &[String], nth: u64) -> Vec<(i32, i64, f64)> {
        let read = |text: &String| {
            let words: Vec<&str> = text.split_whitespace().collect();
            let output = outputs.iter().position(|output| output == words[0]).unwrap();
            let value = match words.get(2).map(|word| word.split_once("..")) {
                None => 1.0,
                Some(None) => words[2].parse().unwrap(),
                Some(Some((from, to))) => {
                    let [from, to]: [i64; 2] = [from, to].map(|end| end.parse().unwrap());
                    (from + i64::try_from(nth).unwrap() % (to - from + 1)) as f64
                }
            };
            (i32::try_from(output).unwrap(), words[1].parse().unwrap(), value)
        };
        self.says.iter().map(read).collect()
    }
}

fn check(name: &str, case: &Case) {
    let outputs: toml::Table = toml::from_str(&case.study).unwrap();
    let outputs: Vec<String> = outputs["outputs"].as_table().unwrap().keys().cloned().collect();
    let each =
        case.people.iter().flat_map(|people| (0..people.count).map(move |nth| (people, nth)));
    let persons: Vec<_> = each.map(|(people, nth)| people.contributions(&outputs, nth)).collect();
    let sample = Sample::new(&case.study, case.published_persons, &persons);
    let rules = *Profile::named(&case.profile).unwrap().rules().unwrap();
    // Noise decides nothing: each case shows numbers as they are without.
    let rules = Rules { noise_persons_max: 0, ..rules };
    let withheld = withheld(&rules, &sample.exact(), &History::default());
    for (output, places) in outputs.iter().zip(&sample.layout.outputs) {
        let found: Vec<String> = (places.first..places.end())
            .map(|at| {
                let persons = sample.partial.cells[at].persons;
                let (k, base) = (rules.persons_per_cell_min, rules.rounding_base);
                let [low, high] = rounding::count(persons, k, base);
                if withheld[at] { "withheld".to_owned() } else { format!("{low}-{high}") }
            })
            .collect();
        assert_eq!(found, case.release[output], "{name}, `{output}`: {}", case.shows);
    }
    assert_eq!(case.release.len(), outputs.len(), "{name} has outputs that there are not");
}

#[test]
fn every_case_is_decided_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/cases");
    let mut cases = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        // The cases of policies lie in a folder of their own.
        if file.is_dir() {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap();
        let case: Case = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(case.shows.ends_with('.'), "{name}: what it shows is a sentence");
        check(name, &case);
        cases += 1;
    }
    assert!(cases >= 25, "{cases} cases");
}
