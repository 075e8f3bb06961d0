//! `bench`: what things cost, measured in one run so that ratios can be read off.

use std::path::Path;

use anyhow::{Result, bail};

use crate::guest_build::{GuestStd, build};
use crate::shell;

pub(crate) const HELP: &str = "\
Usage: cargo xtask bench isolation

Measures what a pristine memory for every person costs: native code, the
same instance for everybody, what a run does, and a fresh instance each; and
the prices behind the limit on a person's time. Some minutes, optimised.
";

const LINE: &str =
    "cargo bench --quiet --locked --package cloister-sandbox --features faults --bench isolation";

pub(crate) fn main(arguments: &[String]) -> Result<()> {
    match arguments {
        [what] if what == "isolation" => isolation(),
        _ => bail!("say what to measure: `isolation`\n\n{HELP}"),
    }
}

fn isolation() -> Result<()> {
    let std = GuestStd::find(None)?;
    let built = build(Path::new("runtime/sandbox/benches/guests"), None, std)?;
    let guests = built.wasm.display().to_string();
    shell::run_with(&shell::words(LINE, &[]), &[("CLOISTER_BENCH_GUESTS", &guests)])
}
