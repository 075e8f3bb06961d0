//! Passphrases and files of keys that are refused, each with what to do.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{failed, made, refused_with, secret};
use crate::harness::{cloister, fresh, new_key, succeed, text};

#[test]
fn passphrases_that_are_none_or_others() {
    let folder = fresh();
    let key = made().path().join("key");
    for (content, says) in [
        (&b"another one\n"[..], "this passphrase does not open"),
        // As it was typed, but for a space at its end.
        ("vier Pferde, ein Akku – ja \n".as_bytes(), "this passphrase does not open"),
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"one\ntwo\n", "more than one line"),
        (b"a\0b", "more than one line"),
        (b"\xff\xfe", "is no text"),
        (&[b'a'; 100_000], "over 16384 bytes"),
    ] {
        let passphrase = secret(folder.path(), "passphrase", content);
        let message = refused_with(&key, &passphrase);
        assert!(message.contains(says), "{message}");
        if says != "this passphrase does not open" {
            let new = folder.path().join("new.key");
            let arguments = ["key", "new", text(&new), "--passphrase-file", text(&passphrase)];
            assert!(failed(&cloister(&arguments)).contains(says));
            assert!(!new.exists() && !new.with_extension("pub").exists());
        }
    }
    let absent = folder.path().join("absent");
    assert!(refused_with(&key, &absent).contains("No such file"));
}

#[test]
fn a_key_that_is_cut_off_or_changed() {
    let folder = fresh();
    let whole = fs::read(made().path().join("key")).unwrap();
    let passphrase = made().path().join("passphrase");
    let body = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for length in [body - 1, body, body + 30, whole.len() / 2, whole.len() - 40] {
        let cut = secret(folder.path(), "cut.key", &whole[..length]);
        assert!(refused_with(&cut, &passphrase).contains("is cut off or changed"), "{length}");
    }
    let binary = unarmoured(std::str::from_utf8(&whole).unwrap());
    // The last byte of the ciphertext, and the salt: with that, it is as another passphrase.
    let salt = binary.windows(10).position(|bytes| bytes == b"\n-> scrypt").unwrap() + 12;
    for (at, says) in [(binary.len() - 1, "is cut off"), (salt, "does not open")] {
        let mut changed = binary.clone();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = secret(folder.path(), "changed.key", changed);
        let message = refused_with(&changed, &passphrase);
        assert!(message.contains(says), "{at}: {message}");
    }
    // Said to be encrypted to a key.
    let mut to_a_key = binary.clone();
    to_a_key[salt - 8..salt - 2].copy_from_slice(b"X25519");
    let to_a_key = secret(folder.path(), "to-a-key.key", to_a_key);
    assert!(refused_with(&to_a_key, &passphrase).contains("that no passphrase opens"));
    // The same bytes unchanged do open: what was refused was refused for the change.
    let unchanged = secret(folder.path(), "unchanged.key", &binary);
    let shown = ["key", "public", text(&unchanged), "--passphrase-file", text(&passphrase)];
    assert!(succeed(&shown).starts_with("ed25519:"));
}

/// The binary form of an armoured age file.
fn unarmoured(text: &str) -> Vec<u8> {
    let lines = text.lines().filter(|line| !line.starts_with("-----"));
    STANDARD.decode(lines.collect::<String>()).unwrap()
}

#[test]
fn a_key_that_would_take_days_to_open() {
    let folder = fresh();
    let passphrase = made().path().join("passphrase");
    let binary = unarmoured(&fs::read_to_string(made().path().join("key")).unwrap());
    let at = binary.windows(4).position(|bytes| bytes == b" 18\n").unwrap();
    for work in ["21", "30", "63"] {
        let mut bomb = binary.clone();
        bomb[at + 1..at + 3].copy_from_slice(work.as_bytes());
        let bomb = secret(folder.path(), "bomb.key", bomb);
        let message = refused_with(&bomb, &passphrase);
        assert!(message.contains(&format!("asks for 2^{work} steps")), "{message}");
    }
    // As much work as a key takes, but fifty times.
    let stanza = binary.windows(2).position(|bytes| bytes == b"->").unwrap();
    let end = binary.windows(4).position(|bytes| bytes == b"\n---").unwrap() + 1;
    let many = [&binary[..stanza], &binary[stanza..end].repeat(50), &binary[end..]].concat();
    let begin = Instant::now();
    let message = refused_with(&secret(folder.path(), "many.key", many), &passphrase);
    assert!(message.contains("is cut off or changed"), "{message}");
    // Fifty times 2^18 is half a minute.
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
}

#[test]
fn files_that_others_may_read_links_and_what_is_no_key() {
    let folder = fresh();
    let (key, passphrase) = (made().path().join("key"), made().path().join("passphrase"));
    let copy = secret(folder.path(), "copy.key", fs::read(&key).unwrap());
    let spoken = secret(folder.path(), "spoken", fs::read(&passphrase).unwrap());
    for mode in [0o640, 0o604, 0o620] {
        let says = |kind: &str, file: &Path| {
            let file = text(file);
            format!("`{file}` is a {kind} that others may read (mode {mode:04o}); take it back")
        };
        fs::set_permissions(&copy, fs::Permissions::from_mode(mode)).unwrap();
        let message = refused_with(&copy, &passphrase);
        assert!(message.contains(&says("private key", &copy)), "{message}");
        fs::set_permissions(&spoken, fs::Permissions::from_mode(mode)).unwrap();
        let message = refused_with(&key, &spoken);
        assert!(message.contains(&says("passphrase", &spoken)), "{message}");
    }
    let plain = folder.path().join("plain.key");
    new_key(&plain);
    for target in [&key, &plain] {
        let link = folder.path().join("link.key");
        symlink(target, &link).unwrap();
        assert!(refused_with(&link, &passphrase).contains("is a link"));
        fs::remove_file(link).unwrap();
    }
    let head = "-----BEGIN AGE ENCRYPTED FILE-----\n";
    for (content, says) in [
        (head.repeat(1_000), "over 16384 bytes"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n".to_owned(), "is not an Ed25519 private key"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n".to_owned(), "`ssh-add"),
        (fs::read_to_string(folder.path().join("plain.pub")).unwrap(), "is a public key"),
        (String::new(), "is not an Ed25519 private or public key"),
    ] {
        let file = secret(folder.path(), "odd.key", content);
        let message = refused_with(&file, &passphrase);
        assert!(message.contains(says), "{message}");
    }
}
