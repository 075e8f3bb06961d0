//! Who stands behind a module: the keys a site knows, and the signatures beside the module.
//!
//! A signature counts if a listed key made it over these very bytes, in a role that the key's
//! person has. Persons and keys are counted, never key ids. *Invariant `distinct`*: no person and
//! no key counts twice, in whatever roles.

mod claims;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use cloister_contract::digest::Digest;
use cloister_contract::envelope::{Envelope, key_id};
use cloister_contract::release::StudyId;
use cloister_contract::statement::{Claim, ModuleClaim, Statement};
use ed25519_dalek::VerifyingKey;
use serde::Deserialize;

use crate::admit::Module;
use crate::faults::{Mechanism, off};
use crate::keys::{self, Signer};

pub use claims::Claimed;

/// A role in which a person signs a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Wrote it.
    Author,
    /// Reviewed it.
    Reviewer,
}

impl Role {
    /// The role's name, as statements have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Author => "author",
            Self::Reviewer => "reviewer",
        }
    }
}

/// The keys that a site knows, from its `trust.toml`.
#[derive(Clone, Debug)]
pub struct Trust {
    keys: Vec<TrustedKey>,
}

#[derive(Clone, Debug)]
struct TrustedKey {
    key: VerifyingKey,
    person: String,
    organisation: String,
    roles: Vec<Role>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    key: Vec<FileKey>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileKey {
    person: String,
    organisation: String,
    roles: Vec<Role>,
    public: PathBuf,
}

/// The trusted keys or the signatures cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The file cannot be read or written.
    #[error("`{}`: {source}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not a list of keys.
    #[error("`{}` is not a list of trusted keys: {what}", file.display())]
    Parse {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A listed key cannot be read.
    #[error(transparent)]
    Key(#[from] keys::KeyError),
    /// One key is listed twice.
    #[error(
        "`{}` lists one key twice, for `{person}`; each person has keys of their own",
        file.display()
    )]
    Twice {
        /// The file.
        file: PathBuf,
        /// The second person.
        person: String,
    },
    /// The key has signed this module in this role before.
    #[error("this key has signed this module as {0} already")]
    Signed(&'static str),
    /// A statement cannot be written.
    #[error("the statement cannot be written: {0}")]
    Statement(String),
}

/// Signatures are missing: what, and who could give them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the module has {authors} of 1 trusted author's signature and {reviewers} of {wanted} trusted \
     reviewers'; who could sign: {who}"
)]
pub struct Missing {
    /// Distinct trusted authors who signed.
    pub authors: usize,
    /// Distinct trusted reviewers who signed.
    pub reviewers: usize,
    /// Reviewers that the profile wants.
    pub wanted: u32,
    /// Who could sign.
    pub who: String,
}

impl Trust {
    /// Reads `file`, a `trust.toml`; paths in it are relative to its folder.
    ///
    /// # Errors
    /// [`TrustError`] if it or a listed key cannot be read.
    pub fn open(file: &Path) -> Result<Self, TrustError> {
        let text = std::fs::read_to_string(file)
            .map_err(|source| TrustError::File { file: file.to_owned(), source })?;
        let found: File = toml::from_str(&text).map_err(|error| TrustError::Parse {
            file: file.to_owned(),
            what: error.to_string().trim().to_owned(),
        })?;
        let folder = file.parent().unwrap_or_else(|| Path::new("."));
        let mut keys: Vec<TrustedKey> = Vec::new();
        for entry in found.key {
            let FileKey { person, organisation, roles, public } = entry;
            let key = keys::public(&folder.join(public))?;
            if keys.iter().any(|other| other.key == key) {
                return Err(TrustError::Twice { file: file.to_owned(), person });
            }
            keys.push(TrustedKey { key, person, organisation, roles });
        }
        Ok(Self { keys })
    }

    /// The persons who may sign in `role` and are not among those who `signed`.
    fn persons(&self, role: Role, signed: &[&str]) -> String {
        let may = self.keys.iter().filter(|key| key.roles.contains(&role));
        let others = may.filter(|key| !signed.contains(&key.person.as_str()));
        let mut persons: Vec<_> =
            others.map(|key| format!("{} ({})", key.person, key.organisation)).collect();
        persons.dedup();
        if persons.is_empty() { "nobody else who is listed".to_owned() } else { persons.join(", ") }
    }
}

