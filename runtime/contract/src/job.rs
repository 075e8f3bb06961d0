//! A study made concrete: its parameters set and its code sets resolved, before anything runs.

use core::fmt;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::date::Date;
use crate::digest::Digest;
use crate::study::{Codes, EdgeSource, Param, ParamKind, Study, TextCodes};

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum ParamValue {
    /// Of an `int`.
    Int(i64),
    /// Of a `float`.
    Float(f64),
    /// Of a `bool`.
    Bool(bool),
    /// Of a `date`.
    Date(Date),
    /// Of an `enum`: the index of the label.
    Label(u32),
    /// Of `floats`.
    Floats(Vec<f64>),
    /// Of `edges`: strictly increasing, two or more.
    Edges(Vec<f64>),
    /// Of `concepts`.
    Concepts(Vec<i64>),
}

/// A code set as resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CodeList {
    /// Concept ids, sorted, each once.
    Concepts(Vec<i64>),
    /// Text codes and prefixes.
    Text(TextCodes),
}

impl CodeList {
    /// The digest that a release names it by: SHA-256 of its codes, one a line, sorted, prefixes
    /// with a star and excluded codes with a leading `-`.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let lines: Vec<String> = match self {
            Self::Concepts(concepts) => concepts.iter().map(i64::to_string).collect(),
            Self::Text(codes) => {
                let exact = codes.exact.iter().cloned();
                let prefixes = codes.prefixes.iter().map(|prefix| format!("{prefix}*"));
                let not_exact = codes.exclude_exact.iter().map(|code| format!("-{code}"));
                let not_prefixes = codes.exclude_prefixes.iter().map(|code| format!("-{code}*"));
                exact.chain(prefixes).chain(not_exact).chain(not_prefixes).collect()
            }
        };
        let text: String = lines.into_iter().map(|line| line + "\n").collect();
        Digest::of(text.as_bytes())
    }
}

/// A parameter was set in a way that the study does not allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("parameter `{name}`: {what}; {right}")]
pub struct ParamError {
    /// The parameter.
    pub name: String,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub right: String,
}

/// The parameters of a run, checked against the study.
///
/// ```
/// # let text = include_str!("../testdata/gi-bleed.toml");
/// use cloister_contract::{job::Params, study::Study};
///
/// let study = Study::parse("study.toml", text)?;
/// let params = Params::bind(&study, &[("horizon_days".into(), "365".into())])?;
/// assert!(Params::bind(&study, &[("horizon_days".into(), "0".into())]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Params(Vec<ParamValue>);

impl Params {
    /// Sets the parameters of `study` from `given` pairs of name and text; lists are separated
    /// by commas. What is not given takes its default.
    ///
    /// # Errors
    /// [`ParamError`] for an unknown, repeated, missing or unsuitable value.
    pub fn bind(study: &Study, given: &[(String, String)]) -> Result<Self, ParamError> {
        for (at, (name, _)) in given.iter().enumerate() {
            if study.param(name).is_none() {
                let names: Vec<_> = study.params.iter().map(|p| format!("`{}`", p.name)).collect();
                let right = if names.is_empty() {
                    "the study takes no parameters".to_owned()
                } else {
                    format!("the study takes {}", names.join(", "))
                };
                return Err(error(name, "the study has no such parameter", &right));
            }
            if given.iter().take(at).any(|(other, _)| other == name) {
                return Err(error(name, "it is given twice", "give it once"));
            }
        }
        let value = |param: &Param| match given.iter().find(|(name, _)| *name == param.name) {
            Some((_, text)) => parse(param, text),
            None => default(&param.kind)
                .ok_or_else(|| error(&param.name, "it has no default", "set it")),
        };
        study.params.iter().map(value).collect::<Result<_, _>>().map(Self)
    }

    /// The values, in the study file's order.
    #[must_use]
    pub fn values(&self) -> &[ParamValue] {
        &self.0
    }

