//! Children that are none of ours: real processes that answer junk, nothing, or without end.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::atomic::AtomicU64;

use cloister_sandbox::Isolation;
use futures::FutureExt as _;

use super::*;

/// The beginning of an honest child: both kinds of confinement are in force.
const HELD: &str = "printf '\\001\\001\\000\\000\\000\\003'; ";
/// The head of 104 bytes of cells.
const CELLS: &str = "printf '\\005\\150\\000\\000\\000'; ";

/// What becomes of a child that runs `script`, and how long it took.
fn hear(script: &str) -> (Result<Answer, ChildFault>, Duration) {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("child");
    // Its own id is the script's first word, so that a test can see that it is gone.
    let pid = folder.path().join("pid");
    fs::write(&program, format!("#!/bin/sh\necho $$ > '{}'\n{script}\n", pid.display())).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    let progress = [&[4, 24, 0, 0, 0][..], &[0; 24]].concat().repeat(1_000);
    fs::write(folder.path().join("child.progress"), progress).unwrap();
    let confined =
        Confined { program, required: true, isolation: Isolation::Restored, cache: None };
    let conversation = Conversation {
        role: ":worker",
        // More than a pipe holds: a child that does not listen must not hold its parent.
        order: vec![0; 1 << 20],
        wants: Wants { code_bytes_max: 0, cells_bytes: 104 },
        time_max: Duration::from_secs(4),
    };
    let begin = Instant::now();
    let heard = block_on(converse(&confined, conversation, |_| {}));
    let pid = fs::read_to_string(pid).unwrap();
    assert!(!Path::new("/proc").join(pid.trim()).exists(), "the child is still there");
    (heard, begin.elapsed())
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// The fault of a child that runs `script`.
fn fault(script: &str) -> String {
    let (heard, took) = hear(script);
    assert!(took < Duration::from_secs(30), "{script}: {took:?}");
    heard.unwrap_err().to_string()
}

#[test]
fn an_honest_child_is_heard() {
    let (heard, _) = hear(&format!("{HELD}{CELLS}head -c 104 /dev/zero"));
    assert_eq!(heard.unwrap(), Answer::Cells(vec![0; 104]));
}

#[test]
fn junk_is_no_answer() {
    for junk in [
        "echo hello".to_owned(),
        "yes".to_owned(),
        "cat /dev/zero".to_owned(),
        "exec cat".to_owned(),
        // The right answer of somebody who does not say that he is confined.
        format!("{CELLS}head -c 104 /dev/zero"),
        format!("{HELD}{HELD}"),
        format!("{HELD}printf '\\002\\001\\000\\000\\000x'"),
        // Cells of another size, without end, and cut short.
        format!("{HELD}printf '\\005\\147\\000\\000\\000'; cat /dev/zero"),
        format!("{HELD}printf '\\005\\377\\377\\377\\377'; cat /dev/zero"),
        format!("{HELD}{CELLS}head -c 103 /dev/zero"),
    ] {
        let fault = fault(&junk);
        assert!(fault.contains("is no answer"), "{junk}: {fault}");
    }
}

#[test]
fn one_that_says_nothing_more_has_ended_or_is_late() {
    assert!(fault("exit 3").contains("exit status: 3"));
    assert!(fault(&format!("{HELD}kill -9 $$")).contains("signal 9"));
    assert!(fault(&format!("{HELD}kill -SYS $$")).contains("a system call that it may not"));
    assert!(fault(&format!("{HELD}exec sleep 60")).contains("more than 4 s"));
    assert!(fault(&format!("{HELD}exec >&-; exec sleep 60")).contains("closed its output"));
}

#[test]
fn progress_without_end_is_late_and_fills_no_memory() {
    let before = peak_kib();
    let ever = format!("{HELD}while :; do cat \"$0.progress\"; done");
    assert!(fault(&ever).contains("more than 4 s"));
    assert!(peak_kib() - before < 64 << 10, "it holds what it heard");
}

#[test]
fn a_child_that_is_not_confined_is_not_heard_where_that_is_required() {
    let fault = fault("printf '\\001\\001\\000\\000\\000\\002'; sleep 60");
    assert!(fault.contains("Landlock is not in force"), "{fault}");
}

#[test]
fn a_caller_who_gives_up_ends_the_child() {
    let folder = tempfile::tempdir().unwrap();
    let (program, beat) = (folder.path().join("child"), folder.path().join("beat"));
    let script = format!("#!/bin/sh\nwhile :; do echo >> '{}'; sleep 0.05; done", beat.display());
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    let confined =
        Confined { program, required: true, isolation: Isolation::Restored, cache: None };
    let wants = Wants { code_bytes_max: 0, cells_bytes: 104 };
    let (order, time_max) = (Vec::new(), Duration::MAX);
    let conversation = Conversation { role: ":worker", order, wants, time_max };
    let beats = AtomicU64::new(0);
    let count = || fs::metadata(&beat).map_or(0, |file| file.len());
    block_on(async {
        let mut heard = Box::pin(converse(&confined, conversation, |_| {}));
        while count() < 3 {
            assert!((&mut heard).now_or_never().is_none());
            thread::sleep(Duration::from_millis(10));
        }
        drop(heard);
        beats.store(count(), Ordering::Relaxed);
    });
    thread::sleep(Duration::from_millis(300));
    assert_eq!(count(), beats.load(Ordering::Relaxed), "it went on");
}

/// The most memory that this process ever had, in KiB.
fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
