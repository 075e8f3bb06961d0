//! From a request to an admitted one: who may ask what of which dataset, before a row is read.
//!
//! What refuses here depends on the module, its signatures, the profile and published numbers
//! alone. The value it makes is the only key to a run.

mod again;
mod ground;
mod refusal;
#[cfg(test)]
mod timing;
mod trial;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cloister_contract::cells::Layout;
use cloister_contract::digest::Digest;
use cloister_contract::job::{Job, Params};
use cloister_contract::release::EngineId;
use cloister_contract::study::Study;
use cloister_sandbox::{CheckedModule, Isolation, MODULE_LIMITS, PRICE, Sandbox, check};
use datafusion::prelude::SessionContext;

use crate::dataset::{Dataset, Registered, Source};
use crate::dossier::{Dossier, Papers, PolicyFile};
use crate::faults::{Mechanism, off};
use crate::instant::{self, Plan};
use crate::invent::Invented;
use crate::keys::SiteSecret;
use crate::ledger::{
    Bill, Kept, Ledger, LedgerError, Paid, Payer, Reply, file_papers, study_account,
};
use crate::policy::{Action, Decision, Facts, Policies};
use crate::processes::{self, GuestCode, Processes};
use crate::protect::{NoiseKey, Profile};
use crate::receipt::Terms;
use crate::run::{CellCaps, DigestKey};
use crate::site::Site;
use crate::trust::{Asked, Finding, Signatures, Standing, Trust, TrustError, Verified};

pub(crate) use again::{Again, admit_again};
use ground::Ground;
pub use refusal::Refusal;
pub(crate) use trial::Trial;

/// A request: this module over this dataset, with these parameters, under this profile.
#[derive(Clone, Debug)]
pub struct Request {
    /// The module's file; its signatures lie beside it.
    pub module: PathBuf,
    /// The dataset.
    pub dataset: Dataset,
    /// The profile.
    pub profile: Profile,
    /// Parameters by name, as text.
    pub params: Vec<(String, String)>,
}

/// A request that may run. There is no other way to make one than [`admit`].
pub struct Admitted {
    pub(crate) dataset: Dataset,
    pub(crate) profile: Profile,
    pub(crate) module: Digest,
    pub(crate) study_digest: Digest,
    pub(crate) job: Job,
    pub(crate) layout: Layout,
    /// When it is released, and when its run is given up.
    pub(crate) plan: Plan,
    pub(crate) place: GuestPlace,
    /// The key of the cells' digests.
    pub(crate) key: DigestKey,
    /// The key of what is added to shown numbers.
    pub(crate) noise: NoiseKey,
    /// What it was admitted on; none where nothing is kept.
    pub(crate) papers: Option<Papers>,
}

/// How a request was admitted.
pub enum Admission<'s> {
    /// It may run; under a profile that protects, it has paid.
    New(Box<Admitted>, Option<Paid<'s>>),
    /// It was answered before: this is what was released, or will be after so long.
    Answered(Kept, Terms, Duration),
}

/// Where the guest of an admitted request is, ready to run.
pub(crate) enum GuestPlace {
    /// In this process.
    Here(Arc<Sandbox>),
    /// Nowhere yet: its code is bytes that only a worker loads.
    Worker(GuestCode),
}

/// A module admitted over invented persons, whom it asks nothing: without signatures. There is no
/// other way to make one than [`admit_invented`], and the persons come from `invent` alone.
pub(crate) struct AdmittedInvented(Admitted);

impl AdmittedInvented {
    pub(crate) fn into_admitted(self) -> Admitted {
        self.0
    }
}

/// A request whose module and signatures are read: once, so that what is decided, charged, written
/// down and run is about the same bytes.
#[derive(Debug)]
pub(crate) struct Opened {
    /// The module, and what its signatures are worth.
    module: Result<(Module, Result<Verified, TrustError>), Refusal>,
    dataset: Dataset,
    profile: Profile,
    params: Vec<(String, String)>,
}

impl Opened {
    /// Reads what `request` names, for a site that trusts `trust`.
    pub(crate) fn of(request: Request, trust: Option<&Trust>) -> Self {
        let Request { module: file, dataset, profile, params } = request;
        let module = Module::open(&file).map(|module| {
            let verified = Signatures::beside(&file).map(|all| all.verify(&module, trust));
            (module, verified)
        });
        Self { module, dataset, profile, params }
    }

