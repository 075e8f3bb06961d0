//! What is refused: a clear message, an exit code other than zero, and nothing written.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::{People, command, example, fresh, gibleed, root, say_skipped, succeed, text};
use crate::hostile;

/// Runs `arguments` with an `--out` in a folder that must stay empty; gives the message.
fn refused(arguments: &[&str]) -> String {
    let folder = fresh();
    let out = folder.path().join("release");
    let output = command(&[arguments, &["--out", text(&out)]].concat()).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{arguments:?} was not refused");
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(message.starts_with("error: ") && !message.contains("panicked"), "{message}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "something was written");
    message
}

fn exact<'a>(module: &'a Path, dataset: &'a Path) -> Vec<&'a str> {
    vec!["run", text(module), "--dataset", text(dataset), "--profile", "exact"]
}

/// A file with `bytes` in `folder`.
fn file(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let file = folder.join(name);
    fs::write(&file, bytes).unwrap();
    file
}

#[test]
fn a_module_cut_at_every_hundredth_byte() {
    let whole = fs::read(example("gi-bleed")).unwrap();
    let folder = fresh();
    for length in (0..whole.len()).step_by(100) {
        let cut = file(folder.path(), "cut.wasm", &whole[..length]);
        let message = refused(&exact(&cut, &gibleed()));
        assert!(message.contains("module"), "{length}: {message}");
    }
}

#[test]
fn what_is_no_module() {
    let folder = fresh();
    for (bytes, says) in [
        (&b""[..], "does not start as one"),
        (b"(module)", "WebAssembly text"),
        (b"\x7fELF\x02\x01\x01", "native program"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"\0asm\x0d\0\x01\0", "component"),
        (b"hello, this is not a module at all", "does not start as one"),
    ] {
        let module = file(folder.path(), "module.wasm", bytes);
        let message = refused(&exact(&module, &gibleed()));
        assert!(message.contains(says), "{message}");
    }
    let absent = folder.path().join("absent.wasm");
    for (path, says) in [(&*absent, "a mistake in its name"), (folder.path(), "it is a folder")] {
        let message = refused(&exact(path, &gibleed()));
        assert!(message.contains("cannot be read") && message.contains(says), "{message}");
    }
}

#[test]
fn other_imports_and_study_sections() {
    let folder = fresh();
    let good = fs::read(hostile::guest(folder.path(), "")).unwrap();
    let section = |name: &str, data: &[u8]| {
        let mut section = vec![name.len() as u8];
        section.extend(name.bytes().chain(data.iter().copied()));
        let mut bytes = vec![0, section.len() as u8];
        bytes.extend(section);
        bytes
    };
    let twice = [&good[..], &section("cloister.study", b"[study]")].concat();
    let twice = file(folder.path(), "twice.wasm", twice);
    assert!(refused(&exact(&twice, &gibleed())).contains("2 sections `cloister.study`"));
    let head = b"\0asm\x01\0\0\0";
    let import = "(module (import \"wasi_snapshot_preview1\" \"fd_write\"
        (func (param i32 i32 i32 i32) (result i32))))";
    let import = file(folder.path(), "import.wasm", wat::parse_str(import).unwrap());
    let message = refused(&exact(&import, &gibleed()));
    assert!(message.contains("imports `wasi_snapshot_preview1.fd_write`"), "{message}");
    let empty = file(folder.path(), "empty.wasm", head);
    assert!(refused(&exact(&empty, &gibleed())).contains("0 memories"));
    let text = "(module (import \"cloister\" \"contribute\" (func (param i32 i64 f64)))
        (memory (export \"memory\") 1)
        (func (export \"cloister_v1_arena\") (param i32) (result i32) i32.const 0)
        (func (export \"cloister_v1_init\") (param i32 i32))
        (func (export \"cloister_v1_person\") (param i32 i32)))";
    let none = file(folder.path(), "none.wasm", wat::parse_str(text).unwrap());
    assert!(refused(&exact(&none, &gibleed())).contains("0 sections `cloister.study`"));
}

#[test]
fn an_output_that_is_not_declared_told_before_any_data() {
    let folder = fresh();
    let always = "(call $contribute (i32.const 99) (i64.const 0) (f64.const 1))";
    let module = hostile::guest(folder.path(), always);
    let message = refused(&exact(&module, &gibleed()));
    assert!(message.contains("does not declare"), "{message}");
}

#[test]
fn missing_and_wrong_signatures() {
    let people = People::new();
    let folder = fresh();
    let out = folder.path().join("unused");
    let run = |module: &Path| {
        let mut arguments = people.run(module, &gibleed(), &out);
        arguments.truncate(arguments.len() - 2);
        refused(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let module = folder.path().join("study.wasm");
    fs::copy(example("gi-bleed"), &module).unwrap();
    let message = run(&module);
    assert!(message.contains("0 of 1 trusted author's"), "{message}");
    assert!(message.contains("as author author (org of author)"), "who could sign: {message}");
    people.sign(&module, "author");
    people.sign(&module, "one");
    assert!(run(&module).contains("1 of 2 trusted reviewers'"));
    // A second signature of one person, and one of a stranger, count for nothing.
    let key = people.file("one.key");
    let again = ["sign", text(&module), "--key", text(&key)];
    let again = crate::harness::cloister(&[&again[..], &["--role", "reviewer"]].concat());
    assert!(!again.status.success());
    let stranger = People::new();
    stranger.sign(&module, "two");
    assert!(run(&module).contains("1 of 2 trusted reviewers'"));
    people.sign(&module, "two");
    // All signatures are there: another module beside them is still refused.
    let mut bytes = fs::read(&module).unwrap();
    bytes.extend([0, 2, 1, b'x']);
    fs::write(&module, bytes).unwrap();
    assert!(run(&module).contains("0 of 1 trusted author's"));
}

#[test]
fn an_author_is_no_reviewer() {
    let people = People::new();
    let folder = fresh();
    let module = folder.path().join("study.wasm");
    fs::copy(example("gi-bleed"), &module).unwrap();
    people.sign(&module, "author");
    people.sign(&module, "one");
    let author = people.file("author.key");
    succeed(&["sign", text(&module), "--key", text(&author), "--role", "reviewer"]);
    let trust = people.file("trust.toml");
    let verify = ["verify", text(&module), "--trust", text(&trust)];
    let output = crate::harness::cloister(&verify);
    assert!(!output.status.success());
    let found = String::from_utf8(output.stdout).unwrap();
    assert!(found.contains("counts not  signature 3: author may not sign as reviewer"), "{found}");
}

#[test]
fn exact_numbers_of_real_patients() {
    let folder = fresh();
    let gibleed = root().join("examples/data/gibleed");
    let real = fs::read_to_string(gibleed.join("dataset.toml")).unwrap();
    let real = real.replace("synthetic = true", "");
    let real = file(folder.path(), "dataset.toml", absolute(&real, &gibleed));
    assert!(refused(&exact(&example("gi-bleed"), &real)).contains("not registered as `synthetic`"));
}

/// The description with absolute paths.
fn absolute(description: &str, folder: &Path) -> String {
    let path = |line: &str| match line.split_once(" = \"") {
        Some((table, file)) if file.ends_with(".parquet\"") => {
            format!("{table} = \"{}/{file}", text(folder))
        }
        _ => line.to_owned(),
    };
    description.lines().map(path).collect::<Vec<_>>().join("\n")
}

#[test]
fn parameters_out_of_bounds() {
    let module = example("gi-bleed");
    let dataset = gibleed();
    for (given, says) in [
        ("horizon_days=0", "in 1 to 3650"),
        ("horizon_days=many", "in 1 to 3650"),
        ("horizon=1", "the study takes `horizon_days`"),
    ] {
        let message = refused(&[&exact(&module, &dataset)[..], &["--param", given]].concat());
        assert!(message.contains(says), "{message}");
    }
}

#[test]
fn a_file_whose_pages_do_not_decode() {
    let module = example("gi-bleed");
    let whole = root().join("examples/data/gibleed");
    let folder = fresh();
    let description = fs::read_to_string(whole.join("dataset.toml")).unwrap();
    let mut bytes = fs::read(whole.join("drug_era.parquet")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle - 40_000..middle + 40_000].fill(0xa5);
    let corrupt = file(folder.path(), "corrupt.parquet", bytes);
    let own = format!("= \"{}\"", text(&corrupt));
    let corrupt = absolute(&description, &whole);
    let corrupt = corrupt.replace(&format!("= \"{}/drug_era.parquet\"", text(&whole)), &own);
    let corrupt = file(folder.path(), "dataset.toml", corrupt);
    let message = refused(&exact(&module, &corrupt));
    assert!(message.contains("reading the dataset failed"), "{message}");
}

#[test]
fn folders_that_cannot_be_written() {
    let folder = fresh();
    let module = example("gi-bleed");
    let dataset = gibleed();
    let occupied = folder.path().join("occupied");
    fs::create_dir(&occupied).unwrap();
    file(&occupied, "here.txt", "mine");
    let under_a_file = file(folder.path(), "file", "").join("out");
    for (out, says) in [
        (occupied.as_path(), "is not empty"),
        (under_a_file.as_path(), "cannot be written"),
        (Path::new("/proc/cloister/out"), "cannot be written"),
    ] {
        let mut run = command(&[&exact(&module, &dataset)[..], &["--out", text(out)]].concat());
        let output = run.output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(message.contains(says), "{message}");
    }
    assert_eq!(fs::read_dir(&occupied).unwrap().count(), 1);
}

#[test]
fn a_full_disk() {
    let folder = fresh();
    let out = folder.path().join("release");
    let guests = fresh();
    let module = hostile::guest(guests.path(), "");
    let dataset = gibleed();
    let arguments = [&exact(&module, &dataset)[..], &["--out", text(&out)]].concat();
    // A limit on the size of files fails a write as a full disk does. (This guest has no data
    // segments, for which the engine would make a file in memory.)
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\""]);
    limited.arg(env!("CARGO_BIN_EXE_cloister")).args(&arguments).current_dir(root());
    let output = limited.output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("nothing was released"), "{message}");
    assert!(message.contains("File too large"), "{message}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    // And a disk that is really full, where a small one can be mounted.
    let script = "mount -t tmpfs -o size=4k none \"$0\" && exec \"$@\"";
    let mut full = std::process::Command::new("unshare");
    full.args(["--mount", "sh", "-c", script, text(folder.path())]);
    full.arg(env!("CARGO_BIN_EXE_cloister")).args(&arguments).current_dir(root());
    match full.output() {
        Ok(output) if output.status.code() == Some(1) => {
            let message = String::from_utf8(output.stderr).unwrap();
            if message.contains("mount") || message.contains("unshare") {
                return say_skipped("no file system can be mounted to fill");
            }
            assert!(message.contains("No space left on device"), "{message}");
        }
        _ => say_skipped("no file system can be mounted to fill"),
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn a_private_key_that_others_may_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let people = People::new();
    let folder = fresh();
    let module = people.signed(&hostile::guest(folder.path(), ""));
    let out = folder.path().join("unused");
    let (author, site) = (people.file("author.key"), people.file("site.key"));
    let mut run = people.run(&module, &gibleed(), &out);
    run.truncate(run.len() - 2);
    let run: Vec<&str> = run.iter().map(String::as_str).collect();
    let sign = ["sign", text(&module), "--key", text(&author), "--role", "reviewer"];
    for mode in [0o640, 0o604, 0o620] {
        for key in [&author, &site] {
            fs::set_permissions(key, fs::Permissions::from_mode(mode)).unwrap();
        }
        let signed = crate::harness::cloister(&sign);
        assert_eq!(signed.status.code(), Some(1));
        for (key, message) in
            [(&author, String::from_utf8(signed.stderr).unwrap()), (&site, refused(&run))]
        {
            let says = format!("(mode {mode:04o}); take it back with `chmod 600 {}`", text(key));
            assert!(message.contains(&says), "{message}");
        }
    }
    fs::set_permissions(&author, fs::Permissions::from_mode(0o400)).unwrap();
    succeed(&sign);
}
