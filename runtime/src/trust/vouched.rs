//! Whether the signatures that count are all that a profile wants: the value without which no
//! module runs over patients' data.

use cloister_contract::digest::Digest;
use cloister_contract::statement::{Approval, Claim};
use ed25519_dalek::VerifyingKey;

use super::verify::{Signed, Verified};
use super::{Role, Trust};
use crate::faults::{Mechanism, off};

/// What a profile wants of a module's signatures, beside one author.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Distinct reviewers, none of them an author.
    pub reviewers: u32,
    /// How many of them are of another organisation than every author.
    pub reviewers_of_other_organisation: u32,
    /// The code of conduct under which authors and reviewers must be certified.
    pub code_of_conduct: Option<String>,
    /// Whether the site must have approved just this request.
    pub approval: bool,
}

/// What is asked, for an approval to be about.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The dataset's name.
    pub dataset: &'a str,
    /// Parameters as typed; `None` if they do not matter here.
    pub params: Option<&'a [(String, String)]>,
    /// The site's key, if it is known: an approval is the site's own, or none.
    pub site: Option<VerifyingKey>,
}

/// A module that those vouch for whom the profile wants. There is no other way to make one than
/// [`Verified::suffice`]:
///
/// ```compile_fail,E0451
/// let module = cloister_contract::digest::Digest::of(b"module");
/// let vouched = cloister::Vouched { module };
/// ```
#[derive(Clone, Debug)]
pub struct Vouched {
    module: Digest,
}

impl Vouched {
    /// The module.
    #[must_use]
    pub const fn module(&self) -> Digest {
        self.module
    }
}

/// What is missing, and who could give it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// A trusted reviewer rejects the module.
    #[error(
        "{who} rejects this module; only a trust root that revokes the statement {statement} lifts \
         that"
    )]
    Rejected {
        /// Who.
        who: String,
        /// SHA-256 of the statement.
        statement: Digest,
    },
    /// Signatures are missing.
    #[error(
        "the module has {authors} of 1 trusted author's signature and {reviewers} of {wanted} \
         trusted reviewers'; who could sign: {who}"
    )]
    Signatures {
        /// Distinct trusted authors who signed.
        authors: usize,
        /// Distinct trusted reviewers who signed.
        reviewers: usize,
        /// Reviewers that the profile wants.
        wanted: u32,
        /// Who could sign.
        who: String,
    },
    /// Who signed is not certified.
    #[error(
        "{who} signed without a certificate under `{code}`; {certifiers} could give one{aside}"
    )]
    Certificate {
        /// Who, and as what.
        who: String,
        /// The code of conduct.
        code: String,
        /// Whose certificates count.
        certifiers: String,
        /// Which certificates are there, and why they do not count.
        aside: String,
    },
    /// Too many reviewers are of an author's organisation.
    #[error(
        "{found} of {wanted} reviewers are of another organisation than the author; who could \
         sign: {who}"
    )]
    OtherOrganisation {
        /// Reviewers of other organisations who signed.
        found: usize,
        /// How many the profile wants.
        wanted: u32,
        /// Who could sign.
        who: String,
    },
    /// The site has not approved this request.
    #[error("the site has not approved this study over `{dataset}`{why}; who could: {who}")]
    Approval {
        /// The dataset.
        dataset: String,
        /// What was approved instead, if anything was.
        why: String,
        /// Who could approve it.
        who: String,
    },
}

/// Most certificates that an error tells of.
const ASIDE_MAX: usize = 3;

impl Verified {
    /// Whether there are an author and all that is `wanted`, all of them different persons.
    ///
    /// # Errors
    /// [`Missing`] with what is missing and who could give it, in one sentence.
    pub fn suffice(&self, wanted: &Wanted, asked: Option<Asked<'_>>) -> Result<Vouched, Missing> {
        if off(Mechanism::Signatures) {
            return Ok(Vouched { module: self.module });
        }
        if let Some(signed) = self.counting().find(|signed| signed.rejects()) {
            return Err(Missing::Rejected { who: named(signed), statement: signed.statement });
        }
        let of = |role| self.counting().filter(move |signed| signed.role == role);
        let (authors, reviewers) = (of(Role::Author).count(), of(Role::Reviewer).count());
        if authors == 0 || reviewers < wanted.reviewers as usize {
            let missing = [
                (Role::Author, authors == 0),
                (Role::Reviewer, reviewers < wanted.reviewers as usize),
            ];
            let missing = missing.into_iter().filter(|(_, is_missing)| *is_missing);
            let who =
                |(role, _): (Role, bool)| format!("as {} {}", role.name(), self.who(role, &[]));
            let mut who = missing.map(who).collect::<Vec<_>>().join("; ");
            let aside = self.findings.iter().filter(|finding| finding.said.is_err()).count();
            if self.findings.is_empty() {
                who += "; no signature lies beside it, in a file of its name and .intoto.jsonl";
            }
            if aside > 0 {
                who += &format!("; {aside} beside it do not count, and `cloister verify` says why");
            }
            let wanted = wanted.reviewers;
            return Err(Missing::Signatures { authors, reviewers, wanted, who });
        }
        self.certified(wanted)?;
        self.independent(wanted)?;
        if wanted.approval {
            self.approved(asked)?;
        }
        Ok(Vouched { module: self.module })
    }

