//! A statement is read in one meaning or refused: whoever verifies it and whoever reads it later
//! must not see two different things.

use cloister_contract::digest::Digest;
use cloister_contract::release::StudyId;
use cloister_contract::statement::{Claim, ModuleClaim, ReleaseClaim, Statement};

fn statement(claim: Claim) -> Statement {
    Statement { name: "gi-bleed.wasm".into(), subject: Digest::of(b"module"), claim }
}

fn module(role: &str) -> ModuleClaim {
    let sha256 = Digest::of(b"study");
    let study = StudyId { name: "gi-bleed".into(), version: "1.0.0".into(), sha256 };
    ModuleClaim { role: role.into(), study, signed_at: "2026-01-01T00:00:00Z".into() }
}

fn release(role: &str) -> ReleaseClaim {
    ReleaseClaim {
        role: role.into(),
        module: Digest::of(b"module"),
        dataset: "hospital".into(),
        profile: "hospital".into(),
        signed_at: "2026-01-01T00:00:00Z".into(),
    }
}

fn text(claim: Claim) -> String {
    String::from_utf8(statement(claim).encode().unwrap()).unwrap()
}

/// An authorship with one change is refused for a reason that contains `why`.
fn check(from: &str, to: &str, why: &str) {
    let text = text(Claim::Authorship(module("author")));
    let changed = text.replacen(from, to, 1);
    assert_ne!(changed, text, "`{from}` is not in the text");
    let error = Statement::decode(changed.as_bytes()).unwrap_err().to_string();
    assert!(error.contains(why), "{from:?} to {to:?}: {error}");
}

#[test]
fn every_claim_reads_back_as_it_was() {
    for claim in [
        Claim::Authorship(module("author")),
        Claim::Review(module("reviewer")),
        Claim::Release(release("site")),
    ] {
        let statement = statement(claim);
        assert_eq!(Statement::decode(&statement.encode().unwrap()), Ok(statement));
    }
}

#[test]
fn another_tool_may_order_and_space_it_otherwise() {
    let claim = Claim::Review(module("reviewer"));
    let value: serde_json::Value = serde_json::from_str(&text(claim.clone())).unwrap();
    let pretty = serde_json::to_string_pretty(&value).unwrap();
    assert_eq!(Statement::decode(pretty.as_bytes()), Ok(statement(claim)));
}

#[test]
fn the_bytes_are_those_of_in_toto() {
    let (subject, study) = (Digest::of(b"module"), Digest::of(b"study"));
    let expected = format!(
        "{{\"_type\":\"https://in-toto.io/Statement/v1\",\
         \"subject\":[{{\"name\":\"gi-bleed.wasm\",\"digest\":{{\"sha256\":\"{subject}\"}}}}],\
         \"predicateType\":\"urn:cloister:authorship:v1\",\
         \"predicate\":{{\"role\":\"author\",\"study\":{{\"name\":\"gi-bleed\",\
         \"version\":\"1.0.0\",\"sha256\":\"{study}\"}},\"signed_at\":\"2026-01-01T00:00:00Z\"}}}}"
    );
    assert_eq!(text(Claim::Authorship(module("author"))), expected);
}

#[test]
fn another_type_is_refused() {
    check("Statement/v1", "Statement/v0.1", "its `_type` is not in-toto's Statement v1");
    check("authorship:v1", "authorship:v2", "its `predicateType` is not known");
    check("\"_type\"", "\"type\"", "unknown field `type`");
    check("\"predicateType\"", "\"predicate_type\"", "unknown field `predicate_type`");
}

#[test]
fn a_role_is_the_one_of_its_type() {
    let other = "its role is another's";
    check("\"author\"", "\"reviewer\"", other);
    check("\"author\"", "\"Author\"", other);
    check("authorship", "review", other);
    for claim in [
        Claim::Authorship(module("reviewer")),
        Claim::Review(module("author")),
        Claim::Release(release("author")),
        Claim::Release(release("")),
    ] {
        let error = Statement::decode(text(claim).as_bytes()).unwrap_err().to_string();
        assert_eq!(error, format!("not a statement of Cloister: {other}"));
    }
    // The predicate of one type does not do for another.
    check("authorship", "release", "unknown field `study`");
}

#[test]
fn one_subject_named_by_sha256_alone() {
    let digest = Digest::of(b"module").to_string();
    let one = format!("{{\"name\":\"gi-bleed.wasm\",\"digest\":{{\"sha256\":\"{digest}\"}}}}");
    check(&one, &format!("{one},{one}"), "it must have one subject");
    check(&one, "", "it must have one subject");
    let sha256 = format!("\"sha256\":\"{digest}\"");
    check(&sha256, &format!("\"sha512\":\"{digest}\""), "unknown field `sha512`");
    check(&sha256, &format!("{sha256},\"sha1\":\"{digest}\""), "unknown field `sha1`");
    check(&sha256, "", "missing field `sha256`");
    check(&digest, &digest.to_uppercase(), "64 lower-case hexadecimal digits");
    check(&digest, &digest[2..], "64 lower-case hexadecimal digits");
    check("{\"name\":\"gi-bleed.wasm\"", "{\"uri\":\"x\",\"name\":\"y\"", "unknown field `uri`");
}

#[test]
fn an_unknown_field_is_refused() {
    check("\"_type\"", "\"note\":1,\"_type\"", "unknown field `note`");
    check("\"role\"", "\"note\":1,\"role\"", "unknown field `note`");
    check("\"version\"", "\"note\":1,\"version\"", "unknown field `note`");
    check("\"role\":\"author\",", "", "missing field `role`");
}

#[test]
fn a_key_given_twice_is_refused_wherever_it_stands() {
    let digest = Digest::of(b"module");
    let sha256 = format!("\"sha256\":\"{digest}\"");
    check(&sha256, &format!("{sha256},{sha256}"), "duplicate field `sha256`");
    let other = format!("\"sha256\":\"{}\"", Digest::of(b"other"));
    check(&sha256, &format!("{other},{sha256}"), "duplicate field `sha256`");
    check("\"role\":", "\"role\":\"reviewer\",\"role\":", "duplicate field `role`");
    check("\"version\":", "\"version\":\"9\",\"version\":", "duplicate field `version`");
    check("\"name\":", "\"name\":\"a\",\"name\":", "duplicate field `name`");
    check("\"predicate\":", "\"predicate\":{},\"predicate\":", "duplicate field `predicate`");
    let written = "\"predicateType\":\"urn:cloister:review:v1\",\"predicateType\":";
    check("\"predicateType\":", written, "duplicate field `predicateType`");
    // The same key in another spelling is the same key.
    check("\"role\":", "\"r\\u006fle\":\"reviewer\",\"role\":", "duplicate field `role`");
}

#[test]
fn a_list_is_no_object() {
    let digest = Digest::of(b"module");
    let object = format!("{{\"sha256\":\"{digest}\"}}");
    check(&object, &format!("[\"{digest}\"]"), "an object is a list");
    let study = Digest::of(b"study");
    let object = format!("{{\"name\":\"gi-bleed\",\"version\":\"1.0.0\",\"sha256\":\"{study}\"}}");
    check(&object, &format!("[\"gi-bleed\",\"1.0.0\",\"{study}\"]"), "an object is a list");
}

#[test]
fn what_is_no_statement() {
    for bytes in [&b""[..], b"null", b"[]", b"{}", b"\"x\"", &[0xff], &[b'['; 100_000]] {
        assert!(Statement::decode(bytes).is_err(), "{bytes:?}");
    }
    check("Z\"}}", "Z\"}} {}", "trailing characters");
}
