//! From the base and the changes of a file to the bytes that lie in a site's folder.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cloister_contract::digest::Digest;
use ed25519_dalek::Signer as _;

use crate::case::Change;
use crate::world::{Document, World, key, public};

const STATEMENT: &str = "application/vnd.in-toto+json";
const TRUST_ROOT: &str = "application/vnd.cloister.trust-root.v1+toml";

/// Files and lines of envelopes, signed.
pub(crate) struct Forged {
    pub(crate) world: World,
    /// For each line, the file beside which it lies.
    pub(crate) lines: Vec<(&'static str, Vec<u8>)>,
}

/// The change of what is called `name`, if there is one.
pub(crate) fn change_of<'c>(changes: &'c [Change], name: &str) -> Option<&'c Change> {
    changes.iter().find(|change| change.what == name)
}

/// Makes the changes that come before a signature, signs, and makes those of lines.
pub(crate) fn forge(changes: &[Change]) -> Result<Forged, String> {
    let mut world = World::base();
    add_envelopes(&mut world, changes)?;
    for at in 0..world.documents.len() {
        let document = world.documents[at].clone();
        if let Some(change) = change_of(changes, &document.name) {
            if !matches!(document.file, "trust.toml" | "next.toml") {
                world.documents[at].payload = said(&document.payload, change, &world)?;
            }
            world.documents[at].by = change.by.clone().unwrap_or(document.by);
        }
    }
    for (name, text) in [("trust", world.trust.clone()), ("next", world.next.clone())] {
        let Some(change) = change_of(changes, name) else { continue };
        let text = said(&text, change, &world)?;
        if name == "trust" { world.trust = text } else { world.next = text }
    }
    let mut lines = Vec::new();
    for document in &world.documents {
        let none = Change::default();
        let change = change_of(changes, &document.name).unwrap_or(&none);
        let mut document = document.clone();
        let root = match document.file {
            "trust.toml" => Some(&world.trust),
            "next.toml" => Some(&world.next),
            _ => None,
        };
        if let Some(text) = root {
            document.payload = said(text, change, &world)?;
        }
        if !change.gone {
            let line = line(&document, change, &world)?;
            lines.extend(std::iter::repeat_n((document.file, line), 1 + change.again));
        }
    }
    Ok(Forged { world, lines })
}

/// Envelopes that the base does not have: after, or before, the one that they are like.
fn add_envelopes(world: &mut World, changes: &[Change]) -> Result<(), String> {
    let names =
        |world: &World| world.documents.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
    for change in changes {
        let files = ["trust", "next", "module", "release", "pin", "roots", "signatures"];
        let known = files.contains(&change.what.as_str()) || names(world).contains(&change.what);
        match (&change.like, known) {
            (None, true) => {}
            (Some(like), false) => {
                let at = names(world).iter().position(|name| name == like);
                let at = at.ok_or(format!("there is no envelope `{like}`"))?;
                let mut document = world.documents[at].clone();
                document.name = change.what.clone();
                document.by = change.by.clone().unwrap_or_else(|| change.what.clone());
                world.documents.push(document);
            }
            _ => return Err(format!("`{}` is not there, or is there already", change.what)),
        }
    }
    Ok(())
}

/// The text with its replacements and padding.
fn said(text: &str, change: &Change, world: &World) -> Result<String, String> {
    Ok(replaced(text, &change.say, world)? + &" ".repeat(change.pad))
}

/// The text with the replacements, each of which must change something.
pub(crate) fn replaced(
    text: &str,
    replacements: &[[String; 2]],
    world: &World,
) -> Result<String, String> {
    let mut text = text.to_owned();
    for [from, to] in replacements {
        let (from, to) = (filled(from, world)?, filled(to, world)?);
        let changed = text.replacen(&from, &to, 1);
        if changed == text {
            return Err(format!("`{from}` is not there, or stays"));
        }
        text = changed;
    }
    Ok(text)
}

/// `{key NAME}`, `{id NAME}`, `{statement NAME}` and `{module}` stand for what they name.
fn filled(text: &str, world: &World) -> Result<String, String> {
    let mut text = text.replace("{module}", &Digest::of(&world.module).to_string());
    for word in ["key", "id", "statement"] {
        let open = format!("{{{word} ");
        while let Some((before, rest)) = text.clone().split_once(&open) {
            let (name, after) = rest.split_once('}').ok_or("a `{` is not closed")?;
            let value = match word {
                "key" => public(name).to_string(),
                "id" => public(name).id().to_string(),
                _ => {
                    let found = world.documents.iter().find(|document| document.name == name);
                    Digest::of(found.ok_or("no such statement")?.payload.as_bytes()).to_string()
                }
            };
            text = format!("{before}{value}{after}");
        }
    }
    Ok(text)
}

