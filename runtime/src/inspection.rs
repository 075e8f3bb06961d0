//! What a module is, for people: its contract in words, its powers, the checks it passed, who
//! signed it, what differs from an earlier version, and what no check can see.

mod anatomy;
mod checklist;
mod contract;
mod difference;
mod lookout;
mod strings;
mod words;

use cloister_contract::cells::TooManyCells;
use cloister_contract::digest::Digest;
use cloister_contract::study::Study;
use cloister_sandbox::RULES;

use crate::admit::Module;
use crate::build_facts::BuildFacts;
use crate::ledger::Limits;
use crate::page::{Page, Section, counted, grouped, numbers, plain, words as column};
use crate::protect::{Profile, Volume, total_volume, volumes};
use crate::trust::{Claimed, Finding, Signed, Verified};
use anatomy::Anatomy;

pub use anatomy::NotTakenApart;
pub(crate) use anatomy::function_names;
pub use checklist::{BrokenChecklist, ChecklistItem, checklist, review_template};
pub(crate) use contract::{codes, outputs, reads};

/// A module and what it is looked at with.
#[derive(Clone, Copy, Debug)]
pub struct Inspection<'a> {
    /// The module.
    pub module: &'a Module,
    /// Its signatures, verified.
    pub verified: &'a Verified,
    /// What the envelopes say of themselves, if there are no keys to verify them with.
    pub claims: Option<&'a [Result<Claimed, String>]>,
    /// An earlier version, to compare with.
    pub earlier: Option<&'a Module>,
    /// The profile by which a site would protect its release.
    pub profile: &'a Profile,
    /// How many persons the site publishes that it has.
    pub persons: u64,
}

