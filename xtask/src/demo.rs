//! `demo`: the main job on real data, from a study's sources to a signed release.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::{setup, shell};

pub(crate) const HELP: &str = "\
Usage: cargo xtask demo

Shows the whole way of a study, in a fresh folder target/demo: a researcher
compiles and signs it, two reviewers rebuild and sign it, a site lists whom it
trusts, anybody verifies who signed, the site runs it over the GiBleed data,
person by person, and signs what may leave; it replays the release, and writes
the evidence that a supervisory authority can read.
Every command is printed as you would type it. Nothing is needed before.
";

/// What each step shows, and its command lines.
const STEPS: &[(&str, &[&str])] = &[
    (
        "The researcher compiles the study: any reviewer can rebuild these bytes.",
        &["{cloister} study build examples/gi-bleed --std {std} --out {demo}/gi-bleed.wasm"],
    ),
    (
        "Everybody makes a key, outside a demo with a passphrase; the site one more, for its list.",
        &[
            "{cloister} key new --no-passphrase {demo}/keys/author.key",
            "{cloister} key new --no-passphrase {demo}/keys/reviewer-1.key",
            "{cloister} key new --no-passphrase {demo}/keys/reviewer-2.key",
            "{cloister} key new --no-passphrase {demo}/keys/site.key",
            "{cloister} key new --no-passphrase {demo}/keys/root.key",
        ],
    ),
    (
        "The site lists whom it trusts, and signs the list.",
        &[
            "{cloister} trust new {demo}/trust.toml --root {demo}/keys/root.pub",
            "{cloister} trust add {demo}/trust.toml --person Ada --organisation University-A \
             --role author --key {demo}/keys/author.pub",
            "{cloister} trust add {demo}/trust.toml --person Ben --organisation Hospital-B \
             --role reviewer --key {demo}/keys/reviewer-1.pub",
            "{cloister} trust add {demo}/trust.toml --person Cleo --organisation Institute-C \
             --role reviewer --key {demo}/keys/reviewer-2.pub",
            "{cloister} trust sign {demo}/trust.toml --key {demo}/keys/root.key",
        ],
    ),
    (
        "It adopts the list by its fingerprint: from now on a change needs the root key again.",
        &["{cloister} trust adopt {demo}/trust.toml --expect {fingerprint}"],
    ),
    (
        "A reviewer reads the page.",
        &["{cloister} inspect {demo}/gi-bleed.wasm --persons 2690 --html {demo}/gi-bleed.html"],
    ),
    (
        "The author signs; two reviewers rebuild the module from its sources, and sign.",
        &[
            "{cloister} sign {demo}/gi-bleed.wasm --key {demo}/keys/author.key --role author",
            "{cloister} sign {demo}/gi-bleed.wasm --key {demo}/keys/reviewer-1.key \
             --role reviewer --rebuild examples/gi-bleed",
            "{cloister} sign {demo}/gi-bleed.wasm --key {demo}/keys/reviewer-2.key \
             --role reviewer --rebuild examples/gi-bleed",
        ],
    ),
    (
        "A third party with public keys alone verifies who signed: it copies the signed list and \
         adopts it.",
        &[
            "cp {demo}/trust.toml {demo}/trust.toml.intoto.jsonl {demo}/third-party",
            "{cloister} trust adopt {demo}/third-party/trust.toml --expect {fingerprint}",
            "{cloister} verify {demo}/gi-bleed.wasm --trust {demo}/third-party/trust.toml",
        ],
    ),
    (
        "The site registers its data: receipts are bound to this state of them.",
        &[
            "cp -R examples/data/gibleed {demo}/data",
            "{cloister} dataset register {demo}/data/dataset.toml --site-key {demo}/keys/site.key",
        ],
    ),
    (
        "The site runs it, one person at a time; only protected aggregates come out, signed.",
        &["{cloister} run {demo}/gi-bleed.wasm --dataset {demo}/data/dataset.toml \
           --profile hospital --trust {demo}/trust.toml --site-key {demo}/keys/site.key \
           --ledger {demo}/ledger.sqlite --out {demo}/release"],
    ),
    (
        "The site's ledger says what the study has spent, and what it has left.",
        &["{cloister} ledger show {demo}/ledger.sqlite"],
    ),
    (
        "Anybody with the site's public key verifies its receipt; the site itself shows that it is \
         so, by running the job again.",
        &[
            "{cloister} receipt verify {demo}/release --site {demo}/keys/site.pub \
             --chain {demo}/receipts.jsonl",
            "{cloister} replay {demo}/release --dataset {demo}/data/dataset.toml \
             --site-key {demo}/keys/site.key --ledger {demo}/ledger.sqlite",
        ],
    ),
    (
        "For a supervisory authority: one folder with all that the release rests on, which it \
         verifies whole.",
        &[
            "{cloister} evidence {demo}/release --ledger {demo}/ledger.sqlite \
             --site {demo}/keys/site.pub --out {demo}/evidence",
            "{cloister} evidence verify {demo}/evidence --site {demo}/keys/site.pub",
        ],
    ),
];

