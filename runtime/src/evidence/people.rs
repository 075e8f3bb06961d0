//! The part of an evidence page that tells who stood behind a module, and in which words.

use std::collections::BTreeSet;

use cloister_contract::statement::{Answer, Approval, ApprovedParam, Claim, ReviewAnswer, Verdict};

use super::Case;
use crate::audit::AuditEvent;
use crate::page::{Section, words};

pub(super) fn people(case: &Case<'_>) -> Section {
    let (section, asked) = (Section::new("Who stood behind it"), case.asked);
    if asked.subject.signed_by.is_empty() {
        return section.words("Nobody whom the site trusts had signed the module.");
    }
    // Who approved several times has signed each of them.
    let names: BTreeSet<&String> = asked.subject.signed_by.iter().collect();
    let section = section
        .words(&format!(
            "When it was asked, {}, these persons had signed the module, with keys that the site's \
             trust root listed. Their statements are in module.wasm.intoto.jsonl.",
            asked.at
        ))
        .list(names.into_iter().cloned());
    let section = match asked.event {
        AuditEvent::GivenAgain { .. } => section.words(
            "The same had been asked before: this is the answer of that time, given again, and \
             some of them may have signed since.",
        ),
        _ => section,
    };
    approvals(reviews(section, case), case)
}

/// What each approval allows.
fn approvals(mut section: Section, case: &Case<'_>) -> Section {
    for signed in case.signed {
        let Claim::Approval(approval) = &signed.claim else { continue };
        let Approval { dataset, account, params, step, permit, persons, valid_until, .. } =
            approval;
        let each = |params: &[ApprovedParam]| {
            let each = params.iter().map(|one| format!("{} = {}", one.name, one.value));
            each.collect::<Vec<_>>().join(", ")
        };
        let params = match (params, step) {
            (_, Some(step)) => format!("those that its step {step} makes"),
            (Some(params), _) if params.is_empty() => "none".to_owned(),
            (Some(params), _) => each(params),
            (None, None) => "any that the study allows".to_owned(),
        };
        let persons = if persons.is_empty() { "not said".to_owned() } else { persons.join(", ") };
        section = section
            .heading(&format!("The approval of {} of {}", signed.person, signed.organisation))
            .facts([
                ("over", dataset.clone()),
                ("with parameters", params),
                ("paid by", account.clone().unwrap_or_else(|| "the study's account".to_owned())),
                ("permit", permit.clone().unwrap_or_else(|| "none named".to_owned())),
                ("may ask and see", persons),
                ("signed", format!("{}; it counts until {valid_until}", signed.signed_at)),
            ]);
    }
    section
}

/// What each reviewer said: the verdict, and the answers to the checklist.
fn reviews(mut section: Section, case: &Case<'_>) -> Section {
    let question = |id: &str| {
        let item = case.checklist.iter().find(|item| item.id == id);
        let unknown = || format!("{id}, which is not of the checklist");
        item.map_or_else(unknown, |item| item.question.clone())
    };
    let answered = |one: &ReviewAnswer| {
        let answer = match one.answer {
            Answer::Yes => "yes",
            Answer::No => "no",
            Answer::NotApplicable => "not applicable",
        };
        // Lines are the reviewer's own way of writing.
        let note = one.note.as_deref().unwrap_or_default().split_whitespace();
        vec![question(&one.item), answer.to_owned(), note.collect::<Vec<_>>().join(" ")]
    };
    for signed in case.signed {
        let Claim::Review(review) = &signed.claim else { continue };
        let verdict = match review.verdict {
            Verdict::Approve => "it may run",
            Verdict::Reject => "it must not run",
        };
        let rebuilt = review.rebuilt.as_deref().unwrap_or("not said");
        section = section
            .heading(&format!("The review of {} of {}", signed.person, signed.organisation))
            .facts([
                ("verdict", format!("{verdict}; signed {}", signed.signed_at)),
                ("rebuilt", rebuilt.to_owned()),
            ]);
        section = if review.answers.is_empty() {
            section.words("The review answers no question of the checklist.")
        } else {
            let rows = review.answers.iter().map(answered);
            section.table(&[words("question"), words("answer"), words("note")], rows)
        };
    }
    section
}
