//! Which trust root a site has adopted, and how it takes the next one.
//!
//! The first is adopted by its fingerprint, which people compare over another channel. From then on
//! the site holds a pin beside it: version, digest, root keys. Version n + 1 needs the threshold of
//! the root keys of n and of its own. *Invariant `pinned`*: nothing of a trust root is parsed
//! before its bytes are those of the pin, of the fingerprint, or signed by the pin's root keys.

use std::path::{Path, PathBuf};

use cloister_contract::digest::Digest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::certificates::Certificates;
use super::day::Day;
use super::root::{Root, RootKeys};
use super::root_signatures::{RootFile, enough};
use super::{Trust, TrustError};
use crate::bounded::read_bounded;
use crate::dossier::TrustFiles;
use crate::publish::replace;

/// Most bytes of a pin: some hundred root keys.
const PIN_BYTES_MAX: u64 = 16 * 1024;
const PIN_HEAD: &str =
    "# Which trust root this site has adopted; `cloister trust update` writes it.\n";

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pin {
    version: u64,
    sha256: Digest,
    root: RootKeys,
}

impl Trust {
    /// Opens the trust root in `file`, as it was adopted, for use at `now`.
    ///
    /// # Errors
    /// [`TrustError`] if it is not there, not adopted, changed since, not signed, not readable, or
    /// expired.
    pub fn open(file: &Path, now: Timestamp) -> Result<Self, TrustError> {
        let Some(pin) = Pin::beside(file)? else {
            let (file, there) = (file.to_owned(), file.exists());
            return Err(match there {
                true => TrustError::NotAdopted { file },
                false => TrustError::NoRoot(file),
            });
        };
        let found = RootFile::read(file)?;
        if Digest::of(&found.bytes) != pin.sha256 {
            return Err(TrustError::Changed { file: file.to_owned() });
        }
        enough(&found, &pin.root, "root keys")?;
        let root = found.parse()?;
        if root.version != pin.version || root.root != pin.root {
            return Err(TrustError::Changed { file: file.to_owned() });
        }
        let today = Day::of(now);
        in_time(file, &root, today)?;
        let (certificates, lines) = Certificates::beside(file, &root, today)?;
        let files = TrustFiles {
            root: String::from_utf8_lossy(&found.bytes).into_owned(),
            signatures: found.lines,
            certificates: lines,
        };
        Ok(Self { root, today, certificates, files })
    }
}

/// Adopts the trust root in `file` as a site's first, if its SHA-256 is `expect`.
///
/// # Errors
/// [`TrustError`] if one is adopted already, or this is another one, not signed, or expired.
pub fn adopt(file: &Path, expect: Digest, now: Timestamp) -> Result<u64, TrustError> {
    if Pin::beside(file)?.is_some() {
        return Err(TrustError::Adopted(file.to_owned()));
    }
    let found = RootFile::read(file)?;
    if Digest::of(&found.bytes) != expect {
        return Err(TrustError::Fingerprint(file.to_owned()));
    }
    let root = found.parse()?;
    enough(&found, &root.root, "its root keys")?;
    in_time(file, &root, Day::of(now))?;
    Pin::of(&found, &root).write(file)?;
    Ok(root.version)
}

/// Takes the trust root in `new` as the next version of the adopted one in `file`.
///
/// # Errors
/// [`TrustError`] if it is not just the next version, not signed by both versions' root keys, or
/// expired.
pub fn update(file: &Path, new: &Path, now: Timestamp) -> Result<u64, TrustError> {
    let pin = Pin::beside(file)?.ok_or_else(|| TrustError::NotAdopted { file: file.to_owned() })?;
    let found = RootFile::read(new)?;
    enough(&found, &pin.root, "the adopted version's root keys")?;
    let root = found.parse()?;
    if root.version <= pin.version {
        let (new, adopted) = (root.version, pin.version);
        return Err(TrustError::Rollback { new, adopted });
    }
    if root.version - pin.version > 1 {
        return Err(TrustError::Skipped { new: root.version, next: pin.version + 1 });
    }
    enough(&found, &root.root, "the new version's root keys")?;
    in_time(new, &root, Day::of(now))?;
    // The pin comes last: until then the site refuses, and the update can be done again.
    let failed = |source| TrustError::File { file: file.to_owned(), source };
    found.write(file).map_err(failed)?;
    Pin::of(&found, &root).write(file)?;
    Ok(root.version)
}

/// The SHA-256 of the trust root in `file`, and whether it is the adopted one.
///
/// # Errors
/// [`TrustError`] if it or the pin cannot be read.
pub fn fingerprint(file: &Path) -> Result<(Digest, bool), TrustError> {
    let digest = Digest::of(&RootFile::read(file)?.bytes);
    Ok((digest, Pin::beside(file)?.is_some_and(|pin| pin.sha256 == digest)))
}

fn in_time(file: &Path, root: &Root, today: Day) -> Result<(), TrustError> {
    if root.issued > today.next() {
        let issued = root.issued.to_string();
        return Err(TrustError::NotYet { file: file.to_owned(), issued });
    }
    if today > root.expires {
        let expires = root.expires.to_string();
        return Err(TrustError::Expired { file: file.to_owned(), expires });
    }
    Ok(())
}

impl Pin {
    fn of(found: &RootFile, root: &Root) -> Self {
        Self { version: root.version, sha256: Digest::of(&found.bytes), root: root.root.clone() }
    }

    fn beside(file: &Path) -> Result<Option<Self>, TrustError> {
        let file = pin_of(file);
        let text = match read_bounded(&file, PIN_BYTES_MAX) {
            Ok(text) => text,
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(TrustError::File { file, source }),
        };
        let broken = |what| TrustError::Broken { file: file.clone(), what };
        let pin: Self =
            toml::from_str(&text).map_err(|error| broken(error.to_string().trim().to_owned()))?;
        pin.root.check().map_err(broken)?;
        Ok(Some(pin))
    }

    fn write(&self, file: &Path) -> Result<(), TrustError> {
        let file = pin_of(file);
        let text = toml::to_string(self)
            .map_err(|error| TrustError::Broken { file: file.clone(), what: error.to_string() })?;
        replace(&file, (PIN_HEAD.to_owned() + &text).as_bytes())
            .map_err(|source| TrustError::File { file, source })
    }
}

/// `trust.pinned.toml` beside `trust.toml`.
fn pin_of(file: &Path) -> PathBuf {
    file.with_extension("pinned.toml")
}
