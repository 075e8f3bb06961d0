//! The files of an evidence pack: a few are kept by the site, and all others follow from these.
//!
//! ```text
//! release, receipt, dossier, module, proofs, charge --held to each other--> all files
//! ```
//!
//! So a pack is verified by making it again from what is in it, with the site's public key alone.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use cloister_contract::digest::Digest;
use cloister_contract::envelope::{Envelope, key_id};
use cloister_contract::public_key::PublicKey;
use cloister_contract::release::ReleaseDocument;
use cloister_contract::statement::{Claim, Receipt, Statement};
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};

use super::page::page;
use super::{Case, EvidenceError};
use crate::admit::Module;
use crate::audit::{AuditEntry, AuditEvent, AuditProof};
use crate::dossier::{Dossier, PolicyFile, is_schema};
use crate::inspection::checklist;
use crate::ledger::{Amounts, Entry};
use crate::receipt::check_seal;
use crate::trust::{Signed, counted_then, fingerprint};
use crate::views;

const RELEASE: &str = "release.json";
const RECEIPT: &str = "release.json.intoto.jsonl";
const DOSSIER: &str = "dossier.json";
const MODULE: &str = "module.wasm";
const PROOF: &str = "audit-proof.json";
const CHARGE: &str = "charge.json";

/// Most bytes of a file that is read: more than any of them has.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// What the ledger says that the job cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Charge {
    /// Whose account paid.
    pub(super) account: String,
    /// What the job cost.
    pub(super) charged: Amounts,
    /// What the account had spent with it.
    pub(super) spent: Amounts,
    /// What it was allowed to spend.
    pub(super) allowed: Amounts,
}

/// What the site keeps of a release, as it lies in a pack.
pub(super) struct Pack {
    pub(super) release: Vec<u8>,
    /// The envelope's line.
    pub(super) receipt: Vec<u8>,
    pub(super) dossier: Vec<u8>,
    pub(super) module: Vec<u8>,
    pub(super) proof: Vec<u8>,
    pub(super) charge: Vec<u8>,
}

/// What an evidence pack shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceShown {
    /// How many files it has.
    pub files: usize,
    /// How many entries of the audit log are proved.
    pub entries: usize,
    /// SHA-256 of the trust root's file, to compare over another channel.
    pub trust: Option<Digest>,
    /// What of it is not as it should be, a line each; none if all is.
    pub wrong: Vec<String>,
}

impl Charge {
    /// What `entry` of the ledger says.
    pub(super) fn of(entry: &Entry) -> Self {
        let Entry { charged, spent, allowed, .. } = *entry;
        Self { account: entry.account.study.clone(), charged, spent, allowed }
    }
}

impl Pack {
    /// The pack in `folder`.
    fn read(folder: &Path) -> Result<Self, EvidenceError> {
        let file = |name: &str| read(&folder.join(name));
        Ok(Self {
            release: file(RELEASE)?,
            receipt: file(RECEIPT)?,
            dossier: file(DOSSIER)?,
            module: file(MODULE)?,
            proof: file(PROOF)?,
            charge: file(CHARGE)?,
        })
    }

