//! `cargo xtask bench admit`: how long it takes to verify an audit log of ten thousand entries, and
//! to add one; and to see that as many receipts are those that it names.

use std::fs;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use cloister_contract::digest::Digest;
use cloister_contract::envelope::Envelope;
use cloister_contract::merkle;

use super::log::{append, sign};
use super::{AuditEntry, AuditEvent, Subject, read_audit};
use crate::keys::Signer;
use crate::receipt::Last;

const ENTRIES: u64 = 10_000;

fn subject() -> Subject {
    Subject {
        module: Some(Digest::of(b"module")),
        study: Some("gi-bleed 1.0.0".to_owned()),
        purpose: Some("scientific-research".to_owned()),
        signed_by: ["author", "reviewer", "reviewer"].map(|role| format!("One ({role})")).into(),
        params: vec![("days".to_owned(), "180".to_owned())],
        dataset: "gibleed".to_owned(),
        profile: "hospital".to_owned(),
    }
}

#[tokio::test]
#[ignore = "it measures; `cargo xtask bench admit` asks for it"]
async fn ten_thousand_entries() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit.jsonl");
    let at = "2030-01-01T00:00:00Z";
    let line = |number| {
        let event = AuditEvent::Admitted;
        let entry = AuditEntry { number, at: at.to_owned(), event, subject: subject() };
        serde_json::to_string(&entry).unwrap()
    };
    let lines: Vec<String> = (0..ENTRIES).map(line).collect();
    fs::write(&file, lines.join("\n") + "\n").unwrap();
    let key: Arc<Signer> = Arc::new(ed25519_dalek::SigningKey::from_bytes(&[7; 32]).into());
    let leaves: Vec<Digest> = lines.iter().map(|line| merkle::leaf(line.as_bytes())).collect();
    sign(&file, &key, &leaves).unwrap();

    let begun = Instant::now();
    let log = read_audit(&file, Some(&key.public())).unwrap();
    let verified = begun.elapsed();
    assert_eq!(log.entries().count() as u64, ENTRIES);
    let begun = Instant::now();
    black_box(merkle::root(&leaves));
    let hashed = begun.elapsed();
    let begun = Instant::now();
    let what = |_: &[_]| Ok((AuditEvent::Admitted, ()));
    append(&file, &key, (at, &subject()), what).await.unwrap();
    let added = begun.elapsed();
    println!(
        "an audit log of {ENTRIES} entries is verified in {verified:.1?}, {:.1} times as long as \
         its tree is hashed; one more is added in {added:.1?}",
        verified.as_secs_f64() / hashed.as_secs_f64()
    );
}

#[test]
#[ignore = "it measures; `cargo xtask bench admit` asks for it"]
fn ten_thousand_receipts() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("receipts.jsonl");
    let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    // As long as a receipt of the demo.
    let payload = |number: u64| format!("{number:>2000}").into_bytes();
    let named: Vec<Digest> = (0..ENTRIES).map(|number| Digest::of(&payload(number))).collect();
    let line = |number| Envelope::sign(payload(number), &key).to_line().unwrap() + "\n";
    fs::write(&file, (0..ENTRIES).map(line).collect::<String>()).unwrap();

    let begun = Instant::now();
    Last::of(&file, &named, &key.verifying_key()).unwrap();
    let compared = begun.elapsed();
    let begun = Instant::now();
    black_box((0..ENTRIES).map(|number| Digest::of(&payload(number))).collect::<Vec<_>>());
    let hashed = begun.elapsed();
    println!(
        "{ENTRIES} receipts are held to what the log names in {compared:.1?}, {:.1} times as long \
         as they are hashed",
        compared.as_secs_f64() / hashed.as_secs_f64()
    );
}
