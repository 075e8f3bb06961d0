//! The oracle of the tier `open`, where two runs never show the same numbers.
//!
//! The same module runs many times in the world with the target and as often without, each time at
//! a fresh site. **All that leaves but noised numbers must be the same bytes every time**: as in
//! `oracle.rs`, but that of each cell its place alone is compared, as whether it is shown follows
//! from a noised number. What is made of the release must be made of nothing else: the text of
//! standard output, `cells.csv` and `cells.parquet`.
//!
//! And **the numbers tell no more of the target than the noise lets them**, by the numbers of
//! `policies/strict.toml` and the formulas of `docs/privacy.md`, written out here once more:
//!
//! - the release says of each output the σ that they give;
//! - a cell's mean differs between the worlds by what one person may move it by and chance at most;
//! - each number varies by that σ, no less and no more, chance aside;
//! - a cell is shown as often in one world as in the other, but for what one person more does to a
//!   noised number, and chance.

use std::collections::{BTreeMap, BTreeSet};

use cloister_contract::digest::Digest;
use cloister_contract::release::{CellDocument, NoisedNumber, ReleaseDocument, Status};
use cloister_contract::study::{Output, OutputKind, Study};

use crate::attempt::Attempt;
use crate::oracle::{ends_well, range, same, study};
use crate::site::{Profile, Seen, ask};
use crate::world::{Data, World};

/// Runs in each of the two worlds: few enough for all attacks of the tier to take half a minute.
const RUNS: usize = 8;
/// By how many standard deviations chance may be off: once in three million times.
const CHANCE: f64 = 5.0;

/// ρ of a job of `strict`, in the tier `open`: of ε = 0.5 at δ = 10⁻⁶.
const RHO: f64 = 0.004_443;
/// The most cells of an output that `strict` lets one person into, in the tier `open`.
const CELLS_PER_PERSON: u32 = 8;

/// Holds if nothing that leaves tells more of the target than the noise lets it.
///
/// # Errors
/// What gives the target away.
pub(crate) fn noised(attempt: &Attempt, data: &Data, off: Option<&str>) -> Result<(), String> {
    let seen = |world| ask(attempt, data, world, Profile::Hospital, off);
    let first = seen(World::Flipped);
    ends_well(&first)?;
    let (first, _) = apart(first)?;
    let runs = |world| -> Result<Vec<ReleaseDocument>, String> {
        let run = |_| {
            let (outside, release) = apart(seen(world))?;
            let told = same(&first, &outside);
            told.map_err(|what| format!("the world {world:?} shows: {what}"))?;
            Ok(release)
        };
        (0..RUNS).map(run).collect()
    };
    numbers(&runs(World::With)?, &runs(World::Without)?, &study(attempt))
}

/// What was seen outside noised numbers, and the release with them.
fn apart(mut seen: Seen) -> Result<(Seen, ReleaseDocument), String> {
    let release = seen.release()?;
    let bytes = seen.files.get("out/release.json").ok_or("the release is not sealed")?;
    let digest = Digest::of(bytes).to_string();
    let made = [
        ("out/cells.csv", cloister::csv(&release)),
        ("out/cells.parquet", cloister::parquet(&release)),
    ];
    for (name, bytes) in made {
        let bytes = bytes.map_err(|error| error.to_string())?;
        if seen.files.insert(name.to_owned(), Vec::new()) != Some(bytes) {
            return Err(format!("`{name}` is made of more than the release"));
        }
    }
    let report = cloister::report(&release, None);
    let rest = seen.stdout.strip_prefix(&report).map(str::to_owned);
    seen.stdout = rest.ok_or("standard output is made of more than the release")?;
    let cells = release.cells.iter().map(place).collect();
    let places = ReleaseDocument { cells, ..release.clone() };
    let places = places.encode().map_err(|error| error.to_string())?;
    seen.files.insert("out/release.json".to_owned(), places);
    let plain = |text: &str| text.replace(&digest, "the release's");
    if let Some(seal) = seen.files.get_mut("out/release.json.intoto.jsonl") {
        *seal = plain(&String::from_utf8_lossy(seal)).into_bytes();
    }
    for line in &mut seen.audit {
        *line = plain(line);
    }
    Ok((seen, release))
}

/// A cell without its numbers.
fn place(cell: &CellDocument) -> CellDocument {
    CellDocument {
        output: cell.output.clone(),
        cell: cell.cell.clone(),
        status: Status::Withheld,
        persons: None,
        value: None,
        sum: None,
        excess: None,
        excess_squares: None,
        mean: None,
        sd: None,
    }
}

/// How many quantities of an output are noised.
const fn quantities(kind: &OutputKind) -> u32 {
    match kind {
        OutputKind::Count | OutputKind::Histogram { .. } => 1,
        OutputKind::Sum(_) => 2,
        OutputKind::Moments(_) => 3,
    }
}

/// σ of the noised persons of `output`: √(L0 · quantities / 2ρ). What one person moves a sum by is
/// as many times larger as its range, and so is its σ.
fn sigma(output: &Output, study: &Study, release: &ReleaseDocument) -> f64 {
    let mut blocks: BTreeMap<BTreeSet<&str>, u32> = BTreeMap::new();
    for cell in release.cells.iter().filter(|cell| cell.output == output.name) {
        *blocks.entry(cell.cell.iter().map(|(name, _)| name).collect()).or_default() += 1;
    }
    let entered = output.cells_per_person.min(CELLS_PER_PERSON);
    let cells: u32 = blocks.values().map(|cells| entered.min(*cells)).sum();
    let all: u32 = study.outputs.iter().map(|output| quantities(&output.kind)).sum();
    (f64::from(cells * all) / (2.0 * RHO)).sqrt()
}

