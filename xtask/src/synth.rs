//! `synth`: calls the generator of synthetic data, optimised, since it writes millions of rows.

use anyhow::{Result, bail};

use crate::shell;

pub(crate) const HELP: &str = "\
Usage: cargo xtask synth --persons N --seed S --out DIR [--shuffled]

Makes deterministic OMOP-like Parquet with the traps of real data: a code
hierarchy, outcomes before, on and after the index date, stays with returns,
labs in several units, ties, nulls, persons with very many rows. The same
arguments make the same bytes.

  --persons N   how many persons
  --seed S      which of all possible data sets
  --out DIR     the folder to write, with a dataset.toml ready to run on
  --shuffled    rows in random order instead of by person
";

const LINE: &str = "cargo run --quiet --release --locked --package cloister-synth --";

pub(crate) fn main(arguments: &[String]) -> Result<()> {
    if arguments.is_empty() {
        bail!("say how many persons, which seed and where to\n\n{HELP}");
    }
    let mut words = shell::words(LINE, &[]);
    words.extend_from_slice(arguments);
    shell::run(&words)
}