    /// The edges that `source` stands for.
    #[must_use]
    pub fn edges<'a>(&'a self, source: &'a EdgeSource) -> &'a [f64] {
        match source {
            EdgeSource::Listed(edges) => edges,
            EdgeSource::Param(at) => match self.0.get(*at) {
                Some(ParamValue::Edges(edges)) => edges,
                _ => &[],
            },
        }
    }

    /// The values as JSON, by name, as a release prints them: sorted, whatever order `serde_json`
    /// keeps in a map of its own, since digests are made of it.
    #[must_use]
    pub fn to_json(&self, study: &Study) -> BTreeMap<String, serde_json::Value> {
        let named = study.params.iter().zip(&self.0);
        named.map(|(param, value)| (param.name.clone(), json(&param.kind, value))).collect()
    }
}

/// A study made concrete.
#[derive(Clone, Debug)]
pub struct Job {
    study: Study,
    params: Params,
    codes: Vec<CodeList>,
    snapshot_date: Date,
}

impl Job {
    /// A job of `study`. `codes` has one list per code set, in the study file's order.
    #[must_use]
    pub fn new(study: Study, params: Params, codes: Vec<CodeList>, snapshot_date: Date) -> Self {
        Self { study, params, codes, snapshot_date }
    }

    /// A job whose code sets hold just what the study file and parameters list, without
    /// descendants: for a study's own tests, which have no vocabulary at hand.
    #[must_use]
    pub fn without_vocabulary(study: Study, params: Params, snapshot_date: Date) -> Self {
        let codes = study.codes.iter().map(|set| match &set.codes {
            Codes::Text(codes) => CodeList::Text(codes.clone()),
            Codes::Concepts { include, exclude } => {
                let mut concepts = include.source.concepts(&params).to_vec();
                let out = exclude.as_ref().map(|spec| spec.source.concepts(&params));
                concepts.retain(|concept| !out.unwrap_or_default().contains(concept));
                concepts.sort_unstable();
                concepts.dedup();
                CodeList::Concepts(concepts)
            }
        });
        let codes = codes.collect();
        Self { study, params, codes, snapshot_date }
    }

    /// The study.
    #[must_use]
    pub const fn study(&self) -> &Study {
        &self.study
    }

    /// The parameters' values, in the study file's order.
    #[must_use]
    pub fn params(&self) -> &[ParamValue] {
        self.params.values()
    }

    /// The parameters.
    #[must_use]
    pub const fn bound(&self) -> &Params {
        &self.params
    }

    /// The resolved code sets, in the study file's order.
    #[must_use]
    pub fn codes(&self) -> &[CodeList] {
        &self.codes
    }

    /// Replaces the code set at `index`; out of range it does nothing.
    pub fn set_codes(&mut self, index: usize, list: CodeList) {
        if let Some(codes) = self.codes.get_mut(index) {
            *codes = list;
        }
    }

    /// The dataset's snapshot date.
    #[must_use]
    pub const fn snapshot_date(&self) -> Date {
        self.snapshot_date
    }
}

impl crate::study::ConceptSource {
    /// The concepts that the file or the parameter lists.
    #[must_use]
    pub fn concepts<'a>(&'a self, params: &'a Params) -> &'a [i64] {
        match self {
            Self::Listed(concepts) => concepts,
            Self::Param(at) => match params.0.get(*at) {
                Some(ParamValue::Concepts(concepts)) => concepts,
                _ => &[],
            },
        }
    }
}

fn error(name: &str, what: &str, right: &str) -> ParamError {
    let name = crate::study::printable(name);
    ParamError { name, what: what.to_owned(), right: right.to_owned() }
}

fn default(kind: &ParamKind) -> Option<ParamValue> {
    match kind {
        ParamKind::Int { default, .. } => default.map(ParamValue::Int),
        ParamKind::Float { default, .. } => default.map(ParamValue::Float),
        ParamKind::Bool { default } => default.map(ParamValue::Bool),
        ParamKind::Date { default, .. } => default.map(ParamValue::Date),
        ParamKind::Enum { default, .. } => default.map(ParamValue::Label),
        ParamKind::Floats { default, .. } => default.clone().map(ParamValue::Floats),
        ParamKind::Edges { default, .. } => default.clone().map(ParamValue::Edges),
        ParamKind::Concepts { default, .. } => default.clone().map(ParamValue::Concepts),
    }
}

