//! The index page of an evidence pack, in plain words.

use cloister_contract::release::{CellDocument, Noise, NoiseMechanism, Status};
use cloister_contract::statement::{Answer, Claim, ReviewAnswer, Verdict};

use super::Case;
use crate::audit::AuditEvent;
use crate::page::{Page, Section, grouped, words};
use crate::policy::Decision;

/// The page of a case.
pub(super) fn page(case: &Case<'_>) -> Page {
    let study = &case.module.study;
    let sections = vec![
        question(case),
        people(case),
        decision(case),
        data(case),
        left(case),
        files(case),
        verification(case),
    ];
    Page::new(&format!("Evidence of a release: {} {}", study.name, study.version), sections)
}

fn question(case: &Case<'_>) -> Section {
    let (study, receipt) = (&case.module.study, case.receipt);
    Section::new("What was asked")
        .words(
            "A hospital answered one question over its own records. The question came as a \
             program, which ran inside the hospital, over one person at a time; what left is \
             release.json with its receipt, and nothing else.",
        )
        .facts([
            ("question", study.title.clone()),
            ("study", format!("{} {}", study.name, study.version)),
            ("purpose", format!("{} (Regulation (EU) 2025/327, article 53)", study.purpose)),
            ("module", receipt.module.to_string()),
        ])
        .facts(
            receipt.params.iter().map(|(name, value)| (format!("parameter {name}"), param(value))),
        )
        .facts(study.tables.iter().map(|table| {
            let columns: Vec<&str> = table.columns.iter().map(|one| one.name.as_str()).collect();
            (format!("reads of {}", table.name), columns.join(", "))
        }))
}