/// The envelopes beside a module, not verified yet.
#[derive(Clone, Debug)]
pub struct Signatures {
    lines: Vec<String>,
}

/// One envelope and what it is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Who signed in which role and when, or why the envelope does not count.
    pub said: Result<Signed, String>,
}

/// A signature that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The person.
    pub person: String,
    /// The person's organisation.
    pub organisation: String,
    /// The role.
    pub role: Role,
    /// When, as the signer says.
    pub signed_at: String,
}

/// The signatures of a module, verified.
#[derive(Clone, Debug)]
pub struct Verified {
    findings: Vec<Finding>,
    who: String,
}

/// Most bytes of a file of signatures that are read: some hundred envelopes.
const SIGNATURES_BYTES_MAX: u64 = 256 * 1024;

/// The text of `file`, if it is no longer than `bytes_max`.
pub(crate) fn read_bounded(file: &Path, bytes_max: u64) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(file)?.take(bytes_max + 1).read_to_string(&mut text)?;
    if text.len() as u64 > bytes_max {
        return Err(std::io::Error::other(format!("it is over {bytes_max} bytes")));
    }
    Ok(text)
}

/// The file of signatures beside `module`.
#[must_use]
pub fn signatures_of(module: &Path) -> PathBuf {
    let mut name = module.as_os_str().to_owned();
    name.push(".intoto.jsonl");
    name.into()
}

impl Signatures {
    /// Reads the signatures beside `module`; none if there is no such file.
    ///
    /// # Errors
    /// [`TrustError`] if the file is there and cannot be read.
    pub fn beside(module: &Path) -> Result<Self, TrustError> {
        let file = signatures_of(module);
        match read_bounded(&file, SIGNATURES_BYTES_MAX) {
            Ok(text) => Ok(Self { lines: text.lines().map(str::to_owned).collect() }),
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
                Ok(Self { lines: Vec::new() })
            }
            Err(source) => Err(TrustError::File { file, source }),
        }
    }

    /// Verifies every envelope against the keys in `trust` and the bytes of `module`.
    ///
    /// # Errors
    /// None today; a trust root will have some.
    pub fn verify(&self, module: &Module, trust: Option<&Trust>) -> Result<Verified, TrustError> {
        let none = Trust { keys: Vec::new() };
        let trust = trust.unwrap_or(&none);
        let mut findings: Vec<Finding> = Vec::new();
        for line in self.lines.iter().filter(|line| !line.trim().is_empty()) {
            let said = signed(line, module, trust).and_then(|signed| {
                let name = |person: &str| person.trim().to_lowercase();
                let same = |other: &Finding| {
                    let other = other.said.as_ref();
                    other.is_ok_and(|other| name(&other.person) == name(&signed.person))
                };
                let repeated =
                    format!("{} has signed already; each person counts once", signed.person);
                if findings.iter().any(same) && !off(Mechanism::Distinct) {
                    Err(repeated)
                } else {
                    Ok(signed)
                }
            });
            findings.push(Finding { said });
        }
        let signed = findings.iter().filter_map(|finding| finding.said.as_ref().ok());
        let signed: Vec<&str> = signed.map(|signed| signed.person.as_str()).collect();
        let who = format!(
            "as author {}; as reviewer {}",
            trust.persons(Role::Author, &signed),
            trust.persons(Role::Reviewer, &signed)
        );
        Ok(Verified { findings, who })
    }
}

