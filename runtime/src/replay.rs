//! Replays a release at its site: the same bytes, or what is different.
//!
//! A signature proves that the site said something; a replay proves that it is so. The dataset must
//! be, byte for byte, the one that was registered when the epoch began; the module, parameters and
//! profile are those of the dossier. The draft is made anew and held to the trace that was kept;
//! then it is protected as it was: with the noise that was drawn, and beside what had been shown by
//! then. Nothing is charged and nothing can leave: what comes of it is a comparison.

use std::sync::Arc;

use cloister_contract::digest::Digest;
use cloister_contract::release::{CellDocument, ReleaseDocument, Status};
use cloister_contract::statement::{Receipt, SnapshotId};

use crate::admit::{Again, Refusal, admit_again};
use crate::dataset::{Dataset, Registered};
use crate::keys::{KeyError, Signer, SiteSecret};
use crate::ledger::{Ledger, LedgerError};
use crate::protect::{NoNoise, Profile, ProfileError, Protected, Tier, protect_again};
use crate::run::{RunFault, Tally, run};
use crate::site::Site;

/// What a replay found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replayed {
    /// The same bytes.
    Same,
    /// Others: in these lines, for the site alone.
    Differs(Vec<String>),
}

/// A release cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum NotReplayed {
    /// The site has no key or no ledger.
    #[error("a replay wants the site's key and its ledger; name them")]
    NoSite,
    /// The data were not registered when it was released.
    #[error("the data were not registered when this was released: nothing binds it to any data")]
    Unregistered,
    /// The note by which the data are known is gone.
    #[error(
        "there is no `dataset.snapshot.json` beside the dataset.toml; put back the one of the \
         epoch {0}, with its signature"
    )]
    NoNote(String),
    /// The dataset is of another epoch.
    #[error(
        "the dataset is of the epoch {found}, and this was released in the epoch {then}; name the \
         dataset as it was registered then"
    )]
    OtherEpoch {
        /// The dataset's.
        found: String,
        /// The release's.
        then: String,
    },
    /// The receipt is bound to other data.
    #[error("the commitment of the receipt is not that of this registration: the data are others")]
    OtherCommitment,
    /// Another version of what decides made it.
    #[error("it was made by {then}, and this is {now}: replay it with that version")]
    OtherEngine {
        /// What made it.
        then: String,
        /// What this is.
        now: String,
    },
    /// The profile is not understood any more.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// What was kept of it is gone or another's.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The site's key does not sign.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// What asks the site's key was stopped.
    #[error("the site's key was not asked to the end; replay it again")]
    Interrupted,
    /// The request would not be admitted in this form any more.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The site is broken.
    #[error(transparent)]
    Broken(#[from] RunFault),
    /// There is less noise in the trace than numbers.
    #[error("the noise that was kept is not that of this job")]
    Noise(#[from] NoNoise),
}

/// Runs the job of the release in `bytes`, which left with the `receipt`, again at `site`, over
/// `dataset`, whose files were compared with their digests; `now` is RFC 3339 in UTC.
///
/// # Errors
/// [`NotReplayed`] if it cannot be told whether it is the same.
pub async fn replay(
    bytes: &[u8],
    receipt: &Receipt,
    dataset: Dataset,
    (site, now): (&Site, &str),
    tally: Arc<Tally>,
) -> Result<Replayed, NotReplayed> {
    let (Some(file), Some(key)) = (&site.ledger, &site.key) else {
        return Err(NotReplayed::NoSite);
    };
    let secret = secret(key).await?;
    let ledger = Ledger::at(file, key, secret.clone(), now)?;
    let (stored, entry) = ledger.stored(Digest::of(bytes), receipt).await?;
    let then = stored.kept.document();
    holds(&dataset, receipt.snapshot.as_ref(), &stored.epoch)?;
    let tier = if then.noise.is_some() { Tier::Open } else { Tier::Reviewed };
    let profile = Profile::again(&stored.dossier.profile, tier)?;
    let (trace, history) = ledger.trace(&entry, profile.rules()).await?;
    let again = Again { stored: &stored, dataset, profile, secret: &secret };
    let admitted = admit_again(again, site).await?;
    let engine = admitted.engine();
    if engine != then.engine {
        let [then, now] =
            [&then.engine, &engine].map(|it| format!("{} ({})", it.cloister, it.engine));
        return Err(NotReplayed::OtherEngine { then, now });
    }
    let draft = run(admitted, &site.options, tally).await?;
    let Protected::Release(release) = protect_again(draft, &history, &trace)? else {
        return Err(RunFault::Engine("nothing is kept of exact numbers").into());
    };
    let mut lines = Vec::new();
    if release.trace() != &trace {
        lines.push("the persons' contributions are others than those that were released".into());
    }
    if release.encode().ok().as_deref() != Some(bytes) {
        lines.extend(differences(then, release.document()));
    }
    Ok(if lines.is_empty() { Replayed::Same } else { Replayed::Differs(lines) })
}

async fn secret(key: &Arc<Signer>) -> Result<SiteSecret, NotReplayed> {
    Ok(SiteSecret::aside(key).await.ok_or(NotReplayed::Interrupted)??)
}

/// Opens the commitment: whether `dataset` is what was registered when the `epoch` began.
fn holds(dataset: &Dataset, snapshot: Option<&SnapshotId>, epoch: &str) -> Result<(), NotReplayed> {
    let snapshot = snapshot.ok_or(NotReplayed::Unregistered)?;
    let found = dataset.registration().map(Registered::id);
    let found = found.ok_or_else(|| NotReplayed::NoNote(epoch.to_owned()))?;
    if found.id != epoch || snapshot.id != epoch {
        return Err(NotReplayed::OtherEpoch { found: found.id, then: epoch.to_owned() });
    }
    if found.commitment == snapshot.commitment { Ok(()) } else { Err(NotReplayed::OtherCommitment) }
}

/// Most cells that are named.
const NAMED_MAX: usize = 20;

/// What is different `now`: heads, and cells by name.
fn differences(then: &ReleaseDocument, now: &ReleaseDocument) -> Vec<String> {
    let headless =
        |document: &ReleaseDocument| ReleaseDocument { cells: Vec::new(), ..document.clone() };
    let mut lines = Vec::new();
    if headless(then) != headless(now) {
        lines.push("what is said of the job is different".to_owned());
    }
    if then.cells.len() != now.cells.len() {
        lines.push(format!("{} cells, and there were {}", now.cells.len(), then.cells.len()));
    }
    let pairs = then.cells.iter().zip(&now.cells).filter(|(then, now)| then != now);
    let all = pairs.clone().count();
    lines.extend(pairs.take(NAMED_MAX).map(|(then, _)| {
        // What it would be now did not pass the ledger.
        let labels: Vec<&str> = then.cell.iter().map(|(_, label)| label).collect();
        format!("{} ({}) is another; it was {}", then.output, labels.join(", "), shown(then))
    }));
    if all > NAMED_MAX {
        lines.push(format!("and {} more cells", all - NAMED_MAX));
    }
    lines
}

/// A cell as a release shows it.
fn shown(cell: &CellDocument) -> String {
    match (cell.status, cell.persons, cell.value) {
        (Status::Withheld, ..) => "withheld".to_owned(),
        (Status::Value, Some([low, high]), Some(value)) => format!("{low}–{high} ({value})"),
        (Status::Value, ..) => "shown".to_owned(),
    }
}
