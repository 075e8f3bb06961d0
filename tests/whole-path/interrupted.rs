//! A run that is told to end: by Ctrl-C, by a service manager, by a terminal that closes.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::harness::{command, fresh, say_skipped, text};
use crate::hostile::{dataset, guest};

/// A run that takes minutes, as every person uses all the fuel there may be.
struct Long {
    child: Child,
    folder: TempDir,
    /// What the child reads, whenever it comes to that.
    _read: [TempDir; 2],
}

impl Long {
    fn start() -> Self {
        let folder = fresh();
        let spin = "(if (i32.load (i32.add (local.get $ptr) (i32.const 8)))
            (then (loop $ever (br $ever))))";
        let guests = fresh();
        let module = guest(guests.path(), spin);
        let (data, dataset) = dataset(&vec![0; 200_000]);
        let out = folder.path().join("release");
        let arguments = ["run", text(&module), "--dataset", text(&dataset), "--profile", "exact"];
        let mut command = command(&[&arguments[..], &["--out", text(&out)]].concat());
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        while left(&folder).is_empty() {
            assert!(child.try_wait().unwrap().is_none(), "the run ended before it was interrupted");
            std::thread::sleep(Duration::from_millis(10));
        }
        Self { child, folder, _read: [data, guests] }
    }
}

/// What is in `folder`.
fn left(folder: &TempDir) -> Vec<PathBuf> {
    fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn every_way_to_end_a_run_leaves_nothing() {
    // As soon as the folder for the release is there, and once the first persons were called.
    for (signal, pause) in [("INT", 0), ("TERM", 0), ("INT", 300), ("TERM", 300), ("HUP", 300)] {
        let mut run = Long::start();
        std::thread::sleep(Duration::from_millis(pause));
        let ended = run.child.try_wait().unwrap();
        if ended.is_some() {
            let said = run.child.wait_with_output().unwrap().stderr;
            panic!("it ended before SIG{signal}: {}", String::from_utf8_lossy(&said));
        }
        private(&left(&run.folder));
        let id = run.child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{signal}"), &id]).status();
        if !sent.is_ok_and(|status| status.success()) {
            run.child.kill().unwrap();
            run.child.wait().unwrap();
            return say_skipped("there is no `kill` to interrupt a run with");
        }
        let ended = run.child.wait_with_output().unwrap();
        let message = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(130), "SIG{signal}: {message}");
        assert_eq!(message, "error: interrupted; nothing was released\n", "SIG{signal}");
        assert!(ended.stdout.is_empty() && left(&run.folder).is_empty(), "SIG{signal}");
    }
}

/// Nobody else looks into the folder that the release is made in.
#[cfg(unix)]
fn private(folders: &[PathBuf]) {
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(folders.len(), 1, "{folders:?}");
    let folder = &folders[0];
    let name = folder.file_name().unwrap().to_string_lossy();
    assert!(name.starts_with(".cloister-partial-"), "{name}");
    assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
}

#[cfg(not(unix))]
fn private(_: &[PathBuf]) {}