    /// Everybody who signed is certified, if the profile asks for that.
    fn certified(&self, wanted: &Wanted) -> Result<(), Missing> {
        let Some(code) = &wanted.code_of_conduct else { return Ok(()) };
        let covered = |signed: &&Signed| {
            let Signed { key, organisation, role, .. } = signed;
            self.trust
                .as_ref()
                .is_some_and(|trust| trust.certificates.cover(*key, organisation, *role, code))
        };
        let signers = self.counting().filter(|signed| signed.role != Role::Site);
        let without: Vec<_> = signers.filter(|signed| !covered(signed)).collect();
        if without.is_empty() {
            return Ok(());
        }
        let words = without.iter().map(|one| format!("{} as {}", named(one), one.role.name()));
        let certifiers = self.trust.as_ref().and_then(|trust| trust.root.certifiers(code));
        let found = self.trust.iter().flat_map(|trust| trust.certificates.lines());
        let aside: Vec<_> = found.filter_map(Result::err).take(ASIDE_MAX).collect();
        let aside = match aside.is_empty() {
            true => String::new(),
            false => format!("; of those that are there, some do not count: {}", aside.join("; ")),
        };
        Err(Missing::Certificate {
            aside,
            who: words.collect::<Vec<_>>().join(", "),
            code: code.clone(),
            certifiers: match certifiers {
                Some(names) if !names.is_empty() => names.join(", "),
                _ => "nobody whom the trust root lists".to_owned(),
            },
        })
    }

    /// Enough reviewers are of another organisation than every author.
    fn independent(&self, wanted: &Wanted) -> Result<(), Missing> {
        let of = |role| self.counting().filter(move |signed| signed.role == role);
        let homes: Vec<_> = of(Role::Author).map(|author| author.organisation.as_str()).collect();
        let other = |signed: &&Signed| !homes.contains(&signed.organisation.as_str());
        let found = of(Role::Reviewer).filter(other).count();
        if found >= wanted.reviewers_of_other_organisation as usize {
            return Ok(());
        }
        let who = self.who(Role::Reviewer, &homes);
        let wanted = wanted.reviewers_of_other_organisation;
        Err(Missing::OtherOrganisation { found, wanted, who })
    }

    /// The newest approval of just what is asked, if the site has given one.
    pub(crate) fn approval(&self, asked: Asked<'_>) -> Option<&Approval> {
        let at = |one: &&Approval| one.signed_at.parse::<jiff::Timestamp>().ok();
        self.approvals(asked).max_by_key(at)
    }

    /// All approvals of just what is asked.
    pub(super) fn approvals(&self, asked: Asked<'_>) -> impl Iterator<Item = &Approval> {
        self.counting().filter_map(move |signed| match &signed.claim {
            Claim::Approval(approval) => {
                let counts = covers(approval, asked).is_ok() && self.is_own(signed, asked);
                counts.then_some(approval)
            }
            _ => None,
        })
    }

    /// Whether who `signed` an approval may approve for the site that is asked: the organisation of
    /// the site's key, as the trust root lists it. Where it does not list that key, it must list
    /// persons of one organisation alone who approve: two hospitals may have datasets of one name.
    fn is_own(&self, signed: &Signed, asked: Asked<'_>) -> bool {
        let Some(trust) = &self.trust else { return false };
        let sites: Vec<_> =
            trust.root.keys().filter(|listed| listed.roles.contains(&Role::Site)).collect();
        let own = sites.iter().find(|listed| asked.site.as_ref() == Some(listed.key.key()));
        match own {
            Some(own) => own.organisation == signed.organisation,
            None => sites.iter().all(|listed| listed.organisation == signed.organisation),
        }
    }