/// What `{fingerprint}` stands for: asked once the list is signed.
const FINGERPRINT: &str = "{cloister} trust show {demo}/trust.toml --fingerprint";

pub(crate) fn main(arguments: &[String]) -> Result<()> {
    if let Some(word) = arguments.first() {
        bail!("did not understand `{word}`\n\n{HELP}");
    }
    let begin = Instant::now();
    let std = shell::step("Find a standard library for guests.", setup::ensure)?.to_string();
    shell::step("Build the site host.", || {
        shell::run(&shell::words("cargo build --locked --package cloister", &[]))
    })?;
    let target = shell::target_dir();
    let demo = target.join("demo");
    start_afresh(&demo).with_context(|| format!("cannot prepare `{}`", demo.display()))?;

    let cloister = target.join("debug").join("cloister");
    let values = [("cloister", cloister.as_path()), ("demo", &demo), ("std", Path::new(&std))];
    for (sentence, lines) in STEPS {
        shell::step(sentence, || {
            lines.iter().try_for_each(|line| {
                let line = with_fingerprint(line, &values)?;
                shell::run(&shell::words(&line, &values))
            })
        })?;
    }
    println!(
        "\nDone in {:.0} s. The release is in {}:",
        begin.elapsed().as_secs_f64(),
        demo.join("release").display()
    );
    println!("  release.json   everything that leaves the site; what the signature covers");
    println!("  cells.csv      its cells as a table; cells.parquet is the same");
    println!(
        "The evidence pack is beside it: open {}.",
        demo.join("evidence/index.html").display()
    );
    println!("Next, open examples/gi-bleed/study.toml: the contract behind those numbers.");
    Ok(())
}

/// The line with the list's fingerprint in it, if it wants one: people would tell it each other.
fn with_fingerprint(line: &str, values: &[(&str, &Path)]) -> Result<String> {
    if !line.contains("{fingerprint}") {
        return Ok(line.to_owned());
    }
    let shown = shell::command(&shell::words(FINGERPRINT, values))?.output()?;
    Ok(line.replace("{fingerprint}", String::from_utf8(shown.stdout)?.trim()))
}

fn start_afresh(demo: &Path) -> std::io::Result<()> {
    if demo.exists() {
        fs::remove_dir_all(demo)?;
    }
    fs::create_dir_all(demo.join("keys"))?;
    fs::create_dir_all(demo.join("third-party"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_line_is_complete() {
        let values =
            [("cloister", "c"), ("demo", "d"), ("std", "s")].map(|(n, v)| (n, Path::new(v)));
        for line in STEPS.iter().flat_map(|(_, lines)| *lines) {
            let words = shell::words(line, &values);
            let first = words.first().map(String::as_str);
            assert!(first == Some("c") || first == Some("cp"), "{line}");
            let filled = |word: &&String| !word.replace("{fingerprint}", "").contains(['{', '}']);
            assert_eq!(words.iter().filter(filled).count(), words.len(), "{line}");
        }
    }

    #[test]
    fn every_listed_key_is_made_and_signs() {
        let lines: Vec<&str> = STEPS.iter().flat_map(|(_, lines)| *lines).copied().collect();
        let listed = lines.iter().filter(|line| line.contains(" trust add "));
        let keys: Vec<&str> = listed
            .filter_map(|line| line.rsplit_once("{demo}/keys/")?.1.strip_suffix(".pub"))
            .collect();
        assert_eq!(keys.len(), 3);
        for key in keys {
            let has = |verb: &str| lines.iter().any(|l| l.contains(verb) && l.contains(key));
            assert!(has(" key new ") && has(" sign "), "{key}");
        }
    }

    #[test]
    fn a_second_demo_finds_nothing_of_the_first() {
        let demo = std::env::temp_dir().join(format!("xtask-demo-{}", std::process::id()));
        start_afresh(&demo).unwrap();
        fs::write(demo.join("old"), "").unwrap();
        start_afresh(&demo).unwrap();
        assert!(!demo.join("old").exists() && demo.join("keys").is_dir());
        fs::remove_dir_all(demo).unwrap();
    }
}
