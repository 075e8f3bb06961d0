//! What `verify` and `inspect` say of what anybody may have written.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::harness::{People, cloister, example, fresh, gibleed, succeed, text};

/// An envelope of `payload`; JSON writes control characters as escapes, which are the same text.
fn envelope(payload: &Value, key_id: &str) -> Value {
    json!({
        "payload": STANDARD.encode(payload.to_string()),
        "payloadType": "application/vnd.in-toto+json",
        "signatures": [{ "keyid": key_id, "sig": STANDARD.encode([0; 64]) }],
    })
}

/// A review of nothing.
fn review(signed_at: &str) -> Value {
    let zeros = "0".repeat(64);
    let study = json!({ "name": "s", "version": "1.0.0", "sha256": zeros });
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{ "name": "m", "digest": { "sha256": zeros } }],
        "predicateType": "urn:cloister:review:v1",
        "predicate": {
            "role": "reviewer", "study": study, "verdict": "approve", "signed_at": signed_at,
        },
    })
}

/// Envelopes beside `module` that would move a cursor, set a title or turn text around.
fn write_escapes(module: &Path) {
    let mut unknown = envelope(&json!({}), "");
    unknown["\u{1b}[31mfield\r"] = json!(1);
    let lines = [
        envelope(&review("\u{1b}[2J\u{1b}[1;1H"), "\u{1b}]0;owned\u{7}").to_string(),
        envelope(&review("2020\u{202e}\u{2066}"), "\u{9b}31m").to_string(),
        envelope(&json!({ "\u{1b}[31m": 1 }), "").to_string(),
        unknown.to_string(),
        "\u{1b}[31mnot JSON\r".to_owned(),
    ];
    fs::write(cloister::signatures_of(module), lines.join("\n") + "\n").unwrap();
}

#[test]
fn escape_sequences_in_signatures_are_shown_and_not_obeyed() {
    let people = People::new();
    let module = people.signed(&example("age-sex"));
    write_escapes(&module);
    let trust = people.file("trust.toml");
    let out = fresh();
    let out = out.path().join("out");
    let run = people.run(&module, &gibleed(), &out);
    let run: Vec<&str> = run.iter().map(String::as_str).collect();
    for (arguments, code) in [
        (vec!["verify", text(&module), "--trust", text(&trust)], 1),
        (vec!["inspect", text(&module), "--trust", text(&trust)], 0),
        (vec!["inspect", text(&module)], 0),
        (run, 1),
    ] {
        let output = cloister(&arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        let moves = |c: char| {
            let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            (c.is_control() && c != '\n') || turns
        };
        assert!(!said.contains(moves), "{arguments:?}: {said:?}");
        let envelopes: &[&str] = match (arguments[0], arguments.len()) {
            ("run", _) => continue,
            ("verify", _) => &["counts not"],
            (_, 2) => &["not checked ", "no signature: ", "no: another module"],
            _ => &["no: "],
        };
        let hidden = ["\u{fffd}", "\\u{"].iter().all(|mark| !said.contains(mark));
        assert!(!hidden, "what was there is not hidden: {said}");
        let envelopes: usize = envelopes.iter().map(|words| said.matches(words).count()).sum();
        assert_eq!(envelopes, 5, "a line each: {said}");
    }
}

#[test]
fn a_release_verifies_with_the_sites_key_and_as_it_was_released() {
    let people = People::new();
    let out = fresh();
    let out = out.path().join("release");
    let module = people.signed(&example("age-sex"));
    let run = people.run(&module, &gibleed(), &out);
    succeed(&run.iter().map(String::as_str).collect::<Vec<_>>());
    let (release, site) = (out.join("release.json"), people.file("site.pub"));
    let verify = |site: &Path| {
        let output = cloister(&["verify", text(&release), "--site", text(site)]);
        (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let (code, said) = verify(&site);
    assert_eq!(code, Some(0), "{said}");
    let digest = cloister_contract::digest::Digest::of(&fs::read(&module).unwrap());
    for fact in ["the site sealed this release on 20", "gibleed", "hospital", &digest.to_string()] {
        assert!(said.contains(fact), "{fact}: {said}");
    }
    let refused = |(code, said): (Option<i32>, String), says: &str| {
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(says) && !said.contains("the site sealed"), "{said}");
    };
    refused(verify(&people.file("author.pub")), "does not verify");
    refused(verify(&people.file("root.pub")), "does not verify");
    // One interval of the release changed; then the seal itself.
    let bytes = fs::read_to_string(&release).unwrap();
    let changed = bytes.replacen("1320,\n        1324\n", "1325,\n        1329\n", 1);
    assert!(changed != bytes && changed.len() == bytes.len());
    fs::write(&release, &changed).unwrap();
    refused(verify(&site), "its receipt is of another release");
    fs::write(&release, &bytes).unwrap();
    assert_eq!(verify(&site).0, Some(0));
    let envelope = cloister::signatures_of(&release);
    let line = fs::read_to_string(&envelope).unwrap();
    fs::write(&envelope, line.replacen("\"sig\":\"", "\"sig\":\"AAAA", 1)).unwrap();
    refused(verify(&site), "64 bytes");
    fs::remove_file(&envelope).unwrap();
    refused(verify(&site), "cannot be read");
}
