//! Keys in files: what a file holds, told from its first bytes, and who may read it.

use std::fs::{File, Metadata};
use std::io::{Read as _, Write as _};
use std::path::Path;

use ed25519_dalek::pkcs8::DecodePrivateKey as _;
use ed25519_dalek::{SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use super::{KEY_BYTES_MAX, KeyError, LockedKey, Signer, openssh};

/// What a key's file holds.
pub enum KeyFile {
    /// A private key that its file alone protects.
    Private(Signer),
    /// A private key under a passphrase.
    Locked(LockedKey),
    /// A public key in PEM or on one line.
    Public(VerifyingKey),
    /// A public key of OpenSSH, whose private half an ssh-agent may hold.
    OpenSsh(VerifyingKey),
}

impl KeyFile {
    /// Reads `file`. A private key in it must be its owner's alone, as ssh wants it too.
    ///
    /// # Errors
    /// [`KeyError`] if it cannot be read, is no Ed25519 key, or is private and others may read it.
    pub fn open(file: &Path) -> Result<Self, KeyError> {
        let (found, bytes) = read(file)?;
        let starts = |head: &str| bytes.trim_ascii_start().starts_with(head.as_bytes());
        if starts("-----BEGIN AGE ENCRYPTED FILE-----") || starts("age-encryption.org/") {
            private(file, &found)?;
            return Ok(Self::Locked(LockedKey::new(file, &bytes)));
        }
        if starts("-----BEGIN PRIVATE KEY-----") {
            private(file, &found)?;
            return signer(file, &bytes).map(Self::Private);
        }
        if starts("-----BEGIN OPENSSH PRIVATE KEY-----") {
            return Err(KeyError::OpenSsh(file.to_owned()));
        }
        let key = super::public_text(&bytes).ok_or_else(|| KeyError::Malformed {
            file: file.to_owned(),
            kind: "private or public",
        })?;
        let of_openssh = starts(openssh::KIND);
        Ok(if of_openssh { Self::OpenSsh(key) } else { Self::Public(key) })
    }
}

/// The private key in the PEM text `pem`, which was read from `file`.
pub(super) fn signer(file: &Path, pem: &[u8]) -> Result<Signer, KeyError> {
    let text = std::str::from_utf8(pem).ok();
    let key = text.and_then(|text| SigningKey::from_pkcs8_pem(text).ok());
    let malformed = || KeyError::Malformed { file: file.to_owned(), kind: "private" };
    key.map(Signer::from).ok_or_else(malformed)
}

/// The bytes of `file`, which is opened once: what its metadata say is about what is read.
pub(super) fn read(file: &Path) -> Result<(Metadata, Zeroizing<Vec<u8>>), KeyError> {
    let failed = |source| KeyError::File { file: file.to_owned(), source };
    let opened = File::open(file).map_err(failed)?;
    let found = opened.metadata().map_err(failed)?;
    // With room from the start, no part of a key is left behind where the bytes have grown.
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 * KEY_BYTES_MAX));
    opened.take(KEY_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > KEY_BYTES_MAX {
        return Err(KeyError::TooLong(file.to_owned()));
    }
    Ok((found, bytes))
}

/// Whether `file`, opened and `found`, may be a private key: a file of its owner, or the end of a
/// pipe, as a shell's `<(…)` is, but no link to a file.
fn private(file: &Path, found: &Metadata) -> Result<(), KeyError> {
    let link = file.symlink_metadata().is_ok_and(|named| named.is_symlink());
    if found.is_file() && link {
        return Err(KeyError::Link(file.to_owned()));
    }
    owners_alone(file, found, "private key")
}

/// Whether only its owner may read or write `file`.
pub(super) fn owners_alone(
    file: &Path,
    found: &Metadata,
    kind: &'static str,
) -> Result<(), KeyError> {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o7777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Open { file: file.to_owned(), kind, mode });
        }
    }
    #[cfg(not(unix))]
    let _ = (file, found, kind);
    Ok(())
}

/// Writes a new `file`, with `mode` from its first byte on.
pub(super) fn write(file: &Path, bytes: &[u8], mode: u32) -> Result<(), KeyError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::AlreadyExists => KeyError::Exists(file.to_owned()),
        _ => KeyError::File { file: file.to_owned(), source },
    };
    let mut opened = options.open(file).map_err(failed)?;
    opened.write_all(bytes).and_then(|()| opened.sync_all()).map_err(failed)
}
