//! `demo`: the main job on real data, from a study's sources to a signed release.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::{setup, shell};

pub(crate) const HELP: &str = "\
Usage: cargo xtask demo

Shows the whole way of a study, in a fresh folder target/demo: a researcher
compiles and signs it, two reviewers sign it, a site checks the signatures,
runs it over the GiBleed data, person by person, and signs what may leave.
Every command is printed as you would type it. Nothing is needed before.
";

/// Whose signatures count here: the trust that a site's custodian would write.
const TRUST: &str = r#"# Who may vouch for a study. Paths are relative to this file.
[[key]]
person = "Ada Author"
organisation = "University A"
roles = ["author"]
public = "keys/author.pub"

[[key]]
person = "Ben Reviewer"
organisation = "Hospital B"
roles = ["reviewer"]
public = "keys/reviewer-1.pub"

[[key]]
person = "Cleo Reviewer"
organisation = "Institute C"
roles = ["reviewer"]
public = "keys/reviewer-2.pub"
"#;

/// What each step shows, and its command lines.
const STEPS: &[(&str, &[&str])] = &[
    (
        "The researcher compiles the study: any reviewer can rebuild these bytes.",
        &["{cloister} study build examples/gi-bleed --std {std} --out {demo}/gi-bleed.wasm"],
    ),
    (
        "Everybody makes a key, private and public; outside a demo, with a passphrase.",
        &[
            "{cloister} key new --no-passphrase {demo}/keys/author.key",
            "{cloister} key new --no-passphrase {demo}/keys/reviewer-1.key",
            "{cloister} key new --no-passphrase {demo}/keys/reviewer-2.key",
            "{cloister} key new --no-passphrase {demo}/keys/site.key",
        ],
    ),
    (
        "A reviewer reads the page, and proves that the sources give the module.",
        &[
            "{cloister} inspect {demo}/gi-bleed.wasm --persons 2690 --html {demo}/gi-bleed.html",
            "{cloister} study rebuild examples/gi-bleed --expect {demo}/gi-bleed.wasm",
        ],
    ),
    (
        "The author and two reviewers sign the module.",
        &[
            "{cloister} sign {demo}/gi-bleed.wasm --key {demo}/keys/author.key --role author",
            "{cloister} sign {demo}/gi-bleed.wasm --key {demo}/keys/reviewer-1.key --role reviewer",
            "{cloister} sign {demo}/gi-bleed.wasm --key {demo}/keys/reviewer-2.key --role reviewer",
        ],
    ),
    (
        "The site checks who signed.",
        &["{cloister} verify {demo}/gi-bleed.wasm --trust {demo}/trust.toml"],
    ),
    (
        "The site runs it, one person at a time; only protected aggregates come out, signed.",
        &["{cloister} run {demo}/gi-bleed.wasm --dataset examples/data/gibleed/dataset.toml \
           --profile hospital --trust {demo}/trust.toml --site-key {demo}/keys/site.key \
           --out {demo}/release"],
    ),
];

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
            lines.iter().try_for_each(|line| shell::run(&shell::words(line, &values)))
        })?;
    }
    println!(
        "\nDone in {:.0} s. The release is in {}:",
        begin.elapsed().as_secs_f64(),
        demo.join("release").display()
    );
    println!("  release.json   everything that leaves the site; what the signature covers");
    println!("  cells.csv      its cells as a table; cells.parquet is the same");
    println!("Next, open examples/gi-bleed/study.toml: the contract behind those numbers.");
    Ok(())
}

fn start_afresh(demo: &Path) -> std::io::Result<()> {
    if demo.exists() {
        fs::remove_dir_all(demo)?;
    }
    fs::create_dir_all(demo.join("keys"))?;
    fs::write(demo.join("trust.toml"), TRUST)
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
            assert_eq!(words.first().map(String::as_str), Some("c"), "{line}");
            assert!(words.iter().all(|word| !word.contains(['{', '}'])), "{line}");
        }
    }

    #[test]
    fn every_trusted_key_is_made_and_signs() {
        let lines: Vec<&str> = STEPS.iter().flat_map(|(_, lines)| *lines).copied().collect();
        let keys: Vec<&str> = TRUST
            .lines()
            .filter_map(|line| line.strip_prefix("public = \"")?.strip_suffix(".pub\""))
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
        assert!(!demo.join("old").exists() && demo.join("trust.toml").is_file());
        fs::remove_dir_all(demo).unwrap();
    }
}
