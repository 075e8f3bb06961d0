//! Whether an attack came to what its first line says.

use cloister_contract::release::{CellDocument, ReleaseDocument, Status};
use cloister_contract::study::OutputKind;

use crate::attempt::{Attempt, Command, attempts};
use crate::frame;
use crate::header::{Attack, Stop, Verdict};
use crate::held::held;
use crate::hidden::hidden;
use crate::keyed::{blurred, own};
use crate::noised::noised;
use crate::oracle::{privacy, range, same, unseen};
use crate::site::{Profile, Seen, ask};
use crate::world::{Data, World};

/// Puts every request of `attack` before a site.
///
/// # Errors
/// How it went otherwise than the verdict says.
pub(crate) fn holds(attack: &Attack) -> Result<(), String> {
    for attempt in attempts(attack) {
        judge(attack, &attempt, None)?;
        if let Stop::Mechanism(names) = &attack.stop {
            needs_its_mechanism(attack, &attempt, names)?;
        }
    }
    Ok(())
}

/// Without the mechanisms that an attack names it succeeds: the verdict does not hold, and what was
/// refused runs. With `RED_TEAM_TELL` in the environment it is told how.
#[cfg(feature = "faults")]
fn needs_its_mechanism(attack: &Attack, attempt: &Attempt, names: &str) -> Result<(), String> {
    use std::io::Write as _;
    let Err(how) = judge(attack, attempt, Some(names)) else {
        return Err(format!("it does not succeed with `{names}` switched off"));
    };
    if let Verdict::Refused(_) = attack.verdict {
        let data = attempt.data(attack);
        let seen = ask(attempt, &data, World::With, Profile::Hospital, Some(names));
        if seen.code != Some(0) && is_printable(&seen.stderr) {
            return Err(format!(
                "with `{names}` switched off it is refused by something else: {how}"
            ));
        }
    }
    if std::env::var_os("RED_TEAM_TELL").is_some() {
        let _ = writeln!(std::io::stderr(), "{} without {names}: {how:.200}", attack.name);
    }
    Ok(())
}

/// A build without the feature has nothing to switch off, and does not look at the variable. One
/// attack shows it for all.
#[cfg(not(feature = "faults"))]
fn needs_its_mechanism(attack: &Attack, attempt: &Attempt, names: &str) -> Result<(), String> {
    let shown = attack.name == "guests/over-clamp";
    if shown { judge(attack, attempt, Some(names)) } else { Ok(()) }
}

/// Whether one request meets the verdict, with the host's mechanism `off`, if any.
fn judge(attack: &Attack, attempt: &Attempt, off: Option<&str>) -> Result<(), String> {
    let data = attempt.data(attack);
    let exact =
        |attempt: &Attempt, world| ask(attempt, &data, world, Profile::Exact, off).release();
    if let Verdict::Refused(words) = &attack.verdict {
        return refused(attempt, &data, words, off);
    }
    match &attack.verdict {
        Verdict::Held => return held(attempt, &data, off),
        Verdict::Noised => return noised(attempt, &data, off),
        Verdict::Own => return own(attempt, &data, off),
        Verdict::Hidden => return hidden(attempt, &data, off),
        Verdict::Blurred(words) => return blurred(words, attempt, &data, off),
        _ => {}
    }
    let tells = unseen(attempt, &data, off);
    if let Verdict::Open(words) = &attack.verdict {
        return open(words, tells);
    }
    tells?;
    match &attack.verdict {
        // What is not looked at below was above.
        Verdict::Unseen
        | Verdict::Refused(_)
        | Verdict::Open(_)
        | Verdict::Held
        | Verdict::Noised
        | Verdict::Own
        | Verdict::Hidden
        | Verdict::Blurred(_) => Ok(()),
        Verdict::Dropped => {
            let without = exact(attempt, World::Without)?;
            everybody_speaks(&without, data.persons - 1)?;
            // As an ordinary person the target is heard: it is the attack that drops it.
            everybody_speaks(&exact(attempt, World::Flipped)?, data.persons)?;
            equal(&exact(attempt, World::With)?, &without)
        }
        Verdict::SameAs(control) => {
            let control = Attempt { module: frame::control(control), ..attempt.clone() };
            let control = exact(&control, World::With)?;
            everybody_speaks(&control, data.persons)?;
            equal(&exact(attempt, World::With)?, &control)
        }
        Verdict::Bounded => {
            let without = exact(attempt, World::Without)?;
            everybody_speaks(&without, data.persons - 1)?;
            bounded(attempt, &exact(attempt, World::With)?, &without)
        }
        Verdict::Withheld(output) => {
            let shown = ask(attempt, &data, World::With, Profile::Hospital, off).release()?;
            withheld(output, &shown, &exact(attempt, World::With)?)
        }
    }
}

