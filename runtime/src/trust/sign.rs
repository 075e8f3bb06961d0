//! Signing: each statement is made here, in full, and added to its file as one line.

use std::path::{Path, PathBuf};

use cloister_contract::digest::Digest;
use cloister_contract::envelope::{Envelope, PayloadType};
use cloister_contract::job::{ParamError, Params};
use cloister_contract::public_key::PublicKey;
use cloister_contract::statement::{
    Answer, Approval, ApprovedParam, Authorship, BuildClaim, Certificate, Claim, REBUILT, Review,
    ReviewAnswer, Statement, Verdict, organisation_id,
};
use serde::Deserialize;

use super::day::{Day, day_signed};
use super::verify::study_id;
use super::{Role, Signatures, TrustError, signatures_of};
use crate::admit::Module;
use crate::bounded::read_bounded;
use crate::build_facts::BuildFacts;
use crate::inspection::checklist;
use crate::keys::Signer;

/// What an author or a reviewer says.
#[derive(Clone, Debug)]
pub enum Said {
    /// I wrote this module.
    Authorship {
        /// The commit of its sources.
        source_commit: Option<String>,
    },
    /// I reviewed it.
    Review(ReviewAnswers),
}

/// A review, as its file has it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewAnswers {
    /// For which organisation.
    pub organisation: Option<String>,
    /// Whether the module may run; without one it may.
    pub verdict: Option<Verdict>,
    /// The last day on which the review counts.
    pub valid_until: Option<String>,
    /// The line of `cloister study rebuild`.
    pub rebuilt: Option<String>,
    /// Answers to the checklist.
    #[serde(default, rename = "answer")]
    pub answers: Vec<ReviewAnswer>,
}

/// Most bytes of a file of answers.
const ANSWERS_BYTES_MAX: u64 = 128 * 1024;

impl ReviewAnswers {
    /// Reads the answers in `file`, a `review.toml`.
    ///
    /// # Errors
    /// [`TrustError`] if it cannot be read or is none.
    pub fn open(file: &Path) -> Result<Self, TrustError> {
        let text = read_bounded(file, ANSWERS_BYTES_MAX)
            .map_err(|source| TrustError::File { file: file.to_owned(), source })?;
        let broken = |what: String| TrustError::Broken { file: file.to_owned(), what };
        let open = text.lines().filter(|line| line.trim() == "answer = \"\"").count();
        if open > 0 {
            return Err(broken(format!(
                "{open} of its questions are open; answer each with \"yes\", \"no\" or \
                 \"not-applicable\""
            )));
        }
        toml::from_str(&text).map_err(|error| broken(error.to_string().trim().to_owned()))
    }

    /// Whether no answer is against what the review concludes; to be asked before anything takes
    /// long, as [`sign`] refuses it.
    ///
    /// # Errors
    /// [`TrustError::Statement`] with the items that are answered no.
    pub fn agree(&self) -> Result<(), TrustError> {
        let no = self.answers.iter().filter(|one| one.answer == Answer::No);
        let no: Vec<_> = no.map(|one| format!("`{}`", one.item)).collect();
        if no.is_empty() || self.verdict == Some(Verdict::Reject) {
            return Ok(());
        }
        let are = if no.len() == 1 { "is" } else { "are" };
        Err(TrustError::Statement(format!(
            "{} {are} answered no; tell the author why, or sign with --reject",
            no.join(", ")
        )))
    }

