//! Files of keys that other programs make and open: OpenSSL, and age's specification in Python.

use std::fs;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{PASSPHRASE, made, refused_with, secret};
use crate::harness::{fresh, root, say_skipped, succeed, text};

#[test]
fn other_programs_open_our_keys_and_we_open_theirs() {
    let folder = fresh();
    let (key, public) = (made().path().join("key"), made().path().join("key.pub"));
    // Ours: opened by a second reading of age's specification, and understood by OpenSSL.
    let Some(pem) = independent(&["open", text(&key), PASSPHRASE], b"") else { return };
    let Some(theirs) = openssl(&["pkey", "-pubout"], &pem) else { return };
    assert_eq!(theirs, fs::read(&public).unwrap());
    // Theirs: made by OpenSSL, plain or encrypted by the script, at the least and the most work.
    let pem = openssl(&["genpkey", "-algorithm", "ed25519"], b"").unwrap();
    let spki = openssl(&["pkey", "-pubout", "-outform", "DER"], &pem).unwrap();
    let line = format!("ed25519:{}\n", STANDARD.encode(&spki[spki.len() - 32..]));
    let plain = secret(folder.path(), "plain.key", &pem);
    assert_eq!(succeed(&["key", "public", text(&plain)]), line);
    let passphrase = secret(folder.path(), "passphrase", PASSPHRASE);
    for work in ["1", "20"] {
        let locked = independent(&["lock", work, PASSPHRASE], &pem).unwrap();
        let locked = secret(folder.path(), "locked.key", locked);
        let shown = ["key", "public", text(&locked), "--passphrase-file", text(&passphrase)];
        assert_eq!(succeed(&shown), line);
    }
    // An encrypted text that is no key, and a key of another kind.
    let rsa = openssl(&["genpkey", "-algorithm", "RSA"], b"").unwrap();
    for inside in [&b"hello"[..], &rsa] {
        let locked = independent(&["lock", "10", PASSPHRASE], inside).unwrap();
        let locked = secret(folder.path(), "locked.key", locked);
        assert!(refused_with(&locked, &passphrase).contains("is not an Ed25519 private key"));
    }
}

/// What `tests/scripts/age_key.py` prints; `None`, once said, where there is no Python.
fn independent(arguments: &[&str], input: &[u8]) -> Option<Vec<u8>> {
    let script = root().join("tests/scripts/age_key.py");
    piped(Command::new("python3").args(["-B", text(&script)]).args(arguments), input)
}

/// What `openssl` prints; `None`, once said, where there is none.
fn openssl(arguments: &[&str], input: &[u8]) -> Option<Vec<u8>> {
    piped(Command::new("openssl").args(arguments), input)
}

fn piped(command: &mut Command, input: &[u8]) -> Option<Vec<u8>> {
    use std::io::Write as _;
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        let program = command.get_program().display();
        say_skipped(&format!(
            "no key was compared with another program's: there is no `{program}`"
        ));
        return None;
    };
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(output.stdout)
}