/// The line of an envelope.
fn line(document: &Document, change: &Change, world: &World) -> Result<Vec<u8>, String> {
    let root = matches!(document.file, "trust.toml" | "next.toml");
    let payload_type = if root { TRUST_ROOT } else { STATEMENT };
    let payload_type = change.payload_type.as_deref().unwrap_or(payload_type);
    let payload = document.payload.as_bytes();
    let sig = signature(document, change, payload_type, world)?;
    let key_id = public(change.key_id.as_ref().unwrap_or(&document.by)).id();
    let (payload, sig) = (STANDARD.encode(payload), STANDARD.encode(sig));
    let mut text = format!(
        "{{\"payload\":\"{payload}\",\"payloadType\":\"{payload_type}\",\"signatures\":\
         [{{\"keyid\":\"{key_id}\",\"sig\":\"{sig}\"}}]}}"
    );
    for [from, to] in &change.line {
        let fill = |text: &str| {
            let unpadded = payload.trim_end_matches('=');
            let url = payload.replace('+', "-").replace('/', "_");
            let text = text.replace("{unpadded}", unpadded).replace("{url}", &url);
            // Not every payload has such bits.
            let loose = if text.contains("{loose}") { loose(&payload) } else { String::new() };
            text.replace("{loose}", &loose).replace("{payload}", &payload).replace("{sig}", &sig)
        };
        text = replaced(&text, &[[fill(from), fill(to)]], world)?;
    }
    let mut bytes = change.literal.clone().unwrap_or(text).into_bytes();
    bytes.truncate(change.cut.unwrap_or(usize::MAX));
    bytes.extend(hexadecimal(change.append.as_deref().unwrap_or(""))?);
    Ok(bytes)
}

/// The same base64 but for bits that its last letter holds beyond the last byte.
fn loose(base64: &str) -> String {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let end = base64.trim_end_matches('=');
    assert!(end.len() < base64.len(), "pad the payload by a space");
    let last = letters.find(&end[end.len() - 1..]).unwrap();
    let other = &letters[last + 1..last + 2];
    format!("{}{other}{}", &end[..end.len() - 1], &base64[end.len()..])
}

/// What stands where the signature should.
fn signature(
    document: &Document,
    change: &Change,
    payload_type: &str,
    world: &World,
) -> Result<Vec<u8>, String> {
    let encoded = |payload_type: &str, payload: &str| {
        format!("DSSEv1 {} {payload_type} {} {payload}", payload_type.len(), payload.len())
    };
    let sign = |message: &str| key(&document.by).sign(message.as_bytes()).to_bytes().to_vec();
    let good = sign(&encoded(payload_type, &document.payload));
    Ok(match change.signature.as_deref() {
        None => good,
        Some("over the payload alone") => sign(&document.payload),
        Some("over the statement's type") => sign(&encoded(STATEMENT, &document.payload)),
        Some("of zeros") => vec![0; 64],
        Some("empty") => Vec::new(),
        Some("doubled") => [good.clone(), good].concat(),
        Some("with another s") => other_s(&good),
        // A verifier that lets the envelope choose would take the public key for a shared secret.
        Some("keyed by the public key") => {
            let message = encoded(payload_type, &document.payload);
            let keyed = [public(&document.by).key().as_bytes(), message.as_bytes()].concat();
            hexadecimal(&Digest::of(&keyed).to_string())?
        }
        Some(of) => {
            let name = of.strip_prefix("of ").ok_or(format!("there is no signature `{of}`"))?;
            let other = world.documents.iter().find(|other| other.name == name);
            let other = other.ok_or(format!("there is no envelope `{name}`"))?;
            sign(&encoded(payload_type, &other.payload))
        }
    })
}

/// The signature with s + L in place of s: the same equation, for a verifier that does not look.
fn other_s(signature: &[u8]) -> Vec<u8> {
    // The order of the group, RFC 8032, section 5.1, the least byte first.
    let order = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
    let (mut bytes, mut carry) = (signature.to_vec(), 0);
    for (byte, more) in bytes[32..].iter_mut().zip(hexadecimal(order).unwrap()) {
        let sum = u16::from(*byte) + u16::from(more) + carry;
        (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
    }
    bytes
}

/// The bytes that hexadecimal `digits` stand for.
pub(crate) fn hexadecimal(digits: &str) -> Result<Vec<u8>, String> {
    let pairs = digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap_or(""));
    pairs.map(|pair| u8::from_str_radix(pair, 16).map_err(|error| error.to_string())).collect()
}
