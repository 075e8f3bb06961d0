//! What only this site knows: the secret from which it makes keys for what never leaves it.

use std::sync::Arc;

use sha2::Digest as _;
use zeroize::Zeroizing;

use super::{KeyError, Signer};
use crate::faults::{Mechanism, off};

/// The secret of a site, for keys that no guest and no asker can know.
///
/// It is the site's signature over words that it signs for nothing else (every envelope begins
/// otherwise): a key in an agent cannot be read, and Ed25519 signs the same words alike.
#[derive(Clone, Default)]
pub(crate) struct SiteSecret(Zeroizing<[u8; 32]>);

impl SiteSecret {
    /// The secret of the site with this key.
    ///
    /// # Errors
    /// [`KeyError`] if an agent does not sign.
    pub(crate) fn of(site: &Signer) -> Result<Self, KeyError> {
        if off(Mechanism::SiteSecret) {
            return Ok(Self::default());
        }
        let signature = site.sign(b"cloister: the secret of a site, version 1")?;
        Ok(Self(Zeroizing::new(sha2::Sha256::digest(signature.to_bytes()).into())))
    }

    /// As [`SiteSecret::of`], beside what else is to be done: an agent may ask its owner, and
    /// whoever waits for that can still interrupt the run. `None` if what asks was stopped.
    ///
    /// # Errors
    /// [`KeyError`] if an agent does not sign.
    pub(crate) async fn aside(site: &Arc<Signer>) -> Option<Result<Self, KeyError>> {
        let site = Arc::clone(site);
        tokio::task::spawn_blocking(move || Self::of(&site)).await.ok()
    }

    /// The key for a `purpose`, of whatever has the same `parts`.
    pub(crate) fn key(&self, purpose: &str, parts: &[&str]) -> [u8; 32] {
        let mut hash = sha2::Sha256::new_with_prefix(b"cloister site key 1\n");
        hash.update(self.0.as_slice());
        for text in [purpose].iter().chain(parts) {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_of_one_site_purpose_and_parts() {
        let site = |seed| {
            let key: Signer = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]).into();
            SiteSecret::of(&key).unwrap()
        };
        let key = site(1).key("one", &["ab", "c"]);
        assert_eq!(site(1).key("one", &["ab", "c"]), key);
        for other in [
            site(2).key("one", &["ab", "c"]),
            site(1).key("two", &["ab", "c"]),
            site(1).key("one", &["a", "bc"]),
            site(1).key("one", &["ab"]),
        ] {
            assert_ne!(other, key);
        }
    }
}
