//! `fuzz`: random guests before the oracles, for as long as one likes.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};

use crate::shell;

pub(crate) const HELP: &str = "\
Usage: cargo xtask fuzz [--minutes N] [--seed S]

Runs persons through random guests and compares each call with one in a fresh
instance, and with one of the module as it was. A failure prints the seed of
its guest; `--seed` begins there. Without it, another one at every run.

  --minutes N   how long (1)
";

const LINE: &str = "cargo test --quiet --release --locked --package cloister-sandbox \
                    --features faults --test oracles -- --ignored --nocapture as_long";

pub(crate) fn main(arguments: &[String]) -> Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let (mut minutes, mut seed) = (1, now << 20);
    for pair in arguments.chunks(2) {
        let number = |text: &str| text.parse().with_context(|| format!("no number: `{text}`"));
        match pair {
            [name, value] if name == "--minutes" => minutes = number(value)?,
            [name, value] if name == "--seed" => seed = number(value)?,
            _ => bail!("did not understand `{}`\n\n{HELP}", pair.join(" ")),
        }
    }
    let settings = [("CLOISTER_FUZZ_MINUTES", minutes), ("CLOISTER_FUZZ_SEED", seed)];
    let settings = settings.map(|(name, value): (_, u64)| (name, value.to_string()));
    shell::run_with(&shell::words(LINE, &[]), &settings.each_ref().map(|(n, v)| (*n, v.as_str())))
}
