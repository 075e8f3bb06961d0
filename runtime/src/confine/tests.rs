//! What a confined process can do, and what ends it: each tried in a process of its own.
//!
//! A process is this very test binary, told by the environment what to try. It confines the thread
//! that tries, as `main` of a child confines its only one.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::net::{TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

use super::*;

const TRIAL: &str = "CLOISTER_TRIAL";
const FOLDER: &str = "CLOISTER_TRIAL_FOLDER";
/// How a trial ends that found what it should.
const AS_IT_SHOULD: i32 = 77;

const LIMITS: Limits =
    Limits { cpu_seconds: Some(1), memory_bytes: 256 << 20, file_bytes: 1 << 20 };

type Trial = (&'static str, Ends, fn(&Path));

/// How a trial must end.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ends {
    /// By itself, having found what it should.
    Found,
    /// By this signal.
    Killed(i32),
}

/// What a worker is tried with: `data` to read, `spill` to write, and what is beside them.
const WORKER: &[Trial] = &[
    ("it reads the dataset", Ends::Found, |folder| {
        assert_eq!(fs::read(folder.join("data/rows")).unwrap(), b"rows");
        assert_eq!(fs::read_dir(folder.join("data")).unwrap().count(), 2);
    }),
    ("it spills, and removes what it spilled", Ends::Found, |folder| {
        let file = folder.join("spill/part/rows");
        fs::create_dir(file.parent().unwrap()).unwrap();
        fs::write(&file, "spilled").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"spilled");
        fs::remove_dir_all(file.parent().unwrap()).unwrap();
    }),
    ("its threads are held as it is", Ends::Found, |_| {
        let read = std::thread::spawn(|| fs::read("/etc/passwd").unwrap_err().kind());
        assert_eq!(read.join().unwrap(), ErrorKind::PermissionDenied);
    }),
    ("no file beside the dataset", Ends::Found, |folder| {
        for file in ["/etc/passwd", "/proc/self/environ", "/proc/self/mem", "/dev/null"] {
            assert!(is_denied(File::open(file)), "{file}");
        }
        assert!(is_denied(File::open(folder.join("secret"))));
        assert!(is_denied(File::open(folder.join("data/../secret"))));
        assert!(is_denied(fs::read_dir(folder)));
        // A link in the dataset's folder leads to where it leads.
        assert!(is_denied(File::open(folder.join("data/link"))));
    }),
    ("nothing is written but to the spill folder", Ends::Found, |folder| {
        assert!(is_denied(File::create(folder.join("new"))));
        assert!(is_denied(File::create(folder.join("data/new"))));
        assert!(is_denied(File::options().append(true).open(folder.join("data/rows"))));
        assert!(is_denied(fs::remove_file(folder.join("data/rows"))));
        assert!(is_denied(fs::create_dir(folder.join("new"))));
        let spilled = folder.join("spill/moved");
        fs::write(&spilled, "").unwrap();
        assert!(is_denied(fs::rename(&spilled, folder.join("moved"))));
        assert!(is_denied(fs::hard_link(folder.join("secret"), folder.join("spill/secret"))));
        assert!(is_denied(std::os::unix::fs::symlink("/etc", folder.join("spill/etc"))));
        assert!(is_denied(fs::set_permissions(
            &spilled,
            std::os::unix::fs::PermissionsExt::from_mode(0o777)
        )));
    }),
    ("no core, no debugger, no higher limit", Ends::Found, |_| {
        let mut limit = libc::rlimit { rlim_cur: 1, rlim_max: 1 };
        call(|| i64::from(unsafe { libc::getrlimit(libc::RLIMIT_CORE, &raw mut limit) })).unwrap();
        assert_eq!((limit.rlim_cur, limit.rlim_max), (0, 0));
        let raised = libc::rlimit { rlim_cur: 1 << 30, rlim_max: 1 << 30 };
        let raise = || i64::from(unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const raised) });
        assert!(is_denied(call(raise)));
        assert!(is_denied(call(|| i64::from(unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 1) }))));
    }),
    ("a TCP connection", Ends::Killed(31), |_| drop(TcpStream::connect("127.0.0.1:9"))),
    ("a UDP socket", Ends::Killed(31), |_| drop(UdpSocket::bind("127.0.0.1:0"))),
    ("a pair of sockets", Ends::Killed(31), |_| drop(UnixStream::pair())),
    ("another program", Ends::Killed(31), |_| drop(Command::new("/bin/true").spawn())),
    ("another program in its place", Ends::Killed(31), |_| drop(Command::new("/bin/true").exec())),
    ("a fork", Ends::Killed(31), |_| drop(call(|| i64::from(unsafe { libc::fork() })))),
    ("ptrace", Ends::Killed(31), |_| {
        drop(call(|| unsafe {
            libc::syscall(libc::SYS_ptrace, libc::PTRACE_ATTACH, libc::getppid())
        }));
    }),
    ("another's memory", Ends::Killed(31), |_| {
        drop(call(|| unsafe {
            libc::syscall(libc::SYS_process_vm_readv, libc::getppid(), 0, 0, 0, 0, 0)
        }));
    }),
    ("a signal to its parent", Ends::Killed(31), |_| {
        drop(call(|| i64::from(unsafe { libc::kill(libc::getppid(), 0) })));
    }),
    ("a signal to a thread of its parent", Ends::Killed(31), |_| {
        drop(call(|| unsafe {
            libc::syscall(libc::SYS_tgkill, libc::getppid(), libc::getppid(), 0)
        }));
    }),
    ("io_uring", Ends::Killed(31), |_| {
        drop(call(|| unsafe { libc::syscall(libc::SYS_io_uring_setup, 1, 0) }));
    }),
    ("a mount", Ends::Killed(31), |_| {
        drop(call(|| unsafe { libc::syscall(libc::SYS_mount, 0, 0, 0, 0, 0) }));
    }),
    ("more memory than it has", Ends::Killed(6), |_| {
        drop(std::hint::black_box(vec![1_u8; 300 << 20]));
    }),
    ("more time than it has", Ends::Killed(9), |_| {
        let begin = Instant::now();
        while begin.elapsed().as_secs() < 60 {}
    }),
    ("a larger file than it may", Ends::Killed(25), |folder| {
        let mut file = File::create(folder.join("spill/large")).unwrap();
        file.write_all(&vec![0; 2 << 20]).unwrap();
    }),
];

