//! The codes of a study's code sets: as listed, and below each concept two that are invented.

use cloister_contract::job::Params;
use cloister_contract::study::{Codes, ConceptSpec, Study};

/// Concept ids from here on are a site's own: no vocabulary has them.
const OWN_CONCEPTS: i64 = 2_000_000_001;

/// Concepts per set that get descendants: a long list has codes enough.
const ANCESTORS_MAX: usize = 64;

/// Codes that are in one set.
#[derive(Clone, Debug, Default)]
pub(super) struct Set {
    pub(super) concepts: Vec<i64>,
    pub(super) texts: Vec<String>,
}

/// The codes of each set in the study file's order, and all rows (ancestor, descendant).
pub(super) fn sets(study: &Study, params: &Params) -> (Vec<Set>, Vec<(i64, i64)>) {
    let mut below = Below(Vec::new());
    let set = |set: &cloister_contract::study::CodeSet| match &set.codes {
        Codes::Concepts { include, exclude } => {
            if let Some(exclude) = exclude {
                below.concepts(exclude, params);
            }
            Set { concepts: below.concepts(include, params), texts: Vec::new() }
        }
        Codes::Text(codes) => {
            let under =
                |prefix: &String| [prefix.clone(), format!("{prefix}.1"), format!("{prefix}9")];
            let texts = codes.exact.iter().cloned().chain(codes.prefixes.iter().flat_map(under));
            Set { concepts: Vec::new(), texts: texts.collect() }
        }
    };
    let sets = study.codes.iter().map(set).collect();
    (sets, below.0)
}

/// Rows of `concept_ancestor`.
struct Below(Vec<(i64, i64)>);

impl Below {
    /// The listed concepts, with invented descendants where descendants belong to them.
    fn concepts(&mut self, spec: &ConceptSpec, params: &Params) -> Vec<i64> {
        let listed = spec.source.concepts(params);
        let mut concepts = listed.to_vec();
        if spec.descendants {
            for ancestor in listed.iter().take(ANCESTORS_MAX) {
                self.0.push((*ancestor, *ancestor));
                for _ in 0..2 {
                    let rows = i64::try_from(self.0.len()).unwrap_or(0);
                    let descendant = OWN_CONCEPTS + rows;
                    self.0.push((*ancestor, descendant));
                    concepts.push(descendant);
                }
            }
        }
        concepts
    }
}
