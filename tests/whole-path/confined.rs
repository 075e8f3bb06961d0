//! Guests run in processes of their own: what those do, and what becomes of a run without them.
//!
//! `strace` sees what confined processes ask the system for; the kernel's answers are tested in
//! `runtime/src/confine/tests.rs`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cloister::{Confined, Isolation, NoAnswer, Processes, Profile, Request, Site};

use cloister_contract::release::ReleaseDocument;

use crate::harness::{command, exact, example, fresh, gibleed, opened, persons, say_skipped, text};
use crate::hostile;

/// What the library answers to gi-bleed over GiBleed.
fn answer(processes: Processes) -> Result<Vec<u8>, NoAnswer> {
    let request = Request {
        module: example("gi-bleed"),
        dataset: opened(&gibleed()),
        profile: Profile::named("exact").unwrap(),
        params: Vec::new(),
    };
    let site = Site { processes, ..crate::planned::site(2) };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let answer = cloister::answer(request, &site, Arc::default(), "2020-01-01T00:00:00Z");
    Ok(cloister::document(&runtime.block_on(answer)?).encode().unwrap())
}

fn confined(program: impl Into<PathBuf>) -> Processes {
    Processes::Confined(Confined {
        program: program.into(),
        required: false,
        isolation: Isolation::Restored,
        cache: None,
    })
}

#[test]
fn the_same_bytes_as_in_one_process() {
    let apart = exact(&example("gi-bleed"), &gibleed(), &["--require-confinement"]);
    assert_eq!(answer(Processes::One(Isolation::Restored)).unwrap(), apart);
    assert_eq!(exact(&example("gi-bleed"), &gibleed(), &["--isolation", "fresh"]), apart);
    assert_eq!(answer(confined(env!("CARGO_BIN_EXE_cloister"))).unwrap(), apart);
}

#[test]
fn a_link_in_a_tables_folder_is_read() {
    let (folder, guests) = (fresh(), fresh());
    let (data, dataset) = hostile::dataset(&[1; 60]);
    fs::rename(data.path().join("person.parquet"), folder.path().join("elsewhere.parquet"))
        .unwrap();
    let people = data.path().join("people");
    fs::create_dir(&people).unwrap();
    let link = people.join("link.parquet");
    std::os::unix::fs::symlink(folder.path().join("elsewhere.parquet"), link).unwrap();
    let description = fs::read_to_string(&dataset).unwrap();
    fs::write(&dataset, description.replace("\"person.parquet\"", "\"people\"")).unwrap();
    let module = hostile::guest(guests.path(), hostile::HONEST);
    let release = ReleaseDocument::decode(&exact(&module, &dataset, &[])).unwrap();
    assert_eq!(persons(&release, "n", &[]), 60);
}

/// The program of a child that answers `junk` in one role and is honest in the other.
fn liar(folder: &Path, role: &str, junk: &str) -> PathBuf {
    let file = folder.join(format!("liar{role}"));
    let honest = env!("CARGO_BIN_EXE_cloister");
    let script = format!("#!/bin/sh\n[ \"$1\" = {role} ] || exec '{honest}' \"$1\"\n{junk}\n");
    fs::write(&file, script).unwrap();
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    file
}

#[test]
fn a_worker_and_a_compiler_that_answer_junk_release_nothing() {
    let folder = fresh();
    let held = "printf '\\001\\001\\000\\000\\000\\003'";
    // The length of gi-bleed's cells: 8 and 96 for each of 22 or so, whatever it is, is found by
    // the honest run; all ones are cells that no persons could have made.
    let cells = cloister_contract::partial::PartialCells::bytes(&layout());
    let head: String =
        u32::try_from(cells).unwrap().to_le_bytes().map(|b| format!("\\{b:03o}")).concat();
    let ones =
        format!("{held}; printf '\\005{head}'; tr '\\000' '\\377' < /dev/zero | head -c {cells}");
    for (role, junk, says) in [
        (":worker", "yes", "is no answer"),
        (":worker", "exit 0", "ended without an answer"),
        (":worker", &format!("{held}; cat /dev/zero"), "is no answer"),
        (":worker", &ones, "it has more persons than there are"),
        (":compiler", "yes", "is no answer"),
        (":compiler", &format!("{held}; kill -SEGV $$"), "signal 11"),
    ] {
        let program = liar(folder.path(), role, junk);
        let refused = answer(confined(program)).unwrap_err().to_string();
        assert!(refused.contains(says), "{role}, {junk}: {refused}");
    }
    let absent = answer(confined(folder.path().join("absent"))).unwrap_err().to_string();
    assert!(absent.contains("cannot be started"), "{absent}");
}

fn layout() -> cloister_contract::cells::Layout {
    let module = cloister::Module::open(&example("gi-bleed")).unwrap();
    let params = cloister_contract::job::Params::bind(&module.study, &[]).unwrap();
    cloister_contract::cells::Layout::new(&module.study, &params).unwrap()
}

