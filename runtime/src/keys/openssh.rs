//! Public keys as OpenSSH writes them, and the encoding that its agents speak.
//!
//! Sources: RFC 4251 (strings), RFC 8709 (`ssh-ed25519` keys and signatures). A key is two strings,
//! each with its length before it: `ssh-ed25519`, and the 32 bytes.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::Digest as _;

/// The only kind of key and signature that is read.
pub(super) const KIND: &str = "ssh-ed25519";

/// The key in the line of a `.pub` file: `ssh-ed25519`, base64, and perhaps a comment.
pub(super) fn public(text: &str) -> Option<VerifyingKey> {
    let mut words = text.lines().next()?.split_ascii_whitespace();
    if text.lines().count() != 1 || words.next() != Some(KIND) {
        return None;
    }
    key(&STANDARD.decode(words.next()?).ok()?)
}

/// `key` as a blob, which fingerprints and the agent name it by.
pub(super) fn blob(key: &VerifyingKey) -> Vec<u8> {
    let mut blob = Vec::new();
    put(&mut blob, KIND.as_bytes());
    put(&mut blob, key.as_bytes());
    blob
}

/// The key of a blob, if it is an Ed25519 key.
pub(super) fn key(blob: &[u8]) -> Option<VerifyingKey> {
    let key = VerifyingKey::from_bytes(&of_kind(blob)?).ok()?;
    (!key.is_weak()).then_some(key)
}

/// The signature of a blob, if it is an Ed25519 signature.
pub(super) fn signature(blob: &[u8]) -> Option<Signature> {
    of_kind(blob).map(|bytes: [u8; 64]| Signature::from_bytes(&bytes))
}

/// The second string of a blob whose first is [`KIND`], if there is nothing else.
fn of_kind<const N: usize>(blob: &[u8]) -> Option<[u8; N]> {
    let mut blob = Reader(blob);
    let kind = blob.string()?;
    let bytes = blob.string()?;
    (kind == KIND.as_bytes() && blob.0.is_empty()).then(|| bytes.try_into().ok())?
}

/// `SHA256:` and the blob's digest in base64, as `ssh-add -l` shows it.
pub(super) fn fingerprint(blob: &[u8]) -> String {
    format!("SHA256:{}", STANDARD_NO_PAD.encode(sha2::Sha256::digest(blob)))
}

/// Adds a string with its length before it.
pub(super) fn put(into: &mut Vec<u8>, string: &[u8]) {
    // Nothing that is signed or named here comes near 4 GiB; an agent refuses a wrong length.
    let length = u32::try_from(string.len()).unwrap_or(u32::MAX);
    into.extend_from_slice(&length.to_be_bytes());
    into.extend_from_slice(string);
}

/// What is left to read of a message.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    /// The next four bytes as a number.
    pub(super) fn number(&mut self) -> Option<u32> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*head))
    }

    /// The next string.
    pub(super) fn string(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (string, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(string)
    }
}
