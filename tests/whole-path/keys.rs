//! Private keys in files and in an ssh-agent: made, shown, used to sign, and refused.

mod agent;
mod compared;
mod refused;

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cloister_contract::envelope::Envelope;
use tempfile::TempDir;

use crate::harness::{cloister, command, fresh, new_key, say_skipped, succeed, text};
use crate::hostile;

const PASSPHRASE: &str = "vier Pferde, ein Akku – ja";

/// A file with `text` that its owner alone may read.
fn secret(folder: &Path, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let file = folder.join(name);
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    file
}

/// A key under [`PASSPHRASE`], made once as that takes a second: `key`, `key.pub`, `passphrase`.
fn made() -> &'static TempDir {
    static MADE: OnceLock<TempDir> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = fresh();
        let passphrase = secret(folder.path(), "passphrase", format!("{PASSPHRASE}\n"));
        let key = folder.path().join("key");
        succeed(&["key", "new", text(&key), "--passphrase-file", text(&passphrase)]);
        folder
    })
}

/// What a command that must fail says.
fn failed(output: &Output) -> String {
    let message = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(message.starts_with("error: ") && !message.contains("panicked"), "{message}");
    message
}

/// A module to sign, in a folder of its own.
fn module() -> (TempDir, PathBuf) {
    let folder = fresh();
    let module = hostile::guest(folder.path(), "");
    (folder, module)
}

/// Whether the only envelope beside `module` is by the key in `public`.
fn signed_by(module: &Path, public: &Path) -> bool {
    let line = fs::read_to_string(cloister::signatures_of(module)).unwrap();
    let envelope = Envelope::from_line(line.trim_end()).unwrap();
    envelope.verify(&cloister::public_key(public).unwrap()).is_ok()
}

/// Tries to sign with `key`, which must fail and leave nothing; gives what it says.
fn refused(arguments: &[&str], prepare: impl FnOnce(&mut Command)) -> String {
    let (_folder, module) = module();
    let sign = ["sign", text(&module), "--role", "author", "--key"];
    let mut command = command(&[&sign, arguments].concat());
    command.stdin(Stdio::null());
    prepare(&mut command);
    let message = failed(&command.output().unwrap());
    assert!(!cloister::signatures_of(&module).exists(), "something was signed: {message}");
    message
}

fn refused_with(key: &Path, passphrase: &Path) -> String {
    refused(&[text(key), "--passphrase-file", text(passphrase)], |_| ())
}

#[test]
fn a_key_under_a_passphrase_signs_and_is_nowhere_in_its_file() {
    let (key, public) = (made().path().join("key"), made().path().join("key.pub"));
    let passphrase = made().path().join("passphrase");
    let locked = fs::read_to_string(&key).unwrap();
    assert!(locked.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n"), "{locked}");
    assert!(!locked.contains("PRIVATE KEY"));
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o7777, 0o600);
    for by_variable in [false, true] {
        let (_folder, module) = module();
        let mut sign = command(&["sign", text(&module), "--role", "author", "--key", text(&key)]);
        if by_variable {
            sign.env("CLOISTER_PASSPHRASE_FILE", &passphrase);
        } else {
            sign.args(["--passphrase-file", text(&passphrase)]);
        }
        let output = sign.stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(signed_by(&module, &public));
    }
}

