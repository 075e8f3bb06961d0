//! The index page of an evidence pack, in plain words.

use cloister_contract::digest::Digest;
use cloister_contract::release::{CellDocument, Noise, NoiseMechanism, Status};

use super::Case;
use super::people::people;
use crate::audit::AuditEvent;
use crate::dossier::is_schema;
use crate::inspection::{codes, outputs, reads};
use crate::ledger::Amounts;
use crate::page::{Page, Section, grouped, words};
use crate::policy::Decision;
use crate::protect::{Profile, Tier};
use crate::trust::organisation_of;

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
    let section = Section::new("What was asked")
        .words(
            "A hospital answered one question over its own records. The question came as a \
             program, which ran inside the hospital, over one person at a time; what left is \
             release.json with its receipt, and nothing else.",
        )
        .facts([
            ("hospital", hospital(case)),
            ("question", study.title.clone()),
            ("study", format!("{} {}", study.name, study.version)),
            ("purpose", format!("{} (Regulation (EU) 2025/327, article 53)", study.purpose)),
            ("module", receipt.module.to_string()),
        ])
        .facts(
            receipt.params.iter().map(|(name, value)| (format!("parameter {name}"), param(value))),
        )
        .heading("What it read of each person, by these codes");
    reads(section, study).facts(codes(study)).heading("What it counted").facts(outputs(study))
}

/// The organisation to which the site's trust root lists the site's key.
fn hospital(case: &Case<'_>) -> String {
    let trust = case.dossier.trust.as_ref();
    let listed = trust.and_then(|trust| organisation_of(&trust.root, case.key.key()));
    listed.unwrap_or_else(|| {
        "its trust root does not say whose its key is: compare it, as below".to_owned()
    })
}

/// A parameter's value, as it is given on a command line.
fn param(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn decision(case: &Case<'_>) -> Section {
    let (receipt, charge) = (case.receipt, case.charge);
    let policies = receipt.policies.iter().map(|policy| &*policy.name);
    let policies: Vec<&str> = policies.filter(|name| !is_schema(name)).collect();
    let policies = if policies.is_empty() { "none".to_owned() } else { policies.join(", ") };
    let decisions = case.dossier.decision.clone();
    let decisions: Vec<Decision> =
        decisions.and_then(|found| serde_json::from_value(found).ok()).unwrap_or_default();
    let decided = decisions.iter().map(|decision| {
        let by = if decision.allowed { decision.allowed_by.join(", ") } else { "nobody".into() };
        (format!("may {}", decision.action.name()), format!("allowed by {by}"))
    });
    let of = |which: fn(&Amounts) -> u64, life: &str| {
        let [job, spent, allowed] =
            [&charge.charged, &charge.spent, &charge.allowed].map(|it| grouped(which(it)));
        format!("{job} for this job; with it the account had spent {spent} of {allowed} {life}")
    };
    let jobs = ("jobs", of(|it| it.jobs, "in the epoch of the data"));
    let spent = match &case.document.noise {
        // Numbers and bits are counted where they are exact.
        Some(noise) => vec![("charged to the persons", format!("ρ = {}", noise.rho)), jobs],
        None => vec![
            ("numbers", of(|it| it.scalars, "in the study's life")),
            ("bits", of(|it| it.bits, "in the study's life")),
            jobs,
        ],
    };
    let saw = decisions.first().map(|decision| decision.facts.told()).unwrap_or_default();
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
            ("account", charge.account.clone()),
        ])
        .facts(spent)
        .facts(decided)
        .heading("What the policies saw")
        .facts(saw)
        .heading("What the hospital's log says of it")
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
    let rows = case.document.cells.iter().map(|cell| {
        let labels: Vec<&str> = cell.cell.iter().map(|(_, label)| label).collect();
        let labels = if labels.is_empty() { "all".to_owned() } else { labels.join(", ") };
        vec![cell.output.clone(), labels, shown(cell)]
    });
    let words_of = match &case.document.noise {
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
        .heading("What is shown")
        .facts(protected(case))
        .table(&[words("output"), words("cell"), words("shown")], rows)
}

/// The profile in the tier of the release, if this version still understands it.
fn profile(case: &Case<'_>) -> Option<Profile> {
    let tier = if case.document.noise.is_some() { Tier::Open } else { Tier::Reviewed };
    Profile::again(&case.dossier.profile, tier).ok()
}