    /// Holds all of it to each other and to the site's `key`, and gives every file by its name;
    /// also how many entries are proved.
    pub(super) fn files(
        self,
        key: &VerifyingKey,
    ) -> Result<(BTreeMap<String, Vec<u8>>, usize), EvidenceError> {
        let line = String::from_utf8_lossy(&self.receipt);
        let receipt = &check_seal(&self.release, &line, key)?;
        let document = &ReleaseDocument::decode(&self.release)
            .map_err(|error| EvidenceError::Form(RELEASE, error.to_string()))?;
        let dossier: &Dossier = &self.dossier(receipt.dossier)?;
        if let Some(what) = differs(receipt, dossier, key) {
            return Err(EvidenceError::Apart(what));
        }
        if Digest::of(&self.module) != receipt.module {
            return Err(EvidenceError::Other(MODULE));
        }
        let module = &Module::of(self.module.clone())?;
        let proof = AuditProof::read(&String::from_utf8_lossy(&self.proof))?;
        let entries = &proof.verify(key, None)?.entries;
        let envelope = Envelope::from_line(line.trim())
            .map_err(|error| EvidenceError::Form(RECEIPT, error.to_string()))?;
        // No signature covers the key's id: a pack has the true one, in our own way of writing.
        if envelope.key_id() != key_id(key).to_string() {
            return Err(EvidenceError::Other(RECEIPT));
        }
        let statement = Some(Digest::of(envelope.unverified()));
        let mut named = entries.iter().filter(|entry| entry.receipt() == statement);
        let asked = named.next().ok_or(EvidenceError::NotInTheLog)?;
        let release = Digest::of(&self.release);
        let is_about = |entry: &AuditEntry| {
            let same = entry.subject.module == Some(receipt.module)
                && entry.subject.dataset == receipt.dataset.name
                && entry.subject.profile == receipt.profile.name;
            same && (entry.release() == Some(release) || entry.event == AuditEvent::Admitted)
        };
        if let Some(other) = entries.iter().find(|entry| !is_about(entry)) {
            return Err(EvidenceError::OtherEntry(other.number));
        }
        let charge: &Charge = &serde_json::from_slice(&self.charge)
            .map_err(|error| EvidenceError::Form(CHARGE, error.to_string()))?;
        let signed = &signed(dossier, module, asked)?;
        let checklist = &checklist()?;
        let index = page(&Case {
            key: PublicKey::from(*key),
            receipt,
            document,
            module,
            dossier,
            charge,
            entries,
            asked,
            signed,
            checklist,
        });
        let mut files = of_dossier(dossier)?;
        let mut add = |name: &str, bytes: Vec<u8>| files.insert(name.to_owned(), bytes);
        add("index.html", index.html().into_bytes());
        add("cells.csv", views::csv(document)?);
        add("study.toml", module.checked.study().as_bytes().to_vec());
        add("site.pub", format!("{}\n", PublicKey::from(*key)).into_bytes());
        let entries = entries.len();
        let line = envelope.to_line();
        let line = line.map_err(|error| EvidenceError::Form(RECEIPT, error.to_string()))?;
        add(RECEIPT, format!("{line}\n").into_bytes());
        add(RELEASE, self.release);
        add(DOSSIER, self.dossier);
        add(MODULE, self.module);
        add(PROOF, json(&proof)?);
        add(CHARGE, json(charge)?);
        Ok((files, entries))
    }

    /// The dossier, if it is the one with this `digest`.
    fn dossier(&self, digest: Digest) -> Result<Dossier, EvidenceError> {
        if Digest::of(&self.dossier) != digest {
            return Err(EvidenceError::Other(DOSSIER));
        }
        serde_json::from_slice(&self.dossier)
            .map_err(|error| EvidenceError::Form(DOSSIER, error.to_string()))
    }
}

/// Verifies the evidence pack in `folder` by the site's public `key`: release, receipt, dossier,
/// module and proofs hold, and every other file is what follows from them.
///
/// # Errors
/// [`EvidenceError`] with the first of them that does not hold, or is not there.
pub fn verify_evidence(folder: &Path, key: &VerifyingKey) -> Result<EvidenceShown, EvidenceError> {
    let found = names(folder)?;
    let pack = Pack::read(folder)?;
    let (files, entries) = pack.files(key)?;
    let mut wrong = Vec::new();
    for (name, bytes) in &files {
        if !found.contains(name) {
            wrong.push(format!("`{name}` is missing"));
        } else if read(&folder.join(name))? != *bytes {
            let version = env!("CARGO_PKG_VERSION");
            wrong.push(match name.as_str() {
                "site.pub" => "`site.pub` is another key than the one it was held to".to_owned(),
                "index.html" => format!(
                    "`index.html` is not the page that this version ({version}) makes of the other \
                     files: another version wrote it, as its last lines say, or somebody"
                ),
                _ => format!("`{name}` is not what the signed files say"),
            });
        }
    }
    // The page's own steps adopt the trust root, which writes a pin beside it.
    let adopted = || fingerprint(&folder.join("trust.toml")).is_ok_and(|(_, adopted)| adopted);
    let known = |name: &str| files.contains_key(name) || name == "trust.pinned.toml" && adopted();
    let strange = found.iter().filter(|name| !known(name));
    wrong.extend(strange.map(|name| format!("`{name}` is no file of a pack: nobody signed it")));
    let trust = files.get("trust.toml").map(|bytes| Digest::of(bytes));
    Ok(EvidenceShown { files: files.len(), entries, trust, wrong })
}

