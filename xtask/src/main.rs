//! `cargo xtask`: the few commands that a checkout of this project needs, and nothing to install.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a terminal tool: what it prints is for the person there"
)]

mod bench;
mod ci;
mod demo;
mod fuzz;
mod setup;
mod shell;
mod style;
mod synth;

// The host builds guests with this module. It comes in as a file, because depending on the host
// would compile all of it before `setup` could say that something is missing.
#[path = "../../runtime/src/guest_build.rs"]
#[expect(unreachable_pub, reason = "the public interface of another crate")]
#[expect(dead_code, reason = "to find and to build is all that is needed here")]
mod guest_build;

use std::process::ExitCode;

use anyhow::{Result, bail};

/// One subcommand: its name, a sentence for the list, what `--help` prints, and what it does.
struct Command {
    name: &'static str,
    about: &'static str,
    help: &'static str,
    run: fn(&[String]) -> Result<()>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "setup",
        about: "provide what guests need to build",
        help: setup::HELP,
        run: setup::main,
    },
    Command {
        name: "ci",
        about: "check everything: format, style, lints, docs, tests",
        help: ci::HELP,
        run: ci::main,
    },
    Command {
        name: "style",
        about: "check the house style alone",
        help: style::HELP,
        run: style::main,
    },
    Command {
        name: "fuzz",
        about: "run random guests before the sandbox's oracles",
        help: fuzz::HELP,
        run: fuzz::main,
    },
    Command {
        name: "bench",
        about: "measure what a pristine memory costs",
        help: bench::HELP,
        run: bench::main,
    },
    Command {
        name: "synth",
        about: "make synthetic OMOP-like data of any size",
        help: synth::HELP,
        run: synth::main,
    },
    Command {
        name: "demo",
        about: "run a signed study over real data, from sources to release",
        help: demo::HELP,
        run: demo::main,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<()> {
    let asks_help = |word: &String| word == "--help" || word == "-h" || word == "help";
    let Some((name, rest)) = arguments.split_first().filter(|(name, _)| !asks_help(name)) else {
        print!("{}", overview());
        return Ok(());
    };
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        bail!("there is no command `{name}`\n\n{}", overview());
    };
    if rest.iter().any(asks_help) {
        print!("{}", command.help);
        return Ok(());
    }
    shell::enter_root()?;
    (command.run)(rest)
}

fn overview() -> String {
    let mut text = String::from("Usage: cargo xtask COMMAND\n\n");
    for Command { name, about, .. } in COMMANDS {
        text += &format!("  {name:6} {about}\n");
    }
    text + "\n`cargo xtask COMMAND --help` says more.\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_listed_and_its_help_opens_with_its_usage() {
        for Command { name, help, .. } in COMMANDS {
            assert!(overview().contains(&format!("\n  {name} ")), "{name}");
            assert!(help.starts_with(&format!("Usage: cargo xtask {name}")), "{name}");
        }
    }

    #[test]
    fn an_unknown_command_is_an_error_that_lists_the_known() {
        let error = dispatch(&["dmeo".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("`dmeo`") && error.contains("  demo "), "{error}");
    }
}
