//! The only code that opens a draft: in a fixed order, in one place, the same for every study.
//!
//! First each cell alone and each pair (`threshold.rs`, `dominance.rs`, `group.rs`, `recovered.rs`,
//! `nested.rs`), then all of them together (`relations.rs`, `bracket.rs`, `complement.rs`), then
//! noise and rounding, and one word for everything withheld. Where a profile asks for it, pairs
//! with what earlier releases told come in, too (`history.rs`). `docs/privacy.md` says what all
//! that means. In the tier `open` none of these: noise (`open/`).

#[cfg(test)]
mod attack;
mod bracket;
#[cfg(test)]
mod cases;
mod complement;
mod derived;
mod dominance;
#[cfg(test)]
mod drafts;
mod exact;
mod floor;
mod group;
mod history;
mod nested;
mod noise;
mod open;
#[cfg(test)]
mod optimum;
mod priority;
mod profile;
#[cfg(test)]
mod random;
mod recovered;
mod relations;
mod rounding;
mod screen;
mod show;
mod solver;
mod threshold;
mod tier;
#[cfg(test)]
mod timing;
mod trace;
mod undeclared;
mod vicinity;
mod volume;

use std::collections::BTreeMap;

use cloister_contract::partial::{Cell, PartialCells};
use cloister_contract::release::{
    CellDocument, NotARelease, Protection, RELEASE_SCHEMA, ReleaseDocument, StudyId,
};
use cloister_contract::study::Output;

pub use history::History;
pub(crate) use history::ToldSet;
pub(crate) use noise::NoiseKey;
pub(crate) use open::budget;
pub use open::{NoNoise, OpenRules};
pub use profile::{Profile, ProfileError, Rules};
pub use tier::{NotATier, Tier};
pub(crate) use trace::Trace;
pub use volume::{Volume, total_volume, volumes};
pub(crate) use volume::{job_volume, whole_bits};

use crate::faults::{Mechanism, off};
use crate::run::Draft;
use exact::Exact;
use show::Shown;

/// What passed the disclosure rules. Only [`protect`] makes one, and only [`crate::seal`] lets
/// it leave, once [`crate::keep`] has stored it.
#[derive(Clone, Debug)]
pub struct Release {
    document: ReleaseDocument,
    /// The sets of persons that it tells, which stay at the site.
    told: Vec<ToldSet>,
    /// What is kept of its draft, which stays at the site.
    trace: Trace,
}

/// Exact numbers of synthetic or public data. It cannot be sealed:
///
/// ```compile_fail
/// async fn leave(exact: cloister::Unprotected, paid: cloister::Paid<'_>, on: &cloister::Papers) {
///     cloister::keep(exact, paid, on).await.ok();
/// }
/// ```
///
/// as a release can:
///
/// ```
/// async fn leave(release: cloister::Release, paid: cloister::Paid<'_>, on: &cloister::Papers) {
///     cloister::keep(release, paid, on).await.ok();
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Unprotected(ReleaseDocument);

/// What a draft becomes under its profile.
#[derive(Clone, Debug)]
pub enum Protected {
    /// A release.
    Release(Release),
    /// Exact numbers, of data that are synthetic or public.
    Unprotected(Unprotected),
}

impl Release {
    /// A release that nothing was protected for, for tests of what comes after.
    #[cfg(test)]
    pub(crate) fn made_up(document: ReleaseDocument, told: Vec<ToldSet>) -> Self {
        Self { document, told, trace: Trace::default() }
    }

    /// The document.
    #[must_use]
    pub const fn document(&self) -> &ReleaseDocument {
        &self.document
    }

    /// The sets of persons that it tells.
    pub(crate) fn told(&self) -> &[ToldSet] {
        &self.told
    }

    /// What is kept of its draft.
    pub(crate) const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Its canonical bytes.
    ///
    /// # Errors
    /// [`NotARelease`] if a number is not finite, which no rule lets pass.
    pub fn encode(&self) -> Result<Vec<u8>, NotARelease> {
        self.document.encode()
    }
}

impl Unprotected {
    /// The document, marked `UNPROTECTED`.
    #[must_use]
    pub const fn document(&self) -> &ReleaseDocument {
        &self.0
    }
}

/// Opens a draft by the profile under which it was admitted, and by what earlier releases told.
///
/// # Errors
/// [`NoNoise`] in the tier `open`, if the system has no randomness.
pub fn protect(draft: Draft, history: &History) -> Result<Protected, NoNoise> {
    protect_as(draft, history, None)
}

/// As [`protect`], for a replay: with the noise of the `trace` that was kept.
pub(crate) fn protect_again(
    draft: Draft,
    history: &History,
    trace: &Trace,
) -> Result<Protected, NoNoise> {
    protect_as(draft, history, Some(&trace.drawn))
}