    pub(crate) fn module(&self) -> Option<&Module> {
        self.module.as_ref().ok().map(|(module, _)| module)
    }

    /// What each signature is worth.
    pub(crate) fn findings(&self) -> &[Finding] {
        let verified = self.module.as_ref().ok().and_then(|(_, verified)| verified.as_ref().ok());
        verified.map_or(&[], Verified::findings)
    }

    pub(crate) fn params(&self) -> &[(String, String)] {
        &self.params
    }

    pub(crate) const fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    pub(crate) const fn profile(&self) -> &Profile {
        &self.profile
    }
}

/// A module as read from its file: checked bytes, digest and study.
#[derive(Clone, Debug)]
pub struct Module {
    /// The module's bytes, checked.
    pub checked: CheckedModule,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// The study file that it holds.
    pub study: Study,
    /// SHA-256 of the study file.
    pub study_digest: Digest,
}

impl Module {
    /// Reads and checks the module in `file`.
    ///
    /// # Errors
    /// [`Refusal`] if it cannot be read, is not a guest, or its study file is wrong.
    pub fn open(file: &Path) -> Result<Self, Refusal> {
        let read = |source| Refusal::Read { file: file.to_owned(), source };
        let mut bytes = Vec::new();
        // One byte over the limit is enough to be refused by it.
        let bytes_max = MODULE_LIMITS.module_bytes_max as u64 + 1;
        let opened = std::fs::File::open(file).map_err(read)?;
        opened.take(bytes_max).read_to_end(&mut bytes).map_err(read)?;
        Self::of(bytes)
    }

    /// Checks the module in `bytes`.
    ///
    /// # Errors
    /// [`Refusal`] if it is not a guest, or its study file is wrong.
    pub fn of(bytes: Vec<u8>) -> Result<Self, Refusal> {
        let digest = Digest::of(&bytes);
        let checked = check(bytes)?;
        let study = Study::parse("study.toml", checked.study())?;
        let study_digest = Digest::of(checked.study().as_bytes());
        Ok(Self { checked, digest, study, study_digest })
    }
}

/// Decides whether `request` may run at `site`, and charges it; `now` is RFC 3339 in UTC.
///
/// # Errors
/// [`Refusal`] with the first reason against it.
pub async fn admit<'s>(
    request: Request,
    site: &'s Site,
    now: &str,
) -> Result<Admission<'s>, Refusal> {
    admit_opened(Opened::of(request, site.trust.as_ref()), site, now).await
}

/// As [`admit`], of what is read already.
pub(crate) async fn admit_opened<'s>(
    opened: Opened,
    site: &'s Site,
    now: &str,
) -> Result<Admission<'s>, Refusal> {
    let Opened { module, dataset, profile, params } = opened;
    let (module, verified) = module?;
    let mut dossier = None;
    let (ground, standing, payer) = match profile.wanted() {
        Some(wanted) => {
            let verified = verified?;
            let of = (&dataset, &profile, &*params);
            let module_bytes = module.checked.bytes().to_vec();
            dossier = Some((dossier_of(&module, &verified, of, site), module_bytes));
            let name = dataset.id().name;
            let own = site.key.as_ref().map(|key| key.public());
            let asked = Asked { dataset: &name, params: Some(&params), site: own };
            let ground = Ground::vouched(&verified.suffice(wanted, Some(asked))?);
            let (Some(ledger), Some(key)) = (&site.ledger, &site.key) else {
                return Err(Refusal::NoLedger);
            };
            let account = study_account(&verified, asked);
            let payer = Payer::new(&module, account, &dataset);
            (ground, verified.standing(asked), Some((payer, ledger, key)))
        }
        None => (Ground::exact(&module, &dataset)?, Standing::default(), None),
    };
    let at_once = site.options.at_once();
    let secret = match &site.key {
        Some(key) => SiteSecret::aside(key).await.ok_or(Refusal::NoSecret)??,
        // Exact numbers have no use for digests, and a site without a key releases no others.
        None => SiteSecret::default(),
    };
    let key = DigestKey::of_population(&secret, dataset.population());
    let form = Form::fill(module, ground, dataset, profile, params)?;
    let decisions = form.allowed(standing, site, now)?;
    let papers = dossier.map(|(dossier, module)| {
        let dossier = Dossier { decision: serde_json::to_value(&decisions).ok(), ..dossier };
        Papers::of(&dossier, module)
    });
    let papers = papers.transpose().map_err(|error| LedgerError::Encode(error.to_string()))?;
    let noise = match &payer {
        Some((payer, ..)) => form.noise(&secret, payer.epoch()),
        None => NoiseKey::default(),
    };
    let ticket = match payer.zip(papers.as_ref()) {
        None => None,
        Some(((payer, file, key), papers)) => {
            let ledger = Ledger::at(file, key, secret, now)?.beside_log();
            match ledger.ask(form.bill(payer)?).await? {
                Reply::Answered(kept, since) => {
                    let held = form.plan(at_once).held(&form.dataset).saturating_sub(since);
                    file_papers(file, papers)?;
                    let terms = terms_of(&form.dataset, &site.policies, papers);
                    return Ok(Admission::Answered(kept, terms, held));
                }
                Reply::New(ticket) => Some(ticket),
            }
        }
    };
    let admitted = form.prepare((&site.processes, at_once)).await?;
    let admitted = Admitted { key, noise, papers, ..admitted };
    let paid = match ticket {
        None => None,
        Some(ticket) => Some(ticket.pay().await?),
    };
    Ok(Admission::New(Box::new(admitted), paid))
}