    /// Answers that no reader could make sense of, and approvals that would not count, are not
    /// signed.
    fn check(&self, module: Digest, signed_at: &str) -> Result<(), String> {
        let items = checklist().map_err(|error| error.to_string())?;
        let mut answers = self.answers.iter();
        if let Some(unknown) = answers.find(|one| items.iter().all(|item| item.id != one.item)) {
            let item = unknown.item.escape_debug();
            return Err(format!("the checklist has no item `{item}`; docs/review.md lists them"));
        }
        let rebuilt = |one: &ReviewAnswer| one.answer == Answer::Yes && one.item == REBUILT;
        if self.answers.iter().any(rebuilt) && self.rebuilt.is_none() {
            let what = "`rebuilt` is answered yes, and no rebuild is quoted; add --rebuild SOURCES";
            return Err(what.to_owned());
        }
        let wanted = format!("module sha256:{module}");
        if self.rebuilt.as_ref().is_some_and(|line| !line.contains(&wanted)) {
            return Err(
                "`rebuilt` is not the line of `cloister study rebuild` for this module".into()
            );
        }
        let Some(until) = &self.valid_until else { return Ok(()) };
        to_come("a review", until, signed_at)
    }
}

/// That what is signed then counts for a day at least.
fn to_come(what: &str, until: &str, signed_at: &str) -> Result<(), String> {
    if until.parse::<Day>()? < day_signed(signed_at)? {
        return Err(format!("{what} valid until {until} is over; name a day to come"));
    }
    Ok(())
}

impl Said {
    fn claim(self, module: &Module, signed_at: String) -> Result<Claim, String> {
        let study = study_id(module);
        Ok(match self {
            Self::Authorship { source_commit } => Claim::Authorship(Authorship {
                role: Role::Author.name().to_owned(),
                study,
                source_commit,
                // A module that was built otherwise says nothing, and so does its author.
                build: BuildFacts::in_module(module.checked.bytes()).ok().map(|facts| BuildClaim {
                    recipe: facts.recipe,
                    rustc: facts.rustc,
                    linker: facts.linker,
                    std: facts.std,
                    std_sha256: facts.std_sha256,
                }),
                signed_at,
            }),
            Self::Review(review) => {
                review.check(module.digest, &signed_at)?;
                Claim::Review(Review {
                    role: Role::Reviewer.name().to_owned(),
                    organisation: review.organisation,
                    study,
                    verdict: review.verdict.unwrap_or(Verdict::Approve),
                    answers: review.answers,
                    valid_until: review.valid_until,
                    rebuilt: review.rebuilt,
                    signed_at,
                })
            }
        })
    }
}

/// Signs `module`, read from `file`, with `key` and adds the envelope beside it.
///
/// # Errors
/// [`TrustError`] if the key has signed the same already, or the file cannot be written.
pub fn sign(
    file: &Path,
    module: &Module,
    key: &Signer,
    said: Said,
    signed_at: String,
) -> Result<PathBuf, TrustError> {
    let claim = said.claim(module, signed_at).map_err(TrustError::Statement)?;
    add(&signatures_of(file), &about(file, module, claim), key)
}

/// What a site approves.
#[derive(Clone, Debug)]
pub struct ApprovalTerms {
    /// The dataset's name.
    pub dataset: String,
    /// The ledger's account that pays; `None` for one named after the study.
    pub account: Option<String>,
    /// The only parameters; `None` for any that the study allows.
    pub params: Option<Vec<(String, String)>>,
    /// The step that makes the parameters, in place of them.
    pub step: Option<String>,
    /// The number of the data permit.
    pub permit: Option<String>,
    /// Who may ask.
    pub persons: Vec<String>,
    /// The last day.
    pub valid_until: String,
}

/// Approves `module`, read from `file`, and adds the envelope beside it.
///
/// # Errors
/// [`TrustError`] if the key has approved the same already, or the file cannot be written.
pub fn approve(
    file: &Path,
    module: &Module,
    key: &Signer,
    terms: ApprovalTerms,
    signed_at: String,
) -> Result<PathBuf, TrustError> {
    to_come("an approval", &terms.valid_until, &signed_at).map_err(TrustError::Statement)?;
    if let Some(params) = &terms.params {
        let failed = |error: ParamError| TrustError::Statement(error.to_string());
        Params::bind(&module.study, params).map_err(failed)?;
    }
    let param = |(name, value)| ApprovedParam { name, value };
    let claim = Claim::Approval(Approval {
        role: Role::Site.name().to_owned(),
        study: study_id(module),
        dataset: terms.dataset,
        account: terms.account,
        params: terms.params.map(|params| params.into_iter().map(param).collect()),
        step: terms.step,
        purpose: module.study.purpose.clone(),
        permit: terms.permit,
        persons: terms.persons,
        valid_until: terms.valid_until,
        signed_at,
    });
    add(&signatures_of(file), &about(file, module, claim), key)
}

