//! Attacks on a site, one file each: its name is the attack, its first line the verdict.
//!
//! Every file of the folders named in [`header::FOLDERS`] becomes a test of the same name, which
//! puts the attack before the real binary; `README.md` says how to add one.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may fail loudly, and its numbers are small"
)]

mod attempt;
mod catalogue;
mod compiled;
mod frame;
mod header;
mod held;
mod hidden;
mod keyed;
mod noised;
mod oracle;
mod people;
mod site;
mod threats;
mod verdict;
mod world;

use libtest_mimic::{Arguments, Trial};

fn main() -> std::process::ExitCode {
    let mut trials = catalogue::trials();
    for attack in header::attacks() {
        let name = attack.name.clone();
        trials.push(Trial::test(name, move || Ok(verdict::holds(&attack)?)));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
