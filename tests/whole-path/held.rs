//! When a release over patients' data leaves: at the planned instant, and never before.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use crate::charged::Site;
use crate::harness::{cloister, say_skipped, succeed, text};

/// A site whose persons are no invented ones.
fn patients() -> Site {
    let site = Site::new();
    let described = fs::read_to_string(&site.dataset).unwrap();
    fs::write(&site.dataset, described.replace("synthetic = true\n", "")).unwrap();
    site
}

/// The instant that a run says its release is planned for.
fn planned(said: &str) -> SystemTime {
    let at = said.split_once("the release is planned for ").unwrap().1;
    let text = at.split_once(" UTC").unwrap().0.replace(' ', "T") + "Z";
    SystemTime::from(text.parse::<Timestamp>().unwrap())
}

/// Over 100 published persons the plan is two minutes, and this test takes as long.
#[test]
fn a_release_over_patients_waits_for_its_instant_and_outlives_who_waits() {
    let site = patients();
    let begin = SystemTime::now();
    let mut command = site.command(1, "first");
    let mut waiting = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let is_stored = || site.ledger().exists() && site.book().entries().len() == 2;
    while !is_stored() && waiting.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(100));
    }
    let interrupt = Command::new("kill").args(["-INT", &waiting.id().to_string()]).status();
    if !interrupt.is_ok_and(|status| status.success()) {
        waiting.kill().unwrap();
        waiting.wait().unwrap();
        return say_skipped("there is no `kill` to interrupt a run with");
    }
    let ended = waiting.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(130), "{said}");
    assert!(!site.outs.path().join("first").exists(), "it left before its instant");
    let planned = planned(&said);
    assert!(planned >= begin + Duration::from_secs(60), "{said}");
    // It is stored, and neither sealed nor in the log: how far it came, no later receipt tells.
    let log = fs::read_to_string(site.data.path().join("audit.jsonl")).unwrap();
    assert!(log.lines().count() == 1 && log.contains("\"admitted\""), "{log}");
    assert!(!site.data.path().join("receipts.jsonl").exists());
    // Who asks again waits as for a run, and no other is made.
    let again = SystemTime::now();
    // In other words: the year that is asked is the one that it is by default.
    let mut second = site.arguments(1, "second");
    second.truncate(second.len() - 2);
    succeed(&second.iter().map(String::as_str).collect::<Vec<_>>());
    let left = fs::metadata(site.outs.path().join("second/release.json")).unwrap();
    // Instants are told in whole seconds.
    let waited = planned.duration_since(begin).unwrap();
    assert!(left.modified().unwrap() + Duration::from_secs(5) >= again + waited);
    assert_eq!(site.book().entries().len(), 2);
    // Its evidence has its admission, in whatever words.
    let (out, pack) = (site.outs.path().join("second"), site.outs.path().join("pack"));
    let (ledger, key) = (site.ledger(), site.people.file("site.pub"));
    let words = ["evidence", text(&out), "--ledger", text(&ledger), "--site", text(&key)];
    succeed(&[&words[..], &["--out", text(&pack)]].concat());
    let page = fs::read_to_string(pack.join("index.html")).unwrap();
    assert!(page.contains("admitted, and charged") && page.contains("given again"), "{page}");
    // Once it has left, nobody waits any more.
    let again = SystemTime::now();
    site.run(1, "third").unwrap();
    assert!(again.elapsed().unwrap() < waited / 2);
}

#[test]
fn whoever_does_not_wait_is_told_nothing_of_an_instant() {
    let site = patients();
    let mut arguments = site.arguments(1, "now");
    arguments.push("--at-once".to_owned());
    let ended = cloister(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(String::from_utf8(ended.stderr).unwrap(), "");
    assert!(site.outs.path().join("now/release.json").exists());
}