/// A run that takes minutes: every person uses all the fuel there may be.
struct LongRun {
    folder: tempfile::TempDir,
    _data: tempfile::TempDir,
    child: Child,
}

impl LongRun {
    fn start() -> Self {
        let folder = fresh();
        let spin = "(if (i32.load (i32.add (local.get $ptr) (i32.const 8)))
            (then (loop $ever (br $ever))))";
        let module = hostile::guest(folder.path(), spin);
        let (data, dataset) = hostile::dataset(&vec![0; 200_000]);
        let out = folder.path().join("release");
        let run = ["run", text(&module), "--dataset", text(&dataset), "--profile", "exact"];
        let mut command = command(&[&run[..], &["--out", text(&out)]].concat());
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        Self { folder, _data: data, child }
    }

    /// The process id of the worker, once there is one.
    fn worker(&mut self) -> u32 {
        let mut worker = None;
        soon("there is no worker", || {
            assert!(self.child.try_wait().unwrap().is_none(), "the run has ended");
            worker = children(self.child.id()).into_iter().find(|pid| is_child(*pid, ":worker"));
            worker.is_some()
        });
        worker.unwrap()
    }

    /// What is left in the run's folder beside the guest.
    fn left(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name != "guest.wasm").collect()
    }
}

/// The processes that the threads of `pid` have made.
pub(crate) fn children(pid: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let of = |thread: fs::DirEntry| fs::read_to_string(thread.path().join("children"));
    let lists: Vec<String> = threads.filter_map(|thread| of(thread).ok()).collect();
    lists.iter().flat_map(|list| list.split_whitespace()).map(|pid| pid.parse().unwrap()).collect()
}

/// Whether a process has this role.
pub(crate) fn is_child(pid: u32, role: &str) -> bool {
    let end = format!("\0{role}\0");
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.ends_with(end.as_bytes()))
}

/// Sends a signal; whether it could.
fn kill(signal: &str, pid: u32) -> bool {
    let sent = Command::new("kill").args([signal, &pid.to_string()]).status();
    sent.is_ok_and(|status| status.success())
}

fn is_there(pid: u32) -> bool {
    // A process that nobody waits for is there, and is nothing.
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status.lines().any(|line| line.starts_with("State:") && !line.contains('Z'))
}