/// What the runs of both worlds show, held to the noise that they claim.
fn numbers(
    with: &[ReleaseDocument],
    without: &[ReleaseDocument],
    study: &Study,
) -> Result<(), String> {
    let first = with.first().ok_or("nothing ran")?;
    let mut spread = Spread::default();
    for output in &study.outputs {
        let sigma = sigma(output, study, first);
        says(first, output, sigma)?;
        let mut shown = [0.0; 2];
        let cells = first.cells.iter().enumerate().filter(|(_, cell)| cell.output == output.name);
        for (at, cell) in cells {
            let of = |runs: &[ReleaseDocument]| -> Vec<CellDocument> {
                let cells = runs.iter().filter_map(|run| run.cells.get(at));
                cells.filter(|cell| cell.status == Status::Value).cloned().collect()
            };
            let both = [of(with), of(without)];
            for (shown, cells) in shown.iter_mut().zip(&both) {
                *shown += cells.len() as f64;
            }
            if both.iter().all(|cells| cells.len() == RUNS) {
                for (unit, number) in noised_numbers(&output.kind) {
                    let drawn = both.each_ref().map(|cells| {
                        cells.iter().map(|cell| number(cell) / unit).collect::<Vec<_>>()
                    });
                    spread.add(&drawn, sigma).map_err(|what| format!("{what}: {cell:?}"))?;
                }
            }
        }
        let of = first.cells.iter().filter(|cell| cell.output == output.name).count() * RUNS;
        let differs = (shown[0] - shown[1]).abs() / of as f64;
        // One person more moves what is beyond a threshold by this share at most.
        let most = 1.0 / (sigma * std::f64::consts::TAU.sqrt()) + CHANCE * (0.5 / of as f64).sqrt();
        if differs > most {
            let name = &output.name;
            return Err(format!("cells of `{name}` are shown {shown:?} times of {of}"));
        }
    }
    spread.is_that_of_the_noise()
}

/// A number of a cell, and what one person moves it by at most.
type Number = (f64, fn(&CellDocument) -> f64);

/// The noised numbers of a cell, each up to what is added to it in every run alike.
fn noised_numbers(kind: &OutputKind) -> Vec<Number> {
    let persons: Number = (1.0, |cell| cell.persons.map_or(f64::NAN, |[_, high]| high as f64));
    match kind {
        // The headline is the lower bound times the persons and what lies above: of a sum from zero
        // on it is the second alone.
        OutputKind::Sum(bounds) if bounds.low == 0 => {
            vec![persons, (range(bounds), |cell| cell.value.unwrap_or(f64::NAN))]
        }
        OutputKind::Count => vec![persons, (1.0, |cell| cell.value.unwrap_or(f64::NAN))],
        _ => vec![persons],
    }
}

/// The release says of the persons of `output` this σ, rounded up to 1/1024.
fn says(release: &ReleaseDocument, output: &Output, sigma: f64) -> Result<(), String> {
    let noise = release.noise.as_ref().ok_or("the release says nothing of noise")?;
    let is_it = |number| number == NoisedNumber::Persons;
    let said = noise.scales.iter().find(|of| of.output == output.name && is_it(of.number));
    let said = said.map_or(f64::NAN, |said| said.scale);
    if (0.0..=1.0 / 512.0).contains(&(said - sigma)) && (noise.rho - RHO).abs() < 1e-9 {
        return Ok(());
    }
    Err(format!("`{}` has σ = {said}, and ρ = {RHO} asks for {sigma}", output.name))
}

/// How far numbers were from their means, in units of the σ that they should have.
#[derive(Default)]
struct Spread {
    squares: f64,
    freedom: f64,
}

impl Spread {
    /// Adds what was drawn in both worlds, in units of what one person moves it by at most.
    ///
    /// # Errors
    /// The means differ by more than one person and chance.
    fn add(&mut self, drawn: &[Vec<f64>; 2], sigma: f64) -> Result<(), String> {
        let mean = |drawn: &Vec<f64>| drawn.iter().sum::<f64>() / drawn.len() as f64;
        let means = drawn.each_ref().map(mean);
        let most = 1.0 + CHANCE * sigma * (2.0 / RUNS as f64).sqrt();
        let moved = (means[0] - means[1]).abs();
        if moved.is_nan() || moved > most {
            return Err(format!("the target moves a mean by {moved}, and {most} may be"));
        }
        for (drawn, mean) in drawn.iter().zip(means) {
            self.squares += drawn.iter().map(|one| ((one - mean) / sigma).powi(2)).sum::<f64>();
            self.freedom += drawn.len() as f64 - 1.0;
        }
        Ok(())
    }

    /// The numbers vary as χ² says; its quantiles by Wilson and Hilferty (1931).
    fn is_that_of_the_noise(&self) -> Result<(), String> {
        if self.freedom == 0.0 {
            return Err("no cell is always shown: nothing was tested".to_owned());
        }
        let (ratio, part) = (self.squares / self.freedom, 2.0 / (9.0 * self.freedom));
        let end = |chance: f64| (1.0 - part + chance * part.sqrt()).powi(3);
        if (end(-CHANCE)..=end(CHANCE)).contains(&ratio) {
            return Ok(());
        }
        Err(format!("numbers vary by {ratio} of the σ² that is claimed"))
    }
}
