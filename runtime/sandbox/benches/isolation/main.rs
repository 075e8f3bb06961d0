//! What a pristine memory costs: `cargo xtask bench isolation`.
//!
//! Every way runs the same frames in turn, round after round, so that what else the machine does
//! meets all of them; a figure is the median over rounds. Ratios are of figures of one run.
#![expect(clippy::print_stdout, reason = "what it prints is what it is for")]

mod persons;
mod prices;
mod ways;

// The guests' own sources, compiled natively.
#[path = "../guests/src/analysis.rs"]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::indexing_slicing,
    reason = "it is a guest's, where a mistake is a trap"
)]
mod analysis;

use std::process::ExitCode;

use cloister_sandbox::check;

use ways::{Way, measure};

fn main() -> ExitCode {
    // `cargo bench` and `cargo test` call it too, and have no guests.
    let Some(path) = std::env::var_os("CLOISTER_BENCH_GUESTS") else {
        println!("NOT MEASURED: run `cargo xtask bench isolation`, which builds the guests");
        return ExitCode::SUCCESS;
    };
    match std::fs::read(path).map_err(|error| error.to_string()).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(bytes: Vec<u8>) -> Result<(), String> {
    let module = check(bytes).map_err(|refusal| refusal.to_string())?;
    println!(
        "ns per person      native     none  isolated     fresh   none, isolated with any NaN"
    );
    let mut ratios = Vec::new();
    for guest in persons::guests() {
        let found = measure(&module, &guest)?;
        let of = |way: Way| found.iter().find(|(w, _)| *w == way).map_or(f64::NAN, |(_, ns)| *ns);
        println!(
            "{:16} {:8.0} {:8.0} {:9.0} {:9.0}   {:8.0} {:8.0}",
            guest.name,
            of(Way::Native),
            of(Way::None),
            of(Way::Isolated),
            of(Way::Fresh),
            of(Way::NoneAnyNan),
            of(Way::IsolatedAnyNan),
        );
        let isolated = of(Way::Isolated) / of(Way::None);
        let fresh = of(Way::Fresh) / of(Way::Isolated);
        let name = guest.name;
        ratios.push(format!("{name}: isolated/none = {isolated:.2}, fresh/isolated = {fresh:.1}"));
    }
    println!();
    prices::print()?;
    println!();
    ratios.iter().for_each(|line| println!("{line}"));
    Ok(())
}
