//! A rehearsal: a module over invented persons, by the very way of a run, with all that a run keeps
//! to itself told to the researcher.
//!
//! It ends in numbers and a document, never in a [`crate::Release`], so nothing can seal it.

mod as_test;
mod second_call;

use std::collections::BTreeMap;

use cloister_contract::job::{ParamError, Params};
use cloister_contract::release::{ReleaseDocument, Status};
use cloister_contract::study::Study;
use serde::Serialize;

use crate::admit::{Module, Refusal, Trial, admit_invented};
use crate::invent::{InventError, Invention, invent};
use crate::protect::{History, NoNoise, Profile, Protected, protect};
use crate::run::{Loss, Rehearsed, RunFault, RunOptions};

use second_call::SecondCall;
pub use second_call::{FirstTrap, FuelNeeded};

/// What a rehearsal found. All numbers count invented persons.
#[derive(Clone, Debug, Serialize)]
pub struct Rehearsal {
    /// Persons invented.
    pub persons: u64,
    /// By which seed.
    pub seed: u64,
    /// Persons who contributed to any cell.
    pub contributed: u64,
    /// Persons whose call trapped: a panic, an overflow, a read outside its memory.
    pub trapped: u64,
    /// How the one of them with the shortest frame did.
    pub first_trap: Option<FirstTrap>,
    /// Persons whose call ran out of fuel.
    pub out_of_fuel: u64,
    /// What the one of them with the longest frame would have needed.
    pub fuel_needed: Option<FuelNeeded>,
    /// Persons whose call contributed too often.
    pub too_many_contributions: u64,
    /// Persons who contributed to an output or cell that is not declared.
    pub out_of_range: u64,
    /// For each table, persons who had more rows than `rows_max`.
    pub cut_at_rows_max: BTreeMap<String, u64>,
    /// Fuel of one person.
    pub fuel: Fuel,
    /// The outputs, in the study file's order.
    pub outputs: Vec<OutputRehearsal>,
    /// What would be released.
    pub release: ReleaseDocument,
}

/// Fuel of one person, in the engine's units.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Fuel {
    /// Half of the persons used no more.
    pub median: u64,
    /// The most that anybody used.
    pub max: u64,
    /// What the study file allows.
    pub limit: u64,
}

/// What became of one output.
#[derive(Clone, Debug, Serialize)]
pub struct OutputRehearsal {
    /// Its name.
    pub output: String,
    /// Its cells, margins included.
    pub cells: usize,
    /// Those that the profile withholds.
    pub withheld: usize,
    /// Persons' values that were clamped to the bounds.
    pub clamped: u64,
    /// Contributions to further cells than one person may have.
    pub beyond_cells_per_person: u64,
    /// Contributions that were not finite, or in no bin.
    pub void: u64,
}

/// Why there was no rehearsal.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    /// A parameter is wrong.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// Persons cannot be invented.
    #[error(transparent)]
    Invent(#[from] InventError),
    /// A site would refuse the module.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no randomness for noise.
    #[error(transparent)]
    Noise(#[from] NoNoise),
    /// The run failed.
    #[error(transparent)]
    Broken(#[from] RunFault),
}

/// Runs `module` over invented persons under `profile`, and tells all about it. No signature is
/// asked for.
///
/// # Errors
/// [`RehearsalError`] if a site would refuse the module, or the run fails.
pub async fn rehearse(
    module: Module,
    profile: Profile,
    params: &[(String, String)],
    invention: Invention,
    options: &RunOptions,
) -> Result<Rehearsal, RehearsalError> {
    let (study, checked) = (module.study.clone(), module.checked.clone());
    let bound = Params::bind(&study, params)?;
    let invented = invent(&study, &bound, invention)?;
    let admitted = admit_invented(module, &invented, profile, params.to_vec()).await?;
    let (draft, seen) = crate::run::rehearse(admitted, options).await?;
    let contributed = draft.population;
    let again = SecondCall { module: &checked, job: &draft.job, given: params };
    let trial = || Trial::of(&draft.job, &draft.layout);
    let first_trap = match &seen.trapped_least {
        Some((_, _, frame)) => again.trapped(trial()?, frame)?,
        None => None,
    };
    let fuel_needed = match &seen.out_of_fuel_most {
        Some((_, _, frame)) => Some(again.out_of_fuel(trial()?, frame)?),
        None => None,
    };
    let release = match protect(draft, &History::default())? {
        Protected::Release(release) => release.document().clone(),
        Protected::Unprotected(exact) => exact.document().clone(),
    };
    let tables = study.tables.iter().zip(&seen.cut);
    Ok(Rehearsal {
        persons: seen.fuel.len() as u64,
        seed: invention.seed,
        contributed,
        trapped: seen.trapped,
        first_trap,
        out_of_fuel: seen.out_of_fuel,
        fuel_needed,
        too_many_contributions: seen.too_many,
        out_of_range: seen.out_of_range,
        cut_at_rows_max: tables.map(|(table, cut)| (table.name.clone(), *cut)).collect(),
        fuel: Fuel::of(seen.fuel.clone(), study.limits.fuel),
        outputs: outputs(&study, &seen, &release),
        release,
    })
}

impl Fuel {
    fn of(mut used: Vec<u64>, limit: u64) -> Self {
        used.sort_unstable();
        let at = |place: usize| used.get(place).copied().unwrap_or_default();
        Self { median: at(used.len() / 2), max: at(used.len().saturating_sub(1)), limit }
    }
}

fn outputs(study: &Study, seen: &Rehearsed, release: &ReleaseDocument) -> Vec<OutputRehearsal> {
    let output = |(output, loss): (&cloister_contract::study::Output, &Loss)| {
        let cells = || release.cells.iter().filter(|cell| cell.output == output.name);
        OutputRehearsal {
            output: output.name.clone(),
            cells: cells().count(),
            withheld: cells().filter(|cell| cell.status == Status::Withheld).count(),
            clamped: loss.clamped,
            beyond_cells_per_person: loss.beyond,
            void: loss.void,
        }
    };
    study.outputs.iter().zip(&seen.losses).map(output).collect()
}
