//! The whole way of a request at a site, on one screen.
//!
//! ```text
//! Request --admit--> Admitted     who may ask what of which dataset
//! Admitted --run--> Draft         the guest, person by person; exact integer cells
//! Draft --protect--> Release      the only code that opens a draft
//! Release --keep--> Kept          on the disk, and in the ledger
//! Kept --seal--> Sealed           the site's signature; the only thing that leaves
//! ```
//!
//! Each arrow is one function whose input only the previous one can make.

use std::path::PathBuf;
use std::sync::Arc;

use crate::admit::{Admission, Refusal, Request, admit};
use crate::keys::Signer;
use crate::ledger::{Kept, LedgerError, keep};
use crate::processes::Processes;
use crate::protect::{NoNoise, Protected, Unprotected, protect};
use crate::run::{RunFault, RunOptions, Tally, run};
use crate::seal::{SealError, Sealed, seal_aside};
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
    /// How a run uses the machine.
    pub options: RunOptions,
    /// Where guests are compiled and run.
    pub processes: Processes,
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
    /// The release cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// There is no randomness for noise. What was paid stays paid.
    #[error(transparent)]
    Noise(#[from] NoNoise),
    /// The ledger cannot be written. What was paid stays paid.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
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
    let (admitted, paid) = match admit(request, site, now).await? {
        Admission::New(admitted, paid) => (*admitted, paid),
        Admission::Answered(kept) => return sealed(kept, site, now).await,
    };
    let draft = run(admitted, &site.options, tally).await?;
    match (protect(draft)?, paid) {
        (Protected::Unprotected(exact), _) => Ok(Answer::Unprotected(exact)),
        (Protected::Release(release), Some(paid)) => {
            sealed(keep(release, paid).await?, site, now).await
        }
        (Protected::Release(_), None) => Err(NoAnswer::NotPaid),
    }
}

async fn sealed(kept: Kept, site: &Site, now: &str) -> Result<Answer, NoAnswer> {
    let key = site.key.as_ref().ok_or(NoAnswer::NoKey)?;
    Ok(Answer::Sealed(seal_aside(kept, key, now).await?))
}