fn soon(what: &str, mut is: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is() {
        assert!(begin.elapsed() < Duration::from_secs(120), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_killed_worker_ends_the_run_and_releases_nothing() {
    let mut run = LongRun::start();
    let worker = run.worker();
    std::thread::sleep(Duration::from_millis(300));
    assert!(kill("-KILL", worker));
    let mut stderr = run.child.stderr.take().unwrap();
    assert_eq!(run.child.wait().unwrap().code(), Some(1));
    let said = std::io::read_to_string(&mut stderr).unwrap();
    assert!(said.contains("ended without an answer: signal 9"), "{said}");
    assert!(said.contains("nothing was released") && said.lines().count() == 1, "{said}");
    assert_eq!(run.left(), Vec::<String>::new());
}

#[test]
fn a_worker_ends_with_its_parent() {
    let mut run = LongRun::start();
    let worker = run.worker();
    assert!(kill("-KILL", run.child.id()));
    run.child.wait().unwrap();
    soon("the worker is still there", || !is_there(worker));
}

#[test]
fn a_stopped_run_takes_its_worker_with_it() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        let mut run = LongRun::start();
        let worker = run.worker();
        assert!(kill(signal, run.child.id()));
        assert_eq!(run.child.wait().unwrap().code(), Some(130), "{signal}");
        assert!(!is_there(worker), "{signal}: the worker is still there");
        assert_eq!(run.left(), Vec::<String>::new(), "{signal}");
    }
}

/// Files that a confined process asks for and does not get; no secret is in the asking.
const ASKED_AND_DENIED: &[&str] = &[
    // How many threads there may be: libraries look for a limit.
    "/proc/self/cgroup",
    "/sys/",
    // How the allocator gives memory back.
    "/proc/sys/vm/overcommit_memory",
];

#[test]
fn confined_processes_open_the_dataset_and_the_spill_folder_and_no_socket() {
    let folder = fresh();
    let (trace, spill) = (folder.path().join("trace"), folder.path().join("spill"));
    let (out, module, dataset) = (folder.path().join("out"), example("gi-bleed"), gibleed());
    let run = ["run", text(&module), "--dataset", text(&dataset), "--profile", "exact"];
    let memory = ["--require-confinement", "--memory-limit", "200MiB", "--spill", text(&spill)];
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-y", "-o", text(&trace)]).arg(env!("CARGO_BIN_EXE_cloister"));
    strace.args(run).args(memory).args(["--out", text(&out)]).stdout(Stdio::null());
    match strace.status() {
        Ok(status) => assert!(status.success(), "{status}"),
        Err(_) => return say_skipped("there is no `strace` to see system calls with"),
    }
    let data = dataset.parent().unwrap().to_owned();
    let mut opened = 0;
    let calls = confined_calls(&fs::read_to_string(&trace).unwrap());
    assert_eq!(calls.len(), 2, "a compiler and a worker");
    for (call, line) in calls.values().flatten() {
        let forbidden = ["socket", "connect", "exec", "fork", "ptrace", "sendto", "kill", "bind"];
        assert!(!forbidden.iter().any(|word| call.contains(word)), "{line}");
        if !["open", "openat", "mkdir", "mkdirat", "unlink", "unlinkat"].contains(&call.as_str()) {
            continue;
        }
        let denied = line.contains(" = -1 ");
        let path = line.split('"').nth(1).unwrap();
        // A name without a folder is in one that is open: `-y` writes it before the name.
        let beneath = line.split(['<', '>']).nth(1).filter(|_| !line.contains("AT_FDCWD"));
        let path = beneath.map_or(PathBuf::from(path), |folder| Path::new(folder).join(path));
        let own = path.starts_with(&data) || path.starts_with(&spill);
        let asked = ASKED_AND_DENIED.iter().any(|file| text(&path).starts_with(file));
        assert!(own || (asked && denied), "{line}");
        opened += usize::from(own);
    }
    assert!(opened > 3, "the worker reads {opened} files");
}

#[test]
fn where_the_kernel_does_not_confine_it_is_said_or_refused() {
    let (module, dataset) = (example("gi-bleed"), gibleed());
    for (call, missing) in
        [("landlock_create_ruleset", "Landlock is not"), ("seccomp", "seccomp is not")]
    {
        let folder = fresh();
        // `strace` answers in the kernel's place, as one without this call does.
        let inject = format!("inject={call}:error=ENOSYS");
        let run = |name: &str, more: &[&str]| {
            let out = folder.path().join(name);
            let mut strace = Command::new("strace");
            strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &inject]);
            strace.arg(env!("CARGO_BIN_EXE_cloister")).args(["run", text(&module), "--dataset"]);
            strace.args([text(&dataset), "--profile", "exact", "--out", text(&out)]).args(more);
            let ran = strace.output().ok()?;
            let said = String::from_utf8_lossy(&ran.stderr).into_owned();
            assert_eq!(ran.status.success(), out.exists(), "{said}");
            Some((ran.status.success(), said))
        };
        let Some((ran, said)) = run("told", &[]) else {
            return say_skipped("there is no `strace` to answer as an older kernel does");
        };
        assert!(ran && said.contains("guests run without confinement"), "{said}");
        assert!(said.contains(missing), "{said}");
        let (ran, said) = run("refused", &["--require-confinement"]).unwrap();
        assert!(!ran && said.starts_with("error: ") && said.contains(missing), "{said}");
        assert!(said.contains("--require-confinement"), "{said}");
    }
}

/// What each confined process calls from its last filter on, as name and line, by process.
fn confined_calls(trace: &str) -> BTreeMap<u32, Vec<(String, String)>> {
    let lines = whole_lines(trace);
    let mut made_by: BTreeMap<u32, u32> = BTreeMap::new();
    for (thread, line) in lines.iter().filter(|(_, line)| line.contains("CLONE_THREAD")) {
        if let Some(Ok(made)) = line.rsplit("= ").next().map(str::parse) {
            made_by.insert(made, *thread);
        }
    }
    let mut held: BTreeMap<u32, u32> = BTreeMap::new();
    let mut calls: BTreeMap<u32, Vec<(String, String)>> = BTreeMap::new();
    for (thread, line) in lines {
        let mut process = thread;
        while let Some(maker) = made_by.get(&process) {
            process = *maker;
        }
        let Some((call, _)) = line.split_once('(') else { continue };
        if call == "seccomp" {
            *held.entry(process).or_default() += 1;
        } else if held.get(&process) == Some(&2) {
            calls.entry(process).or_default().push((call.to_owned(), line));
        }
    }
    calls
}

/// The trace's lines by thread; a call that another thread's came between is two lines there.
fn whole_lines(trace: &str) -> Vec<(u32, String)> {
    let mut begun: BTreeMap<u32, String> = BTreeMap::new();
    let mut lines = Vec::new();
    for line in trace.lines() {
        let (thread, line) = line.split_once(' ').unwrap();
        let (thread, line) = (thread.parse().unwrap(), line.trim_start());
        if let Some(start) = line.strip_suffix("<unfinished ...>") {
            begun.insert(thread, start.to_owned());
        } else if let Some((_, end)) = line.split_once(" resumed>") {
            lines.push((thread, begun.remove(&thread).unwrap_or_default() + end));
        } else {
            lines.push((thread, line.to_owned()));
        }
    }
    lines
}