/// What a compiler is tried with: it has no file at all.
const COMPILER: &[Trial] = &[
    ("no file", Ends::Found, |folder| {
        for file in ["data/rows", "spill", "secret", "/etc/passwd", "/proc/self/maps"] {
            assert!(is_denied(File::open(folder.join(file))), "{file}");
        }
        assert!(is_denied(File::create(folder.join("spill/new"))));
        std::thread::spawn(|| ()).join().unwrap();
    }),
    ("a socket", Ends::Killed(31), |_| drop(UdpSocket::bind("127.0.0.1:0"))),
    ("another program", Ends::Killed(31), |_| drop(Command::new("/bin/true").spawn())),
];

fn is_denied<T>(tried: io::Result<T>) -> bool {
    let denied = [libc::EACCES, libc::ENOSYS, libc::EXDEV];
    tried.is_err_and(|error| error.raw_os_error().is_some_and(|code| denied.contains(&code)))
}

/// The result of a system call that says -1 when it fails.
fn call(made: impl FnOnce() -> i64) -> io::Result<()> {
    if made() == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Does not test by itself: it is what the processes run.
#[test]
#[ignore = "the body of processes that other tests start"]
fn body() {
    let Ok(name) = std::env::var(TRIAL) else { return };
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let (place, name) = name.split_once(": ").unwrap();
    begin();
    let (trials, reads, spill) = match place {
        "worker" => (WORKER, vec![folder.join("data")], Some(folder.join("spill"))),
        _ => (COMPILER, Vec::new(), None),
    };
    let held = hold(&LIMITS, &reads, spill.as_deref());
    assert_eq!(held.missing(), None);
    let (_, _, body) = trials.iter().find(|(of, _, _)| *of == name).unwrap();
    body(&folder);
    std::process::exit(AS_IT_SHOULD);
}

fn run(place: &str, name: &str) -> (ExitStatus, String) {
    let folder = tempfile::tempdir().unwrap();
    for name in ["data", "spill"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    fs::write(folder.path().join("data/rows"), "rows").unwrap();
    fs::write(folder.path().join("secret"), "secret").unwrap();
    let link = folder.path().join("data/link");
    std::os::unix::fs::symlink(folder.path().join("secret"), link).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "confine::tests::body", "--ignored", "--nocapture"])
        .env(TRIAL, format!("{place}: {name}"))
        .env(FOLDER, folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    (output.status, String::from_utf8_lossy(&output.stderr).into_owned())
}

fn each(place: &str, trials: &[Trial]) {
    if hold_nothing_elsewhere() {
        let _ = writeln!(io::stderr(), "NOT TESTED: this kernel has no Landlock");
        return;
    }
    for (name, ends, _) in trials {
        let (status, said) = run(place, name);
        let ended = match status.signal() {
            Some(signal) => Some(Ends::Killed(signal)),
            None if status.code() == Some(AS_IT_SHOULD) => Some(Ends::Found),
            None => None,
        };
        assert_eq!(ended, Some(*ends), "{place}: {name}: {status}, {said}");
    }
}

/// Whether the kernel has no Landlock: it then says no version.
fn hold_nothing_elsewhere() -> bool {
    let version = || unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, 0, 0, 1) };
    call(version).is_err()
}

#[test]
fn a_worker_has_the_dataset_and_nothing_else() {
    each("worker", WORKER);
}

#[test]
fn a_compiler_has_nothing() {
    each("compiler", COMPILER);
}
