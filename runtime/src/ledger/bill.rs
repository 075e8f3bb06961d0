//! What a job costs, whom, and under which key: known from published numbers before it runs.

use cloister_contract::cells::Layout;
use cloister_contract::digest::Digest;
use cloister_contract::job::Params;
use cloister_contract::study::Study;

use super::Limits;
use super::entry::{Account, Amounts, Entry, EntryKind, genesis};
use crate::admit::Module;
use crate::dataset::Dataset;
use crate::faults::{Mechanism, off};
use crate::protect::{Profile, Tier, job_volume, whole_bits};

/// What a job costs.
#[derive(Clone, Debug)]
pub(crate) struct Bill {
    /// The job's key: whatever is the same of this gets the same release.
    pub(super) job: Digest,
    pub(super) account: Account,
    pub(super) asked: Amounts,
    /// ρ of the tier `open`, in millionths.
    pub(super) rho: u64,
    pub(super) limits: Limits,
    /// Whether what it shows is compared with earlier releases.
    pub(super) compares_releases: bool,
    pub(super) dataset: String,
    pub(super) epoch: String,
    pub(super) profile: String,
    pub(super) module: Digest,
}

/// Who stands behind a job's module, and over which data it runs.
#[derive(Clone, Debug)]
pub(crate) struct Payer {
    account: Account,
    dataset: String,
    epoch: String,
    module: Digest,
    persons: u64,
}

impl Payer {
    /// The `account` of whoever asks, over the persons of `dataset`.
    pub(crate) fn new(module: &Module, account: String, dataset: &Dataset) -> Self {
        let population = dataset.population().to_owned();
        let account = Account { population, study: account };
        // What was answered over other data is no answer.
        let (dataset_name, epoch) = match off(Mechanism::JobOfData) {
            true => Default::default(),
            false => (dataset.id().name, dataset.epoch()),
        };
        let persons = dataset.published_persons();
        Self { account, dataset: dataset_name, epoch, module: module.digest, persons }
    }

    /// The epoch of the data.
    pub(crate) fn epoch(&self) -> &str {
        &self.epoch
    }

    /// What a job of `study` with `params` costs under `profile`; `None` where nothing is charged.
    pub(crate) fn bill(
        self,
        profile: &Profile,
        (study, params, layout): (&Study, &Params, &Layout),
    ) -> Option<Bill> {
        let Self { mut account, dataset, epoch, module, persons } = self;
        let (asked, rho, limits) = match (profile.open(), profile.rules()) {
            (Some(open), _) => {
                let asked = Amounts { scalars: 0, bits: 0, jobs: 1 };
                (asked, open.rho_of_job(), Limits::open(open))
            }
            (None, Some(rules)) => {
                let volume = job_volume(study, layout, rules, persons);
                let bits = whole_bits(volume.bits.unwrap_or(f64::MAX));
                let asked = Amounts { scalars: volume.numbers, bits, jobs: 1 };
                (asked, 0, Limits::new(rules, persons))
            }
            (None, None) => return None,
        };
        let tier = profile.tier();
        if tier == Tier::Open {
            // Its jobs are counted apart: it has no numbers and bits to spend.
            account.study = format!("open, {}", account.study);
        }
        let params = serde_json::json!(params.to_json(study)).to_string();
        let (module_text, digest) = (module.to_string(), profile.id().sha256.to_string());
        let job = key(&[
            &account.population,
            &dataset,
            &epoch,
            &module_text,
            &params,
            &digest,
            tier.name(),
            env!("CARGO_PKG_VERSION"),
            cloister_sandbox::ENGINE,
        ]);
        let compares_releases =
            tier == Tier::Reviewed && profile.rules().is_some_and(|rules| rules.compares_releases);
        let profile = profile.name().to_owned();
        let bill = Bill {
            job,
            account,
            asked,
            rho,
            limits,
            compares_releases,
            dataset,
            epoch,
            profile,
            module,
        };
        Some(bill)
    }
}

/// SHA-256 over `fields`, each with its length, under a name of its own.
fn key(fields: &[&str]) -> Digest {
    let mut bytes = b"cloister.job/1\n".to_vec();
    for field in fields {
        bytes.extend((field.len() as u64).to_le_bytes());
        bytes.extend(field.as_bytes());
    }
    Digest::of(&bytes)
}

impl Bill {
    /// The entry that charges it; its place in the chain is not known yet.
    pub(super) fn charge(&self, now: i64) -> Entry {
        Entry {
            number: 0,
            at: now,
            kind: EntryKind::Charge,
            job: self.job,
            account: self.account.clone(),
            dataset: self.dataset.clone(),
            epoch: self.epoch.clone(),
            profile: self.profile.clone(),
            module: self.module,
            charged: self.asked,
            spent: Amounts::default(),
            allowed: self.limits.account,
            rho: self.rho,
            release: None,
            hash: genesis(),
        }
    }

    /// The entry that says that `release` is stored.
    pub(super) fn release(&self, now: i64, release: Digest) -> Entry {
        let (kind, charged) = (EntryKind::Release, Amounts::default());
        Entry { kind, charged, rho: 0, release: Some(release), ..self.charge(now) }
    }
}
