//! The audit log of a site: what is in it, what no hand can change, and what another
//! implementation of its tree makes of it.

use std::fs;

use cloister::{AuditEntry, AuditEvent};
use serde_json::Value;

use crate::charged::Site;
use crate::duckdb::python;
use crate::harness::{cloister, fresh, say_skipped, succeed, text};

/// What `cloister audit` says, or how it refuses.
fn audit(words: &[&str]) -> Result<String, String> {
    let ended = cloister(&[&["audit"], words].concat());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if ended.status.success() { Ok(text(ended.stdout)) } else { Err(text(ended.stderr)) }
}

impl Site {
    fn log(&self) -> String {
        text(&self.data.path().join("audit.jsonl")).to_owned()
    }

    fn note(&self) -> String {
        text(&self.data.path().join("audit.checkpoint")).to_owned()
    }

    fn public(&self) -> String {
        text(&self.people.file("site.pub")).to_owned()
    }

    fn entries(&self) -> Vec<AuditEntry> {
        let key = cloister::public_key(&self.people.file("site.pub")).unwrap();
        let log = cloister::read_audit(&self.data.path().join("audit.jsonl"), Some(&key)).unwrap();
        assert_eq!(log.checkpoint().size, log.lines().len() as u64);
        log.entries().collect()
    }
}

