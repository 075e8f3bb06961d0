//! The envelopes beside a module.

use std::path::{Path, PathBuf};

use super::TrustError;
use crate::bounded::read_bounded;
use crate::publish::replace;

/// Most bytes of a file of signatures that are read: some hundred envelopes.
pub(super) const SIGNATURES_BYTES_MAX: u64 = 256 * 1024;

/// The envelopes beside a module, not verified yet.
#[derive(Clone, Debug)]
pub struct Signatures {
    pub(super) lines: Vec<String>,
}

/// The file of signatures beside `file`.
#[must_use]
pub fn signatures_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".intoto.jsonl");
    name.into()
}

impl Signatures {
    /// Reads the signatures beside `module`; none if there is no such file.
    ///
    /// # Errors
    /// [`TrustError`] if the file is there and cannot be read.
    pub fn beside(module: &Path) -> Result<Self, TrustError> {
        Self::read(&signatures_of(module))
    }

    /// Reads the signatures in `file`; none if there is no such file.
    pub(super) fn read(file: &Path) -> Result<Self, TrustError> {
        let text = match read_bounded(file, SIGNATURES_BYTES_MAX) {
            Ok(text) => text,
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(source) => return Err(TrustError::File { file: file.to_owned(), source }),
        };
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        Ok(Self { lines: lines.map(str::to_owned).collect() })
    }

    /// The envelopes, a line each.
    pub(crate) fn lines(&self) -> &[String] {
        &self.lines
    }

    pub(super) fn write(&self, file: &Path) -> Result<(), TrustError> {
        replace(file, (self.lines.join("\n") + "\n").as_bytes())
            .map_err(|source| TrustError::File { file: file.to_owned(), source })
    }
}