/// The page cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InspectError {
    /// The study has too many cells to be counted.
    #[error(transparent)]
    Cells(#[from] TooManyCells),
    /// A module cannot be taken apart.
    #[error(transparent)]
    Module(#[from] NotTakenApart),
    /// The checklist is broken.
    #[error(transparent)]
    Checklist(#[from] BrokenChecklist),
}

/// The reviewer's page.
///
/// # Errors
/// [`InspectError`] if the module cannot be taken apart, though it passed every check.
pub fn inspect(inspection: &Inspection<'_>) -> Result<Page, InspectError> {
    let Inspection { module, earlier, profile, persons, .. } = *inspection;
    let study = &module.study;
    let volumes = volumes(study, profile.rules(), persons)?;
    let anatomy = Anatomy::of(module.checked.bytes())?;
    let items = checklist()?;
    let signs = lookout::signs(module, &anatomy, earlier.is_some(), persons);
    let mut sections = vec![in_short(inspection, &total_volume(&volumes), signs.len())];
    sections.extend(contract::sections(study, &volumes));
    sections.push(contract::powers(study));
    sections.push(contract::follows(study));
    sections.push(passed(module));
    sections.push(signatures(inspection));
    if let Some(earlier) = earlier {
        sections.push(difference("what differs from the earlier version", earlier, module)?);
    }
    sections.push(lookout::section(&items, &signs));
    sections.push(inside(&anatomy));
    Ok(Page::new(&title(study), sections))
}

/// A study's contract in words, for whoever writes it.
///
/// # Errors
/// [`InspectError`] if its cells cannot be counted.
pub fn contract_page(study: &Study) -> Result<Page, InspectError> {
    // Without a site there is no number of persons, and so none of bits.
    let volumes = volumes(study, None, 0)?;
    let mut sections = vec![Section::new("asks").facts([("purpose", study.purpose.clone())])];
    sections.extend(contract::sections(study, &volumes));
    sections.push(contract::powers(study));
    sections.push(contract::follows(study));
    Ok(Page::new(&title(study), sections))
}

/// What differs between two modules, in contract and code.
///
/// # Errors
/// [`NotTakenApart`] if one cannot be taken apart.
pub fn difference(
    heading: &'static str,
    before: &Module,
    now: &Module,
) -> Result<Section, NotTakenApart> {
    let anatomy = |module: &Module| Anatomy::of(module.checked.bytes());
    let digests = [("before", before), ("now", now)].map(|(word, module)| {
        let bytes = grouped(module.checked.bytes().len() as u64);
        (word, format!("`{}` ({bytes} bytes)", module.digest))
    });
    let section = Section::new(heading).facts(digests);
    if before.digest == now.digest {
        return Ok(section.words("they are the same, byte for byte"));
    }
    let section = difference::contract(section, &before.study, &now.study);
    Ok(difference::code(section, &anatomy(before)?, &anatomy(now)?))
}

fn title(study: &Study) -> String {
    format!("{} {}: {}", study.name, study.version, study.title)
}

fn in_short(inspection: &Inspection<'_>, volume: &Volume, signs: usize) -> Section {
    let Inspection { module, verified, profile, persons, .. } = *inspection;
    let Module { study, digest, study_digest, checked } = module;
    let columns: usize = study.tables.iter().map(|table| table.columns.len()).sum();
    let of = study.tables.iter().map(|table| format!("{} of {}", table.columns.len(), table.name));
    let reads = format!(
        "{} of each person: {}",
        counted(columns as u64, "column", "columns"),
        of.collect::<Vec<_>>().join(", ")
    );
    let bound = match volume.bits {
        Some(_) => {
            let least = profile.rules().map_or(0, |rules| rules.population_min);
            let none = if persons < least {
                format!("; it withholds all where fewer than {} contribute", grouped(least))
            } else {
                String::new()
            };
            let of = grouped(persons);
            format!("under the profile `{}` among {of} persons{none}", profile.name())
        }
        None if profile.open().is_some() => {
            format!("under the profile `{}` in the tier `open`, each with noise", profile.name())
        }
        None => format!("under the profile `{}`, which shows exact numbers", profile.name()),
    };
    let passed = format!(
        "{} and {} of a module's bytes",
        counted(rules().count() as u64, "rule", "rules"),
        counted(checked.measures().len() as u64, "limit", "limits")
    );
    let built = match BuildFacts::in_module(checked.bytes()) {
        Ok(facts) => format!("{}; a claim until you rebuild it", facts),
        Err(why) => why.to_string(),
    };
    let limits = profile.rules().map(|rules| Limits::new(rules, persons));
    let charged = match (limits, profile.open()) {
        (Some(limits), _) => contract::charged(volume, &limits),
        (None, Some(open)) => contract::charged_open(open),
        (None, None) => "nothing: exact numbers are not counted".to_owned(),
    };
    Section::new("in short").facts([
        ("purpose", study.purpose.clone()),
        ("reads", reads),
        ("releases", format!("at most {}, {bound}", contract::at_most(volume))),
        ("is charged", charged),
        ("may", "add a number to a declared cell, and nothing else".to_owned()),
        ("passed", passed),
        ("signed by", signers(verified, inspection.claims.is_none())),
        (
            "look at",
            format!("{} of what the host cannot stop", counted(signs as u64, "sign", "signs")),
        ),
        ("module", format!("`{digest}` ({} bytes)", grouped(checked.bytes().len() as u64))),
        ("study file", format!("`{study_digest}`")),
        ("built with", built),
    ])
}

/// Who signed, in a line.
fn signers(verified: &Verified, trusted: bool) -> String {
    let findings = verified.findings();
    if findings.is_empty() {
        return "nobody".to_owned();
    }
    let count = counted(findings.len() as u64, "envelope", "envelopes");
    if !trusted {
        return format!("{count}; `--trust FILE` tells whose they are");
    }
    let counts = findings.iter().filter_map(|finding| finding.said.as_ref().ok());
    let counts: Vec<_> =
        counts.map(|signed| format!("{} ({})", signed.person, as_what(signed))).collect();
    if counts.is_empty() { format!("{count}, and none counts") } else { counts.join(", ") }
}

fn as_what(signed: &Signed) -> String {
    let rejects = if signed.rejects() { ", rejects it" } else { "" };
    format!("{}{rejects}", signed.role.name())
}

/// What every module that can be opened has passed beside the limits.
fn rules() -> impl Iterator<Item = &'static str> {
    RULES.iter().copied().chain(["its study file parses, within the bounds of one page"])
}

fn passed(module: &Module) -> Section {
    let rows = module.checked.measures().iter().map(|measure| {
        vec![measure.what.to_owned(), grouped(measure.found), grouped(measure.limit)]
    });
    Section::new("checks passed")
        .words("A module that fails one of these is refused before it is compiled.")
        .list(rules().map(str::to_owned))
        .table(&[column("limit"), numbers("found"), numbers("allowed")], rows)
}

fn signatures(inspection: &Inspection<'_>) -> Section {
    let section = Section::new("signed by");
    let findings = inspection.verified.findings();
    let section = if findings.is_empty() {
        section.words("nobody")
    } else if let Some(claims) = inspection.claims {
        let head = ["counts", "role", "key", "signed at"].map(column);
        section
            .words(
                "This is what the envelopes say, and anybody may write one; `--trust FILE` checks.",
            )
            .table(&head, claims.iter().map(|one| claim(one, inspection.module.digest)))
    } else {
        let head = ["counts", "role", "person", "organisation", "signed at"].map(column);
        section.table(&head, findings.iter().map(signature))
    };
    section.list([
        "An author's signature says: I wrote this module. A reviewer's says: I read it and approve \
         it. One over other bytes than these counts for nothing."
            .to_owned(),
        "A signature that counts was made with a key that the trust root lists, by a person who \
         may sign in that role; each person counts once. It says nothing of any other version. A \
         trusted reviewer who rejects a module keeps it from running."
            .to_owned(),
    ])
}

fn claim(claim: &Result<Claimed, String>, module: Digest) -> Vec<String> {
    match claim {
        Ok(claim) => {
            let said = [&claim.role, &claim.key_id, &claim.signed_at].map(|said| plain(said));
            let counts = if claim.subject == module { "not checked" } else { "no: another module" };
            std::iter::once(counts.to_owned()).chain(said).collect()
        }
        Err(why) => {
            let mut row = vec![format!("no signature: {}", plain(why))];
            row.resize(4, "–".to_owned());
            row
        }
    }
}

fn signature(finding: &Finding) -> Vec<String> {
    match &finding.said {
        Ok(signed) => vec![
            if signed.rejects() { "rejects" } else { "yes" }.to_owned(),
            signed.role.name().to_owned(),
            signed.person.clone(),
            signed.organisation.clone(),
            plain(&signed.signed_at),
        ],
        Err(why) => {
            let mut row = vec![format!("no: {why}")];
            row.resize(5, "–".to_owned());
            row
        }
    }
}

/// Sections and the largest functions: where to begin reading.
fn inside(anatomy: &Anatomy) -> Section {
    let parts = anatomy.sections.iter().map(|part| {
        let name = difference::part_name(part.custom, &part.name);
        vec![name, grouped(part.bytes as u64)]
    });
    let mut functions: Vec<_> = anatomy.functions.iter().collect();
    functions.sort_by_key(|function| core::cmp::Reverse(function.bytes));
    let largest = functions
        .iter()
        .take(12)
        .map(|function| vec![format!("`{}`", function.name), grouped(function.bytes as u64)]);
    let count = counted(functions.len() as u64, "function", "functions");
    Section::new("what is inside")
        .table(&[column("section"), numbers("bytes")], parts)
        .words(&format!("{count}; the largest:"))
        .table(&[column("function"), numbers("bytes")], largest)
}
