//! A trust root's bytes with the signatures of root keys beside them, not parsed yet.

use std::path::{Path, PathBuf};

use cloister_contract::envelope::{Envelope, PayloadType};

use super::root::{ROOT_BYTES_MAX, Root, RootKeys};
use super::{TrustError, signatures_of};
use crate::bounded::read_bounded;
use crate::keys::Signer;
use crate::publish::replace;

/// Most bytes of a trust root's signatures, each of which holds all of it.
const SIGNATURES_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// A `trust.toml` and the lines of its `trust.toml.intoto.jsonl`.
pub(super) struct RootFile {
    file: PathBuf,
    pub(super) bytes: Vec<u8>,
    pub(super) lines: Vec<String>,
}

impl RootFile {
    pub(super) fn read(file: &Path) -> Result<Self, TrustError> {
        let failed = |file: &Path, source| TrustError::File { file: file.to_owned(), source };
        let bytes = read_bounded(file, ROOT_BYTES_MAX).map_err(|source| failed(file, source))?;
        let beside = signatures_of(file);
        let lines = match read_bounded(&beside, SIGNATURES_BYTES_MAX) {
            Ok(text) => text.lines().map(str::to_owned).collect(),
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(source) => return Err(failed(&beside, source)),
        };
        Ok(Self { file: file.to_owned(), bytes: bytes.into_bytes(), lines })
    }

    /// What the bytes say; to be asked only once they are known to be the wanted ones.
    pub(super) fn parse(&self) -> Result<Root, TrustError> {
        Root::parse(&self.bytes)
            .map_err(|what| TrustError::Broken { file: self.file.clone(), what })
    }

    /// Writes both files as `file` and beside it.
    pub(super) fn write(&self, file: &Path) -> std::io::Result<()> {
        replace(&signatures_of(file), (self.lines.join("\n") + "\n").as_bytes())?;
        replace(file, &self.bytes)
    }

    /// How many of `keys` have signed these bytes, each counted once.
    fn signers(&self, keys: &RootKeys) -> usize {
        let envelopes: Vec<_> = self.lines.iter().filter_map(|line| self.envelope(line)).collect();
        let signed = |key| envelopes.iter().any(|envelope| envelope.verify(key).is_ok());
        keys.keys.iter().filter(|key| signed(key.key())).count()
    }

    /// The envelope in `line`, if it is one over these bytes.
    fn envelope(&self, line: &str) -> Option<Envelope> {
        let envelope = Envelope::read(PayloadType::TrustRoot, line).ok()?;
        (envelope.unverified() == self.bytes).then_some(envelope)
    }
}

/// Whether the threshold of `keys`, which are `whose`, has signed `found`.
pub(super) fn enough(found: &RootFile, keys: &RootKeys, whose: &str) -> Result<(), TrustError> {
    let signers = found.signers(keys);
    if signers >= keys.threshold {
        return Ok(());
    }
    Err(TrustError::Unsigned {
        file: found.file.clone(),
        signers,
        threshold: keys.threshold,
        whose: whose.to_owned(),
    })
}

/// Who has signed a trust root by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RootSigned {
    /// How many of the root keys that it lists have.
    pub signers: usize,
    /// How many must.
    pub threshold: usize,
    /// Whether it lists the key that just did; else it is at best one of the version before.
    pub listed: bool,
}

/// Signs the trust root in `file` with `key`; signatures over other bytes than it has now go.
///
/// # Errors
/// [`TrustError`] if it is not a trust root, `key` has signed it already, or a file cannot be read
/// or written.
pub fn sign_root(file: &Path, key: &Signer) -> Result<RootSigned, TrustError> {
    let mut found = RootFile::read(file)?;
    let root = found.parse()?;
    let mut lines = std::mem::take(&mut found.lines);
    lines.retain(|line| found.envelope(line).is_some());
    found.lines = lines;
    let public = key.public();
    let mut envelopes = found.lines.iter().filter_map(|line| found.envelope(line));
    if envelopes.any(|envelope| envelope.verify(&public).is_ok()) {
        return Err(TrustError::Signed("root"));
    }
    let envelope = key.envelope(PayloadType::TrustRoot, found.bytes.clone())?.to_line();
    found.lines.push(envelope.map_err(|error| TrustError::Statement(error.to_string()))?);
    let beside = signatures_of(file);
    replace(&beside, (found.lines.join("\n") + "\n").as_bytes())
        .map_err(|source| TrustError::File { file: beside, source })?;
    let listed = root.root.keys.iter().any(|root_key| *root_key.key() == public);
    Ok(RootSigned { signers: found.signers(&root.root), threshold: root.root.threshold, listed })
}
