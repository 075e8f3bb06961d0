//! Public keys as people copy them: `ed25519:` and 32 bytes in base64, on one line.

use core::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::envelope::key_id;

const PREFIX: &str = "ed25519:";

/// A public key, written on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PublicKey(VerifyingKey);

/// The text is no public key, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{shown}` is no public key: {why}")]
pub struct NotAPublicKey {
    shown: String,
    why: &'static str,
}

impl PublicKey {
    /// The key that verifies.
    #[must_use]
    pub const fn key(&self) -> &VerifyingKey {
        &self.0
    }

    /// The id by which statements name it.
    #[must_use]
    pub fn id(&self) -> Digest {
        key_id(&self.0)
    }
}

impl From<VerifyingKey> for PublicKey {
    fn from(key: VerifyingKey) -> Self {
        Self(key)
    }
}

impl core::fmt::Display for PublicKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{PREFIX}{}", STANDARD.encode(self.0.as_bytes()))
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        key.to_string()
    }
}

impl FromStr for PublicKey {
    type Err = NotAPublicKey;

    /// One spelling alone; and none of small order, as anybody can sign for such a key.
    fn from_str(line: &str) -> Result<Self, NotAPublicKey> {
        let shown = || line.chars().take(60).flat_map(char::escape_debug).collect();
        let wrong = |why| NotAPublicKey { shown: shown(), why };
        let text =
            line.strip_prefix(PREFIX).ok_or_else(|| wrong("it does not begin `ed25519:`"))?;
        let bytes = STANDARD.decode(text).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let bytes = bytes.ok_or_else(|| wrong("it does not go on with 32 bytes in base64"))?;
        let key =
            VerifyingKey::from_bytes(&bytes).map_err(|_| wrong("it is no point of the curve"))?;
        if key.is_weak() {
            return Err(wrong("it is of small order"));
        }
        // A point has more than one encoding; only this one is the key's.
        if key.to_bytes() == bytes { Ok(Self(key)) } else { Err(wrong("it is spelt otherwise")) }
    }
}

impl TryFrom<String> for PublicKey {
    type Error = NotAPublicKey;

    fn try_from(line: String) -> Result<Self, NotAPublicKey> {
        line.parse()
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;

    #[test]
    fn a_line_is_read_as_it_was_written_and_no_other_way() {
        let key = PublicKey::from(SigningKey::from_bytes(&[7; 32]).verifying_key());
        let line = key.to_string();
        assert_eq!(line.parse(), Ok(key));
        let unpadded = line.trim_end_matches('=').to_owned();
        // The last character before the padding carries four bits of which two must be zero.
        let loose = unpadded.strip_suffix(|_: char| true).map(|head| format!("{head}/="));
        let weak = format!("{PREFIX}{}", STANDARD.encode([0; 32]));
        let long = format!("{PREFIX}{}", STANDARD.encode([7; 33]));
        for wrong in [&unpadded, &loose.unwrap_or_default(), &weak, &long, &format!("{line}\n")] {
            assert!(wrong.parse::<PublicKey>().is_err(), "{wrong}");
        }
        assert!(line.trim_start_matches(PREFIX).parse::<PublicKey>().is_err());
    }
}
