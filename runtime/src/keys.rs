//! Ed25519 keys in files: private as PKCS#8 PEM, readable by the owner alone; public as SPKI PEM.
//! `openssl genpkey -algorithm ed25519` makes the same.

use std::fs::{File, Metadata};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{
    DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _,
};
use ed25519_dalek::{SigningKey, VerifyingKey};

/// A key cannot be made, read or written. No message quotes a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("`{}`: {source}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file exists, and a key is never overwritten.
    #[error("`{}` exists, and a key is never overwritten; choose another name", .0.display())]
    Exists(PathBuf),
    /// A private key is not put where public ones are looked for.
    #[error("`{}` ends as a public key does; name the private key otherwise", .0.display())]
    IsPublic(PathBuf),
    /// Others than its owner may read or write a private key.
    #[error(
        "`{0}` is a private key that others may read (mode {mode:04o}); take it back with `chmod \
         600 {0}`, and make a new one if somebody may have",
        file.display()
    )]
    Open {
        /// The file.
        file: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The file holds no Ed25519 key.
    #[error(
        "`{}` is not an Ed25519 {kind} key in PEM; make one with `cloister key new`",
        file.display()
    )]
    Malformed {
        /// The file.
        file: PathBuf,
        /// `private` or `public`.
        kind: &'static str,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Random,
}

/// Makes a key pair: the private key in `file`, the public one beside it as `.pub`.
///
/// # Errors
/// [`KeyError`] if a file exists or cannot be written.
pub fn new(file: &Path) -> Result<PathBuf, KeyError> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|_| KeyError::Random)?;
    let key = SigningKey::from_bytes(&secret);
    let malformed = |_| KeyError::Malformed { file: file.to_owned(), kind: "private" };
    let private = key.to_pkcs8_pem(LineEnding::LF).map_err(malformed)?;
    let public_file = file.with_extension("pub");
    let public = key
        .verifying_key()
        .to_public_key_pem(LineEnding::LF)
        .map_err(|_| KeyError::Malformed { file: public_file.clone(), kind: "public" })?;
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .map_err(|source| KeyError::File { file: folder.to_owned(), source })?;
    }
    if public_file == file {
        return Err(KeyError::IsPublic(file.to_owned()));
    }
    if public_file.exists() {
        return Err(KeyError::Exists(public_file));
    }
    write(file, private.as_bytes(), 0o600)?;
    write(&public_file, public.as_bytes(), 0o644)?;
    Ok(public_file)
}

/// The private key in `file`, which must be its owner's alone, as ssh wants it too.
///
/// # Errors
/// [`KeyError`] if it cannot be read, is no Ed25519 key, or others may read it.
pub fn private(file: &Path) -> Result<SigningKey, KeyError> {
    let pem = read(file, owners_alone)?;
    SigningKey::from_pkcs8_pem(&pem)
        .map_err(|_| KeyError::Malformed { file: file.to_owned(), kind: "private" })
}

/// The public key in `file`.
///
/// # Errors
/// [`KeyError`] if it cannot be read or is no Ed25519 key.
pub fn public(file: &Path) -> Result<VerifyingKey, KeyError> {
    let pem = read(file, |_| Ok(()))?;
    VerifyingKey::from_public_key_pem(pem.trim())
        .map_err(|_| KeyError::Malformed { file: file.to_owned(), kind: "public" })
}

/// The text of `file`, which is opened once: what `allowed` has seen is what is read.
fn read(file: &Path, allowed: impl Fn(&Metadata) -> Result<(), u32>) -> Result<String, KeyError> {
    let failed = |source| KeyError::File { file: file.to_owned(), source };
    let mut opened = File::open(file).map_err(failed)?;
    allowed(&opened.metadata().map_err(failed)?)
        .map_err(|mode| KeyError::Open { file: file.to_owned(), mode })?;
    let mut text = String::new();
    opened.read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

/// Whether only its owner may read or write a file; else its mode.
fn owners_alone(found: &Metadata) -> Result<(), u32> {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o7777;
        if mode & 0o077 != 0 {
            return Err(mode);
        }
    }
    #[cfg(not(unix))]
    let _ = found;
    Ok(())
}

fn write(file: &Path, bytes: &[u8], mode: u32) -> Result<(), KeyError> {
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
