//! The concepts, the trees they form, the closure of those trees, and their two files.
//!
//! Example: 1118084 (celecoxib) -> 1900000110 (oral capsule) -> 1900000111 (a brand of it) gives
//! the closure (1118084, 1118084, 0), (1118084, 1900000110, 1), (1118084, 1900000111, 2) and so on.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::calendar::day;
use crate::codes::{ADMISSIONS, CARE, CATEGORIES, DRUG_GROUPS, DRUGS, Entry, FINDINGS, SINGLES};
use crate::codes::{BLEED, CELECOXIB, DICLOFENAC};
use crate::tables::{Get, Row};

/// The vocabulary, made once.
pub(crate) static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(Vocabulary::new);

/// A row of `concept`, and the parents that lead to `concept_ancestor`.
#[derive(Clone)]
pub(crate) struct Concept {
    id: i64,
    parents: Vec<i64>,
    domain: &'static str,
    class: &'static str,
    name: String,
    code: String,
}

/// A row of `concept_ancestor`.
#[derive(Clone, Copy)]
pub(crate) struct Ancestor {
    ancestor: i64,
    descendant: i64,
    min: i32,
    max: i32,
}

/// All concepts, and those a person's rows are drawn from.
pub(crate) struct Vocabulary {
    concepts: BTreeMap<i64, Concept>,
    /// Codes of the celecoxib tree below the ingredient.
    pub(crate) celecoxib: Vec<i64>,
    /// Codes of the diclofenac tree below the ingredient.
    pub(crate) diclofenac: Vec<i64>,
    /// Drugs of no study.
    pub(crate) other_drugs: Vec<i64>,
    /// Codes of the bleeding tree at all its levels, with their source codes.
    pub(crate) bleeds: Vec<(i64, String)>,
    /// Reasons to be in hospital, with their source codes.
    pub(crate) admissions: Vec<(i64, String)>,
    /// What else somebody comes to hospital for, with their source codes.
    pub(crate) care: Vec<(i64, String)>,
    /// Conditions of no study, with their source codes.
    pub(crate) other_conditions: Vec<(i64, String)>,
}

impl Vocabulary {
    fn new() -> Self {
        let mut concepts = Vec::new();
        concepts.extend(DRUGS.iter().map(|entry| written_out("Drug", entry)));
        for findings in [FINDINGS, ADMISSIONS, CARE] {
            concepts.extend(findings.iter().map(|entry| written_out("Condition", entry)));
        }
        concepts.extend(SINGLES.iter().map(|entry| written_out(entry.2, entry)));
        concepts.extend(grouped(1_900_100_000, "Drug", "Ingredient", &DRUG_GROUPS));
        concepts.extend(grouped(1_900_200_000, "Condition", "Finding", &CATEGORIES));
        let mut vocabulary = Self {
            concepts: concepts.into_iter().map(|concept| (concept.id, concept)).collect(),
            celecoxib: Vec::new(),
            diclofenac: Vec::new(),
            other_drugs: Vec::new(),
            bleeds: Vec::new(),
            admissions: Vec::new(),
            care: Vec::new(),
            other_conditions: Vec::new(),
        };
        vocabulary.sort_out();
        vocabulary
    }

    fn sort_out(&mut self) {
        for (&id, concept) in &self.concepts {
            let above = self.levels_above(id);
            let coded = || (id, concept.code.clone());
            let among = |entries: &[Entry]| entries.iter().any(|entry| entry.0 == id);
            match concept.domain {
                "Drug" if id == CELECOXIB || id == DICLOFENAC => {}
                "Drug" if above.contains_key(&CELECOXIB) => self.celecoxib.push(id),
                "Drug" if above.contains_key(&DICLOFENAC) => self.diclofenac.push(id),
                "Drug" => self.other_drugs.push(id),
                "Condition" if above.contains_key(&BLEED) => self.bleeds.push(coded()),
                "Condition" if among(ADMISSIONS) => self.admissions.push(coded()),
                "Condition" if among(CARE) => self.care.push(coded()),
                "Condition" => self.other_conditions.push(coded()),
                _ => {}
            }
        }
    }

