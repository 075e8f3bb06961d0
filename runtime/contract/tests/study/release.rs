//! A release has one spelling: what decodes encodes to the same bytes, and no other bytes decode.

use std::collections::BTreeMap;

use cloister_contract::digest::Digest;
use cloister_contract::release::{
    CellDocument, DatasetId, EngineId, Noise, NoiseMechanism, NoiseScale, NoisedNumber, ProfileId,
    Protection, RELEASE_SCHEMA, ReleaseDocument, Status, StudyId,
};
use proptest::prelude::*;

fn cell(sex: &str, numbers: Option<f64>) -> CellDocument {
    CellDocument {
        output: "delay".into(),
        cell: [("age", "[0, 40)"), ("sex", sex)].into_iter().collect(),
        status: if numbers.is_some() { Status::Value } else { Status::Withheld },
        persons: numbers.map(|_| [10, 14]),
        value: numbers,
        sum: numbers.map(|value| [value, value + 0.5]),
        excess: None,
        excess_squares: numbers.map(|value| [-value, value]),
        mean: None,
        sd: None,
    }
}

fn document(cells: Vec<CellDocument>) -> ReleaseDocument {
    let digest = Digest::of(b"x");
    let params = serde_json::json!({ "horizon_days": 365, "weights": [0.5, 1.0] });
    let params = serde_json::from_value(params).unwrap();
    ReleaseDocument {
        schema: RELEASE_SCHEMA.into(),
        protection: Protection::Protected,
        study: StudyId { name: "delay".into(), version: "1.0.0".into(), sha256: digest },
        module: digest,
        params,
        codes: BTreeMap::from([("bleed".into(), digest), ("drug".into(), digest)]),
        dataset: DatasetId {
            name: "hospital".into(),
            snapshot_date: "2024-12-31".into(),
            published_persons: 10_000,
            synthetic: false,
            public: false,
            row_is_person: false,
        },
        profile: ProfileId { name: "hospital".into(), sha256: digest },
        bits: Some(20),
        noise: None,
        engine: EngineId { cloister: "0.0.0".into(), engine: "wasmtime 48".into(), abi: 1 },
        cells,
    }
}

fn text() -> String {
    let document = document(vec![cell("f", Some(12.0)), cell("m", None)]);
    String::from_utf8(document.encode().unwrap()).unwrap()
}

/// The canonical text with one change is refused for a reason that contains `why`.
fn check(from: &str, to: &str, why: &str) {
    let changed = text().replacen(from, to, 1);
    assert_ne!(changed, text(), "`{from}` is not in the text");
    let error = ReleaseDocument::decode(changed.as_bytes()).unwrap_err().to_string();
    assert!(error.contains(why), "{from:?} to {to:?}: {error}");
}

const SPELLING: &str = "another spelling of the same document";

#[test]
fn another_spelling_is_refused() {
    check("  \"schema\"", " \"schema\"", SPELLING);
    check("\n}\n", "\n}", SPELLING);
    check("\n}\n", "\n}\n\n", SPELLING);
    check(": ", ":", SPELLING);
    check("\n", "\r\n", SPELLING);
    check("\"wasmtime 48\"", "\"wasmtime\\u002048\"", SPELLING);
    check("12.0", "12.00", SPELLING);
    check("12.0", "12", SPELLING);
    check("12.0", "1.2e1", SPELLING);
    check("0.5", "5e-1", SPELLING);
    check("365", "3.65e2", SPELLING);
    check("\"persons\": [", "\"sd\": null,\n      \"persons\": [", SPELLING);
}

#[test]
fn another_order_is_refused() {
    let digest = Digest::of(b"x");
    let line = |name: &str| format!("    \"{name}\": \"{digest}\"");
    let (bleed, drug) = (line("bleed"), line("drug"));
    check(&format!("{bleed},\n{drug}"), &format!("{drug},\n{bleed}"), SPELLING);
    let (synthetic, public) = ("\"synthetic\": false", "\"public\": false");
    let swapped = format!("{public},\n    {synthetic}");
    check(&format!("{synthetic},\n    {public}"), &swapped, SPELLING);
    // The parameters too stand in one order.
    let weights = "\"weights\": [\n      0.5,\n      1.0\n    ]";
    let days = "\"horizon_days\": 365";
    let swapped = format!("{weights},\n    {days}");
    check(&format!("{days},\n    {weights}"), &swapped, SPELLING);
}

