//! Whether a dataset is what its site has registered, and what counts of what it says of itself.
//!
//! *Invariant `said by the site`*: that data are synthetic or public counts from a registration
//! alone, which the site has signed: a word in a file that anybody can edit lets no exact number
//! out.

use std::io;
use std::path::Path;

use cloister_contract::digest::Digest;
use cloister_contract::envelope::Envelope;
use cloister_contract::public_key::PublicKey;
use cloister_contract::statement::{Claim, Registration, SnapshotId, Statement};
use ed25519_dalek::VerifyingKey;

use super::register::{digest, files, stat};
use super::{Dataset, Kind, RegisterError, Snapshot, snapshot_file};
use crate::bounded::read_bounded;
use crate::trust::{Signatures, signatures_of};

/// Most bytes of a note that are read: some hundred thousand files.
const NOTE_BYTES_MAX: u64 = 64 << 20;

/// A registration that holds.
#[derive(Clone, Debug)]
pub(crate) struct Registered {
    snapshot: Snapshot,
    commitment: Digest,
    /// The site's envelope.
    pub(crate) envelope: String,
}

impl Registered {
    /// What receipts say of it.
    pub(crate) fn id(&self) -> SnapshotId {
        SnapshotId { id: self.snapshot.id.clone(), commitment: self.commitment }
    }
}

/// `dataset` with what its registration says, if it has one: signed by the site's `key`, or by
/// whomever it names where the site has none; and unchanged since. A file's bytes are looked at if
/// its time is another one, or `digests`.
///
/// # Errors
/// [`RegisterError`] if the registration does not hold, or with the first file that differs.
pub fn registered(
    dataset: Dataset,
    key: Option<&VerifyingKey>,
    digests: bool,
) -> Result<Dataset, RegisterError> {
    let file = snapshot_file(&dataset);
    let text = match read_bounded(&file, NOTE_BYTES_MAX) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(dataset),
        Err(source) => return Err(RegisterError::File { file, source }),
    };
    let wrong = |what: String| RegisterError::Parse { file: file.clone(), what };
    let snapshot: Snapshot =
        serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let commitment = Digest::of(text.as_bytes());
    let (claim, envelope) = signed(&file, commitment, key)?;
    let says = [
        (claim.dataset == dataset.name, "name"),
        (claim.epoch == snapshot.id, "epoch"),
        (claim.population == dataset.population, "population"),
        (claim.published_persons == dataset.published_persons, "published persons"),
        (claim.snapshot_date == dataset.snapshot_date.to_string(), "snapshot date"),
    ];
    if let Some((_, what)) = says.into_iter().find(|(same, _)| !same) {
        return Err(wrong(format!("another {what} was signed")));
    }
    unchanged(&dataset, &snapshot, digests)?;
    let kind = Kind { synthetic: claim.synthetic, public: claim.public };
    let registered = Some(Registered { snapshot, commitment, envelope });
    Ok(Dataset { kind, registered, ..dataset })
}

/// What is signed of the note in `file`, and the envelope.
fn signed(
    file: &Path,
    commitment: Digest,
    key: Option<&VerifyingKey>,
) -> Result<(Registration, String), RegisterError> {
    let beside = signatures_of(file);
    let wrong = |what: &dyn std::fmt::Display| RegisterError::Parse {
        file: beside.clone(),
        what: what.to_string(),
    };
    let lines = Signatures::beside(file).map_err(|error| wrong(&error))?;
    let [line] = lines.lines() else {
        return Err(wrong(&"it must hold one signature"));
    };
    let envelope = Envelope::from_line(line).map_err(|error| wrong(&error))?;
    let said = Statement::decode(envelope.unverified()).map_err(|error| wrong(&error))?;
    let named: PublicKey = said.name.parse().map_err(|error| wrong(&error))?;
    if key.is_some_and(|key| key != named.key()) {
        return Err(RegisterError::OtherKey(beside));
    }
    envelope.verify(named.key()).map_err(|error| wrong(&error))?;
    match said.claim {
        Claim::Registration(claim) if said.subject == commitment => Ok((claim, line.clone())),
        Claim::Registration(_) => Err(wrong(&"another note was signed")),
        _ => Err(wrong(&"it registers nothing")),
    }
}

/// Holds `dataset` to its note: names and lengths of files; bytes where the time is another one, of
/// its description in any case, and of all if `digests`.
fn unchanged(dataset: &Dataset, snapshot: &Snapshot, digests: bool) -> Result<(), RegisterError> {
    let changed = |file: &Path, how| RegisterError::Changed { file: file.to_owned(), how };
    let now = files(dataset)?;
    if let Some(new) = now.iter().find(|file| !snapshot.files.iter().any(|f| f.path == **file)) {
        return Err(changed(new, "is new"));
    }
    for file in &snapshot.files {
        if !now.contains(&file.path) {
            return Err(changed(&file.path, "is gone"));
        }
        let (bytes, modified_nanos) = stat(dataset, &file.path)?;
        if bytes != file.bytes {
            return Err(changed(&file.path, "has another length"));
        }
        let now = if dataset.file.file_name() == Some(file.path.as_os_str()) {
            // As it was read: it may be another one by now.
            Digest::of(dataset.text.as_bytes()).to_string()
        } else if digests || modified_nanos != file.modified_nanos {
            digest(dataset, &file.path)?
        } else {
            continue;
        };
        if now != file.sha256 {
            return Err(changed(&file.path, "has other bytes"));
        }
    }
    Ok(())
}
