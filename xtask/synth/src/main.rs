//! `cloister-synth`: writes synthetic OMOP data into a folder.

mod progress;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use cloister_synth::{Options, generate_with};

use progress::ProgressLine;

/// Writes deterministic OMOP-like Parquet of any size, for trying out a site without patients.
///
/// The same --persons and --seed give the same rows on every machine. A person has some 49 rows:
/// 500,000 persons are about 24 million rows. Memory stays near 100 MB.
#[derive(Parser)]
#[command(name = "cloister-synth")]
struct Arguments {
    /// How many persons to write
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    persons: u64,
    /// What the rows are drawn from
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The folder to write into; new or empty
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Scatter each table's rows over its file instead of sorting them by person and date
    #[arg(long)]
    shuffled: bool,
}

fn main() -> ExitCode {
    let Arguments { persons, seed, out, shuffled } = Arguments::parse();
    let mut line = ProgressLine::new(persons);
    let written = generate_with(&Options { persons, seed, shuffled }, &out, &mut |progress| {
        line.show(progress);
    });
    line.clear();
    // A reader that has gone away is no failure of the data set, so both writes may fail.
    match written {
        Ok(summary) => {
            let _ = writeln!(std::io::stdout().lock(), "{summary}\nwritten to {}", out.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr().lock(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