#[test]
fn a_repeated_or_unknown_field_is_refused() {
    check("\"horizon_days\": 365", "\"horizon_days\": 1,\n    \"horizon_days\": 365", SPELLING);
    let digest = Digest::of(b"x");
    let bleed = format!("\"bleed\": \"{digest}\"");
    check(&bleed, &format!("{bleed},\n    {bleed}"), SPELLING);
    let twice = "\"sex\": \"m\",\n        \"sex\": \"f\"";
    check("\"sex\": \"f\"", twice, "a dimension is there twice");
    check("\"abi\": 1", "\"abi\": 1,\n    \"abi\": 1", "duplicate field `abi`");
    for place in ["\"schema\"", "\"version\"", "\"published_persons\"", "\"abi\"", "\"output\""] {
        check(place, &format!("\"note\": 1, {place}"), "unknown field `note`");
    }
    let profile = "\"profile\": {\n    ";
    check(profile, &format!("{profile}\"note\": 1, "), "unknown field `note`");
}

#[test]
fn another_value_is_refused() {
    check(RELEASE_SCHEMA, "cloister.release/2", "the schema is not `cloister.release/1`");
    check("\"protected\"", "\"unprotected\"", "unknown variant");
    check("\"withheld\"", "\"small\"", "unknown variant");
    check("\"abi\": 1", "\"abi\": -1", "invalid value");
    check("12.0", "1e999", "number out of range");
    check("12.0", "NaN", "expected value");
    let digest = Digest::of(b"x").to_string();
    check(&digest, &digest.to_uppercase(), "64 lower-case hexadecimal digits");
    check(&digest, &digest[1..], "64 lower-case hexadecimal digits");
    check("  \"module\"", "  \"modul\"", "unknown field");
    check("\n}\n", "\n}\n{}\n", "trailing characters");
    for bytes in [&b""[..], b"null\n", b"[]\n", b"{}\n", &[0xff, 0xfe], &[b'['; 100_000]] {
        assert!(ReleaseDocument::decode(bytes).is_err());
    }
}

#[test]
fn a_list_is_no_object() {
    let id = document(vec![]).profile;
    let object =
        format!("{{\n    \"name\": \"hospital\",\n    \"sha256\": \"{}\"\n  }}", id.sha256);
    check(&object, &format!("[\"hospital\", \"{}\"]", id.sha256), SPELLING);
}

#[test]
fn a_number_that_is_not_finite_is_not_encoded() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error = document(vec![cell("f", Some(value))]).encode().unwrap_err().to_string();
        assert_eq!(error, "not a release in canonical form: a number is not finite");
        let at_last = Some([0.0, value]);
        let with = |change: fn(&mut CellDocument) -> &mut Option<[f64; 2]>| {
            let mut cell = cell("f", Some(1.0));
            *change(&mut cell) = at_last;
            document(vec![cell]).encode()
        };
        assert!(with(|cell| &mut cell.sum).is_err());
        assert!(with(|cell| &mut cell.excess).is_err());
        assert!(with(|cell| &mut cell.excess_squares).is_err());
        assert!(with(|cell| &mut cell.mean).is_err());
        assert!(with(|cell| &mut cell.sd).is_err());
    }
}

fn noised(scale: f64) -> ReleaseDocument {
    let number = NoisedNumber::ExcessSquares;
    let scales = vec![NoiseScale { output: "m".into(), number, cells_per_person: 2, scale }];
    let mechanism = NoiseMechanism::Laplace;
    let (rho, epsilon, delta, interval_probability) = (0.000_961, 0.25, 1e-7, 0.95);
    let noise = Noise { mechanism, rho, epsilon, delta, interval_probability, scales };
    ReleaseDocument { noise: Some(noise), ..document(vec![cell("m", Some(1.0))]) }
}

#[test]
fn what_is_said_of_noise_reads_back_in_one_spelling() {
    let document = noised(88.25);
    let bytes = document.encode().unwrap();
    assert_eq!(ReleaseDocument::decode(&bytes).unwrap(), document);
    let text = String::from_utf8(bytes).unwrap();
    for part in
        ["\"mechanism\": \"laplace\"", "\"number\": \"excess_squares\"", "\"rho\": 0.000961"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let other = text.replace("\"scale\": 88.25", "\"scale\": 88.250");
    assert!(other != text && ReleaseDocument::decode(other.as_bytes()).is_err());
    // In the tier `reviewed` nothing is said of it, not even that there is none.
    assert!(!self::text().contains("noise"));
    assert!(noised(f64::INFINITY).encode().is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn every_number_reads_back_as_it_was(
        values in prop::collection::vec(prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL, 1..9),
        label in "\\PC{0,20}",
    ) {
        let cells = values.iter().map(|value| cell(&label, Some(*value))).collect::<Vec<_>>();
        let finite = values.iter().all(|value| (value + 0.5).is_finite());
        prop_assume!(finite);
        let document = document(cells);
        let bytes = document.encode().unwrap();
        prop_assert_eq!(ReleaseDocument::decode(&bytes).unwrap(), document);
    }

    #[test]
    fn a_changed_byte_is_refused_or_another_document(
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = text().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(document) = ReleaseDocument::decode(&bytes) {
            prop_assert_eq!(document.encode().unwrap(), bytes);
        }
    }
}
