//! A module is what its sources give: on any machine's folders, on any day, and provably so.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, SystemTime};

use cloister_contract::digest::Digest;

use crate::harness::{cloister, command, fresh, say_skipped, succeed, text};

/// A study as `study new` unpacks it, in `parent`.
pub(crate) fn unpacked(parent: &Path, name: &str) -> PathBuf {
    fs::create_dir_all(parent).unwrap();
    let output = command(&["study", "new", name]).current_dir(parent).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    parent.join(name)
}

fn built(study: &Path, out: &Path) -> PathBuf {
    succeed(&["study", "build", text(study), "--out", text(out)]);
    // With `--locked` cargo says whether building changed the lock file.
    let mut metadata = Command::new("cargo");
    metadata.args(["metadata", "--locked", "--offline", "--format-version", "1"]);
    metadata.args(["--filter-platform", "wasm32-unknown-unknown", "--no-deps"]);
    assert!(metadata.current_dir(study).output().unwrap().status.success());
    out.to_owned()
}

fn rebuild(study: &Path, module: &Path) -> Command {
    command(&["study", "rebuild", text(study), "--expect", text(module)])
}

/// Where cargo keeps what it fetched.
fn cargo_home() -> Option<PathBuf> {
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo"));
    std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home)
}

/// Makes another person of the caller: another home, and another cargo's home in which nothing is
/// unpacked yet, over what this one has fetched.
fn as_another(command: &mut Command, folder: &Path) -> bool {
    let Some(own) = cargo_home().filter(|home| home.join("registry/cache").is_dir()) else {
        say_skipped("no study was built in another home: cargo has fetched nothing here");
        return false;
    };
    let rustup = std::env::var_os("RUSTUP_HOME").map(PathBuf::from);
    let rustup = rustup.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".rustup")));
    let (home, cargo) = (folder.join("another/home"), folder.join("another/cargo home"));
    fs::create_dir_all(&home).unwrap();
    fs::create_dir_all(cargo.join("registry")).unwrap();
    for part in ["index", "cache"] {
        let (from, to) = (own.join("registry").join(part), cargo.join("registry").join(part));
        std::os::unix::fs::symlink(from, to).unwrap();
    }
    if own.join("config.toml").exists() {
        fs::copy(own.join("config.toml"), cargo.join("config.toml")).unwrap();
    }
    command.env("HOME", home).env("CARGO_HOME", cargo).env("CARGO_NET_OFFLINE", "true");
    command.envs(rustup.map(|rustup| ("RUSTUP_HOME", rustup)));
    true
}

/// Puts every file's time back to a day in 2001.
fn long_ago(folder: &Path) {
    let day = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            long_ago(&path);
        } else {
            File::options().append(true).open(path).unwrap().set_modified(day).unwrap();
        }
    }
}

fn told(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_study_gives_the_same_module_in_another_folder_and_home_on_another_day() {
    let folder = fresh();
    let out = folder.path().join("module.wasm");
    let module = built(&unpacked(&folder.path().join("one"), "anywhere"), &out);
    let study = unpacked(&folder.path().join("some/where/else"), "anywhere");
    long_ago(&study);
    let mut rebuild = rebuild(&study, &module);
    as_another(&mut rebuild, folder.path());
    let (said, stderr) = told(&rebuild.output().unwrap());
    let digest = Digest::of(&fs::read(&module).unwrap());
    let line = format!("rebuilt: anywhere 0.1.0, module sha256:{digest}, study file sha256:");
    assert!(said.starts_with(&line), "{said}{stderr}");
    for fact in [", sources sha256:", ", rustc ", "LLD ", "standard library ", ", recipe 1\n"] {
        assert!(said.contains(fact), "{fact}: {said}");
    }
    assert_eq!(said.lines().count(), 1, "{said}");

    one_changed_byte_is_named(&study, &module);
    another_toolchain_is_said_to_be_that(&study, &module, folder.path());
}

/// The concept of women becomes another one.
fn one_changed_byte_is_named(study: &Path, module: &Path) {
    let file = study.join("src/lib.rs");
    let source = fs::read_to_string(&file).unwrap();
    assert_eq!(source.matches("Some(8532) => Sex::Female").count(), 1);
    fs::write(&file, source.replace("Some(8532) => Sex", "Some(8533) => Sex")).unwrap();
    let output = rebuild(study, module).output().unwrap();
    fs::write(&file, source).unwrap();
    let (said, stderr) = told(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(stderr.contains("the sources give another module, sha256:"), "{stderr}");
    for fact in ["`cloister_v1_person`", "8532 became 8533", "\n  code ", "word for word"] {
        assert!(said.contains(fact), "{fact}: {said}");
    }
    assert!(said.contains("0 changed; 0 removed; 0 added"), "{said}");
}

/// A module whose facts name another compiler, and a rebuild with another standard library.
fn another_toolchain_is_said_to_be_that(study: &Path, module: &Path, folder: &Path) {
    let mut bytes = fs::read(module).unwrap();
    let here = b"rustc = \"rustc 1.";
    let at = bytes.windows(here.len()).position(|part| part == here).unwrap() + here.len();
    bytes[at..at + 2].copy_from_slice(b"01");
    let older = folder.join("older.wasm");
    fs::write(&older, bytes).unwrap();
    let output = rebuild(study, &older).output().unwrap();
    let (said, stderr) = told(&output);
    assert_eq!((output.status.code(), said.as_str()), (Some(1), ""));
    let says = "nothing was compared: the module was built with another compiler (`rustc 1.01";
    assert!(stderr.contains(says), "{stderr}");

    if !Path::new("/usr/lib/rustlib/src/rust/library").is_dir() {
        return say_skipped("nothing was rebuilt with Debian's standard library: it is not here");
    }
    let output = rebuild(study, module).args(["--std", "debian"]).output().unwrap();
    let (said, stderr) = told(&output);
    assert_eq!((output.status.code(), said.as_str()), (Some(1), ""));
    assert!(stderr.contains("nothing was compared: the module was built with another"), "{stderr}");
    assert!(stderr.contains("standard library (`toolchain`; here is `debian`)"), "{stderr}");
}

#[test]
fn a_module_that_says_nothing_of_its_build_is_not_rebuilt() {
    let folder = fresh();
    let guest = crate::hostile::guest(folder.path(), "nop");
    let study = crate::harness::root().join("examples/gi-bleed");
    let output = cloister(&["study", "rebuild", text(&study), "--expect", text(&guest)]);
    let (_, stderr) = told(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr.contains("has 0 sections `cloister.build`"), "{stderr}");
}

/// Cargo would choose today's versions, and write them into what the reviewer reads.
#[test]
fn a_study_without_its_lock_file_is_not_rebuilt() {
    // Outside this workspace, whose own lock file would count.
    let folder = tempfile::tempdir().unwrap();
    let study = unpacked(folder.path(), "unlocked");
    let lock = study.join("Cargo.lock");
    if lock.exists() {
        fs::remove_file(&lock).unwrap();
    }
    let output = rebuild(&study, &crate::harness::example("age-sex")).output().unwrap();
    let (said, stderr) = told(&output);
    assert_eq!((output.status.code(), said.as_str()), (Some(1), ""));
    assert!(stderr.contains("Cargo.lock"), "{stderr}");
    assert!(!lock.exists() && !study.join("target").exists());
}