/// What the site of `key` says in its receipt and otherwise in its dossier, if anything.
fn differs(receipt: &Receipt, dossier: &Dossier, key: &VerifyingKey) -> Option<&'static str> {
    let policies: Vec<_> = dossier.policies.iter().map(PolicyFile::id).collect();
    let registered = dossier.registration.as_deref().map(|line| commitment(line, key));
    let committed = receipt.snapshot.as_ref().map(|snapshot| Some(snapshot.commitment));
    let same = [
        (receipt.module == dossier.module, "module"),
        (receipt.profile.sha256 == Digest::of(dossier.profile.as_bytes()), "profile"),
        (receipt.tier == dossier.tier, "tier"),
        (receipt.policies == policies, "policies"),
        (committed == registered, "registration"),
    ];
    same.into_iter().find(|(same, _)| !same).map(|(_, what)| what)
}

/// What the registration in `line` commits to, if `key` signed it.
fn commitment(line: &str, key: &VerifyingKey) -> Option<Digest> {
    let envelope = Envelope::from_line(line.trim()).ok()?;
    let said = Statement::decode(envelope.verify(key).ok()?).ok()?;
    matches!(said.claim, Claim::Registration(_)).then_some(said.subject)
}

/// The names of all that lies in `folder`, in order.
fn names(folder: &Path) -> Result<Vec<String>, EvidenceError> {
    let failed = |source| EvidenceError::Read { file: folder.to_owned(), source };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        names.push(entry.map_err(failed)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn read(file: &Path) -> Result<Vec<u8>, EvidenceError> {
    let failed = |source| EvidenceError::Read { file: PathBuf::from(file), source };
    let mut bytes = Vec::new();
    // A pipe in its place would be waited for.
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(failed(std::io::Error::other("it is no file")));
    }
    let opened = File::open(file).map_err(failed)?;
    opened.take(FILE_BYTES_MAX).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// The signatures of `dossier` over `module` that counted when it was `asked`, as the log has it.
fn signed(
    dossier: &Dossier,
    module: &Module,
    asked: &AuditEntry,
) -> Result<Vec<Signed>, EvidenceError> {
    let Some(trust) = &dossier.trust else { return Ok(Vec::new()) };
    let counted = counted_then(&dossier.statements, module, (&trust.root, &asked.at));
    let mut signed = counted.map_err(EvidenceError::Trust)?;
    signed.retain(|signed| asked.subject.signed_by.contains(&signed.who()));
    Ok(signed)
}

/// A file of JSON.
pub(super) fn json(what: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    Ok((serde_json::to_string_pretty(what)? + "\n").into_bytes())
}

/// The files of a dossier, by name.
fn of_dossier(dossier: &Dossier) -> Result<BTreeMap<String, Vec<u8>>, serde_json::Error> {
    let lines = |lines: &[String]| {
        lines.iter().flat_map(|line| format!("{}\n", line.trim()).into_bytes()).collect::<Vec<u8>>()
    };
    let mut files = BTreeMap::new();
    let mut add = |name: &str, bytes: Vec<u8>| files.insert(name.to_owned(), bytes);
    add("module.wasm.intoto.jsonl", lines(&dossier.statements));
    add("profile.toml", dossier.profile.clone().into_bytes());
    if let Some(trust) = &dossier.trust {
        add("trust.toml", trust.root.clone().into_bytes());
        add("trust.toml.intoto.jsonl", lines(&trust.signatures));
        add("certificates.intoto.jsonl", lines(&trust.certificates));
    }
    if let Some(registration) = &dossier.registration {
        add("registration.intoto.jsonl", lines(std::slice::from_ref(registration)));
    }
    for policy in &dossier.policies {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "-.".contains(c) { c } else { '_' };
        let name: String = policy.name.chars().map(plain).collect();
        // The schema is one of them, and has an ending of its own.
        let end = if is_schema(&policy.name) { "" } else { ".cedar" };
        add(&format!("policy-{name}{end}"), policy.text.clone().into_bytes());
    }
    if let Some(decision) = &dossier.decision {
        add("decision.json", json(decision)?);
    }
    Ok(files)
}
