//! One entry of the ledger, and the chain that binds it to all before it.
//!
//! An entry's hash covers the hash before it and every column, each with its length, under a name
//! of its own: nothing can be changed, left out or moved without all hashes after it changing too.
//! The last hash lies a second time in the checkpoint, under the site's signature.

use cloister_contract::digest::Digest;
use serde::{Deserialize, Serialize};

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryKind {
    /// A job was admitted and paid for.
    Charge,
    /// What it releases is stored.
    Release,
}

impl EntryKind {
    /// Its name in the ledger.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Release => "release",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Charge, Self::Release].into_iter().find(|kind| kind.name() == name)
    }
}

/// Three numbers that a study's account counts: asked for, spent or allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amounts {
    /// Exact numbers, over the study's life.
    pub scalars: u64,
    /// Bits, over the study's life.
    pub bits: u64,
    /// Jobs, in one epoch.
    pub jobs: u64,
}

/// Which account: a study over the persons of a population.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Account {
    /// The persons, by the name that all datasets over them share.
    pub population: String,
    /// The study; `account.rs` says what names it.
    pub study: String,
}

/// An entry of the ledger. It holds nothing that depends on a row but the digest of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// 1, 2, 3, …
    pub number: u64,
    /// When, in seconds since 1970 (UTC).
    pub at: i64,
    /// What it says.
    pub kind: EntryKind,
    /// The job's key.
    pub job: Digest,
    /// Whose account it is.
    #[serde(flatten)]
    pub account: Account,
    /// The dataset's name.
    pub dataset: String,
    /// The dataset's epoch.
    pub epoch: String,
    /// The profile's name.
    pub profile: String,
    /// The module.
    pub module: Digest,
    /// What is charged: nothing for a release.
    pub charged: Amounts,
    /// What the account has spent, with this.
    pub spent: Amounts,
    /// What it was allowed to spend.
    pub allowed: Amounts,
    /// ρ of differential privacy that is charged, in millionths: 0 in the tier `reviewed`.
    pub rho: u64,
    /// The digest of what is released; none for a charge.
    pub release: Option<Digest>,
    /// The hash of the entry before, and of all the above.
    pub hash: Digest,
}

/// The hash before the first entry.
pub(super) fn genesis() -> Digest {
    Digest::of(b"cloister.ledger/1\n")
}

impl Entry {
    /// Its hash, if the one before is `before`.
    pub(super) fn hashed(&self, before: Digest) -> Digest {
        let mut bytes = b"cloister.ledger-entry/1\n".to_vec();
        let mut add = |text: &str| {
            bytes.extend((text.len() as u64).to_le_bytes());
            bytes.extend(text.as_bytes());
        };
        add(&before.to_string());
        for number in [self.number.to_string(), self.at.to_string(), self.rho.to_string()] {
            add(&number);
        }
        let Account { population, study } = &self.account;
        for text in [population, study, &self.dataset, &self.epoch, &self.profile] {
            add(text);
        }
        add(self.kind.name());
        add(&self.job.to_string());
        add(&self.module.to_string());
        for Amounts { scalars, bits, jobs } in [self.charged, self.spent, self.allowed] {
            for number in [scalars, bits, jobs] {
                add(&number.to_string());
            }
        }
        add(&self.release.map(|release| release.to_string()).unwrap_or_default());
        Digest::of(&bytes)
    }
}
