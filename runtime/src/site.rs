//! The whole way of a request at a site, on one screen.
//!
//! ```text
//! Request --admit--> Admitted     who may ask what of which dataset
//! Admitted --run--> Draft         the guest, person by person; exact integer cells
//! Draft --protect--> Release      the only code that opens a draft; it knows earlier releases
//! Release --keep--> Kept          on the disk, and in the ledger
//! Kept --seal--> Sealed           the site's receipt, in its chain; the only thing that leaves
//! ```
//!
//! Each arrow is one function whose input only the previous one can make.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};

use crate::admit::{Admission, Opened, Refusal, Request, admit_opened};
use crate::audit::{AuditError, AuditEvent, Subject, append};
use crate::keys::Signer;
use crate::ledger::{Kept, LedgerError, keep};
use crate::policy::Policies;
use crate::processes::Processes;
use crate::protect::{History, NoNoise, Protected, Unprotected, protect};
use crate::receipt::{self, Last, Sealed, Terms, seal};
use crate::run::{RunFault, RunOptions, Tally, run};
use crate::trust::Trust;

/// A site: the keys it knows, its own key, and how it uses its machine.
pub struct Site {
    /// The keys of authors and reviewers that it knows.
    pub trust: Option<Trust>,
    /// The key that seals its releases; without one only `exact` can be answered.
    pub key: Option<Arc<Signer>>,
    /// The file of its ledger, made when it is first needed; without one only `exact` can be
    /// answered.
    pub ledger: Option<PathBuf>,
    /// Who may ask what of it, and for which purpose.
    pub policies: Policies,
    /// How a run uses the machine.
    pub options: RunOptions,
    /// Where guests are compiled and run.
    pub processes: Processes,
    /// Whether a release over patients' data waits for the instant that was planned for it.
    pub holds: bool,
}

