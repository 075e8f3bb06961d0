//! `bench`: what things cost, measured in one run so that ratios can be read off.

use std::path::Path;

use anyhow::{Result, bail};

use crate::guest_build::{GuestStd, build};
use crate::shell;

pub(crate) const HELP: &str = "\
Usage: cargo xtask bench isolation | protect | attack | admit

Measures what a pristine memory for every person costs: native code, the
same instance for everybody, what a run does, and a fresh instance each; and
the prices behind the limit on a person's time. Some minutes, optimised.

`protect` measures the disclosure rules on 990 cells in three dimensions: the
time, and how many cells are withheld. The solver is optimised, the rest is not.

`attack` searches for modules that tell one person's secret through the rules,
and says how often the best ones do. Some minutes.

`admit` measures an admission, optimised: module, signatures, policies and a
charge in a ledger on disk; not the tables, and not compiling the guest. And
ledgers and audit logs of ten thousand entries. The build takes minutes, the
rest seconds.
";

const LINE: &str =
    "cargo bench --quiet --locked --package cloister-sandbox --features faults --bench isolation";

const PROTECT: &str =
    "cargo test --quiet --locked --workspace --lib protect::timing -- --ignored --nocapture";

const ATTACK: &str = "cargo test --quiet --locked --workspace --lib protect::attack -- \
                      --include-ignored --nocapture";

const ADMIT: &str = "cargo test --quiet --locked --release --workspace --lib -- --ignored \
                     --nocapture --test-threads=1 admit::timing ledger::tests::timing \
                     audit::timing";

pub(crate) fn main(arguments: &[String]) -> Result<()> {
    match arguments {
        [what] if what == "isolation" => isolation(),
        [what] if what == "protect" => shell::run_with(&shell::words(PROTECT, &[]), &[]),
        [what] if what == "attack" => shell::run_with(&shell::words(ATTACK, &[]), &[]),
        // A test's thread gets what a program's first thread has.
        [what] if what == "admit" => {
            shell::run_with(&shell::words(ADMIT, &[]), &[("RUST_MIN_STACK", "8388608")])
        }
        _ => bail!("say what to measure: `isolation`, `protect`, `attack` or `admit`\n\n{HELP}"),
    }
}

fn isolation() -> Result<()> {
    let std = GuestStd::find(None)?;
    let built = build(Path::new("runtime/sandbox/benches/guests"), None, std)?;
    let guests = built.wasm.display().to_string();
    shell::run_with(&shell::words(LINE, &[]), &[("CLOISTER_BENCH_GUESTS", &guests)])
}
