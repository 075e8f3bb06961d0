//! One invented person's second call, to be told what the first did not say.

use cloister_contract::job::Job;
use cloister_contract::study::BOUNDS;
use cloister_sandbox::{CheckedModule, Ending, autopsy};
use serde::Serialize;

use super::as_test::{rows, test};
use crate::admit::{Refusal, Trial};
use crate::inspection::function_names;

/// How one invented person's call trapped.
#[derive(Clone, Debug, Serialize)]
pub struct FirstTrap {
    /// A panic, or else the trap in the engine's words.
    pub trap: String,
    /// The functions that it was in, the innermost first; at most the last sixteen calls, and not
    /// those in which every panic ends.
    pub functions: Vec<String>,
    /// A native test of the study, in Rust, that runs it over this person.
    pub test: String,
}

/// What one invented person's call would have needed.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct FuelNeeded {
    /// The person's rows in all tables, as cut at `rows_max`.
    pub rows: usize,
    /// Fuel with which the call ends; `None` if it does not end with what was tried.
    pub needed: Option<u64>,
    /// Fuel that was tried.
    pub tried: u64,
}

/// How many times the study's fuel is tried.
const FUEL_TIMES: u64 = 1_000;

/// Most fuel that is tried: ten times what a study may have, which takes some seconds.
const FUEL_TRIED_MAX: u64 = 10 * BOUNDS.fuel_max;

/// How functions are called in which a panic ends, whatever its reason.
const PANIC_ENDS: [&str; 4] =
    ["__rustc::", "std::panicking::", "std::sys::backtrace::", "core::panicking::panic_fmt"];

/// What is called once more.
pub(super) struct SecondCall<'r> {
    /// The module.
    pub(super) module: &'r CheckedModule,
    /// What the rehearsal asked of it.
    pub(super) job: &'r Job,
    /// The parameters as they were given.
    pub(super) given: &'r [(String, String)],
}

impl SecondCall<'_> {
    /// Where the person of `frame` traps.
    ///
    /// # Errors
    /// [`Refusal`] if the module cannot be called.
    pub(super) fn trapped(&self, trial: Trial, frame: &[u8]) -> Result<Option<FirstTrap>, Refusal> {
        let found = autopsy(self.module, trial.init, trial.limits, frame)?;
        if found.ending == Ending::Done {
            return Ok(None);
        }
        let names = function_names(self.module.bytes(), &found.functions);
        let mut functions = names.unwrap_or_default();
        let within = |name: &String| PANIC_ENDS.iter().any(|begin| name.starts_with(begin));
        let ends = functions.iter().take_while(|name| within(name)).count();
        functions.drain(..ends);
        let trap = if ends > 0 { "a panic".to_owned() } else { found.trap };
        Ok(Some(FirstTrap { trap, functions, test: test(self.job, self.given, frame) }))
    }

    /// What fuel the person of `frame` needs.
    ///
    /// # Errors
    /// [`Refusal`] if the module cannot be called.
    pub(super) fn out_of_fuel(&self, trial: Trial, frame: &[u8]) -> Result<FuelNeeded, Refusal> {
        let mut limits = trial.limits;
        limits.fuel = limits.fuel.saturating_mul(FUEL_TIMES).min(FUEL_TRIED_MAX);
        let found = autopsy(self.module, trial.init, limits, frame)?;
        let needed = (found.ending != Ending::OutOfFuel).then_some(found.fuel);
        Ok(FuelNeeded { rows: rows(self.job.study(), frame), needed, tried: limits.fuel })
    }
}