/// The first numbers of the profile, by which persons are protected.
fn protected(case: &Case<'_>) -> Vec<(&'static str, String)> {
    let Some(profile) = profile(case) else { return Vec::new() };
    let mut facts = Vec::new();
    if let Some(rules) = profile.rules() {
        let (width, percent) = (rules.rounding_base, rules.dominance_percent);
        facts.extend([
            ("anything", format!("if at least {} persons contributed", rules.population_min)),
            ("a cell", format!("if at least {} persons did", rules.persons_per_cell_min)),
            ("a count", format!("as an interval of {width} whole numbers")),
            (
                "a sum",
                format!(
                    "if all but its two largest values add up to at least {percent}% of the \
                     largest (the p% rule)"
                ),
            ),
        ]);
    }
    if let Some(open) = profile.open() {
        let (least, cell) = (open.population_min, open.persons_per_cell_min);
        facts.extend([
            ("anything", format!("if the hospital publishes at least {least} persons")),
            ("a cell", format!("if its number of persons, with noise, is at least {cell}")),
        ]);
    }
    facts.push(("all numbers", "in profile.toml, each with its reason".to_owned()));
    facts
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
    let dossier = case.dossier;
    let mut rows = vec![
        ["release.json", "what left: the only thing, with its receipt"],
        ["release.json.intoto.jsonl", "the receipt: the hospital's signed word about it"],
        ["cells.csv", "the same numbers as a table"],
        ["module.wasm", "the program that ran"],
        ["module.wasm.intoto.jsonl", "who wrote, reviewed and approved it, each signed"],
        ["study.toml", "the program's contract: what it may read and release"],
        ["profile.toml", "the numbers by which the release was protected, each with its reason"],
        ["charge.json", "what the hospital's ledger charged for it"],
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
    let trust = case.dossier.trust.as_ref().map(|trust| Digest::of(trust.root.as_bytes()));
    let mut compared = vec![("the hospital's public key", case.key.to_string())];
    compared.extend(trust.map(|trust| ("its trust root", trust.to_string())));
    let mut steps = vec![
        "`cloister evidence verify . --site site.pub`: all files of this folder belong together, \
         this page among them. In steps:"
            .to_owned(),
        "`cloister receipt verify release.json --site site.pub`: the hospital signed just this \
         release, and says what ran."
            .to_owned(),
        "`cloister audit verify audit-proof.json --site site.pub`: these entries are in the \
         hospital's log."
            .to_owned(),
    ];
    steps.extend(trust.map(|trust| stood_behind(case, trust)));
    steps.extend([
        "`cloister inspect module.wasm`: what the program may read and release.".to_owned(),
        "Without Cloister: any implementation of DSSE and in-toto verifies the lines of \
         *.intoto.jsonl, such as securesystemslib; of RFC 6962, such as pymerkle, the log's \
         proofs. The receipt names SHA-256 of release.json, module.wasm and dossier.json. What is \
         told of profile, policies, decision and trust is a copy of what dossier.json has; \
         cells.csv is made of release.json, study.toml of module.wasm, and this page of all of \
         them. charge.json is the hospital's word alone."
            .to_owned(),
    ]);
    let version = env!("CARGO_PKG_VERSION");
    Section::new("How to verify it")
        .words(
            "Compare these with what the hospital says over another channel first: all else rests \
             on them.",
        )
        .facts(compared)
        .words("Then, in this folder and without a network:")
        .list(steps)
        .words(
            "A receipt proves that the hospital said it. That it is so, the hospital alone can \
             show, by a replay: ask for one.",
        )
        .words(&format!("Cloister {version} made this page."))
}

/// How to see who stood behind the module, by the list of that day with this digest.
fn stood_behind(case: &Case<'_>, trust: Digest) -> String {
    let day = case.asked.at.split('T').next().unwrap_or_default();
    let profile = profile(case);
    let wanted = profile.as_ref().and_then(Profile::wanted);
    let approval = wanted.is_some_and(|wanted| wanted.approval);
    let approved = match approval {
        true => format!(" --approved-for {} --site site.pub", typed(&case.receipt.dataset.name)),
        false => String::new(),
    };
    format!(
        "`cloister trust adopt trust.toml --expect {trust} --at {day}`, then `cloister verify \
         module.wasm --trust trust.toml --at {day} --profile profile.toml --tier \
         {}{approved}`: who stood behind the module when it was asked.",
        case.receipt.tier
    )
}

/// A name as it is typed into a shell.
fn typed(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    if name.chars().all(is_plain) {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', r"'\''"))
    }
}
