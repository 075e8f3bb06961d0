//! When a release over patients' data leaves: not before its instant, which tells nothing.
//!
//! The site does what it does without `--at-once`: its release is stored, and waits. So that no
//! test takes minutes, whoever waits goes away once that is seen. The instant that was told must
//! be the whole minutes of the log after the request, and the log be the same in all worlds.

use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;

use crate::attempt::Attempt;
use crate::site::{Profile, Site, apart};
use crate::world::{Data, World};

/// A release that does not wait is written by then, once it is stored.
const WRITING: Duration = Duration::from_millis(500);
/// From the start of a program to its request, on a busy machine.
const STARTING: Duration = Duration::from_secs(20);
/// Many times what a run takes here.
const DEADLINE: Duration = Duration::from_secs(100);

/// Holds if nothing is there before an instant that is the same in all worlds.
///
/// # Errors
/// What is there, or what differs.
pub(crate) fn held(attempt: &Attempt, data: &Data, off: Option<&str>) -> Result<(), String> {
    let with = waited(attempt, (data, World::With), off)?;
    for world in [World::Without, World::Flipped] {
        let other = waited(attempt, (data, world), off)?;
        if other != with {
            return Err(format!("{with:?}, and in the world {world:?} {other:?}"));
        }
    }
    Ok(())
}

/// What is told in a world of when the release leaves: the log, whose minutes the instant keeps.
fn waited(
    attempt: &Attempt,
    world: (&Data, World),
    off: Option<&str>,
) -> Result<Vec<String>, String> {
    let site = Site::new(attempt, world, Profile::Hospital, off);
    let said = site.root().join("said");
    let begin = SystemTime::now();
    let mut command = site.command("study.wasm", "out");
    command.args(&attempt.more).stdin(Stdio::null()).stdout(Stdio::null());
    let mut child = command.stderr(File::create(&said).unwrap()).spawn().unwrap();
    let is_stored = || {
        let stored = fs::read_dir(site.data().join("releases")).into_iter().flatten();
        stored.flatten().any(|file| file.path().extension().is_some_and(|end| end == "json"))
    };
    // Who does not wait tells no instant, and ends.
    let is_told = || fs::read_to_string(&said).unwrap().contains(" UTC");
    let since = Instant::now();
    while !(is_stored() && is_told())
        && child.try_wait().unwrap().is_none()
        && since.elapsed() < DEADLINE
    {
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(WRITING);
    let ended = child.try_wait().unwrap().is_some();
    let code = if ended { child.wait().unwrap().code() } else { interrupted(&mut child) };
    let said = fs::read_to_string(&said).unwrap();
    if code != Some(130) || site.root().join("out").exists() {
        return Err(format!("it did not wait for its instant, and ended with {code:?}: {said}"));
    }
    let (log, told) = apart(&said);
    let wait = planned(&told)?.duration_since(begin).unwrap_or_default();
    let minutes: Option<u64> =
        log.iter().find_map(|line| line.split_once("minutes=")?.1.trim().parse().ok());
    let minutes = minutes.ok_or(format!("no plan is told: {said}"))?;
    let minutes = Duration::from_secs(60 * minutes);
    // Instants are told in whole seconds.
    if wait + Duration::from_secs(1) < minutes || wait > minutes + STARTING {
        return Err(format!("the plan is {minutes:?}, and the instant {wait:?} later: {told}"));
    }
    Ok(log)
}

/// Interrupts who waits, as a closed terminal does; the exit code.
fn interrupted(child: &mut Child) -> Option<i32> {
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    if !kill.is_ok_and(|kill| kill.success()) {
        let _ = child.kill();
    }
    child.wait().unwrap().code()
}

/// The instant for which a run says that its release is planned.
fn planned(told: &str) -> Result<SystemTime, String> {
    let after = told.split_once("the release is planned for ").map(|(_, after)| after);
    let instant = after.and_then(|after| after.split_once(" UTC")).map(|(instant, _)| instant);
    let text = instant.ok_or(format!("no instant is told: {told}"))?.replace(' ', "T") + "Z";
    Ok(SystemTime::from(text.parse::<Timestamp>().map_err(|error| error.to_string())?))
}