/// What a request rests on.
fn dossier_of(
    module: &Module,
    verified: &Verified,
    (dataset, profile, params): (&Dataset, &Profile, &[(String, String)]),
    site: &Site,
) -> Dossier {
    Dossier {
        module: module.digest,
        params: params.to_vec(),
        profile: profile.text().to_owned(),
        tier: profile.tier().name().to_owned(),
        statements: verified.lines().to_vec(),
        trust: site.trust.as_ref().map(|trust| trust.files().clone()),
        registration: dataset.registration().map(|registered| registered.envelope.clone()),
        policies: site.policies.files(),
        decision: None,
    }
}

/// What a receipt says of a release over `dataset`.
fn terms_of(dataset: &Dataset, policies: &Policies, papers: &Papers) -> Terms {
    Terms {
        snapshot: dataset.registration().map(Registered::id),
        policies: policies.files().iter().map(PolicyFile::id).collect(),
        dossier: papers.digest(),
    }
}

/// Decides whether `module` may be tried over invented persons.
///
/// # Errors
/// [`Refusal`] with the first reason against it, but for signatures as [`admit`] has them.
pub(crate) async fn admit_invented(
    module: Module,
    invented: &Invented,
    profile: Profile,
    params: Vec<(String, String)>,
) -> Result<AdmittedInvented, Refusal> {
    let (dataset, here) = (invented.dataset().clone(), Processes::One(Isolation::Restored));
    let ground = Ground::invented(&module, invented);
    let form = Form::fill(module, ground, dataset, profile, params)?;
    form.prepare((&here, 1)).await.map(AdmittedInvented)
}

/// A request of which all is known that can be without its data.
struct Form {
    module: Module,
    ground: Ground,
    dataset: Dataset,
    profile: Profile,
    given: Vec<(String, String)>,
    params: Params,
    layout: Layout,
}

impl Form {
    /// Binds parameters and lays out cells.
    fn fill(
        module: Module,
        ground: Ground,
        dataset: Dataset,
        profile: Profile,
        given: Vec<(String, String)>,
    ) -> Result<Self, Refusal> {
        let params = Params::bind(&module.study, &given)?;
        let layout = Layout::new(&module.study, &params)?;
        let max = profile.cells_max();
        if layout.len > max && !off(Mechanism::CellsOfProfile) {
            let (cells, profile) = (layout.len, profile.name().to_owned());
            return Err(Refusal::CellsOfProfile { cells, profile, max });
        }
        Ok(Self { module, ground, dataset, profile, given, params, layout })
    }

