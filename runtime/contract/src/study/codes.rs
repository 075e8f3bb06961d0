//! `[codes]`: named sets of public vocabulary, which the host resolves.

use serde::{Deserialize, Serialize};

use super::walk::{Section, Value, printable};
use super::{BOUNDS, Param, ParamKind, StudyError, params};

/// A named code set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeSet {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub codes: Codes,
}

/// What a code set holds before it is resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Codes {
    /// OMOP concepts.
    Concepts {
        /// The concepts to include.
        include: ConceptSpec,
        /// The concepts to take out again.
        exclude: Option<ConceptSpec>,
    },
    /// Text codes and prefixes, such as ICD-10.
    Text(TextCodes),
}

/// OMOP concepts, with their descendants or without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConceptSpec {
    /// The concepts themselves.
    pub source: ConceptSource,
    /// Whether all descendants in `concept_ancestor` belong to them.
    pub descendants: bool,
}

/// Where the concepts of a code set come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConceptSource {
    /// The study file lists them.
    Listed(Vec<i64>),
    /// The `concepts` parameter at this position.
    Param(usize),
}

/// Text codes: in the set if listed or under a prefix, and not excluded in the same way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextCodes {
    /// Whole codes, sorted.
    pub exact: Vec<String>,
    /// Prefixes, written `"I21*"` in the file; sorted, without the star.
    pub prefixes: Vec<String>,
    /// Whole codes that are not in the set.
    pub exclude_exact: Vec<String>,
    /// Prefixes whose codes are not in the set.
    pub exclude_prefixes: Vec<String>,
}

pub(super) fn codes(root: &Section<'_>, known: &[Param]) -> Result<Vec<CodeSet>, StudyError> {
    let set = |entry: Value<'_>| {
        if known.iter().any(|param| param.name == entry.name) {
            return Err(entry.error_at_name(
                format!("`{}` is a parameter and a code set", entry.name),
                "parameters and code sets share their names; rename one",
            ));
        }
        Ok(CodeSet { name: entry.name.clone(), codes: one(&entry, known)? })
    };
    root.entries("codes")?.into_iter().map(set).collect()
}

fn one(entry: &Value<'_>, known: &[Param]) -> Result<Codes, StudyError> {
    if !entry.is_table() {
        return Err(entry.wrong("a table, as in `{ concepts = [192671] }`"));
    }
    let section = entry.section(&format!("code set `{}`", entry.name))?;
    if section.opt("text").is_some() {
        section.only(&["text", "exclude"])?;
        return text_codes(&section).map(Codes::Text);
    }
    section.only(&["concepts", "descendants", "exclude", "text"])?;
    let include = spec(&section, known)?;
    let exclude = match section.opt("exclude") {
        None => None,
        Some(value) => {
            let exclude = value.section("`exclude`")?;
            exclude.only(&["concepts", "descendants"])?;
            Some(spec(&exclude, known)?)
        }
    };
    Ok(Codes::Concepts { include, exclude })
}

fn spec(section: &Section<'_>, known: &[Param]) -> Result<ConceptSpec, StudyError> {
    let value = section.need("concepts", "concepts = [192671], or text = [\"K92.2\", \"I21*\"]")?;
    let source = if value.is_text() {
        let params = known.iter().enumerate();
        let concepts = params.filter(|(_, p)| matches!(p.kind, ParamKind::Concepts { .. }));
        let concepts: Vec<_> = concepts.map(|(at, p)| (at, p.name.as_str())).collect();
        let names = concepts.iter().map(|(_, name)| *name);
        let at = value.one_of("parameter of type `concepts`", names)?;
        ConceptSource::Param(concepts.get(at).map(|(at, _)| *at).unwrap_or_default())
    } else {
        let mut listed = params::concepts(&value, BOUNDS.entries_max)?;
        if listed.is_empty() {
            return Err(value.error("the list of concepts is empty", "write at least one"));
        }
        listed.sort_unstable();
        listed.dedup();
        ConceptSource::Listed(listed)
    };
    let descendants = section.opt("descendants").map(|value| value.bool()).transpose()?;
    Ok(ConceptSpec { source, descendants: descendants.unwrap_or(false) })
}

fn text_codes(section: &Section<'_>) -> Result<TextCodes, StudyError> {
    let mut codes = TextCodes::default();
    let include = section.need("text", "text = [\"K92.2\", \"I21*\"]")?;
    fill(&include, &mut codes.exact, &mut codes.prefixes)?;
    if codes.exact.is_empty() && codes.prefixes.is_empty() {
        return Err(include.error("the list of codes is empty", "write at least one"));
    }
    if let Some(value) = section.opt("exclude") {
        let exclude = value.section("`exclude`")?;
        exclude.only(&["text"])?;
        let text = exclude.need("text", "text = [\"I21.9\"]")?;
        fill(&text, &mut codes.exclude_exact, &mut codes.exclude_prefixes)?;
    }
    Ok(codes)
}

fn fill(
    value: &Value<'_>,
    exact: &mut Vec<String>,
    prefixes: &mut Vec<String>,
) -> Result<(), StudyError> {
    for entry in value.list()? {
        let code = entry.line(BOUNDS.name_chars_max)?;
        let (text, list) = match code.strip_suffix('*') {
            Some(prefix) => (prefix, &mut *prefixes),
            None => (code.as_str(), &mut *exact),
        };
        if text.is_empty() || text.contains('*') {
            let what = format!("`{}` is no code and no prefix", printable(&code));
            return Err(entry.error(what, "write `\"K92.2\"`, or `\"I21*\"` for a prefix"));
        }
        list.push(text.to_owned());
    }
    for list in [exact, prefixes] {
        list.sort_unstable();
        list.dedup();
    }
    Ok(())
}
