//! Forged and broken trust roots, signatures, certificates, approvals and seals, one file each: its
//! name is the forgery, its first line the verdict.
//!
//! Every `.toml` file of a folder here becomes a test of the same name; `README.md` says how to add
//! one. What a file forges is true without it: the `base` tests see that each is accepted.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod case;
mod forge;
mod site;
mod world;

use libtest_mimic::{Arguments, Trial};

fn main() -> std::process::ExitCode {
    let mut trials = Vec::new();
    for command in case::COMMANDS {
        let case = case::Case::base(command);
        trials.push(Trial::test(format!("base/{command}"), move || Ok(site::holds(&case)?)));
    }
    for case in case::cases() {
        trials.push(Trial::test(case.name.clone(), move || Ok(site::holds(&case)?)));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
