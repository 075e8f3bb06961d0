//! The facts that policies see, as plain data, and as Cedar's entities and context.
//!
//! Each is made from what was verified or published: signatures that count, the study in the
//! module, the dataset's description, the profile, the day. Nothing is of a row.

use std::collections::BTreeSet;

use cedar_policy::ffi::DetailedError;
use cedar_policy::{Context, Entities, EntityId, EntityUid, Request};
use cloister_contract::cells::Layout;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Action, CannotDecide, Policies};
use crate::admit::Module;
use crate::dataset::Dataset;
use crate::protect::{Profile, Tier, job_volume, whole_bits};
use crate::trust::Standing;

/// What is known of a request before anything of it is charged or read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// An author of the module; nobody, if no signature says who that is. Policies are asked about
    /// each of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<KnownPerson>,
    /// The dataset.
    pub dataset: DatasetFacts,
    /// The study's purpose.
    pub purpose: String,
    /// `reviewed`, `open`, or `exact` under the profile of that name.
    pub tier: String,
    /// The profile's name.
    pub profile: String,
    /// What the study reads and filters by, as `table.column` in lower case.
    pub columns: BTreeSet<String>,
    /// Those of them that the site calls sensitive.
    #[serde(default)]
    pub sensitive: BTreeSet<String>,
    /// Signatures that count.
    pub signatures: SignatureFacts,
    /// The codes of conduct under which everybody is certified who signed.
    #[serde(default)]
    pub certificates: BTreeSet<String>,
    /// The data permit that the site's approval names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permit: Option<PermitFacts>,
    /// Cells of the job, margins included.
    pub cells: u64,
    /// Bits that the release holds at most; in the tier `reviewed` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bits: Option<u64>,
    /// The day of the request in UTC, as `2026-11-22`.
    pub day: String,
}

/// A person in an organisation, as the trust root lists them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownPerson {
    /// The person.
    pub person: String,
    /// The person's organisation.
    pub organisation: String,
}

/// What policies see of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetFacts {
    /// Its name.
    pub name: String,
    /// Whether its persons are invented.
    pub synthetic: bool,
    /// Whether anybody may have it.
    pub public: bool,
    /// Published persons.
    pub persons: u64,
    /// No row is later.
    pub snapshot: String,
    /// `sensitive` of its description, as it is written there.
    #[serde(default)]
    pub sensitive: BTreeSet<String>,
}

/// How many signatures count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureFacts {
    /// Authors.
    pub authors: u64,
    /// Reviewers.
    pub reviewers: u64,
    /// Reviewers of another organisation than every author.
    pub other_organisations: u64,
    /// Whether the site approved just what is asked.
    pub approval: bool,
}

/// A data permit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PermitFacts {
    /// Its number.
    pub number: String,
    /// The last day of the approval that names it.
    pub until: String,
}

impl Facts {
    /// The facts of a job of `module` with the cells of `layout`, over `dataset`, under `profile`,
    /// for which `standing` says who stands behind it, for each of its authors; `now` is RFC 3339
    /// in UTC.
    #[must_use]
    pub fn of(
        (module, layout): (&Module, &Layout),
        dataset: &Dataset,
        profile: &Profile,
        standing: Standing,
        now: &str,
    ) -> Vec<Self> {
        let (study, id) = (&module.study, dataset.id());
        let tier = if profile.protects() { profile.tier().name() } else { "exact" };
        let bits = profile.rules().filter(|_| profile.tier() == Tier::Reviewed).map(|rules| {
            let volume = job_volume(study, layout, rules, dataset.published_persons());
            whole_bits(volume.bits.unwrap_or(f64::MAX))
        });
        let (columns, sensitive) = dataset.reads(study);
        let Standing { authors, signatures, certificates, permit } = standing;
        let facts = Self {
            author: None,
            dataset: DatasetFacts {
                name: id.name,
                synthetic: id.synthetic,
                public: id.public,
                persons: id.published_persons,
                snapshot: id.snapshot_date,
                sensitive: dataset.sensitive().iter().cloned().collect(),
            },
            purpose: study.purpose.clone(),
            tier: tier.to_owned(),
            profile: profile.name().to_owned(),
            columns,
            sensitive,
            signatures,
            certificates,
            permit,
            cells: layout.len as u64,
            bits,
            day: now.chars().take("2026-11-22".len()).collect(),
        };
        if authors.is_empty() {
            return vec![facts];
        }
        let about = |author| Self { author: Some(author), ..facts.clone() };
        authors.into_iter().map(about).collect()
    }

