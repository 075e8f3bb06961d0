//! What the envelopes beside a module say of themselves, when there is no key to check them with.

use cloister_contract::envelope::Envelope;
use cloister_contract::statement::{Claim, Statement};

use super::Signatures;

impl Signatures {
    /// What every envelope says of itself, which anybody may have written.
    #[must_use]
    pub fn claims(&self) -> Vec<Result<Claimed, String>> {
        let lines = self.lines.iter().filter(|line| !line.trim().is_empty());
        lines.map(|line| claimed(line)).collect()
    }
}

/// What an envelope says of itself: for people, as what it is, and for nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// As whom it is signed.
    pub role: String,
    /// The id of the key.
    pub key_id: String,
    /// When.
    pub signed_at: String,
}

fn claimed(line: &str) -> Result<Claimed, String> {
    let envelope = Envelope::from_line(line).map_err(|error| error.to_string())?;
    let statement = Statement::decode(envelope.unverified()).map_err(|error| error.to_string())?;
    let (Claim::Authorship(claim) | Claim::Review(claim)) = statement.claim else {
        return Err("it is about a release".to_owned());
    };
    let key_id = envelope.key_id().to_owned();
    Ok(Claimed { role: claim.role, key_id, signed_at: claim.signed_at })
}