/// A site's answer.
pub enum Answer {
    /// A sealed release.
    Sealed(Sealed),
    /// Exact numbers of synthetic or public data, which nothing seals.
    Unprotected(Unprotected),
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// The request may not run: the guest or the request broke a rule.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The site is broken: for its own eyes.
    #[error(transparent)]
    Broken(#[from] RunFault),
    /// There is no randomness for noise. What was paid stays paid.
    #[error(transparent)]
    Noise(#[from] NoNoise),
    /// The ledger cannot be written. What was paid stays paid.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The audit log cannot be written.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The site has no key.
    #[error("the site has no key to seal its release with; make one with `cloister key new`")]
    NoKey,
    /// Nobody has paid for what was to be released.
    #[error("nobody has paid for the release, so it does not leave")]
    NotPaid,
}

/// Answers a request. `tally` tells the site how far the run is; `now` is RFC 3339 in UTC.
///
/// # Errors
/// [`NoAnswer`]: nothing is released then.
pub async fn answer(
    request: Request,
    site: &Site,
    tally: Arc<Tally>,
    now: &str,
) -> Result<Answer, NoAnswer> {
    if request.profile.protects() && site.key.is_none() {
        return Err(NoAnswer::NoKey);
    }
    let begun = Instant::now();
    let opened = Opened::of(request, site.trust.as_ref());
    let audit = Audit::of(&opened, site, now);
    let admission = match admit_opened(opened, site, now).await {
        Ok(admission) => admission,
        Err(refusal) => return Err(audit.refused(refusal).await),
    };
    let (admitted, mut paid) = match admission {
        Admission::New(admitted, paid) => {
            tally.paid.store(paid.is_some(), Ordering::Relaxed);
            audit.write(AuditEvent::Admitted).await?;
            (*admitted, paid)
        }
        Admission::Answered(kept, terms, held) => {
            hold(site, begun, held, &tally).await;
            let sealed = audit.seal(kept, terms, true).await?;
            return Ok(Answer::Sealed(sealed));
        }
    };
    let (held, terms) = (admitted.plan.held(&admitted.dataset), admitted.terms(&site.policies));
    let papers = admitted.papers.clone();
    announce(site, begun, held, &tally);
    let draft = run(admitted, &site.options, Arc::clone(&tally)).await?;
    let history = match &mut paid {
        Some(paid) => paid.history().await?,
        None => History::default(),
    };
    match (protect(draft, &history)?, paid) {
        (Protected::Unprotected(exact), _) => Ok(Answer::Unprotected(exact)),
        (Protected::Release(release), Some(paid)) => {
            let (papers, terms) = papers.zip(terms).ok_or(NoAnswer::NotPaid)?;
            let kept = keep(release, paid, &papers).await?;
            hold(site, begun, held, &tally).await;
            let sealed = audit.seal(kept, terms, false).await?;
            Ok(Answer::Sealed(sealed))
        }
        (Protected::Release(_), None) => Err(NoAnswer::NotPaid),
    }
}

/// Where a request is written down; nowhere, if it asks for exact numbers.
struct Audit<'s> {
    to: Option<(PathBuf, &'s Arc<Signer>, Subject)>,
    now: &'s str,
}

impl<'s> Audit<'s> {
    /// The audit log beside the ledger of `site`.
    fn of(opened: &Opened, site: &'s Site, now: &'s str) -> Self {
        let protects = opened.profile().protects();
        let files = site.ledger.as_ref().zip(site.key.as_ref()).filter(|_| protects);
        let to = files
            .map(|(ledger, key)| (ledger.with_file_name("audit.jsonl"), key, Subject::of(opened)));
        Self { to, now }
    }

    async fn write(&self, event: AuditEvent) -> Result<(), AuditError> {
        match &self.to {
            Some((file, key, subject)) => {
                append(file, key, (self.now, subject), |_| Ok((event, ()))).await
            }
            None => Ok(()),
        }
    }

    /// Seals what is kept, in the chain of receipts, and writes down that it leaves: for the first
    /// time, or `again`.
    async fn seal(&self, kept: Kept, terms: Terms, again: bool) -> Result<Sealed, NoAnswer> {
        let Some((file, key, subject)) = &self.to else { return Err(NoAnswer::NoKey) };
        let (chain, signer) = (receipt::beside(file), Arc::clone(key));
        let (now, release) = (self.now.to_owned(), kept.digest());
        let sealed = append(file, key, (self.now, subject), move |named| {
            let last = Last::of(&chain, named, &signer.public())?;
            let sealed = seal(kept, terms, last.receipt, (&signer, &now))?;
            receipt::add(&chain, last, &sealed)?;
            let receipt = sealed.receipt();
            let event = match again {
                true => AuditEvent::GivenAgain { release, receipt },
                false => AuditEvent::Released { release, receipt },
            };
            Ok((event, sealed))
        });
        Ok(sealed.await?)
    }

    /// A refusal, written down. Where even that fails, nothing has run.
    async fn refused(&self, refusal: Refusal) -> NoAnswer {
        if let Err(error) = self.write(AuditEvent::refused(&refusal.to_string())).await {
            tracing::info!(%error, "the refusal is not in the audit log");
        }
        NoAnswer::Refused(refusal)
    }
}

/// Waits until `held` after `begun`, if the site does. What is waited for is stored already; it is
/// sealed after that, as the next receipt names the last one, and would tell when a run that was
/// stopped had ended.
async fn hold(site: &Site, begun: Instant, held: Duration, tally: &Tally) {
    announce(site, begun, held, tally);
    if site.holds {
        tokio::time::sleep(held.saturating_sub(begun.elapsed())).await;
    }
}

/// Tells whoever watches when the release is planned, if anybody waits for it.
fn announce(site: &Site, begun: Instant, held: Duration, tally: &Tally) {
    if site.holds && !held.is_zero() && tally.planned.load(Ordering::Relaxed) == 0 {
        let planned = SystemTime::now() + held.saturating_sub(begun.elapsed());
        let since = planned.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        tally.planned.store(since.as_secs(), Ordering::Relaxed);
    }
}
