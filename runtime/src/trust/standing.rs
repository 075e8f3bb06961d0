//! Who stands behind what is asked, for policies: made of signatures that count, and of nothing
//! that a file merely says.

use std::collections::BTreeSet;

use super::verify::{Signed, Verified};
use super::{Asked, Role};
use crate::policy::{KnownPerson, PermitFacts, SignatureFacts};

/// Who stands behind a module, as a policy asks; nobody by default.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// The authors, by name; the first pays.
    pub(crate) authors: Vec<KnownPerson>,
    /// How many signatures count.
    pub(crate) signatures: SignatureFacts,
    /// The codes of conduct under which every author and reviewer is certified.
    pub(crate) certificates: BTreeSet<String>,
    /// The permit that an approval of it names; of several the one that lasts longest.
    pub(crate) permit: Option<PermitFacts>,
}

impl Verified {
    /// Who stands behind what is `asked`.
    #[must_use]
    pub fn standing(&self, asked: Asked<'_>) -> Standing {
        let of = |role| self.counting().filter(move |signed| signed.role == role);
        let authors = of(Role::Author).map(|signed| KnownPerson {
            person: signed.person.clone(),
            organisation: signed.organisation.clone(),
        });
        let authors: BTreeSet<KnownPerson> = authors.collect();
        let homes: Vec<_> = of(Role::Author).map(|author| author.organisation.as_str()).collect();
        let other = of(Role::Reviewer).filter(|one| !homes.contains(&one.organisation.as_str()));
        let permits = self.approvals(asked).filter_map(|approval| {
            let (number, until) = (approval.permit.clone()?, approval.valid_until.clone());
            Some(PermitFacts { number, until })
        });
        // A review that rejects stands behind nothing.
        let reviewers = of(Role::Reviewer).filter(|one| !one.rejects()).count();
        Standing {
            authors: authors.into_iter().collect(),
            signatures: SignatureFacts {
                authors: of(Role::Author).count() as u64,
                reviewers: reviewers as u64,
                other_organisations: other.filter(|one| !one.rejects()).count() as u64,
                approval: self.approval(asked).is_some(),
            },
            certificates: self.certificates_of_all(),
            // Days are written so that the later one is the greater text.
            permit: permits.max_by(|a, b| a.until.cmp(&b.until)),
        }
    }

    /// The codes of conduct of the trust root under which everybody who signed is certified.
    fn certificates_of_all(&self) -> BTreeSet<String> {
        let signers: Vec<&Signed> =
            self.counting().filter(|signed| signed.role != Role::Site).collect();
        let Some(trust) = self.trust.as_ref().filter(|_| !signers.is_empty()) else {
            return BTreeSet::new();
        };
        let covered = |code: &&str| {
            signers.iter().all(|Signed { key, organisation, role, .. }| {
                trust.certificates.cover(*key, organisation, *role, code)
            })
        };
        trust.root.codes_of_conduct().filter(covered).map(str::to_owned).collect()
    }
}
