//! What each envelope beside a module is worth: signed by a listed key over these very bytes, in a
//! role that the key's person has, valid and not revoked on the day of the run.

use cloister_contract::digest::Digest;
use cloister_contract::envelope::{Envelope, key_id};
use cloister_contract::release::StudyId;
use cloister_contract::statement::{Approval, Claim, Review, Statement, Verdict};
use ed25519_dalek::VerifyingKey;

use super::day::{Day, day_signed};
use super::root::{Listed, Root};
use super::{Role, Signatures, Trust};
use crate::admit::Module;
use crate::faults::{Mechanism, off};

/// One envelope and what it is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Who signed what, or why the envelope does not count.
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
    /// SHA-256 of the statement, by which a trust root can revoke it.
    pub statement: Digest,
    /// What is said.
    pub claim: Claim,
    /// The id of the key.
    pub key: Digest,
}

impl Signed {
    /// `person of organisation (role)`.
    pub(crate) fn who(&self) -> String {
        format!("{} of {} ({})", self.person, self.organisation, self.role.name())
    }

    /// Whether it is a review that rejects.
    #[must_use]
    pub fn rejects(&self) -> bool {
        matches!(&self.claim, Claim::Review(Review { verdict: Verdict::Reject, .. }))
    }
}

/// The signatures of a module, verified.
#[derive(Clone, Debug)]
pub struct Verified {
    pub(super) findings: Vec<Finding>,
    pub(super) lines: Vec<String>,
    pub(super) module: Digest,
    pub(super) trust: Option<Trust>,
}

impl Verified {
    /// Every envelope in the file's order.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The envelopes, a line each.
    pub(crate) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The signatures that count.
    pub(super) fn counting(&self) -> impl Iterator<Item = &Signed> {
        self.findings.iter().filter_map(|finding| finding.said.as_ref().ok())
    }
}

impl Signatures {
    /// Verifies every envelope against the trust root and the bytes of `module`.
    #[must_use]
    pub fn verify(&self, module: &Module, trust: Option<&Trust>) -> Verified {
        let says = |line: &String| match trust {
            Some(trust) => signed(line, module, &trust.root, trust.today),
            None => Err("there is no trust root to check it with".to_owned()),
        };
        let mut findings: Vec<_> =
            self.lines.iter().map(|line| Finding { said: says(line) }).collect();
        if !off(Mechanism::Distinct) {
            count_persons_once(&mut findings);
        }
        let lines = self.lines.clone();
        Verified { findings, lines, module: module.digest, trust: trust.cloned() }
    }
}

/// *Invariant `distinct`*: a person counts once, by the newest signature, and who wrote a module
/// does not review it, whichever envelope comes first. A rejection is heard in any case.
fn count_persons_once(findings: &mut [Finding]) {
    let by = |role: Role| {
        let signed = findings.iter().filter_map(|finding| finding.said.as_ref().ok());
        let persons = signed.filter(|signed| signed.role == role);
        persons.map(|signed| signed.person.clone()).collect::<Vec<_>>()
    };
    let authors = by(Role::Author);
    let mut counted: Vec<(Role, String)> = Vec::new();
    // Each was an instant in UTC when it was checked; what lies in one second stays in its order.
    let instant = |finding: &&mut Finding| {
        let signed = finding.said.as_ref().ok();
        signed.and_then(|signed| signed.signed_at.parse::<jiff::Timestamp>().ok())
    };
    let mut newest: Vec<&mut Finding> = findings.iter_mut().collect();
    newest.sort_by_key(|finding| std::cmp::Reverse(instant(finding)));
    for finding in newest {
        let Ok(signed) = &finding.said else { continue };
        if signed.role == Role::Site || signed.rejects() {
            continue;
        }
        let person = signed.person.clone();
        let this = (signed.role, person.clone());
        if signed.role == Role::Reviewer && authors.contains(&person) {
            finding.said = Err(format!("{person} is an author, and nobody reviews their own work"));
        } else if counted.contains(&this) {
            let day = &signed.signed_at;
            finding.said = Err(format!(
                "{person} has signed already; each person counts once, by the newest signature, \
                 and this one is of {day}"
            ));
        } else {
            counted.push(this);
        }
    }
}

/// The signatures in `lines` that counted for `module` at an instant, RFC 3339 in UTC, by the trust
/// root in `root`. For who reads of it later: that the root had been adopted is not looked at.
///
/// # Errors
/// Why the trust root or the instant cannot be read.
pub(crate) fn counted_then(
    lines: &[String],
    module: &Module,
    (root, at): (&str, &str),
) -> Result<Vec<Signed>, String> {
    let root = Root::parse(root.as_bytes())?;
    let day = Day::of(at.parse().map_err(|error: jiff::Error| error.to_string())?);
    let says = |line: &String| Finding { said: signed(line, module, &root, day) };
    let mut findings: Vec<_> = lines.iter().map(says).collect();
    count_persons_once(&mut findings);
    Ok(findings.into_iter().filter_map(|finding| finding.said.ok()).collect())
}

/// The organisation of whom the trust root in `root` lists with `key`.
pub(crate) fn organisation_of(root: &str, key: &VerifyingKey) -> Option<String> {
    let root = Root::parse(root.as_bytes()).ok()?;
    let listed = root.keys().find(|listed| listed.key.key() == key)?;
    Some(listed.organisation.to_owned())
}