/// Refused with `words`, in the same way with and without the target; nothing is written.
fn refused(attempt: &Attempt, data: &Data, words: &str, off: Option<&str>) -> Result<(), String> {
    let seen = ask(attempt, data, World::With, Profile::Hospital, off);
    let Seen { code, stdout, stderr, files, .. } = &seen;
    let plain = stderr.starts_with("error: ") && is_printable(stderr) && stderr.contains(words);
    if *code != Some(1) || !stdout.is_empty() || !files.is_empty() || !plain {
        let names: Vec<_> = files.keys().collect();
        return Err(format!("it ended with {code:?}, {names:?}: {stdout}{stderr:?}"));
    }
    // What refuses a module must not look at rows. A dataset is refused for what is in it.
    if attempt.command == Command::Register {
        return Ok(());
    }
    same(&seen, &ask(attempt, data, World::Without, Profile::Hospital, off))
}

fn is_printable(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || !c.is_control())
}

/// The attack succeeds, and the documentation says so.
fn open(words: &str, tells: Result<(), String>) -> Result<(), String> {
    if tells.is_ok() {
        return Err("the attack no longer succeeds; give it a better verdict".to_owned());
    }
    let documented = privacy().contains(words);
    if documented { Ok(()) } else { Err(format!("docs/privacy.md does not say `{words}`")) }
}

/// The attack did take place among persons who were heard.
fn everybody_speaks(exact: &ReleaseDocument, persons: i64) -> Result<(), String> {
    let heard = exact.cells.iter().find(|cell| cell.output == "n").and_then(|cell| cell.persons);
    let all = heard == Some([persons.cast_unsigned(); 2]);
    if all { Ok(()) } else { Err(format!("{heard:?} of {persons} persons were heard")) }
}

fn equal(one: &ReleaseDocument, other: &ReleaseDocument) -> Result<(), String> {
    let differs = one.cells.iter().zip(&other.cells).find(|(one, other)| one != other);
    match differs {
        None if one.cells.len() == other.cells.len() => Ok(()),
        None => Err("there are more cells".to_owned()),
        Some((one, other)) => Err(format!("{one:?} against {other:?}")),
    }
}

/// The target moved no cell by more than one person and one person's bounds, and no more cells of
/// an output than the study declares.
fn bounded(
    attempt: &Attempt,
    with: &ReleaseDocument,
    without: &ReleaseDocument,
) -> Result<(), String> {
    let checked = cloister_sandbox::check(attempt.module.clone()).map_err(|e| e.to_string())?;
    let study = cloister_contract::study::Study::parse("study.toml", checked.study());
    for output in &study.map_err(|e| e.to_string())?.outputs {
        let range = match &output.kind {
            OutputKind::Count | OutputKind::Histogram { .. } => 1.0,
            OutputKind::Sum(bounds) | OutputKind::Moments(bounds) => range(bounds),
        };
        let cells =
            with.cells.iter().zip(&without.cells).filter(|(cell, _)| cell.output == output.name);
        let moved: Vec<_> = cells.filter(|(one, other)| one != other).collect();
        let dimensions = output.by.len();
        let inner = moved.iter().filter(|(cell, _)| cell.cell.iter().count() >= dimensions).count();
        if inner > output.cells_per_person as usize {
            return Err(format!("the target moved {inner} cells of `{}`", output.name));
        }
        for (one, other) in moved {
            let low = |interval: Option<[f64; 2]>| interval.map_or(0.0, |[low, _]| low);
            let persons = |cell: &CellDocument| cell.persons.map_or(0, |[low, _]| low);
            let fits = persons(one).abs_diff(persons(other)) <= 1
                && (low(one.excess) - low(other.excess)).abs() <= range
                && (low(one.excess_squares) - low(other.excess_squares)).abs() <= range * range;
            if !fits {
                return Err(format!("the target moved {other:?} to {one:?}"));
            }
        }
    }
    Ok(())
}

/// Every cell of `output` is withheld, though somebody is in one.
fn withheld(output: &str, shown: &ReleaseDocument, exact: &ReleaseDocument) -> Result<(), String> {
    let of = |document: &ReleaseDocument| -> Vec<CellDocument> {
        document.cells.iter().filter(|cell| cell.output == output).cloned().collect()
    };
    if !of(exact).iter().any(|cell| cell.persons.is_some_and(|[low, _]| low > 0)) {
        return Err(format!("nobody is in any cell of `{output}`: nothing could be shown"));
    }
    match of(shown).iter().find(|cell| cell.status != Status::Withheld) {
        None => Ok(()),
        Some(cell) => Err(format!("{cell:?} is shown")),
    }
}
