//! What to look at: signs in a contract and in code of what the host cannot stop.
//!
//! A sign is no proof and its absence none either: an honest study shows many. Each stands under
//! the item of the reviewer's checklist that it belongs to.

mod code;
mod contract;

use super::anatomy::Anatomy;
use super::checklist::ChecklistItem;
use crate::admit::Module;
use crate::build_facts::BuildFacts;
use crate::page::{Section, words};

/// A sign, under the id of an item.
pub(super) struct Sign {
    pub(super) item: &'static str,
    pub(super) words: String,
}

/// Signs of one item that are shown: who reads more of them reads none.
const SIGNS_MAX: usize = 40;

fn sign(item: &'static str, words: impl Into<String>) -> Sign {
    Sign { item, words: words.into() }
}

/// Every sign in the contract, for a site with `persons` persons, and in the code.
pub(super) fn signs(module: &Module, anatomy: &Anatomy, earlier: bool, persons: u64) -> Vec<Sign> {
    let built = match BuildFacts::in_module(module.checked.bytes()) {
        Ok(_) => {
            "it says with what it was built: `cloister study rebuild` proves it or not".to_owned()
        }
        Err(why) => why.to_string(),
    };
    let mut signs = vec![sign("rebuilt", built)];
    signs.extend(contract::signs(&module.study, persons));
    signs.extend(code::signs(module.checked.study(), anatomy));
    if earlier {
        signs.push(sign("earlier", "what differs from the earlier version stands above"));
    }
    signs
}

/// The checklist with what was found, and the rest of it.
pub(super) fn section(items: &[ChecklistItem], signs: &[Sign]) -> Section {
    let mut section = Section::new("what to look at").words(
        "The host holds what the contract says; what follows it cannot stop, and a reviewer must. \
         A sign is no proof, and its absence is none. `docs/review.md` shows what each looks like.",
    );
    let found = |item: &&ChecklistItem| signs.iter().any(|sign| sign.item == item.id);
    for item in items.iter().filter(found) {
        let here = signs.iter().filter(|sign| sign.item == item.id);
        let mut here: Vec<_> = here.map(|sign| sign.words.clone()).collect();
        if let more @ 1.. = here.len().saturating_sub(SIGNS_MAX) {
            here.truncate(SIGNS_MAX);
            here.push(format!("and {more} more"));
        }
        section = section
            .heading(&format!("`{}` {}", item.id, item.question))
            .list(here)
            .words(&format!("The host cannot stop this. {}", item.host));
    }
    let rest: Vec<_> = items.iter().filter(|item| !found(item)).collect();
    if rest.is_empty() {
        return section;
    }
    let rows = rest
        .iter()
        .map(|item| vec![format!("`{}`", item.id), item.question.clone(), item.host.clone()]);
    section
        .heading("no sign here: look into the sources")
        .table(&[words("item"), words("question"), words("what the host cannot stop")], rows)
}
