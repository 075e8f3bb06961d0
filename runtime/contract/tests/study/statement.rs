//! A statement is read in one meaning or refused: whoever verifies it and whoever reads it later
//! must not see two different things.

use cloister_contract::digest::Digest;
use cloister_contract::release::{DatasetId, EngineId, ProfileId, StudyId};
use cloister_contract::statement::{
    Answer, Approval, ApprovedParam, Authorship, BuildClaim, Certificate, Claim, PolicyId, Receipt,
    Registration, Review, ReviewAnswer, SnapshotId, Statement, Verdict,
};

const NOW: &str = "2026-01-01T00:00:00Z";

fn statement(claim: Claim) -> Statement {
    Statement { name: "gi-bleed.wasm".into(), subject: Digest::of(b"module"), claim }
}

fn study() -> StudyId {
    let sha256 = Digest::of(b"study");
    StudyId { name: "gi-bleed".into(), version: "1.0.0".into(), sha256 }
}

fn authorship(role: &str) -> Claim {
    let (source_commit, build) = (None, None);
    let (role, signed_at) = (role.into(), NOW.into());
    Claim::Authorship(Authorship { role, study: study(), source_commit, build, signed_at })
}

fn review(role: &str) -> Claim {
    let note = Some("see the notes".into());
    let answer = ReviewAnswer { item: "pairs".into(), answer: Answer::NotApplicable, note };
    Claim::Review(Review {
        role: role.into(),
        organisation: Some("Hospital B".into()),
        study: study(),
        verdict: Verdict::Approve,
        answers: vec![answer],
        valid_until: Some("2027-01-01".into()),
        rebuilt: None,
        signed_at: NOW.into(),
    })
}

fn certificate(role: &str) -> Claim {
    Claim::Certificate(Certificate {
        role: role.into(),
        certified_role: "reviewer".into(),
        code_of_conduct: "Code 1".into(),
        issuer: "Certifier C".into(),
        valid_until: "2027-01-01".into(),
        signed_at: NOW.into(),
    })
}

fn approval(role: &str) -> Claim {
    let param = ApprovedParam { name: "horizon_days".into(), value: "365".into() };
    Claim::Approval(Approval {
        role: role.into(),
        study: study(),
        dataset: "hospital".into(),
        account: Some("bleeding".into()),
        params: Some(vec![param]),
        step: None,
        purpose: "scientific-research".into(),
        permit: Some("A-1".into()),
        persons: vec!["Ada Author".into()],
        valid_until: "2027-01-01".into(),
        signed_at: NOW.into(),
    })
}

fn receipt(role: &str) -> Claim {
    let (digest, hospital) = (Digest::of(b"module"), "hospital".to_owned());
    Claim::Receipt(Box::new(Receipt {
        role: role.into(),
        before: Some(digest),
        study: study(),
        module: digest,
        params: [("horizon_days".to_owned(), 365.into())].into(),
        codes: [("bleed".to_owned(), digest)].into(),
        dataset: DatasetId {
            name: hospital.clone(),
            snapshot_date: "2024-12-31".into(),
            published_persons: 10_000,
            synthetic: false,
            public: false,
            row_is_person: false,
        },
        snapshot: Some(SnapshotId { id: "0123".into(), commitment: digest }),
        profile: ProfileId { name: hospital, sha256: digest },
        tier: "reviewed".into(),
        policies: vec![PolicyId { name: "national-default".into(), sha256: digest }],
        dossier: digest,
        engine: EngineId { cloister: "0.0.0".into(), engine: "wasmtime 48".into(), abi: 1 },
        signed_at: NOW.into(),
    }))
}

fn registration(role: &str) -> Claim {
    Claim::Registration(Registration {
        role: role.into(),
        dataset: "hospital".into(),
        epoch: "0123".into(),
        population: "hospital".into(),
        published_persons: 10_000,
        snapshot_date: "2024-12-31".into(),
        synthetic: false,
        public: true,
        signed_at: NOW.into(),
    })
}

fn text(claim: Claim) -> String {
    String::from_utf8(statement(claim).encode().unwrap()).unwrap()
}

/// An authorship with one change is refused for a reason that contains `why`.
fn check(from: &str, to: &str, why: &str) {
    check_claim(authorship("author"), from, to, why);
}

/// The same of another claim.
fn check_claim(claim: Claim, from: &str, to: &str, why: &str) {
    let text = text(claim);
    let changed = text.replacen(from, to, 1);
    assert_ne!(changed, text, "`{from}` is not in the text");
    let error = Statement::decode(changed.as_bytes()).unwrap_err().to_string();
    assert!(error.contains(why), "{from:?} to {to:?}: {error}");
}

#[test]
fn every_claim_reads_back_as_it_was() {
    let built = match authorship("author") {
        Claim::Authorship(claim) => Claim::Authorship(Authorship {
            source_commit: Some("0123abcd".into()),
            build: Some(BuildClaim {
                recipe: 1,
                rustc: "rustc 1.95.0".into(),
                linker: "LLD 22.1.2".into(),
                std: "debian".into(),
                std_sha256: Digest::of(b"std"),
            }),
            ..claim
        }),
        other => other,
    };
    for claim in [
        built,
        authorship("author"),
        review("reviewer"),
        certificate("certifier"),
        approval("site"),
        receipt("site"),
        registration("site"),
    ] {
        let statement = statement(claim);
        assert_eq!(Statement::decode(&statement.encode().unwrap()), Ok(statement));
    }
}

#[test]
fn another_tool_may_order_and_space_it_otherwise() {
    let claim = review("reviewer");
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
    assert_eq!(text(authorship("author")), expected);
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
    check("authorship", "review", "missing field `verdict`");
    for claim in [
        authorship("reviewer"),
        review("author"),
        certificate("site"),
        approval("reviewer"),
        receipt("author"),
        receipt(""),
        registration("reviewer"),
    ] {
        let error = Statement::decode(text(claim).as_bytes()).unwrap_err().to_string();
        assert_eq!(error, format!("not a statement of Cloister: {other}"));
    }
    // The predicate of one type does not do for another.
    check("authorship", "receipt", "missing field `module`");
    check("authorship", "registration", "unknown field `study`");
    check_claim(approval("site"), "approval", "registration", "unknown field `study`");
    check_claim(receipt("site"), "receipt", "registration", "unknown field `before`");
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

#[test]
fn no_field_is_null_and_nothing_is_said_twice() {
    check("\"signed_at\"", "\"source_commit\":null,\"signed_at\"", "a field is null");
    let item = "{\"item\":\"pairs\",\"answer\":\"not-applicable\",\"note\":\"see the notes\"}";
    let other = "{\"item\":\"pairs\",\"answer\":\"yes\"}";
    check_claim(review("reviewer"), item, &format!("{item},{other}"), "names an item twice");
    let param = "{\"name\":\"horizon_days\",\"value\":\"365\"}";
    let other = "{\"name\":\"horizon_days\",\"value\":\"1\"}";
    check_claim(approval("site"), param, &format!("{param},{other}"), "names a parameter twice");
    let ada = "[\"Ada Author\"]";
    check_claim(approval("site"), ada, "[\"Ada\",\"Ada\"]", "names a person twice");
    let step = "\"step\":\"fit\",\"purpose\"";
    check_claim(approval("site"), "\"purpose\"", step, "parameters and the step");
    check_claim(review("reviewer"), "\"approve\"", "\"perhaps\"", "unknown variant");
}
