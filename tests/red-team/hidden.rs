//! Whether a digest that leaves confirms a guess about the data.
//!
//! Whoever guesses knows every byte of them but whether the target has the secret, and of the note
//! that the site made of its files all but its random bits: their names, lengths and times, and
//! when it was made.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cloister::Snapshot;
use cloister_contract::digest::Digest;

use crate::attempt::Attempt;
use crate::site::{Profile, Site, fresh, walk};
use crate::world::{Data, World};

/// Holds if no digest of a guess is in what leaves, be it right or wrong.
///
/// # Errors
/// Which guess is confirmed.
pub(crate) fn hidden(attempt: &Attempt, data: &Data, off: Option<&str>) -> Result<(), String> {
    let site = Site::new(attempt, (data, World::With), Profile::Hospital, off);
    let run = ["run", "study.wasm", "--dataset", "data/dataset.toml", "--out", "out", "--at-once"];
    let evidence = ["evidence", "out", "--ledger", "data/ledger.sqlite", "--out", "pack"];
    let done = site.does(&run) == Some(0)
        && site.does(&["audit", "export", "data/audit.jsonl", "--out", "log"]) == Some(0)
        && site.does(&evidence) == Some(0);
    if !done {
        return Err("there is no release, log or evidence: nothing was tested".to_owned());
    }
    let left = walk(&site.root()).into_iter();
    let left =
        left.filter(|(name, _)| ["out/", "log", "pack/"].iter().any(|p| name.starts_with(p)));
    let left: Vec<u8> = left.flat_map(|(_, bytes)| bytes).collect();
    let left = told(&left);
    let note = fs::read_to_string(site.data().join("dataset.snapshot.json")).unwrap();
    if !left.contains(&Digest::of(note.as_bytes()).to_string()) {
        return Err("the note's digest does not leave: nothing was tested".to_owned());
    }
    let note: Snapshot = serde_json::from_str(&note).unwrap();
    for world in [World::With, World::Flipped] {
        if let Some((what, _)) = guess(&note, data, world).iter().find(|(_, d)| left.contains(d)) {
            return Err(format!("{what} of the world {world:?} has a digest that left"));
        }
    }
    Ok(())
}

/// What somebody who believes in `world` computes: what it is, and its digest in hexadecimal.
fn guess(note: &Snapshot, data: &Data, world: World) -> Vec<(String, String)> {
    let folder = fresh();
    data.write(folder.path(), world, false);
    let mut note = Snapshot { secret: "0".repeat(note.secret.len()), ..note.clone() };
    let mut guesses = Vec::new();
    let mut all = Vec::new();
    for file in &mut note.files {
        let bytes = fs::read(folder.path().join(&file.path)).unwrap();
        (file.bytes, file.sha256) = (bytes.len() as u64, Digest::of(&bytes).to_string());
        // The description has nobody in it.
        if file.path.extension().is_some_and(|ending| ending == "csv") {
            guesses.push((file.path.display().to_string(), file.sha256.clone()));
            all.extend(bytes);
        }
    }
    let without = Snapshot { secret: String::new(), ..note.clone() };
    let digest = |bytes: Vec<u8>| Digest::of(&bytes).to_string();
    guesses.push(("all tables".to_owned(), digest(all)));
    for note in [note, without] {
        guesses.push(("the note".to_owned(), digest(serde_json::to_vec_pretty(&note).unwrap())));
    }
    guesses
}

/// Every digest in `bytes`, also in envelopes: their payloads are written in base64.
fn told(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let payloads = text.split('"').filter_map(|word| STANDARD.decode(word).ok());
    let payloads = payloads.map(|payload| String::from_utf8_lossy(&payload).into_owned());
    payloads.collect::<String>() + &text
}
