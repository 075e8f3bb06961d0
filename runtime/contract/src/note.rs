//! Checkpoints of a log: its size and root as a signed note, in the format that witnesses read.
//!
//! ```text
//! cloister.audit/9c1f03aa5be2d710          the origin: which log
//! 42                              its entries
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=      the root, in base64
//!
//! — cloister.audit/9c1f03aa5be2d710 Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe…
//! ```
//!
//! Source: C2SP `tlog-checkpoint` and `signed-note`, version 1. The last line names the key and
//! has four bytes of its id, SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key), before the Ed25519 signature
//! over all lines above the empty one, each with its end.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};

use crate::digest::Digest;

/// The longest note that is read, in bytes.
pub const NOTE_BYTES_MAX: usize = 4096;
/// The longest origin, in bytes.
pub const ORIGIN_BYTES_MAX: usize = 256;

/// A log's size and root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: one word.
    pub origin: String,
    /// Entries.
    pub size: u64,
    /// The root over all of them.
    pub root: Digest,
}

/// The text is no checkpoint, or not of this key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotACheckpoint {
    /// It is not in the format.
    #[error("it is no signed checkpoint: {0}")]
    Form(&'static str),
    /// Nobody signed it by this key.
    #[error("the key did not sign it")]
    Signature,
}

impl Checkpoint {
    /// The lines that are signed.
    #[must_use]
    pub fn text(&self) -> String {
        let root = STANDARD.encode(self.root.bytes());
        format!("{}\n{}\n{root}\n", self.origin, self.size)
    }

    /// The whole note, with the `signature` of `key` over [`Self::text`].
    #[must_use]
    pub fn signed(&self, key: &VerifyingKey, signature: &Signature) -> String {
        let id = key_id(&self.origin, key);
        let bytes = [&id[..], &signature.to_bytes()].concat();
        format!("{}\n— {} {}\n", self.text(), self.origin, STANDARD.encode(bytes))
    }

    /// Reads a note that has one signature, and verifies it by `key`; without one nobody asks who
    /// signed it.
    ///
    /// # Errors
    /// [`NotACheckpoint`] if it has another form, or another key signed it.
    pub fn read(note: &str, key: Option<&VerifyingKey>) -> Result<Self, NotACheckpoint> {
        use NotACheckpoint::{Form, Signature as Unsigned};
        if note.len() > NOTE_BYTES_MAX {
            return Err(Form("it is too long"));
        }
        let (text, signature) = note.split_once("\n\n").ok_or(Form("there is no empty line"))?;
        let lines: Vec<&str> = text.split('\n').collect();
        let [origin, size, root] = lines[..] else { return Err(Form("it has not three lines")) };
        let is_word = !origin.is_empty() && origin.len() <= ORIGIN_BYTES_MAX;
        if !is_word || origin.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+') {
            return Err(Form("its origin is no word"));
        }
        let number: u64 = size.parse().map_err(|_| Form("its size is no number"))?;
        let root = STANDARD.decode(root).map_err(|_| Form("its root is not in base64"))?;
        let root = <[u8; 32]>::try_from(root).map_err(|_| Form("its root has not 32 bytes"))?;
        let read = Self { origin: origin.to_owned(), size: number, root: Digest::from(root) };
        let line = signature.strip_suffix('\n').and_then(|line| line.strip_prefix("— "));
        let line = line.filter(|line| !line.contains('\n')).ok_or(Form("it has no signature"))?;
        let (name, signature) = line.split_once(' ').ok_or(Form("it has no signature"))?;
        let bytes = STANDARD.decode(signature).map_err(|_| Form("its signature is no base64"))?;
        let (id, signature) = bytes.split_first_chunk::<4>().ok_or(Form("it has no signature"))?;
        let signature = Signature::from_slice(signature).map_err(|_| Form("no Ed25519"))?;
        // One way to write each number: what is read is what was signed.
        if read.text().strip_suffix('\n') != Some(text) {
            return Err(Form("it is not canonical"));
        }
        if let Some(key) = key {
            let own = name == origin && *id == key_id(name, key);
            let verified = key.verify_strict(read.text().as_bytes(), &signature);
            if !own || verified.is_err() {
                return Err(Unsigned);
            }
        }
        Ok(read)
    }
}

/// The first four bytes of the id of `key` under `name`.
fn key_id(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let digest = Digest::of(&[name.as_bytes(), b"\n\x01", key.as_bytes()].concat());
    let [a, b, c, d, ..] = digest.bytes();
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer as _, SigningKey};

    fn checkpoint() -> (Checkpoint, String, VerifyingKey) {
        let key = SigningKey::from_bytes(&[7; 32]);
        let (origin, root) = ("cloister.audit/x".to_owned(), Digest::of(b"root"));
        let checkpoint = Checkpoint { origin, size: 42, root };
        let note = checkpoint.signed(&key.verifying_key(), &key.sign(checkpoint.text().as_bytes()));
        (checkpoint, note, key.verifying_key())
    }

    #[test]
    fn what_is_written_reads_back_for_its_key_alone() {
        let (checkpoint, note, key) = checkpoint();
        assert_eq!(Checkpoint::read(&note, Some(&key)), Ok(checkpoint.clone()));
        assert_eq!(Checkpoint::read(&note, None), Ok(checkpoint));
        let other = SigningKey::from_bytes(&[8; 32]).verifying_key();
        assert_eq!(Checkpoint::read(&note, Some(&other)), Err(NotACheckpoint::Signature));
    }

    /// No byte can be another, left out or doubled.
    #[test]
    fn no_changed_byte_is_taken() {
        let (_, note, key) = checkpoint();
        for at in (0..note.len()).filter(|at| note.is_char_boundary(*at)) {
            let length = note[at..].chars().next().unwrap().len_utf8();
            let (before, rest) = note.split_at(at);
            let (this, after) = rest.split_at(length);
            let changed = [
                format!("{before}{after}"),
                format!("{before}{this}{this}{after}"),
                format!("{before}#{after}"),
                before.to_owned(),
            ];
            for other in changed {
                assert!(Checkpoint::read(&other, Some(&key)).is_err(), "{at}: {other}");
            }
        }
        for other in ["\n\n", "", "a\n1\nx\n\n— a \n", &"x".repeat(5_000)] {
            assert!(Checkpoint::read(other, None).is_err(), "{other:.20}");
        }
        let padded = note.replacen("42", "042", 1);
        assert!(Checkpoint::read(&padded, None).is_err());
    }
}