fn protect_as(
    draft: Draft,
    history: &History,
    drawn: Option<&[i128]>,
) -> Result<Protected, NoNoise> {
    let digest = digest_of(&draft);
    if let Some(rules) = draft.admitted.profile.open() {
        let noised = open::protect(rules, &exact_of(&draft), drawn)?;
        let show = |_: &Output, at: usize, _: &Cell| noised.shown.get(at).copied().flatten();
        let released = document(&draft, Protection::Protected, show);
        let document = ReleaseDocument { noise: Some(noised.noise), ..released };
        let trace = Trace { digest, drawn: noised.drawn };
        return Ok(Protected::Release(Release { document, told: Vec::new(), trace }));
    }
    // Admission let `exact` pass for synthetic and public data only.
    Ok(match draft.admitted.profile.rules().copied() {
        Some(rules) => {
            let exact = exact_of(&draft);
            let withheld = screen::withheld(&rules, &exact, history);
            let told = history::told(&exact, &withheld);
            let show = |output: &Output, at: usize, cell: &Cell| {
                let shown = withheld.get(at) == Some(&false);
                shown.then(|| match off(Mechanism::Rounding) {
                    true => self::exact(cell),
                    false => exact.shown(&rules, &output.kind, at),
                })
            };
            let released = document(&draft, Protection::Protected, show);
            let document = ReleaseDocument { bits: bits(&rules, &draft), ..released };
            let trace = Trace { digest, drawn: Vec::new() };
            Protected::Release(Release { document, told, trace })
        }
        None => {
            let exact = |_: &Output, _: usize, cell: &Cell| Some(exact(cell));
            Protected::Unprotected(Unprotected(document(&draft, Protection::Unprotected, exact)))
        }
    })
}

/// The digest of a draft's cells, under a key of its job.
fn digest_of(draft: &Draft) -> [u8; 32] {
    let (cells, population) = (draft.cells.clone(), draft.population);
    draft.admitted.noise.digest_of(&PartialCells { cells, population }.encode())
}

/// How many bits the release of `draft` can hold, as was said before it ran.
fn bits(rules: &Rules, draft: &Draft) -> Option<u64> {
    let persons = draft.admitted.dataset.published_persons();
    job_volume(draft.job.study(), &draft.layout, rules, persons).bits.map(whole_bits)
}

fn exact_of(draft: &Draft) -> Exact<'_> {
    Exact {
        outputs: &draft.job.study().outputs,
        layout: &draft.layout,
        cells: &draft.cells,
        population: draft.population,
        published: draft.admitted.dataset.published_persons(),
        noise: &draft.admitted.noise,
    }
}

const fn exact(cell: &Cell) -> Shown {
    let (persons, sum, squares) = ([cell.persons; 2], [cell.sum; 2], [cell.squares; 2]);
    Shown { persons, sum, squares, value: None }
}

/// The document: every declared cell in the study file's order, shown or withheld.
fn document(
    draft: &Draft,
    protection: Protection,
    show: impl Fn(&Output, usize, &Cell) -> Option<Shown>,
) -> ReleaseDocument {
    let Draft { admitted, job, layout, cells, .. } = draft;
    let study = job.study();
    let mut documents: Vec<CellDocument> = Vec::with_capacity(layout.len);
    let persons = |at: usize| cells.get(at).map_or(0, |cell| cell.persons);
    for (output, places) in study.outputs.iter().zip(&layout.outputs) {
        let mut labelled: Vec<_> = places.labelled().collect();
        if off(Mechanism::CanonicalOrder) {
            labelled.sort_by_key(|(at, _)| std::cmp::Reverse(persons(*at)));
        }
        for (at, labels) in labelled {
            if off(Mechanism::OneWord) && persons(at) == 0 {
                continue;
            }
            let shown = cells.get(at).and_then(|cell| show(output, at, cell));
            documents.push(show::cell(output, &labels, shown.as_ref()));
        }
    }
    let digests = study.codes.iter().zip(job.codes());
    let codes: BTreeMap<_, _> =
        digests.map(|(set, list)| (set.name.clone(), list.digest())).collect();
    ReleaseDocument {
        schema: RELEASE_SCHEMA.to_owned(),
        protection,
        study: StudyId {
            name: study.name.clone(),
            version: study.version.clone(),
            sha256: admitted.study_digest,
        },
        module: admitted.module,
        params: job.bound().to_json(study),
        codes,
        dataset: admitted.dataset.id(),
        profile: admitted.profile.id().clone(),
        bits: None,
        noise: None,
        engine: admitted.engine(),
        cells: documents,
    }
}
