//! `ci`: all checks in order, the quick ones first, stopping at the first that fails.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::{setup, shell, style};

pub(crate) const HELP: &str = "\
Usage: cargo xtask ci

Runs every check, in this order, and stops at the first that fails: setup (if
it has not been run), formatting, house style, clippy, documentation, tests,
an attack on what is withheld by another solver, the sandbox's tests with each
of its mechanisms broken in turn, every attack with what stops it switched
off, and an audit of the noise with each part of its scale broken in turn.
The last line sums up the tests: `N passed, 0 failed`.
";

// All with the same profile and target folder, so that a step builds on the one before.
const FORMAT: &str = "cargo fmt --all --check";
const CLIPPY: &str = "cargo clippy --workspace --all-targets --locked -- -D warnings";
// Host and sandbox have one feature, for their tests alone.
const CLIPPY_FAULTS: &str = "cargo clippy --package cloister --package cloister-sandbox \
                             --all-targets --features cloister/faults --locked -- -D warnings";
const DOC: &str = "cargo doc --workspace --no-deps --locked";
const MUTANTS: &str = "cargo test --locked --package cloister-sandbox --features faults";
const ATTACKS: &str = "cargo test --locked --package cloister --features faults --test red-team";
// The noise again, with each part of its scale broken in turn.
const AUDITS: &str = "cargo test --locked --package cloister --features faults --lib protect::open";
const TEST: &str = "cargo test --workspace --locked";
// It needs the Python that the whole-path tests have made by then.
const BRACKETS: &str = "cargo test --workspace --locked --lib protect::random -- \
                        --ignored --nocapture";

pub(crate) fn main(arguments: &[String]) -> Result<()> {
    if let Some(word) = arguments.first() {
        bail!("did not understand `{word}`\n\n{HELP}");
    }
    let begin = Instant::now();
    shell::step("setup", setup::ensure)?;
    shell::step("format", || shell::run(&shell::words(FORMAT, &[])))?;
    shell::step("style", || style::main(&[]))?;
    shell::step("clippy", || {
        [CLIPPY, CLIPPY_FAULTS].iter().try_for_each(|line| shell::run(&shell::words(line, &[])))
    })?;
    shell::step("doc", || {
        shell::run_with(&shell::words(DOC, &[]), &[("RUSTDOCFLAGS", "-D warnings")])
    })?;
    let tally = shell::step("test", || test(TEST))?;
    let brackets = shell::step("brackets", || test(BRACKETS))?;
    let mutants = shell::step("mutants", || test(MUTANTS))?;
    let attacks = shell::step("attacks", || test(ATTACKS))?;
    let audits = shell::step("audits", || test(AUDITS))?;
    println!("\nall checks passed in {:.0} s", begin.elapsed().as_secs_f64());
    let all = [tally, brackets, mutants, attacks, audits];
    let passed: u64 = all.iter().map(|tally| tally.passed).sum();
    let failed: u64 = all.iter().map(|tally| tally.failed).sum();
    println!("{passed} passed, {failed} failed");
    Ok(())
}

/// How the tests of one or more binaries went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
}

fn test(line: &str) -> Result<Tally> {
    let words = shell::words(line, &[]);
    println!("$ {}", shell::typed(&words, &[]));
    let mut child =
        shell::command(&words)?.stdout(Stdio::piped()).spawn().context("could not start cargo")?;
    let output = child.stdout.take().context("cargo has no output")?;
    let tally = pass_through(output, &mut std::io::stdout())?;
    if !child.wait()?.success() {
        bail!("{} passed, {} failed\n`{line}` failed", tally.passed, tally.failed);
    }
    Ok(tally)
}

/// Copies what the tests print, line by line, and sums their results.
fn pass_through(from: impl Read, to: &mut impl Write) -> Result<Tally> {
    let mut tally = Tally::default();
    for line in BufReader::new(from).split(b'\n') {
        let line = line?;
        to.write_all(&line)?;
        to.write_all(b"\n")?;
        if let Some(part) = read_result(&String::from_utf8_lossy(&line)) {
            tally.passed += part.passed;
            tally.failed += part.failed;
        }
    }
    Ok(tally)
}

/// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
fn read_result(line: &str) -> Option<Tally> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let count = |what: &str| {
        let part = counts.split(';').find_map(|part| part.trim().strip_suffix(what))?;
        part.trim().parse().ok()
    };
    Some(Tally { passed: count("passed")?, failed: count("failed")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\
running 4 tests
test a ... ok
test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
a test may print `test result: ok. 9 passed; 9 failed`
test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out
";

    #[test]
    fn the_tally_sums_over_all_binaries_and_the_output_passes_through() {
        let mut seen = Vec::new();
        let tally = pass_through(OUTPUT.as_bytes(), &mut seen).unwrap();
        assert_eq!(tally, Tally { passed: 13, failed: 2 });
        assert_eq!(String::from_utf8(seen).unwrap(), OUTPUT);
    }

    #[test]
    fn a_line_that_is_no_result_counts_nothing() {
        for line in ["", "test result: ", "test result: ok. many passed; 0 failed", "3 passed"] {
            assert_eq!(read_result(line), None, "{line}");
        }
    }
}
