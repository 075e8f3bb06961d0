//! Private keys under a passphrase: an age file with scrypt (age-encryption.org/v1).

use std::io::Read as _;
use std::path::{Path, PathBuf};

use age::armor::ArmoredReader;
use age::secrecy::{ExposeSecret as _, SecretString};
use age::{DecryptError, Decryptor, scrypt};
use zeroize::Zeroizing;

use super::{KEY_BYTES_MAX, KeyError, Signer, file};

/// Binary logarithm of the work to try a passphrase on a key made here: as the age command has it,
/// some second and 256 MiB.
const WORK: u8 = 18;
/// The most that a file may ask for, some seconds and 1 GiB: a hostile one could ask for days.
pub(super) const WORK_MAX: u8 = 20;

/// A passphrase: one line of text that is not empty.
pub struct Passphrase(SecretString);

/// Who chooses a passphrase types it twice.
impl PartialEq for Passphrase {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

impl Passphrase {
    /// The passphrase `text`.
    ///
    /// # Errors
    /// [`KeyError::Passphrase`] if it is empty, or nobody could type it.
    pub fn new(text: Zeroizing<String>) -> Result<Self, KeyError> {
        if text.is_empty() {
            return Err(KeyError::Passphrase("is empty"));
        }
        if text.contains(char::is_control) {
            return Err(KeyError::Passphrase("is more than one line of text"));
        }
        Ok(Self(text.as_str().into()))
    }

    /// The passphrase in `file`, which must be its owner's alone as a private key must; a newline
    /// at its end is none of it.
    ///
    /// # Errors
    /// [`KeyError`] if it cannot be read, others may read it, or it holds no passphrase.
    pub fn read(file: &Path) -> Result<Self, KeyError> {
        let (found, bytes) = file::read(file)?;
        file::owners_alone(file, &found, "passphrase")?;
        let text = std::str::from_utf8(&bytes).map_err(|_| KeyError::Passphrase("is no text"))?;
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        Self::new(Zeroizing::new(text.to_owned()))
    }
}

/// A private key under a passphrase.
pub struct LockedKey {
    file: PathBuf,
    bytes: Vec<u8>,
}

impl LockedKey {
    pub(super) fn new(file: &Path, bytes: &[u8]) -> Self {
        Self { file: file.to_owned(), bytes: bytes.to_vec() }
    }

    /// Opens the key.
    ///
    /// # Errors
    /// [`KeyError`] if the passphrase is another one, the file is damaged, or trying a passphrase
    /// on it would take too long.
    pub fn unlock(&self, passphrase: &Passphrase) -> Result<Signer, KeyError> {
        let file = || self.file.clone();
        let failed = |error| match error {
            DecryptError::ExcessiveWork { required, .. } => {
                KeyError::Work { file: file(), log_n: required }
            }
            DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed => {
                KeyError::WrongPassphrase(file())
            }
            DecryptError::NoMatchingKeys => KeyError::NoPassphrase(file()),
            _ => KeyError::Damaged(file()),
        };
        let armoured = ArmoredReader::new(self.bytes.as_slice());
        let decryptor = Decryptor::new_buffered(armoured).map_err(failed)?;
        let mut identity = scrypt::Identity::new(passphrase.0.clone());
        identity.set_max_work_factor(WORK_MAX);
        let identity: &dyn age::Identity = &identity;
        let mut opened = decryptor.decrypt(std::iter::once(identity)).map_err(failed)?;
        // What is inside is shorter than the file, so that it never grows out of its place.
        let mut pem = Zeroizing::new(Vec::with_capacity(2 * KEY_BYTES_MAX));
        opened.read_to_end(&mut pem).map_err(|_| KeyError::Damaged(file()))?;
        file::signer(&self.file, &pem)
    }
}

/// `pem` as the text of an age file, for `file`.
pub(super) fn lock(file: &Path, pem: &str, by: &Passphrase) -> Result<String, KeyError> {
    let mut recipient = scrypt::Recipient::new(by.0.clone());
    recipient.set_work_factor(WORK);
    age::encrypt_and_armor(&recipient, pem.as_bytes()).map_err(|error| KeyError::File {
        file: file.to_owned(),
        source: std::io::Error::other(error.to_string()),
    })
}
