//! Noise that is keyed by the job: whose it is, and how well one cell tells of a person through it.

use cloister_contract::release::{CellDocument, ReleaseDocument};

use crate::attempt::Attempt;
use crate::oracle::privacy;
use crate::site::{Profile, ask};
use crate::world::{Data, World};

/// By how many standard deviations chance may be off: once in three million times.
const CHANCE: f64 = 5.0;

/// Holds if the same job at the same site has the same numbers whatever the environment is, and
/// other ones at a site with another key.
///
/// # Errors
/// What was chosen or computed.
pub(crate) fn own(attempt: &Attempt, data: &Data, off: Option<&str>) -> Result<(), String> {
    let cells = |attempt: &Attempt| {
        let seen = ask(attempt, data, World::With, Profile::Hospital, off);
        seen.release().map(|release| release.cells)
    };
    let here = cells(attempt)?;
    shows(&here)?;
    if cells(&Attempt { environment: Vec::new(), ..attempt.clone() })? != here {
        return Err("whoever asks chooses the noise by the environment".to_owned());
    }
    if cells(&Attempt { site: "elsewhere", ..attempt.clone() })? == here {
        return Err("another site, with another key, has the same noise".to_owned());
    }
    Ok(())
}

/// At least one cell is shown, so that there is noise to look at.
fn shows(cells: &[CellDocument]) -> Result<(), String> {
    let shown = cells.iter().any(|cell| cell.persons.is_some());
    if shown { Ok(()) } else { Err("everything is withheld: nothing was tested".to_owned()) }
}

/// Holds if whoever knows all but whether the target is there, and looks at one cell of an output
/// called `edge…`, is right as often as the `words` of `docs/privacy.md` end, and no more often
/// than chance adds to that.
///
/// The guess is the best there is where one person more begins the next interval: the target is
/// there if the cell is shown higher than the lowest is.
///
/// # Errors
/// How often such a guess is right.
pub(crate) fn blurred(
    words: &str,
    attempt: &Attempt,
    data: &Data,
    off: Option<&str>,
) -> Result<(), String> {
    let least = |world| -> Result<Vec<u64>, String> {
        let release: ReleaseDocument =
            ask(attempt, data, world, Profile::Hospital, off).release()?;
        let cells = release.cells.iter().filter(|cell| cell.output.starts_with("edge"));
        let least = cells.map(|cell| cell.persons.map(|[low, _]| low));
        least.collect::<Option<Vec<_>>>().ok_or("a cell is withheld: another attack".to_owned())
    };
    let (with, without) = (least(World::With)?, least(World::Without)?);
    let lowest = with.iter().chain(&without).min().ok_or("there is no cell `edge…`")?;
    let told = with.iter().filter(|low| *low > lowest).count()
        + without.iter().filter(|low| *low == lowest).count();
    let guesses = (with.len() + without.len()) as f64;
    let right = told as f64 / guesses;
    let share: f64 = words.rsplit(' ').next().and_then(|last| last.parse().ok()).unwrap_or(0.0);
    let most = share + CHANCE * (share * (1.0 - share) / guesses).sqrt();
    if right > most || most >= 1.0 {
        return Err(format!("of {guesses} guesses {right} are right, and {most} may be"));
    }
    let documented = privacy().contains(words);
    if documented { Ok(()) } else { Err(format!("docs/privacy.md does not say `{words}`")) }
}