/// What a certifier certifies.
#[derive(Clone, Debug)]
pub struct CertificateTerms {
    /// A person's public key on one line (`ed25519:…`), or the name of an organisation.
    pub subject: String,
    /// For which role.
    pub role: Role,
    /// Under which code of conduct.
    pub code_of_conduct: String,
    /// Which organisation certifies.
    pub issuer: String,
    /// The last day.
    pub valid_until: String,
}

/// Certifies a person or an organisation, and adds the envelope to `file`.
///
/// # Errors
/// [`TrustError`] if the key has certified the same already, or the file cannot be written.
pub fn certify(
    file: &Path,
    key: &Signer,
    terms: CertificateTerms,
    signed_at: String,
) -> Result<(), TrustError> {
    let failed = |what: String| TrustError::Statement(what);
    to_come("a certificate", &terms.valid_until, &signed_at).map_err(failed)?;
    let CertificateTerms { subject: name, role, code_of_conduct, issuer, valid_until } = terms;
    let subject = if name.starts_with("ed25519:") {
        name.parse::<PublicKey>().map_err(|error| failed(error.to_string()))?.id()
    } else {
        organisation_id(&name)
    };
    let claim = Claim::Certificate(Certificate {
        role: Role::Certifier.name().to_owned(),
        certified_role: role.name().to_owned(),
        code_of_conduct,
        issuer,
        valid_until,
        signed_at,
    });
    add(file, &Statement { name, subject, claim }, key).map(|_| ())
}

fn about(file: &Path, module: &Module, claim: Claim) -> Statement {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Statement { name, subject: module.digest, claim }
}

/// Signs `statement` and adds its envelope to `file`.
fn add(file: &Path, statement: &Statement, key: &Signer) -> Result<PathBuf, TrustError> {
    let mut found = Signatures::read(file)?;
    if found.lines.iter().any(|line| has_signed(line, key, statement)) {
        let role = Role::named(statement.claim.role()).map_or("site", Role::name);
        return Err(TrustError::Signed(role));
    }
    let failed = |what: String| TrustError::Statement(what);
    let payload = statement.encode().map_err(|error| failed(error.to_string()))?;
    // What nobody would read back is not signed.
    Statement::decode(&payload).map_err(|error| failed(error.to_string()))?;
    let envelope = key.envelope(PayloadType::Statement, payload)?.to_line();
    found.lines.push(envelope.map_err(|error| failed(error.to_string()))?);
    found.write(file)?;
    Ok(file.to_owned())
}

/// Whether `line` holds the same statement by the same key, but for when it was signed.
fn has_signed(line: &str, key: &Signer, statement: &Statement) -> bool {
    let earlier = Envelope::from_line(line).ok().and_then(|envelope| {
        let payload = envelope.verify(&key.public()).ok()?;
        Statement::decode(payload).ok()
    });
    let timeless = |statement: &Statement| {
        let mut statement = statement.clone();
        match &mut statement.claim {
            Claim::Authorship(claim) => claim.signed_at.clear(),
            Claim::Review(claim) => claim.signed_at.clear(),
            Claim::Certificate(claim) => claim.signed_at.clear(),
            Claim::Approval(claim) => claim.signed_at.clear(),
            Claim::Receipt(claim) => claim.signed_at.clear(),
            Claim::Registration(claim) => claim.signed_at.clear(),
        }
        statement.name.clear();
        statement
    };
    earlier.is_some_and(|earlier| timeless(&earlier) == timeless(statement))
}