fn signed(line: &str, module: &Module, trust: &Trust) -> Result<Signed, String> {
    let envelope = Envelope::from_line(line).map_err(|error| error.to_string())?;
    let by = |key: &&TrustedKey| envelope.verify(&key.key).is_ok();
    let key = trust.keys.iter().find(by).ok_or_else(|| {
        // The key id decides nothing; it only tells which words help.
        let claimed =
            trust.keys.iter().find(|key| key_id(&key.key).to_string() == envelope.key_id());
        claimed.map_or_else(
            || "it is signed by no key in the trust file".to_owned(),
            |key| format!("it says to be by {}, and the signature does not hold", key.person),
        )
    })?;
    let payload = envelope.verify(&key.key).map_err(|error| error.to_string())?;
    let statement = Statement::decode(payload).map_err(|error| error.to_string())?;
    if statement.subject != module.digest && !off(Mechanism::SignedBytes) {
        return Err(format!("{} signed another module", key.person));
    }
    let (role, claim) = match statement.claim {
        Claim::Authorship(claim) => (Role::Author, claim),
        Claim::Review(claim) => (Role::Reviewer, claim),
        Claim::Release(_) => return Err("it is about a release".to_owned()),
    };
    if claim.study != study_id(module) {
        return Err(format!("{} signed it as another study", key.person));
    }
    if !key.roles.contains(&role) {
        return Err(format!("{} may not sign as {}", key.person, role.name()));
    }
    Ok(Signed {
        person: key.person.clone(),
        organisation: key.organisation.clone(),
        role,
        signed_at: claim.signed_at,
    })
}

impl Verified {
    /// Every envelope in the file's order.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether there are an author and `reviewers` reviewers, all of them different persons.
    ///
    /// # Errors
    /// [`Missing`] with what is missing and who could give it.
    pub fn suffice(&self, reviewers: u32) -> Result<(), Missing> {
        let count = |role| {
            let signed = self.findings.iter().filter_map(|finding| finding.said.as_ref().ok());
            signed.filter(|signed| signed.role == role).count()
        };
        let (authors, found) = (count(Role::Author), count(Role::Reviewer));
        if authors >= 1 && found >= reviewers as usize {
            return Ok(());
        }
        Err(Missing { authors, reviewers: found, wanted: reviewers, who: self.who.clone() })
    }
}

fn study_id(module: &Module) -> StudyId {
    StudyId {
        name: module.study.name.clone(),
        version: module.study.version.clone(),
        sha256: module.study_digest,
    }
}

/// Signs `module`, read from `file`, with `key` and adds the envelope beside it.
///
/// # Errors
/// [`TrustError`] if the key has signed in this role already or does not sign now, or the file
/// cannot be written.
pub fn sign(
    file: &Path,
    module: &Module,
    key: &Signer,
    role: Role,
    signed_at: String,
) -> Result<PathBuf, TrustError> {
    let beside = signatures_of(file);
    let mut lines = Signatures::beside(file)?.lines;
    if lines.iter().any(|line| has_signed(line, key, module.digest, role)) {
        return Err(TrustError::Signed(role.name()));
    }
    let claim = ModuleClaim { role: role.name().to_owned(), study: study_id(module), signed_at };
    let statement = Statement {
        name: file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        subject: module.digest,
        claim: match role {
            Role::Author => Claim::Authorship(claim),
            Role::Reviewer => Claim::Review(claim),
        },
    };
    let failed = |what: String| TrustError::Statement(what);
    let payload = statement.encode().map_err(|error| failed(error.to_string()))?;
    let envelope = key.envelope(payload)?.to_line();
    lines.push(envelope.map_err(|error| failed(error.to_string()))?);
    let written = crate::publish::replace(&beside, (lines.join("\n") + "\n").as_bytes());
    written.map_err(|source| TrustError::File { file: beside.clone(), source })?;
    Ok(beside)
}

fn has_signed(line: &str, key: &Signer, module: Digest, role: Role) -> bool {
    let statement = Envelope::from_line(line).ok().and_then(|envelope| {
        let payload = envelope.verify(&key.public()).ok()?;
        Statement::decode(payload).ok()
    });
    statement.is_some_and(|statement| {
        let same = match statement.claim {
            Claim::Authorship(_) => role == Role::Author,
            Claim::Review(_) => role == Role::Reviewer,
            Claim::Release(_) => false,
        };
        same && statement.subject == module
    })
}

/// The id by which `key` is named to people.
#[must_use]
pub fn name_of(key: &VerifyingKey) -> Digest {
    key_id(key)
}
