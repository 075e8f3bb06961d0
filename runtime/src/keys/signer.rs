//! Who signs: a private key that was opened here, or one that an ssh-agent holds.

use cloister_contract::envelope::{Envelope, PayloadType};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use super::KeyError;
use super::agent::AgentKey;

/// A private key that can be used. It shows nothing of itself but its public half.
pub struct Signer(Held);

enum Held {
    Here(SigningKey),
    Agent(AgentKey),
}

impl From<SigningKey> for Signer {
    fn from(key: SigningKey) -> Self {
        Self(Held::Here(key))
    }
}

impl Signer {
    /// The Ed25519 key in the ssh-agent at SSH_AUTH_SOCK whose SHA256:… or comment is `wanted`.
    ///
    /// # Errors
    /// [`KeyError::Agent`] if there is no agent, or not just one such key.
    pub fn in_agent(wanted: &str) -> Result<Self, KeyError> {
        Ok(Self(Held::Agent(AgentKey::named(wanted)?)))
    }

    /// The key in the ssh-agent at SSH_AUTH_SOCK whose public half is `public`.
    ///
    /// # Errors
    /// [`KeyError::Agent`] if there is no agent, or it does not have the key.
    pub fn of_agent(public: &VerifyingKey) -> Result<Self, KeyError> {
        Ok(Self(Held::Agent(AgentKey::holding(public)?)))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> VerifyingKey {
        match &self.0 {
            Held::Here(key) => key.verifying_key(),
            Held::Agent(key) => key.public,
        }
    }

    /// Signs `bytes`. An agent may wait for its owner, but no longer than a minute.
    ///
    /// # Errors
    /// [`KeyError::Agent`] if the agent does not sign, or signs something else.
    pub fn sign(&self, bytes: &[u8]) -> Result<Signature, KeyError> {
        match &self.0 {
            Held::Here(key) => Ok(key.sign(bytes)),
            Held::Agent(key) => Ok(key.sign(bytes)?),
        }
    }

    /// Signs `payload`, which is of `payload_type`, as an envelope.
    ///
    /// # Errors
    /// As [`Signer::sign`].
    pub fn envelope(
        &self,
        payload_type: PayloadType,
        payload: Vec<u8>,
    ) -> Result<Envelope, KeyError> {
        Envelope::sign_with(payload_type, payload, &self.public(), |bytes| self.sign(bytes))
    }
}
