//! `cloister study test`: what would become of a study, told about persons who do not exist.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use cloister::{FirstTrap, FuelNeeded, GuestStd, Invention, Module, Rehearsal, RunOptions};

use super::contract::warn_of_slips;
use super::profile::ProfileArgs;
use super::{say, words};

/// Most persons that are invented.
const PERSONS_MAX: u32 = 1_000_000;

/// Invents persons from the study file and runs the study over them as a site would: the same
/// checks, sandbox, frames, cells and profile. Then tells what a site never tells: who was cut,
/// trapped or out of fuel, and which cells would be withheld.
///
/// The persons are plausible and unkind: nulls, ties, rows twice, ends before starts, more rows
/// than `rows_max`, no rows at all. Their numbers mean nothing.
#[derive(Args)]
pub(crate) struct Test {
    /// The study's folder, which is built first; or a module.
    study: PathBuf,
    /// How many persons to invent.
    #[arg(long, value_name = "N", default_value_t = 1_000,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(PERSONS_MAX)))]
    persons: u32,
    /// Another seed invents other persons; the same one the same.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    profile: ProfileArgs,
    /// A parameter of the study; lists are separated by commas. May be repeated.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = super::run::pair)]
    params: Vec<(String, String)>,
    /// The standard library to build with: `toolchain` or `debian`; by default the first there is.
    #[arg(long, value_name = "WHICH")]
    std: Option<GuestStd>,
    /// Print everything as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn test(command: &Test) -> anyhow::Result<ExitCode> {
    let profile = command.profile.open()?;
    let module = if command.study.is_dir() {
        let std = GuestStd::find(command.std)?;
        super::progress("compiling; the first time takes a minute or two");
        cloister::build_module(&command.study, None, std)?.module
    } else {
        Module::open(&command.study)?
    };
    warn_of_slips(&module.study);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let options = RunOptions { partitions: cores, memory: cloister::Memory::default() };
    let invention = Invention { persons: command.persons, seed: command.seed };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores)
        .enable_all()
        .build()
        .context("the runtime cannot be started")?;
    let rehearsal = cloister::rehearse(module, profile, &command.params, invention, &options);
    let rehearsal = runtime.block_on(rehearsal)?;
    if command.json {
        let json = serde_json::to_string_pretty(&rehearsal).context("JSON cannot be written")?;
        say(&json);
    } else {
        say(&text(&rehearsal));
    }
    Ok(ExitCode::SUCCESS)
}

fn text(rehearsal: &Rehearsal) -> String {
    let Rehearsal { persons, seed, contributed, fuel, .. } = rehearsal;
    let number = words::grouped;
    let mut text = format!("{} invented persons, seed {seed}\n", number(*persons));
    // Writing to a string cannot fail.
    let mut line = |what: &str, count: u64, why: &str| {
        let why = if count == 0 { "" } else { why };
        let _ = writeln!(text, "{}", format!("  {what:<18}{:>9}  {why}", number(count)).trim_end());
    };
    line("contributed", *contributed, "");
    line("trapped", rehearsal.trapped, "a panic, an overflow: they contribute nothing at a site");
    line("out of fuel", rehearsal.out_of_fuel, "raise `fuel` under [limits], or do less");
    line("out of range", rehearsal.out_of_range, "an output or cell that is not declared");
    if rehearsal.too_many_contributions > 0 {
        line("too many", rehearsal.too_many_contributions, "over 100,000 contributions");
    }
    for (table, cut) in &rehearsal.cut_at_rows_max {
        line(&format!("cut in {table}"), *cut, "more rows than `rows_max`");
    }
    let _ = writeln!(
        text,
        "  fuel of a person: {} in the middle, {} at most, of {} allowed",
        number(fuel.median),
        number(fuel.max),
        number(fuel.limit)
    );
    for output in &rehearsal.outputs {
        let _ = write!(
            text,
            "  {}: {} of {} cells withheld",
            output.output, output.withheld, output.cells
        );
        for (count, what) in [
            (output.clamped, "values clamped to the bounds"),
            (output.beyond_cells_per_person, "contributions beyond the cells of one person"),
            (output.void, "contributions void: not finite, or in no bin"),
        ] {
            if count > 0 {
                let _ = write!(text, "; {} {what}", number(count));
            }
        }
        text.push('\n');
    }
    text.extend(rehearsal.fuel_needed.as_ref().map(out_of_fuel));
    text.extend(rehearsal.first_trap.as_ref().map(trap));
    text.extend(hint(rehearsal));
    text.push_str("\nwhat a site would release, were they its patients:\n");
    text + &cloister::report(&rehearsal.release, None)
}

/// Functions of a trap that are named.
const FUNCTIONS_SHOWN: usize = 8;

/// Where a person's call trapped.
fn trap(first: &FirstTrap) -> String {
    let mut text =
        format!("\nof the calls that trapped, the one for the fewest rows: {}\n", first.trap);
    for (at, function) in first.functions.iter().take(FUNCTIONS_SHOWN).enumerate() {
        text += if at == 0 { "  in " } else { "  called by " };
        text += &format!("{function}\n");
    }
    text +=
        "  this test among the study's own has `cargo test` tell a panic's message and line:\n\n";
    text + &first.test
}

/// What the person with the most rows of those who ran out of fuel would have needed.
fn out_of_fuel(most: &FuelNeeded) -> String {
    let number = words::grouped;
    let found = match most.needed {
        Some(needed) => format!("{} would have been enough", number(needed)),
        None => format!("it did not end with {} either", number(most.tried)),
    };
    let of = number(most.rows as u64);
    format!("\nof the calls that ran out of fuel, the one for the most rows, {of}: {found}\n")
}

/// What to try where little is shown.
fn hint(rehearsal: &Rehearsal) -> Option<String> {
    let Rehearsal { persons, contributed, outputs, .. } = rehearsal;
    let withheld: usize = outputs.iter().map(|output| output.withheld).sum();
    let cells: usize = outputs.iter().map(|output| output.cells).sum();
    // Where most persons drop out, more of them would not help.
    let few = withheld * 2 > cells && contributed * 2 > *persons;
    few.then(|| {
        let more = (persons * 10).min(PERSONS_MAX.into());
        format!(
            "\n{withheld} of {cells} cells are withheld: `--persons {more}` may fill more, and \
             `--profile exact` shows all\n"
        )
    })
}
