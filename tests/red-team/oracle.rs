//! The universal oracle: from outside, nobody can tell whether a person is in the data, or what
//! that person's secret is.
//!
//! The same module runs over three worlds: with the target; without; with the target as an
//! ordinary person. **All that leaves must be the same bytes in all three**: exit code, standard
//! output, standard error, names and bytes of every file of the release, nothing else written; the
//! instant for which the release is planned, which the site's log tells; and the audit log.
//!
//! What may differ, and nothing besides:
//!
//! - the second in which the seal was made (`signed_at`), and therefore the signature. Its length
//!   and everything else that it says may not.
//!
//! Protected numbers could differ lawfully: a person more may move a count into the next interval.
//! Here they may not, since the worlds are made so that every honest number lies in the middle of
//! its interval (`world.rs`): a difference is an effect of the attack.
//!
//! And **every number obeys the profile**, held against an exact run over the same world, with
//! the profile's numbers written out here once more: shown cells have at least ten persons; counts
//! are shown as [10 + 5j, 14 + 5j], sums of x − low as the multiple of 5 ranges that holds them,
//! sums of squares of 5 squared ranges; the exact number lies within; every declared cell is there,
//! in order; a withheld one has no number at all.

use cloister_contract::release::{CellDocument, ReleaseDocument, Status};
use cloister_contract::study::{Bounds, OutputKind, Study};

use crate::attempt::Attempt;
use crate::header::root;
use crate::site::{Profile, Seen, ask};
use crate::world::{Data, World};

/// Persons that a shown cell has at least, in the profile `hospital`.
const PERSONS_MIN: u64 = 10;
/// The width of a shown count, in the profile `hospital`.
const BASE: u64 = 5;

/// Holds if nothing that leaves depends on the target.
///
/// # Errors
/// What gives the target away.
pub(crate) fn unseen(attempt: &Attempt, data: &Data, off: Option<&str>) -> Result<(), String> {
    let seen = |world| ask(attempt, data, world, Profile::Hospital, off);
    let with = seen(World::With);
    ends_well(&with)?;
    for world in [World::Without, World::Flipped] {
        same(&with, &seen(world)).map_err(|what| format!("the world {world:?} shows: {what}"))?;
    }
    if !attempt.exactly {
        return Ok(());
    }
    let exact = ask(attempt, data, World::With, Profile::Exact, off).release()?;
    obeys(&with.release()?, &exact, &study(attempt))
}

/// The run released something, and said nothing on standard error.
pub(crate) fn ends_well(seen: &Seen) -> Result<(), String> {
    let names: Vec<&str> = seen.files.keys().map(String::as_str).collect();
    let wanted = [
        "out/",
        "out/cells.csv",
        "out/cells.parquet",
        "out/release.json",
        "out/release.json.intoto.jsonl",
    ];
    if seen.code == Some(0) && seen.stderr.is_empty() && names == wanted {
        let is_told = |line: &String| {
            line.contains("the release is planned") || line.contains("was answered before")
        };
        let planned = seen.log.iter().any(is_told);
        return if planned { Ok(()) } else { Err("no release was planned".to_owned()) };
    }
    Err(format!("it ended with {:?}: {}{names:?}", seen.code, seen.stderr))
}

/// Nothing that leaves differs.
pub(crate) fn same(one: &Seen, other: &Seen) -> Result<(), String> {
    let named = |seen: &Seen| seen.files.keys().cloned().collect::<Vec<_>>();
    if named(one) != named(other) {
        return Err(format!("{:?} against {:?}", named(one), named(other)));
    }
    for (name, bytes) in &one.files {
        if other.files.get(name) != Some(bytes) {
            return Err(format!("`{name}` has other bytes"));
        }
    }
    let said =
        |seen: &Seen| format!("{:?} {}{}{:?}", seen.code, seen.stdout, seen.stderr, seen.log);
    if one == other { Ok(()) } else { Err(format!("{} against {}", said(one), said(other))) }
}

/// The study that the attempt's module carries.
pub(crate) fn study(attempt: &Attempt) -> Study {
    let checked = cloister_sandbox::check(attempt.module.clone()).unwrap();
    Study::parse("study.toml", checked.study()).unwrap()
}

/// Every cell of `release` obeys the profile, given what was accumulated exactly.
fn obeys(release: &ReleaseDocument, exact: &ReleaseDocument, study: &Study) -> Result<(), String> {
    let place = |cell: &CellDocument| (cell.output.clone(), cell.cell.clone());
    let places = |document: &ReleaseDocument| document.cells.iter().map(place).collect::<Vec<_>>();
    if places(release) != places(exact) {
        return Err("the cells are others, or in another order".to_owned());
    }
    for (shown, exact) in release.cells.iter().zip(&exact.cells) {
        let output = study.outputs.iter().find(|output| output.name == shown.output).unwrap();
        let fits = match shown.status {
            Status::Withheld => is_empty(shown),
            Status::Value => persons_obey(shown, exact) && sums_obey(shown, exact, &output.kind),
        };
        if !fits {
            return Err(format!("{shown:?} does not obey the profile; exactly it is {exact:?}"));
        }
    }
    Ok(())
}

fn is_empty(cell: &CellDocument) -> bool {
    let CellDocument { persons, value, sum, excess, excess_squares, mean, sd, .. } = cell;
    persons.is_none()
        && value.is_none()
        && [sum, excess, excess_squares, mean, sd].into_iter().all(Option::is_none)
}

fn persons_obey(shown: &CellDocument, exact: &CellDocument) -> bool {
    let (Some([low, high]), Some([persons, _])) = (shown.persons, exact.persons) else {
        return false;
    };
    let aligned = low >= PERSONS_MIN && (low - PERSONS_MIN).is_multiple_of(BASE);
    persons >= PERSONS_MIN && aligned && high == low + BASE - 1 && (low..=high).contains(&persons)
}

fn sums_obey(shown: &CellDocument, exact: &CellDocument, kind: &OutputKind) -> bool {
    let (bounds, squares) = match kind {
        OutputKind::Count | OutputKind::Histogram { .. } => return true,
        OutputKind::Sum(bounds) => (bounds, false),
        OutputKind::Moments(bounds) => (bounds, true),
    };
    let (step, range) = (bounds.grid.value(1), range(bounds));
    let sum = within(shown.excess, exact.excess, range, step);
    let square = within(shown.excess_squares, exact.excess_squares, range * range, step * step);
    sum && (!squares || square)
}

/// One person's range, in the output's unit.
pub(crate) fn range(bounds: &Bounds) -> f64 {
    bounds.grid.value(i128::from(bounds.high) - i128::from(bounds.low))
}

/// `shown` is the multiple of five times `range`, less one `step` at its end, that holds `exact`.
/// All are small multiples of powers of two here, so floats are exact.
fn within(shown: Option<[f64; 2]>, exact: Option<[f64; 2]>, range: f64, step: f64) -> bool {
    let (Some([low, high]), Some([exact, _])) = (shown, exact) else { return false };
    let unit = range * 5.0;
    low % unit == 0.0 && high == low + unit - step && low <= exact && exact <= high
}

/// The text of `docs/privacy.md`, on one line.
pub(crate) fn privacy() -> String {
    let text = std::fs::read_to_string(root().join("docs/privacy.md")).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