    /// Whether the policies of `site` let it run, and let what comes of it be released.
    fn allowed(
        &self,
        standing: Standing,
        site: &Site,
        now: &str,
    ) -> Result<Vec<Decision>, Refusal> {
        let asks = (&self.module, &self.layout);
        let facts = Facts::of(asks, &self.dataset, &self.profile, standing, now);
        let each = facts.iter().flat_map(|facts| {
            [Action::Run, Action::Release].map(|action| site.policies.decide(action, facts))
        });
        let allow = |decision: Decision| {
            if off(Mechanism::Policies) { Ok(decision) } else { Ok(decision.allow()?) }
        };
        each.map(allow).collect()
    }

    /// What it costs `who`.
    fn bill(&self, who: Payer) -> Result<Bill, Refusal> {
        let persons = self.dataset.published_persons();
        if let Some(min) = self.profile.open().map(|open| open.population_min)
            && persons < min
            && !off(Mechanism::PopulationMin)
        {
            let profile = self.profile.name().to_owned();
            return Err(Refusal::TooFewForOpen { persons, profile, min });
        }
        let cells = (&self.module.study, &self.params, &self.layout);
        who.bill(&self.profile, cells).ok_or(Refusal::NoLedger)
    }

    /// When its release is planned, if `at_once` persons run at a time.
    fn plan(&self, at_once: usize) -> Plan {
        let worst = PRICE.worst_person(&Trial::limits_of(&self.module.study));
        instant::plan(self.dataset.published_persons(), worst, at_once)
    }

    /// The key of its noise in an `epoch` of the data.
    fn noise(&self, secret: &SiteSecret, epoch: &str) -> NoiseKey {
        let params = serde_json::json!(self.params.to_json(&self.module.study));
        let digests = [self.profile.id().sha256, self.module.digest];
        NoiseKey::of_job(secret, digests, epoch, &params.to_string())
    }

    /// What every request must pass, once it is known who signed it and that it can be afforded.
    async fn prepare(self, (processes, at_once): (&Processes, usize)) -> Result<Admitted, Refusal> {
        let plan = self.plan(at_once);
        let Self { module, ground, dataset, profile, given, params, layout } = self;
        let Module { checked, study, study_digest, .. } = module;
        let session = SessionContext::new();
        let source = Source::open(&dataset, &session).await?;
        let codes = source.resolve(&study, &params).await?;
        // The tables and columns must be there before the first person is called.
        for table in &study.tables {
            source.rows(table, &codes).await?;
        }
        let job = Job::new(study, params, codes, dataset.snapshot_date());
        let trial = Trial::of(&job, &layout)?;
        let minutes = plan.release_after.as_secs() / 60;
        tracing::info!(minutes, "the release is planned for so long after admission");
        let place = match processes {
            Processes::One(isolation) => GuestPlace::Here(here(checked, trial, *isolation).await?),
            Processes::Confined(confined) => {
                let code = processes::compile(confined, checked.bytes(), &trial).await?;
                let (confined, study) = (confined.clone(), checked.study().to_owned());
                GuestPlace::Worker(GuestCode { confined, code, trial, study, given })
            }
        };
        let module = ground.module();
        let (key, noise, papers) = (DigestKey::default(), NoiseKey::default(), None);
        Ok(Admitted {
            dataset,
            profile,
            module,
            study_digest,
            job,
            layout,
            plan,
            place,
            key,
            noise,
            papers,
        })
    }
}

/// Compiles in this process. It takes its time: elsewhere, so that a Ctrl-C is heard.
async fn here(
    module: CheckedModule,
    trial: Trial,
    isolation: Isolation,
) -> Result<Arc<Sandbox>, Refusal> {
    let made = tokio::task::spawn_blocking(move || trial.compile(&module));
    let (_, sandbox) = made.await.map_err(|_| Refusal::Interrupted)??;
    Ok(Arc::new(sandbox.isolated(isolation)))
}

impl Admitted {
    /// What the receipt of its release says, of a site with these policies.
    pub(crate) fn terms(&self, policies: &Policies) -> Option<Terms> {
        self.papers.as_ref().map(|papers| terms_of(&self.dataset, policies, papers))
    }

    /// What runs its guest.
    pub(crate) fn engine(&self) -> EngineId {
        EngineId {
            cloister: env!("CARGO_PKG_VERSION").to_owned(),
            engine: cloister_sandbox::ENGINE.to_owned(),
            abi: 1,
        }
    }

    /// The caps on one person's cells.
    pub(crate) const fn caps(&self) -> CellCaps {
        self.profile.caps()
    }
}
