//! Policies: who may ask what of which dataset, for which purpose, as Cedar decides it.
//!
//! ```text
//! texts --parse, validate against the schema--> Policies    or file, line and a hint: no start
//! signatures, study, description, day --> Facts             verified, and of no row
//! Policies + Facts --decide--> Decision                     allowed by whom, or what is missing
//! ```
//!
//! *Invariant `default deny`*: what no policy permits is refused; one that forbids outweighs all
//! that permit; and a policy that cannot be evaluated refuses, since Cedar would pass it over, and
//! a passed-over `forbid` is a permit. `prohibited-uses` is in force whatever a site chooses.

mod clause;
mod decision;
mod error;
mod facts;
mod nesting;
mod source;
mod words;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::Path;

use crate::dossier::PolicyFile;
use cedar_policy::{Effect, PolicySet, Schema};
use cloister_contract::digest::Digest;

use decision::CannotDecide;
pub use decision::{Action, Decision, Forbidden, NotEvaluated, NotPermitted};
pub use error::{PolicyError, PolicyMistake};
pub use facts::{DatasetFacts, Facts, KnownPerson, PermitFacts, SignatureFacts};
use nesting::with_room;
pub use words::Denied;

pub(crate) use source::beside as policies_beside;

use source::{SCHEMA, Source};

/// The policy that is in force if a site chooses none.
const DEFAULT: &str = "national-default";

/// The policy that nobody leaves out.
const ALWAYS: &str = "prohibited-uses";

/// The policies of a site, parsed and validated. There is no other way to make them than
/// [`Policies::open`] and [`Policies::of_dataset`].
#[derive(Clone, Debug)]
pub struct Policies {
    sources: Vec<Source>,
    schema: Schema,
    set: PolicySet,
}

impl Policies {
    /// The shipped policies and files that are `named`: `national-default`, or a path that ends in
    /// `.cedar`; none is the default. The prohibited uses are in force in any case.
    ///
    /// # Errors
    /// [`PolicyError`] if one is not there, or does not parse and validate: with file and line.
    pub fn open(named: &[String]) -> Result<Self, PolicyError> {
        let chosen: Vec<&str> = match named {
            [] => vec![DEFAULT],
            named => named.iter().map(String::as_str).collect(),
        };
        let mut sources: Vec<Source> = Vec::new();
        for name in std::iter::once(ALWAYS).chain(chosen) {
            let source = Source::open(name)?;
            match sources.iter().find(|known| known.name == source.name) {
                None => sources.push(source),
                Some(known) if known.text == source.text => {}
                Some(_) => return Err(PolicyError::Twice(source.name)),
            }
        }
        Self::of(sources)
    }

    /// The policies of the dataset in `file`: those that are `named`, else all in the folder
    /// `policies/` beside it, else the default.
    ///
    /// # Errors
    /// As [`Policies::open`], and if that folder cannot be read.
    pub fn of_dataset(file: &Path, named: &[String]) -> Result<Self, PolicyError> {
        if !named.is_empty() {
            return Self::open(named);
        }
        let found = source::beside(file).map_err(|source| PolicyError::Read {
            file: file.with_file_name("policies"),
            source,
        })?;
        let found: Option<Vec<String>> =
            found.iter().map(|file| file.to_str().map(str::to_owned)).collect();
        Self::open(&found.ok_or(PolicyError::Name)?)
    }

    fn of(sources: Vec<Source>) -> Result<Self, PolicyError> {
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA)
            .map_err(|error| PolicyError::Schema(error.to_string()))?;
        let (mut set, mut mistakes, mut ids) = (PolicySet::new(), Vec::new(), BTreeSet::new());
        for source in &sources {
            match with_room(|| source.policies(&schema)) {
                Err(found) => mistakes.extend(found),
                Ok(policies) => {
                    for policy in policies {
                        if !ids.insert(policy.id().to_string()) || set.add(policy).is_err() {
                            return Err(PolicyError::Twice(source.name.clone()));
                        }
                    }
                }
            }
        }
        if mistakes.is_empty() {
            Ok(Self { sources, schema, set })
        } else {
            Err(PolicyError::Wrong(mistakes))
        }
    }

    /// What they are called: the names of shipped ones, and of files without their `.cedar`.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.sources.iter().map(|source| source.name.as_str()).collect()
    }

    /// The policies by name, as `national-default/reviewed`.
    #[must_use]
    pub fn policies(&self) -> Vec<String> {
        let policies = self.set.policies();
        let mut names: Vec<_> = policies.map(|policy| policy.id().to_string()).collect();
        names.sort();
        names
    }

    /// Whether one of them permits anything; else all that they say is no.
    #[must_use]
    pub fn permit_anything(&self) -> bool {
        self.set.policies().any(|policy| policy.effect() == Effect::Permit)
    }

    /// The schema, and each of them by name.
    pub(crate) fn files(&self) -> Vec<PolicyFile> {
        let file = |name: &str, text: &str| PolicyFile { name: name.into(), text: text.into() };
        let all = self.sources.iter().map(|source| file(&source.name, &source.text));
        std::iter::once(file("cloister.cedarschema", SCHEMA)).chain(all).collect()
    }

    /// SHA-256 over the schema, and the names and texts of all of them.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut bytes = b"cloister.policies/1\n".to_vec();
        let texts = self.sources.iter().flat_map(|source| [&source.name, &source.text]);
        for text in std::iter::once(SCHEMA).chain(texts.map(String::as_str)) {
            bytes.extend((text.len() as u64).to_le_bytes());
            bytes.extend(text.as_bytes());
        }
        Digest::of(&bytes)
    }
}