fn signed(line: &str, module: &Module, root: &Root, today: Day) -> Result<Signed, String> {
    let envelope = Envelope::from_line(line).map_err(|error| error.to_string())?;
    let listed = root.keys().find(|listed| envelope.verify(listed.key.key()).is_ok());
    let listed = listed.ok_or_else(|| by_nobody(root, &envelope))?;
    let payload = envelope.verify(listed.key.key()).map_err(|error| error.to_string())?;
    let statement = Statement::decode(payload).map_err(|error| error.to_string())?;
    counts_today(root, &listed, payload, today)?;
    if statement.subject != module.digest && !off(Mechanism::SignedBytes) {
        return Err(format!("{} signed another module", listed.person));
    }
    let role = role_of(&statement.claim, module, &listed, today)?;
    if !listed.roles.contains(&role) {
        return Err(format!("{} may not sign as {}", listed.person, role.name()));
    }
    let signed_at = statement.claim.signed_at().to_owned();
    if day_signed(&signed_at)? > today.next() {
        return Err(format!("{} signed it in the future", listed.person));
    }
    Ok(Signed {
        person: listed.person.to_owned(),
        organisation: listed.organisation.to_owned(),
        role,
        signed_at,
        statement: Digest::of(payload),
        claim: statement.claim,
        key: listed.id(),
    })
}

/// Whether key and statement are valid and not revoked `today`.
pub(super) fn counts_today(
    root: &Root,
    listed: &Listed<'_>,
    payload: &[u8],
    today: Day,
) -> Result<(), String> {
    if let Some(why) = root.key_revoked(listed.key, today) {
        return Err(format!("the key of {} is revoked: {why}", listed.person));
    }
    if let Some(why) = root.statement_revoked(Digest::of(payload), today) {
        return Err(format!("this statement of {} is revoked: {why}", listed.person));
    }
    listed.out_of_time(today).map_or(Ok(()), Err)
}

/// The key id decides nothing; it only tells which words help.
fn by_nobody(root: &Root, envelope: &Envelope) -> String {
    let claimed = root.keys().find(|listed| listed.id().to_string() == envelope.key_id());
    let root_key = root.root.keys.iter().any(|key| envelope.verify(key.key()).is_ok());
    match claimed {
        Some(listed) => {
            format!("it says to be by {}, and the signature does not hold", listed.person)
        }
        None if root_key => "it is signed by a root key, which vouches for no module".to_owned(),
        None => "it is signed by no key in the trust root".to_owned(),
    }
}

/// The role in which `claim` is made, if it is about `module` and holds today.
fn role_of(
    claim: &Claim,
    module: &Module,
    listed: &Listed<'_>,
    today: Day,
) -> Result<Role, String> {
    let person = listed.person;
    let (role, study) = match claim {
        Claim::Authorship(claim) => (Role::Author, &claim.study),
        Claim::Review(claim) => (Role::Reviewer, &claim.study),
        Claim::Approval(claim) => (Role::Site, &claim.study),
        Claim::Receipt(_) => return Err("it is about a release".to_owned()),
        Claim::Registration(_) => return Err("it is about a dataset".to_owned()),
        Claim::Certificate(_) => return Err("it is a certificate, and about no module".to_owned()),
    };
    if *study != study_id(module) {
        return Err(format!("{person} signed it as another study"));
    }
    match claim {
        Claim::Review(review) => holds_review(review, module, listed, today)?,
        Claim::Approval(approval) => holds_approval(approval, module, person, today)?,
        _ => {}
    }
    Ok(role)
}

fn holds_review(
    review: &Review,
    module: &Module,
    listed: &Listed<'_>,
    today: Day,
) -> Result<(), String> {
    let person = listed.person;
    if review.organisation.as_ref().is_some_and(|name| name != listed.organisation) {
        return Err(format!("{person} reviewed it for another organisation"));
    }
    let rebuilt = review.rebuilt.as_ref();
    if rebuilt.is_some_and(|line| !line.contains(&format!("module sha256:{}", module.digest))) {
        return Err(format!("{person} rebuilt another module"));
    }
    if let Some(contradiction) = review.contradiction() {
        return Err(format!("{person} approves it, and {contradiction}"));
    }
    // A rejection does not lapse.
    match &review.valid_until {
        Some(until) if review.verdict == Verdict::Approve => {
            not_over(until, today, &format!("the review of {person}"))
        }
        _ => Ok(()),
    }
}

fn holds_approval(
    approval: &Approval,
    module: &Module,
    person: &str,
    today: Day,
) -> Result<(), String> {
    if approval.purpose != module.study.purpose {
        return Err(format!("{person} approved it for another purpose"));
    }
    not_over(&approval.valid_until, today, &format!("the approval of {person}"))
}

fn not_over(until: &str, today: Day, what: &str) -> Result<(), String> {
    let until: Day = until.parse()?;
    if today > until { Err(format!("{what} was valid until {until}")) } else { Ok(()) }
}

/// The study in `module`, as statements name it.
pub(super) fn study_id(module: &Module) -> StudyId {
    StudyId {
        name: module.study.name.clone(),
        version: module.study.version.clone(),
        sha256: module.study_digest,
    }
}

/// The id by which `key` is named to people.
#[must_use]
pub fn name_of(key: &VerifyingKey) -> Digest {
    key_id(key)
}
