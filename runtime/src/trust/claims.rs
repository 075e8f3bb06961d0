//! What the envelopes beside a module say of themselves, when there is no key to check them with.

use cloister_contract::digest::Digest;
use cloister_contract::envelope::Envelope;
use cloister_contract::statement::{Claim, Statement, Verdict};

use super::Signatures;

impl Signatures {
    /// What every envelope says of itself, which anybody may have written.
    #[must_use]
    pub fn claims(&self) -> Vec<Result<Claimed, String>> {
        self.lines.iter().map(|line| claimed(line)).collect()
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
    /// SHA-256 of what it is about.
    pub subject: Digest,
}

fn claimed(line: &str) -> Result<Claimed, String> {
    let envelope = Envelope::from_line(line).map_err(|error| error.to_string())?;
    let statement = Statement::decode(envelope.unverified()).map_err(|error| error.to_string())?;
    let claim = &statement.claim;
    match claim {
        Claim::Authorship(_) | Claim::Review(_) | Claim::Approval(_) => Ok(Claimed {
            role: match claim {
                Claim::Review(review) if review.verdict == Verdict::Reject => "rejecting reviewer",
                _ => claim.role(),
            }
            .to_owned(),
            key_id: envelope.key_id().to_owned(),
            signed_at: claim.signed_at().to_owned(),
            subject: statement.subject,
        }),
        Claim::Receipt(_) => Err("it is about a release".to_owned()),
        Claim::Registration(_) => Err("it is about a dataset".to_owned()),
        Claim::Certificate(_) => Err("it is a certificate, and about no module".to_owned()),
    }
}
