//! Who stands behind a module: the persons and keys that a site trusts, and what they signed.
//!
//! A signature counts if a key of the trust root made it over these very bytes, in a role that the
//! key's person has, while key, statement and trust root are valid and not revoked. Persons and
//! keys are counted, never key ids. *Invariant `distinct`*: no person and no key counts twice.

mod certificates;
mod claims;
mod day;
mod draft;
mod error;
mod pin;
mod root;
mod root_signatures;
mod sign;
mod signatures;
mod standing;
mod verify;
mod vouched;

use serde::Deserialize;

use crate::dossier::TrustFiles;

pub use certificates::certificates_of;
pub use claims::Claimed;
pub use draft::{NewPerson, add_person, new_root};
pub use error::TrustError;
pub use pin::{adopt, fingerprint, update};
pub use root_signatures::{RootSigned, sign_root};
pub use sign::{ApprovalTerms, CertificateTerms, ReviewAnswers, Said, approve, certify, sign};
pub use signatures::{Signatures, signatures_of};
pub use standing::Standing;
pub use verify::{Finding, Signed, Verified, name_of};
pub(crate) use verify::{counted_then, organisation_of};
pub use vouched::{Asked, Missing, Vouched, Wanted};

/// A role in which a person signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Wrote a module.
    Author,
    /// Reviewed it.
    Reviewer,
    /// Certifies persons and organisations.
    Certifier,
    /// Approves studies over a site's data.
    Site,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Author, Self::Reviewer, Self::Certifier, Self::Site];

    /// The role's name, as statements have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Author => "author",
            Self::Reviewer => "reviewer",
            Self::Certifier => "certifier",
            Self::Site => "site",
        }
    }

    /// The role called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// Whom a site trusts on the day of a run, from its adopted `trust.toml`. There is no other way to
/// make one than [`Trust::open`].
#[derive(Clone, Debug)]
pub struct Trust {
    root: root::Root,
    today: day::Day,
    certificates: certificates::Certificates,
    files: TrustFiles,
}

impl Trust {
    /// Its files, as they were read.
    pub(crate) const fn files(&self) -> &TrustFiles {
        &self.files
    }

    /// The list's last day, if it is one of the next thirty: time to ask for the next version.
    #[must_use]
    pub fn ends_soon(&self) -> Option<String> {
        let expires = self.root.expires;
        (expires < self.today.in_thirty_days()).then(|| expires.to_string())
    }

    /// The certificates beside it in the file's order: for each a line for people, or why it does
    /// not count.
    pub fn certificates(&self) -> impl Iterator<Item = Result<&str, &str>> {
        self.certificates.lines()
    }

    /// The trust root in lines for people: who is listed in which roles, and who is certified.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let root = &self.root;
        let (keys, threshold) = (root.root.keys.len(), root.root.threshold);
        let mut lines = vec![format!(
            "version {}, {} to {}; {threshold} of {keys} root keys change it",
            root.version, root.issued, root.expires
        )];
        for listed in root.keys() {
            let roles: Vec<_> = listed.roles.iter().map(|role| role.name()).collect();
            let revoked = root.key_revoked(listed.key, self.today);
            let revoked = revoked.map(|why| format!("revoked: {why}"));
            let state = revoked.or_else(|| listed.out_of_time(self.today));
            lines.push(format!(
                "  {:<10} {}, {} ({}){}",
                roles.join(", "),
                listed.person,
                listed.organisation,
                listed.id(),
                state.map_or_else(String::new, |state| format!(": {state}"))
            ));
        }
        lines.extend(self.certificates.lines().map(|line| match line {
            Ok(words) => format!("  certified  {words}"),
            Err(why) => format!("  counts not a certificate: {why}"),
        }));
        lines
    }
}