    /// The site approved just what is asked.
    fn approved(&self, asked: Option<Asked<'_>>) -> Result<(), Missing> {
        let mut nearest = String::new();
        for signed in self.counting() {
            let (Claim::Approval(approval), Some(asked)) = (&signed.claim, asked) else { continue };
            match covers(approval, asked) {
                Ok(()) if self.is_own(signed, asked) => return Ok(()),
                Ok(()) => nearest = format!(" ({} approved it for another site)", signed.person),
                Err(why) => nearest = format!(" ({} approved it {why})", signed.person),
            }
        }
        Err(Missing::Approval {
            dataset: asked
                .map_or_else(|| "any dataset".to_owned(), |asked| asked.dataset.to_owned()),
            why: nearest,
            who: self.who(Role::Site, &[]),
        })
    }

    /// Who may sign in `role` today, did not yet, and is not of `homes`.
    fn who(&self, role: Role, homes: &[&str]) -> String {
        let signed: Vec<_> = self.counting().map(|signed| signed.person.as_str()).collect();
        let who = self.trust.as_ref().map(|trust| trust.persons(role, &signed, homes));
        who.filter(|who| !who.is_empty()).unwrap_or_else(|| {
            "nobody else who is listed (the next version of the trust root could)".to_owned()
        })
    }
}

impl Trust {
    fn persons(&self, role: Role, signed: &[&str], homes: &[&str]) -> String {
        let mut persons: Vec<String> = Vec::new();
        for listed in self.root.keys() {
            let counts = listed.out_of_time(self.today).is_none()
                && self.root.key_revoked(listed.key, self.today).is_none();
            let may = listed.roles.contains(&role) && counts;
            let name = format!("{} ({})", listed.person, listed.organisation);
            let other = !signed.contains(&listed.person) && !homes.contains(&listed.organisation);
            if may && other && !persons.contains(&name) {
                persons.push(name);
            }
        }
        persons.join(", ")
    }
}

fn named(signed: &Signed) -> String {
    format!("{} ({})", signed.person, signed.organisation)
}

/// Whether an approval is about what is asked; else about what.
fn covers(approval: &Approval, asked: Asked<'_>) -> Result<(), String> {
    if approval.dataset != asked.dataset {
        return Err(format!("over `{}`", approval.dataset));
    }
    let Some(given) = asked.params else { return Ok(()) };
    if let Some(step) = &approval.step {
        return Err(format!("with the parameters that the step `{step}` makes"));
    }
    let Some(wanted) = &approval.params else { return Ok(()) };
    let typed = |name: &str| given.iter().rev().find(|(known, _)| known == name);
    let same = wanted.len() == given.len()
        && wanted.iter().all(|one| typed(&one.name).is_some_and(|(_, value)| *value == one.value));
    if same { Ok(()) } else { Err("with other parameters".to_owned()) }
}

#[cfg(test)]
mod tests {
    use cloister_contract::release::StudyId;
    use cloister_contract::statement::ApprovedParam;

    use super::*;

    fn approval(params: Option<&[(&str, &str)]>, step: Option<&str>) -> Approval {
        let param = |(name, value): &(&str, &str)| ApprovedParam {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        };
        let (name, version) = ("study".to_owned(), "1.0.0".to_owned());
        Approval {
            role: "site".to_owned(),
            study: StudyId { name, version, sha256: Digest::of(b"study") },
            dataset: "hospital".to_owned(),
            account: None,
            params: params.map(|params| params.iter().map(param).collect()),
            step: step.map(str::to_owned),
            purpose: "scientific-research".to_owned(),
            permit: None,
            persons: Vec::new(),
            valid_until: "2999-12-31".to_owned(),
            signed_at: "2020-01-01T00:00:00Z".to_owned(),
        }
    }

    #[test]
    fn an_approval_covers_its_parameters_and_no_others() {
        let days = |value: &str| vec![("days".to_owned(), value.to_owned())];
        let check = |approval: &Approval, given: &[(String, String)]| {
            covers(approval, Asked { dataset: "hospital", params: Some(given), site: None }).is_ok()
        };
        let any = approval(None, None);
        assert!(check(&any, &[]) && check(&any, &days("7")));
        let seven = approval(Some(&[("days", "7")]), None);
        assert!(check(&seven, &days("7")));
        assert!(!check(&seven, &days("8")) && !check(&seven, &[]));
        let more = [days("7"), vec![("arm".to_owned(), "a".to_owned())]].concat();
        assert!(!check(&seven, &more));
        // A parameter that is typed twice is neither.
        assert!(!check(&seven, &[days("8"), days("7")].concat()));
        let none = approval(Some(&[]), None);
        assert!(check(&none, &[]) && !check(&none, &days("7")));
        assert!(!check(&approval(None, Some("fit")), &[]));
        let other = Asked { dataset: "other", params: None, site: None };
        assert_eq!(covers(&any, other), Err("over `hospital`".to_owned()));
    }
}
