//! The `cloister` binary: parses the command line and hands over to `cli`.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    #[cfg(feature = "faults")]
    if let Err(unknown) = cloister::choose_faults() {
        // Told apart from every other end: a test must not take it for an attack that succeeds.
        return cli::no_such_fault(&unknown);
    }
    // A confined child of a run does its work before anything else is there.
    let first = std::env::args_os().nth(1);
    cloister::child_main(first.as_deref()).unwrap_or_else(cli::main)
}
