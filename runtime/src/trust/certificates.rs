//! Certificates: who is certified under which code of conduct, from
//! `certificates.intoto.jsonl` beside the trust root.

use std::path::{Path, PathBuf};

use cloister_contract::digest::Digest;
use cloister_contract::envelope::Envelope;
use cloister_contract::statement::{Claim, Statement, organisation_id};

use super::day::{Day, day_signed};
use super::root::Root;
use super::{Role, TrustError, signatures::SIGNATURES_BYTES_MAX};
use crate::bounded::read_bounded;

/// Certificates, verified; and for each that does not count, why.
#[derive(Clone, Debug, Default)]
pub(super) struct Certificates {
    found: Vec<Result<Certified, String>>,
}

/// A certificate that counts.
#[derive(Clone, Debug)]
struct Certified {
    subject: Digest,
    role: Role,
    code: String,
    /// For people.
    words: String,
}

/// The file of certificates beside the trust root in `file`.
#[must_use]
pub fn certificates_of(file: &Path) -> PathBuf {
    file.with_file_name("certificates.intoto.jsonl")
}

impl Certificates {
    /// The certificates beside the trust root in `file`, and the lines that they are in.
    pub(super) fn beside(
        file: &Path,
        root: &Root,
        today: Day,
    ) -> Result<(Self, Vec<String>), TrustError> {
        let file = certificates_of(file);
        let text = match read_bounded(&file, SIGNATURES_BYTES_MAX) {
            Ok(text) => text,
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Default::default());
            }
            Err(source) => return Err(TrustError::File { file, source }),
        };
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        let lines: Vec<String> = lines.map(str::to_owned).collect();
        let found = lines.iter().map(|line| certified(line, root, today)).collect();
        Ok((Self { found }, lines))
    }

    /// Whether a key or its person's organisation is certified for `role` under `code`.
    pub(super) fn cover(&self, key: Digest, organisation: &str, role: Role, code: &str) -> bool {
        let subjects = [key, organisation_id(organisation)];
        let mut counts = self.found.iter().filter_map(|found| found.as_ref().ok());
        counts.any(|one| subjects.contains(&one.subject) && one.role == role && one.code == code)
    }

    /// A line for people about each.
    pub(super) fn lines(&self) -> impl Iterator<Item = Result<&str, &str>> {
        self.found.iter().map(|found| match found {
            Ok(certified) => Ok(certified.words.as_str()),
            Err(why) => Err(why.as_str()),
        })
    }
}

fn certified(line: &str, root: &Root, today: Day) -> Result<Certified, String> {
    let envelope = Envelope::from_line(line).map_err(|error| error.to_string())?;
    let listed = root.keys().find(|listed| envelope.verify(listed.key.key()).is_ok());
    let listed = listed.ok_or("it is signed by no key in the trust root")?;
    let statement = Statement::decode(envelope.unverified()).map_err(|error| error.to_string())?;
    super::verify::counts_today(root, &listed, envelope.unverified(), today)?;
    let Statement { name, subject, claim: Claim::Certificate(claim) } = statement else {
        return Err("it is no certificate".to_owned());
    };
    let (issuer, code) = (&claim.issuer, &claim.code_of_conduct);
    if !listed.roles.contains(&Role::Certifier) {
        return Err(format!("{} may not sign as certifier", listed.person));
    }
    if issuer != listed.organisation {
        return Err(format!("{} certifies for another organisation", listed.person));
    }
    match root.certifiers(code) {
        None => return Err(format!("the trust root knows no code of conduct `{code}`")),
        Some(certifiers) if !certifiers.contains(issuer) => {
            return Err(format!("{issuer} does not certify under `{code}`"));
        }
        Some(_) => {}
    }
    let until: Day = claim.valid_until.parse()?;
    if today > until {
        return Err(format!("the certificate of {name} was valid until {until}"));
    }
    if day_signed(&claim.signed_at)? > today.next() {
        return Err("it is signed in the future".to_owned());
    }
    let role = Role::named(&claim.certified_role).ok_or("it is for a role that there is not")?;
    let words = format!("{name} as {} under {code}, by {issuer} until {until}", role.name());
    Ok(Certified { subject, role, code: code.clone(), words })
}