fn parse(param: &Param, text: &str) -> Result<ParamValue, ParamError> {
    let wrong = |right: String| error(&param.name, "the value does not fit", &right);
    let in_range = |min: &dyn fmt::Display, max: &dyn fmt::Display, what: &str| {
        wrong(format!("write {what} in {min} to {max}"))
    };
    match &param.kind {
        ParamKind::Int { min, max, .. } => {
            let value = text.parse().ok().filter(|value| (min..=max).contains(&value));
            value.map(ParamValue::Int).ok_or_else(|| in_range(min, max, "a whole number"))
        }
        ParamKind::Float { min, max, .. } => {
            let value = text.parse().ok().filter(|value| (min..=max).contains(&value));
            value.map(ParamValue::Float).ok_or_else(|| in_range(min, max, "a number"))
        }
        ParamKind::Bool { .. } => {
            let value = text.parse().ok().map(ParamValue::Bool);
            value.ok_or_else(|| wrong("write `true` or `false`".to_owned()))
        }
        ParamKind::Date { min, max, .. } => {
            let value = text.parse().ok().filter(|value| (min..=max).contains(&value));
            value.map(ParamValue::Date).ok_or_else(|| in_range(min, max, "a date `2024-12-31`"))
        }
        ParamKind::Enum { labels, .. } => {
            let at = labels.iter().position(|label| label == text);
            let at = at.and_then(|at| u32::try_from(at).ok()).map(ParamValue::Label);
            at.ok_or_else(|| wrong(format!("write one of `{}`", labels.join("`, `"))))
        }
        ParamKind::Floats { min, max, len_max, .. } => numbers(text, *min, *max, *len_max)
            .map(ParamValue::Floats)
            .ok_or_else(|| in_range(min, max, &format!("at most {len_max} numbers, `1,2.5`,"))),
        ParamKind::Edges { min, max, len_max, .. } => numbers(text, *min, *max, *len_max)
            .filter(|edges| edges.len() >= 2 && edges.is_sorted_by(|a, b| a < b))
            .map(ParamValue::Edges)
            .ok_or_else(|| {
                in_range(min, max, &format!("2 to {len_max} increasing numbers, `0,30,90`,"))
            }),
        ParamKind::Concepts { len_max, .. } => {
            let list: Option<Vec<i64>> = split(text).map(|part| part.parse().ok()).collect();
            let fits = |list: &Vec<i64>| {
                list.len() <= *len_max
                    && list.iter().all(|id| (0..=i64::from(i32::MAX)).contains(id))
            };
            let value = list.filter(fits).map(ParamValue::Concepts);
            value.ok_or_else(|| wrong(format!("write at most {len_max} concept ids, `192671,1`")))
        }
    }
}

/// The entries of a list; an empty text is an empty list, an empty entry is none that fits.
fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).take(if text.trim().is_empty() { 0 } else { usize::MAX })
}

fn numbers(text: &str, min: f64, max: f64, len_max: usize) -> Option<Vec<f64>> {
    let list: Vec<f64> = split(text).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    (list.len() <= len_max && list.iter().all(|n| (min..=max).contains(n))).then_some(list)
}

fn json(kind: &ParamKind, value: &ParamValue) -> serde_json::Value {
    match (kind, value) {
        (_, ParamValue::Int(value)) => (*value).into(),
        (_, ParamValue::Float(value)) => (*value).into(),
        (_, ParamValue::Bool(value)) => (*value).into(),
        (_, ParamValue::Date(value)) => value.to_string().into(),
        (ParamKind::Enum { labels, .. }, ParamValue::Label(at)) => {
            labels.get(*at as usize).cloned().into()
        }
        (_, ParamValue::Label(at)) => (*at).into(),
        (_, ParamValue::Floats(list) | ParamValue::Edges(list)) => list.clone().into(),
        (_, ParamValue::Concepts(list)) => list.clone().into(),
    }
}