#[test]
fn everything_asked_is_written_down_with_what_became_of_it() {
    let site = Site::new();
    let first = site.run(1, "one").unwrap();
    site.run(1, "again").unwrap();
    site.run(2, "two").unwrap();
    let refused = site.run(3, "three").unwrap_err();
    let events: Vec<AuditEvent> = site.entries().into_iter().map(|entry| entry.event).collect();
    let first = cloister_contract::digest::Digest::of(&first);
    assert_eq!(events[0], AuditEvent::Admitted);
    assert!(matches!(events[1], AuditEvent::Released { release, .. } if release == first));
    assert!(matches!(&events[2], AuditEvent::GivenAgain { .. }));
    assert_eq!(events[3], AuditEvent::Admitted);
    let AuditEvent::Refused { reason } = &events[5] else { panic!("{events:?}") };
    assert!(refused.contains(reason) && reason.contains("no numbers left"), "{reason}");
    assert_eq!(events.len(), 6);
    let asked = &site.entries()[5].subject;
    assert_eq!(asked.study.as_deref(), Some("four 1.0.0"));
    assert_eq!(asked.purpose.as_deref(), Some("scientific-research"));
    assert_eq!(asked.params, [("year".to_owned(), "3".to_owned())]);
    let by = [("author", "author"), ("one", "reviewer"), ("two", "reviewer")];
    assert_eq!(asked.signed_by, by.map(|(name, role)| format!("{name} of org of {name} ({role})")));
    let page = audit(&["show", &site.log()]).unwrap();
    for words in ["0  ", "refused: the ledger has no numbers left", "year=3 of secrets"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    // A file that is no guest is refused, and that is written down, too.
    let mut arguments = site.arguments(4, "four");
    let module = site.data.path().join("no-guest.wasm");
    fs::write(&module, "no guest").unwrap();
    arguments[1] = text(&module).to_owned();
    cloister(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let last = site.entries().pop().unwrap();
    assert!(matches!(last.event, AuditEvent::Refused { .. }) && last.subject.module.is_none());
}

/// Whoever kept a checkpoint sees any change to what was written before it.
#[test]
fn nothing_written_can_be_changed_left_out_or_put_back() {
    let site = Site::new();
    site.run(1, "one").unwrap();
    let folder = fresh();
    let kept = folder.path().join("kept.checkpoint");
    fs::copy(site.note(), &kept).unwrap();
    let (old_log, old_note) = (fs::read(site.log()).unwrap(), fs::read(site.note()).unwrap());
    site.run(2, "two").unwrap();
    let (log, note) = (fs::read_to_string(site.log()).unwrap(), fs::read(site.note()).unwrap());
    let (public, later) = (site.public(), folder.path().join("later.checkpoint"));
    let verify = ["verify", &site.log(), "--site", &public, "--earlier", text(&kept)];
    let said = audit(&verify).unwrap();
    assert!(said.contains("it begins with the 2 entries that were signed earlier"), "{said}");
    assert!(said.contains("4 entries, each under that root"), "{said}");
    fs::copy(site.note(), &later).unwrap();

    let lines: Vec<&str> = log.lines().collect();
    let with = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let numbered = lines[3].replace("\"number\":3", "\"number\":4");
    for (changed, says) in [
        (log.replacen("scientific-research", "statistics", 1), "are others than those"),
        (with(&lines[..2]), "it has 2 entries, and its checkpoint 4"),
        (with(&[lines[0], lines[2], lines[1], lines[3]]), "line 2 is no entry of that number"),
        (with(&lines) + &numbered + "\n" + &numbered.replace(":4", ":5") + "\n", "it has 6"),
        (with(&lines) + "{}\n", "line 5 is no entry"),
        (log.replacen("{\"number\"", "{ \"number\"", 1), "line 1 is no entry"),
        (log.replace('\n', "\r\n"), "line 1 is no entry"),
    ] {
        fs::write(site.log(), &changed).unwrap();
        let refused = audit(&["verify", &site.log(), "--site", &public]).unwrap_err();
        assert!(refused.contains(says), "{says}: {refused}");
        let run = site.run(1, "changed").unwrap_err();
        assert!(run.contains("audit log") && run.contains("does not verify"), "{run}");
    }
    // The line of a site that stopped before it signed, or of who has no key, never counted.
    fs::write(site.log(), with(&lines) + &numbered + "\nhalf a li").unwrap();
    let said = audit(&["verify", &site.log(), "--site", &public]).unwrap();
    assert!(said.contains("4 entries, each under that root"), "{said}");
    assert!(!audit(&["show", &site.log()]).unwrap().contains("\n     4  "));
    assert!(site.run(1, "again").is_ok());
    let entries = site.entries();
    assert!(entries.len() == 5 && matches!(entries[4].event, AuditEvent::GivenAgain { .. }));
    fs::write(site.log(), &log).unwrap();
    fs::write(site.note(), &note).unwrap();

    // Both files put back at once: who kept the later checkpoint sees it.
    fs::write(site.log(), old_log).unwrap();
    fs::write(site.note(), old_note).unwrap();
    assert!(audit(&["verify", &site.log(), "--site", &public]).is_ok());
    let rolled = audit(&["verify", &site.log(), "--site", &public, "--earlier", text(&later)]);
    assert!(rolled.unwrap_err().contains("does not begin with the one of 4"));
    // Another's key signed nothing of it; a log without its checkpoint is none.
    let author = site.people.file("author.pub");
    let other = audit(&["verify", &site.log(), "--site", text(&author)]).unwrap_err();
    assert!(other.contains("the key did not sign it"), "{other}");
    fs::write(site.log(), &log).unwrap();
    fs::write(site.note(), &note).unwrap();
    fs::remove_file(site.log()).unwrap();
    let gone = site.run(1, "gone").unwrap_err();
    assert!(gone.contains("is gone, and the ledger beside it knows of releases"), "{gone}");
}

#[test]
fn another_implementation_of_the_tree_finds_the_same_roots_and_takes_the_proofs() {
    let site = Site::new();
    site.run(1, "one").unwrap();
    let folder = fresh();
    for at in 0..3 {
        site.run(1, &format!("again-{at}")).unwrap();
    }
    let kept = folder.path().join("kept.checkpoint");
    fs::copy(site.note(), &kept).unwrap();
    site.run(2, "two").unwrap();
    let proof = folder.path().join("proof.json");
    let (log, kept) = (site.log(), text(&kept).to_owned());
    succeed(&["audit", "export", &log, "--earlier", &kept, "--out", text(&proof)]);
    // With the public key alone, and nothing else of the site.
    let said = audit(&["verify", text(&proof), "--site", &site.public()]).unwrap();
    assert!(said.contains("it begins with the 5 entries"), "{said}");
    let Some(found) = python::run("audit_tree.py", &[text(&proof), "5"]) else {
        return say_skipped("no other implementation of the tree: there is no Python");
    };
    let found: Value = serde_json::from_slice(&found).unwrap();
    let root = |note: &str| {
        let note = fs::read_to_string(note).unwrap();
        let checkpoint = cloister_contract::note::Checkpoint::read(&note, None).unwrap();
        (checkpoint.size, checkpoint.root.to_string())
    };
    assert_eq!(root(&site.note()), (7, found["root"].as_str().unwrap().to_owned()));
    assert_eq!(root(&kept), (5, found["old_root"].as_str().unwrap().to_owned()));
    assert_eq!(found["included"], Value::from(vec![true; 7]));
    assert_eq!(found["consistent"], Value::Bool(true));

    // One entry alone; and no other byte of what was exported.
    let one = audit(&["export", &log, "--entries", "6"]).unwrap();
    fs::write(folder.path().join("one.json"), &one).unwrap();
    let one_file = folder.path().join("one.json");
    let verify = |file: &std::path::Path| audit(&["verify", text(file), "--site", &site.public()]);
    assert!(verify(&one_file).unwrap().contains("1 entries, each under that root"));
    let changed = one.replacen("released", "admitted", 1);
    for other in [changed, one.replacen("\"index\": 6", "\"index\": 5", 1), one[..99].to_owned()] {
        fs::write(&one_file, other).unwrap();
        assert!(verify(&one_file).is_err());
    }
    assert!(audit(&["export", &log, "--entries", "7"]).unwrap_err().contains("no entry 7"));
    assert!(audit(&["export", &log, "--entries", "3..1"]).unwrap_err().contains("before the last"));
}

/// An export is held to the checkpoint of whoever verifies it, not to one that it brings along.
#[test]
fn an_export_of_a_log_written_anew_is_held_to_the_checkpoint_that_was_kept() {
    let (site, folder) = (Site::new(), fresh());
    let file = |name: &str| text(&folder.path().join(name)).to_owned();
    let (log, public) = (site.log(), site.public());
    site.run(1, "one").unwrap();
    fs::copy(site.note(), file("kept")).unwrap();
    site.run(1, "again").unwrap();
    let (second, export) = (file("second"), file("export.json"));
    fs::copy(site.note(), &second).unwrap();
    succeed(&["audit", "export", &log, "--earlier", &second, "--out", &export]);
    let verify =
        |export: &str, kept: &str| audit(&["verify", export, "--site", &public, "--earlier", kept]);
    // It shows how the log began by its own end, and by no checkpoint that it does not have.
    assert!(verify(&export, &second).unwrap().contains("with the 3 entries"));
    let not_shown = verify(&export, &file("kept")).unwrap_err();
    assert!(not_shown.contains("with the 2 of the checkpoint from earlier; ask"), "{not_shown}");
    fs::write(file("garbage"), "no checkpoint").unwrap();
    assert!(verify(&export, &file("garbage")).unwrap_err().contains("earlier does not hold"));
    let shown = file("shown.json");
    succeed(&["audit", "export", &log, "--earlier", &file("kept"), "--out", &shown]);
    assert!(verify(&shown, &file("kept")).unwrap().contains("with the 2 entries"));

    // The site begins anew, and writes of the same requests in another order.
    for name in ["ledger.sqlite", "ledger.checkpoint", "audit.jsonl", "audit.checkpoint"] {
        fs::remove_file(site.data.path().join(name)).unwrap();
    }
    fs::remove_file(site.data.path().join("receipts.jsonl")).unwrap();
    fs::remove_dir_all(site.data.path().join("releases")).unwrap();
    site.run(2, "two").unwrap();
    let (own, other) = (file("own"), file("other.json"));
    fs::copy(site.note(), &own).unwrap();
    site.run(1, "one-anew").unwrap();
    for earlier in ["kept", "second"] {
        let written = audit(&["export", &log, "--earlier", &file(earlier)]).unwrap_err();
        assert!(written.contains("what was written was changed"), "{written}");
    }
    succeed(&["audit", "export", &log, "--earlier", &own, "--out", &other]);
    assert!(verify(&other, &own).unwrap().contains("with the 2 entries"));
    let rewritten = verify(&other, &file("kept")).unwrap_err();
    assert!(rewritten.contains("does not begin with the one of 2"), "{rewritten}");
    assert!(verify(&other, &second).unwrap_err().contains("with the 3 of the checkpoint"));
}

/// Without a key whoever reads is told that anybody may have written it; the key beside it counts.
#[test]
fn what_is_shown_is_held_to_the_sites_key() {
    let site = Site::new();
    site.run(1, "one").unwrap();
    let (log, folder) = (site.log(), site.data.path());
    let ledger = text(&site.ledger()).to_owned();
    let shown: [&[&str]; 3] =
        [&["audit", "show", &log], &["audit", "export", &log], &["ledger", "show", &ledger]];
    let says = |words: &[&str]| String::from_utf8(cloister(words).stderr).unwrap();
    for words in shown {
        assert!(says(words).contains("not held against a key, so anybody may have written it"));
    }
    fs::copy(site.public(), folder.join("site.pub")).unwrap();
    shown.iter().for_each(|words| assert_eq!(says(words), ""));
    fs::copy(site.people.file("author.pub"), folder.join("site.pub")).unwrap();
    shown.iter().for_each(|words| assert!(says(words).contains("key did not sign it")));
}

/// Neither ledger nor log can be taken away, or put back, so that the other does not tell.
#[test]
fn a_ledger_without_its_log_and_a_log_without_its_ledger_admit_nobody() {
    let site = Site::new();
    let folder = site.data.path();
    let ledger = ["ledger.sqlite", "ledger.checkpoint", "releases"];
    let log = ["audit.jsonl", "audit.checkpoint", "receipts.jsonl"];
    let aside = fresh();
    let takes = |names: &[&str], from: &std::path::Path, to: &std::path::Path| {
        names.iter().for_each(|name| fs::rename(from.join(name), to.join(name)).unwrap());
    };
    site.run(1, "one").unwrap();
    takes(&ledger, folder, aside.path());
    let refused = site.run(2, "two").unwrap_err();
    assert!(refused.contains("names releases that the ledger does not know"), "{refused}");
    assert!(site.run(1, "one-again").is_err());
    // What was begun in its place goes, and the right one is put back.
    for name in ledger {
        let begun = folder.join(name);
        let _ = fs::remove_file(&begun);
        let _ = fs::remove_dir_all(&begun);
    }
    takes(&ledger, aside.path(), folder);
    takes(&log, folder, aside.path());
    let refused = site.run(2, "two").unwrap_err();
    assert!(refused.contains("is gone, and the ledger beside it knows of releases"), "{refused}");
    for name in log {
        let _ = fs::remove_file(folder.join(name));
    }
    takes(&log, aside.path(), folder);
    let older = log.map(|name| (folder.join(name), fs::read(folder.join(name)).unwrap()));
    assert!(site.run(2, "two").is_ok());
    // An older log, with all that lies beside it, does not name what has left since.
    for (file, bytes) in older {
        fs::write(file, bytes).unwrap();
    }
    let refused = site.run(1, "one-again").unwrap_err();
    assert!(refused.contains("does not name all that the ledger"), "{refused}");
}

/// What whoever asks writes reaches no terminal as it is.
#[test]
fn a_parameter_of_a_refused_request_is_shown_in_plain_letters() {
    let site = Site::new();
    site.run(1, "one").unwrap();
    let mut arguments = site.arguments(1, "two");
    arguments.extend(["--param", "year=1\u{1b}[2J\n     9  released"].map(str::to_owned));
    cloister(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(matches!(site.entries()[2].event, AuditEvent::Refused { .. }));
    let page = audit(&["show", &site.log()]).unwrap();
    assert!(!page.contains('\u{1b}') && !page.contains("\n     9  released"), "{page}");
    assert!(page.contains("released"), "{page}");
}
