//! Ed25519 keys: private in a file, under a passphrase or not, or in an ssh-agent; public in PEM or
//! on one line.
//!
//! A private key is PKCS#8 in PEM, as `openssl genpkey -algorithm ed25519` makes it; under a
//! passphrase this text lies in an age file, which `age --decrypt` opens, too. Private keys and
//! passphrases are wiped from memory when they are dropped, and no message quotes one.

mod agent;
mod file;
mod openssh;
mod passphrase;
mod secret;
mod signer;

use std::path::{Path, PathBuf};

use cloister_contract::public_key::PublicKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{
    DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _, KeypairBytes,
};
use ed25519_dalek::{SigningKey, VerifyingKey};
use zeroize::Zeroizing;

pub use agent::AgentError;
pub use file::KeyFile;
pub use passphrase::{LockedKey, Passphrase};
pub(crate) use secret::SiteSecret;
pub use signer::Signer;

/// Most bytes of a key's file that are read; an encrypted key has some 500.
const KEY_BYTES_MAX: usize = 16 * 1024;

/// A key cannot be made, read or used. No message quotes a private key or a passphrase.
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
    /// Others than its owner may read or write a private key or a passphrase.
    #[error(
        "`{0}` is a {kind} that others may read (mode {mode:04o}); take it back with `chmod \
         600 {0}`, and make a new one if somebody may have",
        file.display()
    )]
    Open {
        /// The file.
        file: PathBuf,
        /// `private key` or `passphrase`.
        kind: &'static str,
        /// Its mode.
        mode: u32,
    },
    /// The file of a private key is reached by a link, which others may turn elsewhere.
    #[error("`{}` is a link; name the file of the private key itself", .0.display())]
    Link(PathBuf),
    /// The file is longer than any key.
    #[error("`{}` is over {KEY_BYTES_MAX} bytes, as no key is; name another file", .0.display())]
    TooLong(PathBuf),
    /// The file holds no Ed25519 key.
    #[error(
        "`{}` is not an Ed25519 {kind} key; name the file of one, as `cloister key new` makes it",
        file.display()
    )]
    Malformed {
        /// The file.
        file: PathBuf,
        /// `private` or `public`, or either.
        kind: &'static str,
    },
    /// The file holds a private key of OpenSSH.
    #[error(
        "`{file}` is a private key of OpenSSH; give it to an ssh-agent with `ssh-add {file}`, and \
         name it as `agent:` and its SHA256:…, as `ssh-add -l` shows it",
        file = .0.display()
    )]
    OpenSsh(PathBuf),
    /// The passphrase is none.
    #[error("the passphrase {0}; choose another one")]
    Passphrase(&'static str),
    /// The passphrase is another one.
    #[error("this passphrase does not open `{}`; try another one", .0.display())]
    WrongPassphrase(PathBuf),
    /// The encrypted key is damaged.
    #[error("`{}` is cut off or changed, and no passphrase opens it; take a copy", .0.display())]
    Damaged(PathBuf),
    /// The encrypted key would take too long to open.
    #[error(
        "`{}` asks for 2^{log_n} steps to try a passphrase, and {} is the most; is it the file \
         that you made?",
        file.display(),
        passphrase::WORK_MAX
    )]
    Work {
        /// The file.
        file: PathBuf,
        /// The binary logarithm of scrypt's N that it asks for.
        log_n: u8,
    },
    /// The age file is encrypted to a key.
    #[error("`{}` is an age file that no passphrase opens; make a key anew", .0.display())]
    NoPassphrase(PathBuf),
    /// The ssh-agent does not sign.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Random,
}

/// Makes a key pair: the private key in `file`, under `passphrase` if there is one, and the public
/// one beside it as `.pub`.
///
/// # Errors
/// [`KeyError`] if a file exists or cannot be written.
pub fn new(file: &Path, passphrase: Option<&Passphrase>) -> Result<PathBuf, KeyError> {
    let public_file = free(file)?;
    let mut secret = Zeroizing::new([0; 32]);
    getrandom::fill(secret.as_mut()).map_err(|_| KeyError::Random)?;
    let key = SigningKey::from_bytes(&secret);
    let malformed = |_| KeyError::Malformed { file: file.to_owned(), kind: "private" };
    // Without the public half, which OpenSSL 3.0 does not take there.
    let bytes = KeypairBytes { secret_key: *secret, public_key: None };
    let private = bytes.to_pkcs8_pem(LineEnding::LF).map_err(malformed)?;
    let public = key
        .verifying_key()
        .to_public_key_pem(LineEnding::LF)
        .map_err(|_| KeyError::Malformed { file: public_file.clone(), kind: "public" })?;
    let private = match passphrase {
        Some(passphrase) => Zeroizing::new(passphrase::lock(file, &private, passphrase)?),
        None => private,
    };
    file::write(file, private.as_bytes(), 0o600)?;
    file::write(&public_file, public.as_bytes(), 0o644)?;
    Ok(public_file)
}

/// Whether a key pair can be made in `file`: gives the name of its public half. Asked before a
/// passphrase is, as nobody likes to choose one for nothing.
///
/// # Errors
/// [`KeyError`] if either file exists, or their folder cannot be made.
pub fn free(file: &Path) -> Result<PathBuf, KeyError> {
    let public = file.with_extension("pub");
    if public == file {
        return Err(KeyError::IsPublic(file.to_owned()));
    }
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .map_err(|source| KeyError::File { file: folder.to_owned(), source })?;
    }
    for file in [file, &public] {
        if file.symlink_metadata().is_ok() {
            return Err(KeyError::Exists(file.to_owned()));
        }
    }
    Ok(public)
}

/// The public key in `file`: in PEM, on one line, or as OpenSSH writes it.
///
/// # Errors
/// [`KeyError`] if it cannot be read or is no Ed25519 key.
pub fn public(file: &Path) -> Result<VerifyingKey, KeyError> {
    let (_, bytes) = file::read(file)?;
    public_text(&bytes).ok_or_else(|| KeyError::Malformed { file: file.to_owned(), kind: "public" })
}

fn public_text(bytes: &[u8]) -> Option<VerifyingKey> {
    let text = std::str::from_utf8(bytes).ok()?.trim();
    let pem = || VerifyingKey::from_public_key_pem(text).ok();
    let line = || text.parse().ok().map(|line: PublicKey| *line.key());
    // No signature by a weak key says who made it: some fit every text.
    line().or_else(|| openssh::public(text)).or_else(pem).filter(|key| !key.is_weak())
}

/// The fingerprint by which OpenSSH names `key`: `SHA256:` and base64.
#[must_use]
pub fn fingerprint(key: &VerifyingKey) -> String {
    openssh::fingerprint(&openssh::blob(key))
}
