//! DSSE envelopes: a payload, its type, and one Ed25519 signature over both.
//!
//! Source: DSSE v1 (secure-systems-lab/dsse, protocol.md and envelope.md). One signature an
//! envelope keeps each line convertible to a Sigstore bundle. The key id is a hint and decides
//! nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::digest::Digest;

/// What a payload is. It is signed too, so that none passes for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadType {
    /// An in-toto statement.
    Statement,
    /// A `trust.toml`, byte for byte.
    TrustRoot,
    /// How far a site's ledger has come.
    LedgerCheckpoint,
}

impl PayloadType {
    /// Its name in an envelope.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Statement => "application/vnd.in-toto+json",
            Self::TrustRoot => "application/vnd.cloister.trust-root.v1+toml",
            Self::LedgerCheckpoint => "application/vnd.cloister.ledger-checkpoint.v1+json",
        }
    }
}

/// Most bytes of one envelope that are read.
pub const ENVELOPE_BYTES_MAX: usize = 256 * 1024;

/// A signed payload whose signature is not checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    payload_type: PayloadType,
    payload: Vec<u8>,
    key_id: String,
    signature: [u8; 64],
}

/// The bytes are not an envelope, or its signature does not verify.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// It is longer than [`ENVELOPE_BYTES_MAX`].
    #[error("the envelope is over {ENVELOPE_BYTES_MAX} bytes")]
    TooLong,
    /// It is not the JSON of an envelope.
    #[error("the envelope is malformed: {0}")]
    Malformed(String),
    /// It has no signature or more than one.
    #[error("the envelope has {0} signatures, and must have one")]
    Signatures(usize),
    /// Its payload is of another type than belongs here.
    #[error("the payload is not of type `{}`", .0.name())]
    PayloadType(PayloadType),
    /// The signature is not by this key over this payload.
    #[error("the signature does not verify")]
    Signature,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Wire {
    payload: String,
    payload_type: String,
    signatures: Vec<WireSignature>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSignature {
    #[serde(default)]
    keyid: String,
    sig: String,
}

/// The id under which envelopes name `key`: SHA-256 of its 32 bytes, in hexadecimal.
#[must_use]
pub fn key_id(key: &VerifyingKey) -> Digest {
    Digest::of(key.as_bytes())
}

impl Envelope {
    /// Signs `payload`, an in-toto statement, with `key`.
    #[must_use]
    pub fn sign(payload: Vec<u8>, key: &SigningKey) -> Self {
        let signed =
            Self::sign_with(PayloadType::Statement, payload, &key.verifying_key(), |bytes| {
                Ok::<_, core::convert::Infallible>(key.sign(bytes))
            });
        match signed {
            Ok(envelope) => envelope,
            Err(never) => match never {},
        }
    }

    /// Signs `payload`, which is of `payload_type`, by asking whoever holds the private half of
    /// `key`.
    ///
    /// # Errors
    /// What `sign` gives.
    pub fn sign_with<E>(
        payload_type: PayloadType,
        payload: Vec<u8>,
        key: &VerifyingKey,
        sign: impl FnOnce(&[u8]) -> Result<Signature, E>,
    ) -> Result<Self, E> {
        let signature = sign(&pre_authentication(payload_type.name(), &payload))?.to_bytes();
        Ok(Self { payload_type, payload, key_id: key_id(key).to_string(), signature })
    }

    /// The envelope as one line of JSON, without a newline.
    ///
    /// # Errors
    /// [`EnvelopeError::Malformed`] if it cannot be written as JSON.
    pub fn to_line(&self) -> Result<String, EnvelopeError> {
        let signature =
            WireSignature { keyid: self.key_id.clone(), sig: STANDARD.encode(self.signature) };
        let wire = Wire {
            payload: STANDARD.encode(&self.payload),
            payload_type: self.payload_type.name().to_owned(),
            signatures: vec![signature],
        };
        serde_json::to_string(&wire).map_err(|error| EnvelopeError::Malformed(error.to_string()))
    }

    /// Reads the envelope of a statement; nothing of it is trusted before [`Envelope::verify`].
    ///
    /// # Errors
    /// [`EnvelopeError`] for anything that is not one envelope with one signature.
    pub fn from_line(line: &str) -> Result<Self, EnvelopeError> {
        Self::read(PayloadType::Statement, line)
    }

    /// Reads the envelope of a payload of `payload_type`.
    ///
    /// # Errors
    /// [`EnvelopeError`] for anything that is not one envelope with one signature.
    pub fn read(payload_type: PayloadType, line: &str) -> Result<Self, EnvelopeError> {
        let malformed = |what: &str| EnvelopeError::Malformed(what.to_owned());
        if line.len() > ENVELOPE_BYTES_MAX {
            return Err(EnvelopeError::TooLong);
        }
        let wire: Wire = json(line)?;
        let [signature] = &wire.signatures[..] else {
            return Err(EnvelopeError::Signatures(wire.signatures.len()));
        };
        // Serde also reads the fields of a struct from a list, which no other tool does.
        let value: Value = json(line)?;
        if value.is_array() || value.pointer("/signatures/0").is_some_and(Value::is_array) {
            return Err(malformed("an object is a list"));
        }
        if wire.payload_type != payload_type.name() {
            return Err(EnvelopeError::PayloadType(payload_type));
        }
        let payload =
            STANDARD.decode(&wire.payload).map_err(|_| malformed("the payload is not base64"))?;
        let sig = STANDARD.decode(&signature.sig).ok().and_then(|sig| sig.try_into().ok());
        Ok(Self {
            payload_type,
            payload,
            key_id: signature.keyid.clone(),
            signature: sig.ok_or_else(|| malformed("the signature is not 64 bytes in base64"))?,
        })
    }

    /// The id of the key that it says it is signed by: a hint, which decides nothing.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The payload, which anybody may have written: to be shown to people as such, and for nothing
    /// else.
    #[must_use]
    pub fn unverified(&self) -> &[u8] {
        &self.payload
    }

    /// The payload, if `key` signed it.
    ///
    /// # Errors
    /// [`EnvelopeError::Signature`] if the signature is not by `key` over this payload.
    pub fn verify(&self, key: &VerifyingKey) -> Result<&[u8], EnvelopeError> {
        let signed = pre_authentication(self.payload_type.name(), &self.payload);
        key.verify_strict(&signed, &Signature::from_bytes(&self.signature))
            .map(|()| self.payload.as_slice())
            .map_err(|_| EnvelopeError::Signature)
    }
}

fn json<T: DeserializeOwned>(line: &str) -> Result<T, EnvelopeError> {
    serde_json::from_str(line).map_err(|error| EnvelopeError::Malformed(error.to_string()))
}

/// DSSE's pre-authentication encoding: what is signed.
fn pre_authentication(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vector of DSSE's protocol.md.
    #[test]
    fn pre_authentication_of_the_specification() {
        let encoded = pre_authentication("http://example.com/HelloWorld", b"hello world");
        assert_eq!(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    fn signed() -> (SigningKey, Envelope) {
        let key = SigningKey::from_bytes(&[7; 32]);
        let envelope = Envelope::sign(b"{\"a\":1}".to_vec(), &key);
        (key, envelope)
    }

    #[test]
    fn what_one_key_signed_no_other_verifies() {
        let (key, envelope) = signed();
        let read = envelope.to_line().and_then(|line| Envelope::from_line(&line));
        assert_eq!(read.as_ref(), Ok(&envelope));
        assert_eq!(envelope.verify(&key.verifying_key()), Ok(&b"{\"a\":1}"[..]));
        let other = SigningKey::from_bytes(&[8; 32]);
        assert_eq!(envelope.verify(&other.verifying_key()), Err(EnvelopeError::Signature));
    }

    #[test]
    fn every_changed_character_of_a_line_is_noticed() {
        let (key, envelope) = signed();
        let line = envelope.to_line().unwrap_or_default();
        for at in 0..line.len() {
            let mut bytes = line.clone().into_bytes();
            let Some(byte) = bytes.get_mut(at) else {
                continue;
            };
            *byte = if *byte == b'A' { b'B' } else { b'A' };
            let Ok(changed) = String::from_utf8(bytes) else {
                continue;
            };
            let Ok(read) = Envelope::from_line(&changed) else {
                continue;
            };
            let verified = read.verify(&key.verifying_key());
            let same = read.payload == envelope.payload && read.signature == envelope.signature;
            assert!(verified.is_err() || same, "position {at}");
        }
    }

    #[test]
    fn two_signatures_or_none_are_refused() {
        for (signatures, count) in [("", 0), (r#"{"sig":"AA=="},{"sig":"AA=="}"#, 2)] {
            let line = format!(
                r#"{{"payload":"","payloadType":"{}","signatures":[{signatures}]}}"#,
                PayloadType::Statement.name()
            );
            assert_eq!(Envelope::from_line(&line), Err(EnvelopeError::Signatures(count)));
        }
    }
}