    /// The rows of `concept`.
    pub(crate) fn concepts(&self) -> impl Iterator<Item = Concept> {
        self.concepts.values().cloned()
    }

    /// The rows of `concept_ancestor`: each concept with itself and with all above it.
    pub(crate) fn closure(&self) -> impl Iterator<Item = Ancestor> {
        self.concepts.keys().flat_map(|&descendant| {
            let above = self.levels_above(descendant).into_iter();
            above.map(move |(ancestor, (min, max))| Ancestor { ancestor, descendant, min, max })
        })
    }

    /// Every concept on a way up from `id`, with the lengths of the shortest and longest way.
    fn levels_above(&self, id: i64) -> BTreeMap<i64, (i32, i32)> {
        let mut found: BTreeMap<i64, (i32, i32)> = BTreeMap::new();
        let mut open = vec![(id, 0)];
        while let Some((at, level)) = open.pop() {
            let (min, max) = found.entry(at).or_insert((level, level));
            (*min, *max) = ((*min).min(level), (*max).max(level));
            let parents = self.concepts.get(&at).map(|concept| concept.parents.iter());
            open.extend(parents.into_iter().flatten().map(|&parent| (parent, level + 1)));
        }
        found
    }
}

fn written_out(domain: &'static str, &(id, parents, class, name, code): &Entry) -> Concept {
    let (name, code) = (name.to_owned(), code.to_owned());
    Concept { id, parents: parents.to_vec(), domain, class, name, code }
}

/// For each name a parent and nine children, ten ids a group.
fn grouped(
    first: i64,
    domain: &'static str,
    class: &'static str,
    names: &[&'static str],
) -> Vec<Concept> {
    let heads = (first..).step_by(10).zip(names);
    let concepts = heads.flat_map(|(head, name)| {
        let parent = Concept {
            id: head,
            parents: Vec::new(),
            domain,
            class,
            name: format!("{domain} group {name}"),
            code: (*name).to_owned(),
        };
        let children = (0..9).map(move |child| Concept {
            id: head + 1 + child,
            parents: vec![head],
            domain,
            class,
            name: format!("{domain} {name}.{child}"),
            code: format!("{name}.{child}"),
        });
        std::iter::once(parent).chain(children)
    });
    concepts.collect()
}

impl Row for Concept {
    const TABLE: &'static str = "concept";
    const COLUMNS: &'static [(&'static str, Get<Self>)] = &[
        ("concept_id", Get::Key(|row| row.id)),
        ("concept_name", Get::Text(|row| Some(&row.name))),
        ("domain_id", Get::Text(|row| Some(row.domain))),
        ("vocabulary_id", Get::Text(|row| Some(vocabulary_of(row.domain)))),
        ("concept_class_id", Get::Text(|row| Some(row.class))),
        ("standard_concept", Get::Text(|_| Some("S"))),
        ("concept_code", Get::Text(|row| Some(&row.code))),
        ("valid_start_date", Get::Date(|_| Some(day(1970, 1, 1)))),
        ("valid_end_date", Get::Date(|_| Some(day(2099, 12, 31)))),
        ("invalid_reason", Get::Text(|_| None)),
    ];

    fn id(&self) -> i64 {
        self.id
    }
}

fn vocabulary_of(domain: &'static str) -> &'static str {
    match domain {
        "Drug" => "RxNorm",
        "Condition" => "SNOMED",
        "Measurement" => "LOINC",
        "Unit" => "UCUM",
        other => other,
    }
}

impl Row for Ancestor {
    const TABLE: &'static str = "concept_ancestor";
    const COLUMNS: &'static [(&'static str, Get<Self>)] = &[
        // Real exports that passed through a data frame hold this column as floating point.
        ("ancestor_concept_id", Get::Number(|row| u32::try_from(row.ancestor).ok().map(f64::from))),
        ("descendant_concept_id", Get::Key(|row| row.descendant)),
        ("min_levels_of_separation", Get::Int(|row| Some(row.min))),
        ("max_levels_of_separation", Get::Int(|row| Some(row.max))),
    ];

    fn id(&self) -> i64 {
        self.descendant
    }
}