    /// The entities that they are about.
    fn entities(&self) -> Value {
        let (person, organisation) = match &self.author {
            Some(author) => (author.person.as_str(), Some(author.organisation.as_str())),
            None => ("nobody", None),
        };
        let parents: Vec<_> =
            organisation.iter().map(|name| json!({"type": "Organisation", "id": name})).collect();
        let DatasetFacts { name, synthetic, public, persons, snapshot, sensitive } = &self.dataset;
        let mut entities = vec![
            json!({
                "uid": {"type": "Person", "id": person},
                "attrs": {"known": self.author.is_some()},
                "parents": parents,
            }),
            json!({
                "uid": {"type": "Dataset", "id": name},
                "attrs": {
                    "synthetic": synthetic,
                    "public": public,
                    "persons": long(*persons),
                    "snapshot": snapshot,
                    "sensitive": sensitive,
                },
                "parents": [],
            }),
        ];
        entities.extend(organisation.iter().map(
            |name| json!({"uid": {"type": "Organisation", "id": name}, "attrs": {}, "parents": []}),
        ));
        Value::Array(entities)
    }

    /// The context, by the names that the schema has.
    pub(super) fn context(&self) -> Value {
        let SignatureFacts { authors, reviewers, other_organisations, approval } = self.signatures;
        let mut context = json!({
            "purpose": {"type": "Purpose", "id": self.purpose},
            "tier": {"type": "Tier", "id": self.tier},
            "profile": {"type": "Profile", "id": self.profile},
            "columns": self.columns,
            "sensitive": self.sensitive,
            "signatures": {
                "authors": long(authors),
                "reviewers": long(reviewers),
                "otherOrganisations": long(other_organisations),
                "approval": approval,
            },
            "certificates": self.certificates,
            "cells": long(self.cells),
            "day": self.day,
        });
        if let Some(context) = context.as_object_mut() {
            let permit = self.permit.as_ref();
            let permit =
                permit.map(|permit| json!({"number": permit.number, "until": permit.until}));
            context.extend(permit.map(|permit| ("permit".to_owned(), permit)));
            context.extend(self.bits.map(|bits| ("bits".to_owned(), json!(long(bits)))));
        }
        context
    }

    /// What a policy calls them: `context.purpose`, `resource.synthetic`, `principal.known`.
    pub(super) fn named(&self, path: &[String]) -> Option<Value> {
        let (first, rest) = path.split_first()?;
        let entities = self.entities();
        let whole = match first.as_str() {
            "context" => self.context(),
            "principal" => entities.pointer("/0/attrs")?.clone(),
            "resource" => entities.pointer("/1/attrs")?.clone(),
            _ => return None,
        };
        rest.iter().try_fold(whole, |value, name| value.get(name).cloned())
    }
}

/// A number as Cedar has it; what is beyond is as good as without end.
fn long(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// One question to Cedar, its facts held against the schema.
pub(super) struct Question {
    pub(super) request: Request,
    pub(super) entities: Entities,
}

impl Question {
    /// Whether `action` is allowed, given `facts`.
    ///
    /// # Errors
    /// [`CannotDecide`] if a fact is not one that the schema has: a purpose without a name, say.
    pub(super) fn new(
        policies: &Policies,
        action: Action,
        facts: &Facts,
    ) -> Result<Self, CannotDecide> {
        let schema = &policies.schema;
        let entities = Entities::from_json_value(facts.entities(), Some(schema)).map_err(wrong)?;
        let named = |kind: &str, id: &str| {
            let kind = kind.parse().map_err(wrong)?;
            Ok(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
        };
        let person = facts.author.as_ref().map_or("nobody", |author| author.person.as_str());
        let asked = named("Action", action.name())?;
        let context = Context::from_json_value(facts.context(), Some((schema, &asked)));
        let context = context.map_err(wrong)?;
        let (principal, resource) =
            (named("Person", person)?, named("Dataset", &facts.dataset.name)?);
        let request = Request::new(principal, asked, resource, context, Some(schema));
        Ok(Self { request: request.map_err(wrong)?, entities })
    }
}

fn wrong<E>(error: E) -> CannotDecide
where
    for<'e> DetailedError: From<&'e E>,
{
    CannotDecide::facts(&DetailedError::from(&error))
}