/// A parameter's value, as it is given on a command line.
fn param(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn people(case: &Case<'_>) -> Section {
    let (section, asked) = (Section::new("Who stood behind it"), case.asked);
    if asked.subject.signed_by.is_empty() {
        return section.words("Nobody whom the site trusts had signed the module.");
    }
    let section = section
        .words(&format!(
            "When it was asked, {}, these persons had signed the module, with keys that the site's \
             trust root listed. Their statements are in module.wasm.intoto.jsonl.",
            asked.at
        ))
        .list(asked.subject.signed_by.iter().cloned());
    let section = match asked.event {
        AuditEvent::GivenAgain { .. } => section.words(
            "The same had been asked before: this is the answer of that time, given again, and \
             some of them may have signed since.",
        ),
        _ => section,
    };
    reviews(section, case)
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

fn decision(case: &Case<'_>) -> Section {
    let (receipt, charge) = (case.receipt, case.charge);
    let policies: Vec<&str> = receipt.policies.iter().map(|policy| &*policy.name).collect();
    let policies = if policies.is_empty() { "none".to_owned() } else { policies.join(", ") };
    let of = |spent: u64, allowed: u64| format!("{} of {}", grouped(spent), grouped(allowed));
    let decisions = case.stored.dossier.decision.clone();
    let decisions: Vec<Decision> =
        decisions.and_then(|found| serde_json::from_value(found).ok()).unwrap_or_default();
    let decided = decisions.iter().map(|decision| {
        let by = if decision.allowed { decision.allowed_by.join(", ") } else { "nobody".into() };
        (format!("may {}", decision.action.name()), format!("allowed by {by}"))
    });
    let (spent, allowed) = (charge.spent, charge.allowed);
    let jobs = ("jobs spent", of(spent.jobs, allowed.jobs));
    let spent = match &case.stored.kept.document().noise {
        // Numbers and bits are counted where they are exact.
        Some(noise) => vec![("charged to the persons", format!("ρ = {}", noise.rho)), jobs],
        None => vec![
            ("numbers spent", of(spent.scalars, allowed.scalars)),
            ("bits spent", of(spent.bits, allowed.bits)),
            jobs,
        ],
    };
    let events = case.entries.iter().map(|entry| {
        let what = match &entry.event {
            AuditEvent::Admitted => "admitted, and charged before a row was read".to_owned(),
            AuditEvent::Released { receipt, .. } => format!("released, with the receipt {receipt}"),
            AuditEvent::GivenAgain { receipt, .. } => format!("given again, receipt {receipt}"),
            AuditEvent::Refused { reason } => format!("refused: {reason}"),
        };
        vec![entry.number.to_string(), entry.at.clone(), what]
    });
    Section::new("What was decided")
        .facts([
            ("policies", policies),
            ("profile", format!("{}, tier {}", receipt.profile.name, receipt.tier)),
            ("account", charge.account.study.clone()),
        ])
        .facts(spent)
        .facts(decided)
        .table(&[words("entry"), words("asked"), words("what became of it")], events)
}

fn data(case: &Case<'_>) -> Section {
    let (dataset, snapshot) = (&case.receipt.dataset, &case.receipt.snapshot);
    let kind = match (dataset.synthetic, dataset.public) {
        (true, _) => "invented persons, as the site has registered them",
        (false, true) => "public, as the site has registered them",
        (false, false) => "patients' records",
    };
    let state = match snapshot {
        Some(snapshot) => format!("{}, commitment {}", snapshot.id, snapshot.commitment),
        None => "the site had not registered its data: nothing binds this to a state".to_owned(),
    };
    Section::new("Over which data")
        .facts([
            ("dataset", dataset.name.clone()),
            ("kind", kind.to_owned()),
            ("persons", format!("about {}, as published", grouped(dataset.published_persons))),
            ("last day", dataset.snapshot_date.clone()),
            ("state", state),
        ])
        .words(
            "The commitment is the digest of a note that stays at the hospital, with the digests \
             of all files and a random number: it tells nothing of the data. With `cloister \
             replay` the hospital can open it, run the question again and show that the same \
             bytes come out.",
        )
}

fn left(case: &Case<'_>) -> Section {
    let rows = case.stored.kept.document().cells.iter().map(|cell| {
        let labels: Vec<&str> = cell.cell.iter().map(|(_, label)| label).collect();
        let labels = if labels.is_empty() { "all".to_owned() } else { labels.join(", ") };
        vec![cell.output.clone(), labels, shown(cell)]
    });
    let words_of = match &case.stored.kept.document().noise {
        None => "Each number is shown as the smallest and the largest that it may be, and is \
                 between them."
            .to_owned(),
        Some(noise) => noised(noise),
    };
    Section::new("What left")
        .words(
            "Every declared cell. One word, withheld, stands for zero, for few, and for what would \
             tell another number. release.json has all digits, and of sums, means and deviations \
             what they follow from.",
        )
        .words(&words_of)
        .table(&[words("output"), words("cell"), words("shown")], rows)
}

/// What noise did to all numbers.
fn noised(noise: &Noise) -> String {
    let Noise { mechanism, rho, epsilon, delta, interval_probability, .. } = noise;
    let mechanism = match mechanism {
        NoiseMechanism::Gaussian => "Gaussian",
        NoiseMechanism::Laplace => "Laplace",
    };
    let hold = interval_probability * 100.0;
    format!(
        "Noise was added to each number (discrete {mechanism}): an \
         interval of persons holds the exact number in {hold:.0} of 100 cases, and else it does \
         not. All of them together tell of one person at most ε = {epsilon} at δ = {delta:e} (ρ = \
         {rho}): differential privacy."
    )
}

/// A cell as it was shown.
fn shown(cell: &CellDocument) -> String {
    let Some([low, high]) = cell.persons.filter(|_| cell.status == Status::Value) else {
        return "withheld".to_owned();
    };
    let mut shown = format!("{low} to {high} persons");
    for (what, between) in [("sum", cell.sum), ("mean", cell.mean), ("sd", cell.sd)] {
        if let Some([low, high]) = between {
            // Rounded so that it is still between them.
            let (low, high) = ((low * 10.0).floor() / 10.0, (high * 10.0).ceil() / 10.0);
            shown += &format!(", {what} {low:.1} to {high:.1}");
        }
    }
    shown
}

fn files(case: &Case<'_>) -> Section {
    let dossier = &case.stored.dossier;
    let mut rows = vec![
        ["release.json", "what left: the only thing, with its receipt"],
        ["release.json.intoto.jsonl", "the receipt: the hospital's signed word about it"],
        ["cells.csv", "the same numbers as a table"],
        ["module.wasm", "the program that ran"],
        ["module.wasm.intoto.jsonl", "who wrote, reviewed and approved it, each signed"],
        ["study.toml", "the program's contract: what it may read and release"],
        ["profile.toml", "the numbers by which the release was protected, each with its reason"],
        ["dossier.json", "what the request was admitted on, whole: the receipt has its SHA-256"],
        ["audit-proof.json", "the hospital's log about this request, with proofs"],
        ["site.pub", "the hospital's public key"],
    ];
    if dossier.trust.is_some() {
        rows.push(["trust.toml", "whom the hospital trusted; its signatures lie beside it"]);
        rows.push(["certificates.intoto.jsonl", "who was certified under which code of conduct"]);
    }
    if dossier.registration.is_some() {
        rows.push(["registration.intoto.jsonl", "the hospital's registration of its data"]);
    }
    let mut rows: Vec<Vec<String>> =
        rows.into_iter().map(|row| row.map(str::to_owned).to_vec()).collect();
    if !dossier.policies.is_empty() {
        let what = "the policies that were asked, and what they decided on which facts";
        rows.push(vec!["*.cedar, decision.json".to_owned(), what.to_owned()]);
    }
    Section::new("The files of this folder").table(&[words("file"), words("what it is")], rows)
}

fn verification(case: &Case<'_>) -> Section {
    let day = case.asked.at.split('T').next().unwrap_or_default();
    Section::new("How to verify it")
        .words(
            "Compare the hospital's public key over another channel first: all else rests on it. \
             Then, without a network:",
        )
        .list([
            "`cloister receipt verify release.json --site site.pub`: the hospital signed just this \
             release, and says what ran."
                .to_owned(),
            "`cloister audit verify audit-proof.json --site site.pub`: these entries are in the \
             hospital's log."
                .to_owned(),
            format!(
                "`cloister trust adopt trust.toml --expect FINGERPRINT --at {day}`, then \
                 `cloister verify module.wasm --trust trust.toml --at {day}`: who stood behind the \
                 module when it was asked."
            ),
            "`cloister inspect module.wasm`: what the program may read and release.".to_owned(),
            "Without Cloister: any implementation of DSSE and in-toto verifies the lines of \
             *.intoto.jsonl, such as securesystemslib; of RFC 6962, such as pymerkle, the log's \
             proofs. The receipt names SHA-256 of release.json, module.wasm and dossier.json. \
             What is told of profile, policies, decision and trust is a copy of what dossier.json \
             has; cells.csv is made of release.json, study.toml of module.wasm, and this page of \
             all of them."
                .to_owned(),
        ])
        .words(
            "A receipt proves that the hospital said it. That it is so, the hospital alone can \
             show, by a replay: ask for one.",
        )
}