#[test]
fn without_a_terminal_the_other_ways_are_named() {
    let folder = fresh();
    let key = folder.path().join("new.key");
    let output = command(&["key", "new", text(&key)]).stdin(Stdio::null()).output().unwrap();
    let message = failed(&output);
    for way in ["--passphrase-file", "CLOISTER_PASSPHRASE_FILE", "--no-passphrase"] {
        assert!(message.contains(way), "{message}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let message = refused(&[text(&made().path().join("key"))], |_| ());
    for way in ["--passphrase-file", "CLOISTER_PASSPHRASE_FILE", "ssh-agent"] {
        assert!(message.contains(way), "{message}");
    }
}

#[test]
fn a_key_is_shown_by_its_public_half_alone() {
    let folder = fresh();
    let plain = folder.path().join("plain.key");
    let output = cloister(&["key", "new", "--no-passphrase", text(&plain)]);
    let warned = String::from_utf8(output.stderr).unwrap();
    assert!(warned.contains("its file is all that protects it"), "{warned}");
    let private = fs::read_to_string(&plain).unwrap();
    let seed = private.lines().nth(1).unwrap();
    let public = folder.path().join("plain.pub");
    let line = succeed(&["key", "public", text(&plain)]);
    // SPKI of an Ed25519 key ends with the key itself (RFC 8410).
    let pem = fs::read_to_string(&public).unwrap();
    let spki = STANDARD.decode(pem.lines().nth(1).unwrap()).unwrap();
    assert_eq!(line, format!("ed25519:{}\n", STANDARD.encode(&spki[spki.len() - 32..])));
    let on_a_line = folder.path().join("line.pub");
    fs::write(&on_a_line, &line).unwrap();
    for (file, kind) in
        [(&plain, "private, not encrypted"), (&public, "public"), (&on_a_line, "public")]
    {
        assert_eq!(succeed(&["key", "public", text(file)]), line);
        let shown = succeed(&["key", "show", text(file)]);
        let digest = cloister_contract::digest::Digest::of(&spki[spki.len() - 32..]);
        for fact in [&format!("kind     {kind}\n"), line.trim_end(), &digest.to_string()] {
            assert!(shown.contains(fact), "{shown}");
        }
        assert!(!shown.contains(seed) && !shown.contains(&seed[20..]), "{shown}");
    }
}

#[test]
fn an_encrypted_key_is_shown_by_the_file_beside_it_which_is_said() {
    let folder = fresh();
    let key = secret(folder.path(), "key", fs::read(made().path().join("key")).unwrap());
    let passphrase = made().path().join("passphrase");
    let with = ["key", "public", text(&key), "--passphrase-file", text(&passphrase)];
    let line = succeed(&with);
    // Alone, it must be opened.
    let show = || command(&["key", "show", text(&key)]).stdin(Stdio::null()).output().unwrap();
    assert!(failed(&show()).contains("there is no terminal"));
    // The file beside it says something else, and is believed only where nothing else is there.
    new_key(&folder.path().join("other.key"));
    fs::rename(folder.path().join("other.pub"), folder.path().join("key.pub")).unwrap();
    assert_eq!(succeed(&with), line);
    let output = show();
    let (shown, warned) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(shown.contains("encrypted") && !shown.contains(line.trim_end()), "{shown}");
    assert!(warned.contains("key.pub") && warned.contains("was not decrypted"), "{warned}");
}

#[test]
fn a_passphrase_is_typed_twice_and_never_seen() {
    let folder = fresh();
    let key = folder.path().join("typed.key");
    let Some((code, seen)) = typed(&key, &[PASSPHRASE, PASSPHRASE]) else {
        return say_skipped("no passphrase was typed: there is no `script` to type it in");
    };
    assert!(code && !seen.contains("Pferde"), "{seen}");
    let passphrase = secret(folder.path(), "passphrase", PASSPHRASE);
    let shown = ["key", "public", text(&key), "--passphrase-file", text(&passphrase)];
    let line = succeed(&shown);
    assert_eq!(succeed(&["key", "public", text(&key.with_extension("pub"))]), line);
    let other = folder.path().join("other.key");
    let (code, seen) = typed(&other, &[PASSPHRASE, "vier Pferde"]).unwrap();
    assert!(!code && seen.contains("the two passphrases differ"), "{seen}");
    let (code, seen) = typed(&other, &[""]).unwrap();
    assert!(!code && seen.contains("the passphrase is empty"), "{seen}");
    assert!(!other.exists() && !other.with_extension("pub").exists());
}

/// Makes `key` on a terminal of its own, typing `answers` when asked; whether it succeeded, and
/// all that the terminal showed.
fn typed(key: &Path, answers: &[&str]) -> Option<(bool, String)> {
    use std::io::Write as _;
    let new = format!("'{}' key new '{}'", env!("CARGO_BIN_EXE_cloister"), text(key));
    let mut terminal = Command::new("script")
        .args(["--quiet", "--return", "--command", &new, "/dev/null"])
        .env_remove("CLOISTER_PASSPHRASE_FILE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let (mut keyboard, mut screen) =
        (terminal.stdin.take().unwrap(), terminal.stdout.take().unwrap());
    let mut seen = Vec::new();
    for answer in answers {
        // The prompt ends in a colon and a space; what comes next must not be shown.
        let asked = seen.len();
        while !seen[asked..].ends_with(b": ") {
            let mut byte = [0];
            screen.read_exact(&mut byte).unwrap();
            seen.push(byte[0]);
        }
        // Between the prompt and the first read the echo goes off.
        std::thread::sleep(Duration::from_millis(300));
        keyboard.write_all(format!("{answer}\r").as_bytes()).unwrap();
    }
    screen.read_to_end(&mut seen).unwrap();
    let code = terminal.wait().unwrap().success();
    Some((code, String::from_utf8(seen).unwrap()))
}
