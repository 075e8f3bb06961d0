//! The whole way of a request at a site, on one screen.
//!
//! ```text
//! Request --admit--> Admitted     who may ask what of which dataset
//! Admitted --run--> Draft         the guest, person by person; exact integer cells
//! Draft --protect--> Release      the only code that opens a draft
//! Release --seal--> Sealed        the site's signature; the only thing that leaves
//! ```
//!
//! Each arrow is one function whose input only the previous one can make.

use std::sync::Arc;

use crate::admit::{Refusal, Request, admit};
use crate::keys::Signer;
use crate::processes::Processes;
use crate::protect::{Protected, Unprotected, protect};
use crate::run::{RunFault, RunOptions, Tally, run};
use crate::seal::{SealError, Sealed, seal_aside};
use crate::trust::Trust;

/// A site: the keys it knows, its own key, and how it uses its machine.
pub struct Site {
    /// The keys of authors and reviewers that it knows.
    pub trust: Option<Trust>,
    /// The key that seals its releases; without one only `exact` can be answered.
    pub key: Option<Arc<Signer>>,
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
    /// The site has no key.
    #[error("the site has no key to seal its release with; make one with `cloister key new`")]
    NoKey,
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
    if request.profile.rules().is_some() && site.key.is_none() {
        return Err(NoAnswer::NoKey);
    }
    let admitted = admit(request, site).await?;
    let draft = run(admitted, &site.options, tally).await?;
    match (protect(draft), &site.key) {
        (Protected::Unprotected(exact), _) => Ok(Answer::Unprotected(exact)),
        (Protected::Release(release), Some(key)) => {
            Ok(Answer::Sealed(seal_aside(release, key, now).await?))
        }
        (Protected::Release(_), None) => Err(NoAnswer::NoKey),
    }
}
