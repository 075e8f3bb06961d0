//! What stays at the site of a release, encrypted: the sets that it told, which go with their
//! epochs, and the trace of its draft.
//!
//! A file is a nonce of 24 bytes and XChaCha20-Poly1305 of all sets of one release, or of its
//! trace, under a key of the site and population, bound to the job's key and the release's digest.
//! So a file that was changed, or is another release's, does not open; and a copy of the disk
//! without the site's key tells nothing of who was in which set.

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};

use crate::keys::SiteSecret;

/// Bytes of a nonce.
const NONCE: usize = 24;

/// The key of what was told over one population.
pub(super) struct SetsKey(XChaCha20Poly1305);

impl SetsKey {
    pub(super) fn of(site: &SiteSecret, population: &str) -> Self {
        let key = site.key("sets that were told", &[population]);
        Self(XChaCha20Poly1305::new(&key.into()))
    }

    /// The bytes of a file with `plain`, bound to `what`; `None` if the system gives no random
    /// numbers, or there is too much.
    pub(super) fn close(&self, plain: &[u8], what: &str) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).ok()?;
        let payload = Payload { msg: plain, aad: what.as_bytes() };
        let closed = self.0.encrypt(&XNonce::from(nonce), payload).ok()?;
        Some([&nonce[..], &closed].concat())
    }

    /// What is in a file's `bytes`, if this key wrote them for `what`.
    pub(super) fn open(&self, bytes: &[u8], what: &str) -> Option<Vec<u8>> {
        let (nonce, closed) = bytes.split_first_chunk::<NONCE>()?;
        let payload = Payload { msg: closed, aad: what.as_bytes() };
        self.0.decrypt(&XNonce::from(*nonce), payload).ok()
    }
}
