//! The ledger against whoever changes its files, and against a simple model.

mod model;
mod timing;
mod told;
mod year;

use std::collections::BTreeMap;
use std::fs;

use cloister_contract::digest::Digest;
use cloister_contract::release::{DatasetId, EngineId, ProfileId, Protection, StudyId};
use cloister_contract::release::{RELEASE_SCHEMA, ReleaseDocument};
use tempfile::TempDir;

use super::entry::genesis;
use super::*;
use crate::dossier::Dossier;

const NOW: &str = "2030-01-01T00:00:00Z";
const LIMITS: Limits = Limits {
    account: Amounts { scalars: 40, bits: 300, jobs: 3 },
    bits_per_job: 100,
    rho_per_year: 0,
    rho_per_account: 0,
    epoch_days: 0,
};

struct Site {
    folder: TempDir,
    key: Arc<Signer>,
}

/// A key of its own for each `seed`.
fn key(seed: u8) -> Arc<Signer> {
    Arc::new(ed25519_dalek::SigningKey::from_bytes(&[seed; 32]).into())
}

impl Site {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), key: key(7) }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ledger.sqlite")
    }

    fn at(&self, now: &str) -> Ledger<'_> {
        let secret = SiteSecret::of(&self.key).unwrap();
        Ledger::at(&self.file(), &self.key, secret, now).unwrap()
    }

    async fn ask(&self, bill: &Bill) -> Result<Reply<'_>, LedgerError> {
        self.at(NOW).ask(bill.clone()).await
    }

    /// Asks, pays, and stores a release.
    async fn answer(&self, bill: &Bill) -> Result<Kept, LedgerError> {
        match self.ask(bill).await? {
            Reply::Answered(kept, _) => Ok(kept),
            Reply::New(ticket) => keep(release(bill), ticket.pay().await?).await,
        }
    }

    async fn book(&self) -> Result<Book, LedgerError> {
        read_ledger(&self.file(), Some(&self.key.public())).await
    }
}

fn bill(study: &str, job: &str, epoch: &str, scalars: u64, bits: u64) -> Bill {
    let (population, study) = ("people".to_owned(), study.to_owned());
    Bill {
        job: Digest::of(format!("{study} {job} {epoch}").as_bytes()),
        account: Account { population, study },
        asked: Amounts { scalars, bits, jobs: 1 },
        rho: 0,
        limits: LIMITS,
        compares_releases: false,
        dataset: "data".to_owned(),
        epoch: epoch.to_owned(),
        profile: "hospital".to_owned(),
        module: genesis(),
    }
}

/// A release of no cells, which tells of its job by its study's name, and one set.
fn release(bill: &Bill) -> Release {
    let text = String::new;
    let (sha256, name) = (genesis(), bill.job.to_string());
    let document = ReleaseDocument {
        schema: RELEASE_SCHEMA.to_owned(),
        protection: Protection::Protected,
        study: StudyId { name, version: text(), sha256 },
        module: bill.module,
        params: BTreeMap::new(),
        codes: BTreeMap::new(),
        dataset: DatasetId {
            name: text(),
            snapshot_date: text(),
            published_persons: 1,
            synthetic: false,
            public: false,
            row_is_person: false,
        },
        profile: ProfileId { name: text(), sha256 },
        bits: Some(20),
        noise: None,
        engine: EngineId { cloister: text(), engine: text(), abi: 1 },
        cells: Vec::new(),
    };
    Release::made_up(document, vec![told::set_of(bill)])
}

/// What a job of `bill` was admitted on, and its module.
fn papers() -> Papers {
    let dossier = Dossier {
        module: genesis(),
        params: Vec::new(),
        profile: String::new(),
        tier: "reviewed".to_owned(),
        statements: Vec::new(),
        trust: None,
        registration: None,
        policies: Vec::new(),
        decision: None,
    };
    Papers::of(&dossier, b"module".to_vec()).unwrap()
}

async fn keep(release: Release, paid: Paid<'_>) -> Result<Kept, LedgerError> {
    super::keep(release, paid, &papers()).await
}

async fn three_jobs() -> Site {
    let site = Site::new();
    for job in ["one", "two"] {
        site.answer(&bill("a", job, "now", 5, 20)).await.unwrap();
    }
    site.answer(&bill("b", "three", "now", 5, 20)).await.unwrap();
    site
}

async fn execute(site: &Site, sql: &'static str) {
    let mut connection = database::open(&site.file()).await.unwrap();
    sqlx::query(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// What the ledger says to a job that it could afford.
async fn refused(site: &Site) -> String {
    let asked = site.ask(&bill("c", "new", "now", 1, 1)).await;
    asked.err().unwrap().to_string()
}

#[tokio::test]
async fn whatever_is_changed_in_an_entry_refuses_everybody() {
    for change in [
        "UPDATE entry SET at = at + 1 WHERE number = 2",
        "UPDATE entry SET scalars = 4 WHERE number = 1",
        "UPDATE entry SET scalars_spent = 0 WHERE number = 6",
        "UPDATE entry SET bits_allowed = 999999 WHERE number = 5",
        "UPDATE entry SET population = 'other people' WHERE number = 1",
        "UPDATE entry SET study = 'other' WHERE number = 6",
        "UPDATE entry SET epoch = 'later' WHERE number = 6",
        "UPDATE entry SET dataset = 'other' WHERE number = 3",
        "UPDATE entry SET profile = 'public' WHERE number = 3",
        "UPDATE entry SET kind = 'release' WHERE number = 5",
        "UPDATE entry SET kind = 'gift' WHERE number = 5",
        "UPDATE entry SET job = module WHERE number = 3",
        "UPDATE entry SET module = job WHERE number = 3",
        "UPDATE entry SET release = job WHERE number = 6",
        "UPDATE entry SET rho = 1 WHERE number = 6",
        "UPDATE entry SET scalars = -5 WHERE number = 6",
        "UPDATE entry SET hash = job WHERE number = 6",
        "UPDATE entry SET number = 7 WHERE number = 6",
        "DELETE FROM entry WHERE number = 3",
        "DELETE FROM entry WHERE number = 1",
    ] {
        let site = three_jobs().await;
        execute(&site, change).await;
        let said = refused(&site).await;
        assert!(said.contains("the ledger does not verify"), "{change}: {said}");
        assert!(site.book().await.is_err(), "{change}");
    }
}

#[tokio::test]
async fn a_missing_tail_refuses_everybody() {
    for change in ["DELETE FROM entry WHERE number = 6", "DELETE FROM entry"] {
        let site = three_jobs().await;
        execute(&site, change).await;
        let said = refused(&site).await;
        assert!(said.contains("its checkpoint knows of 6"), "{change}: {said}");
    }
}

#[tokio::test]
async fn an_old_copy_of_the_ledger_refuses_everybody() {
    let site = three_jobs().await;
    let old = fs::read(site.file()).unwrap();
    site.answer(&bill("a", "four", "now", 5, 20)).await.unwrap();
    fs::write(site.file(), old).unwrap();
    assert!(refused(&site).await.contains("its checkpoint knows of 8"));
}

#[tokio::test]
async fn what_lies_beside_the_ledger_is_missed() {
    let site = three_jobs().await;
    let checkpoint = checkpoint::beside(&site.file());
    let text = fs::read_to_string(&checkpoint).unwrap();
    fs::remove_file(&checkpoint).unwrap();
    assert!(refused(&site).await.contains("its checkpoint is gone"));
    fs::write(&checkpoint, text.replace("\"sig\":\"", "\"sig\":\"AAAA")).unwrap();
    assert!(refused(&site).await.contains("does not hold"));
    // By another key, over the right words.
    let book = read_ledger(&site.file(), None).await;
    assert!(book.is_err());
    fs::write(&checkpoint, &text).unwrap();
    let book = site.book().await.unwrap();
    checkpoint::write(&site.file(), &book, &key(8)).await.unwrap();
    assert!(refused(&site).await.contains("this site's key did not sign it"));
    fs::write(&checkpoint, &text).unwrap();
    site.ask(&bill("c", "new", "now", 1, 1)).await.unwrap();
    fs::remove_file(site.file()).unwrap();
    assert!(refused(&site).await.contains("nobody knows what was spent"));
    fs::remove_file(&checkpoint).unwrap();
    assert!(refused(&site).await.contains("nobody knows what was spent"), "releases are there");
    fs::write(site.file(), "").unwrap();
    assert!(refused(&site).await.contains("nobody knows what was spent"), "releases are there");
    fs::write(site.file(), "no database at all, but a text of some length").unwrap();
    assert!(refused(&site).await.contains("is no ledger"));
}

#[tokio::test]
async fn a_clock_that_went_backwards_refuses_everybody() {
    let site = three_jobs().await;
    let new = bill("c", "new", "now", 1, 1);
    assert!(site.at("2029-12-31T23:59:00Z").ask(new.clone()).await.is_ok(), "a minute is nothing");
    let said = site.at("2029-12-31T23:58:59Z").ask(new).await.err().unwrap().to_string();
    assert!(said.contains("61 seconds before the ledger's last entry"), "{said}");
}

#[tokio::test]
async fn a_stored_release_that_is_another_is_not_given() {
    let site = three_jobs().await;
    let one = bill("a", "one", "now", 5, 20);
    let file = site.folder.path().join("releases").join(format!("{}.json", one.job));
    let bytes = fs::read(&file).unwrap();
    assert_eq!(site.answer(&one).await.unwrap().bytes(), bytes);
    let mut other = bytes.clone();
    other.push(b'\n');
    fs::write(&file, other).unwrap();
    let said = site.ask(&one).await.err().unwrap().to_string();
    assert!(said.contains("not the one that the ledger knows"), "{said}");
    fs::remove_file(&file).unwrap();
    let said = site.ask(&one).await.err().unwrap().to_string();
    assert!(said.contains("no release is made twice"), "{said}");
    assert_eq!(site.book().await.unwrap().entries().len(), 6, "and nothing was charged");
}

/// A crash between any two writes leaves one of these states; none refuses, or charges twice.
#[tokio::test]
async fn every_state_between_two_writes_is_taken_up() {
    let site = three_jobs().await;
    let new = bill("c", "new", "now", 1, 1);
    let checkpoint = checkpoint::beside(&site.file());
    let before = fs::read(&checkpoint).unwrap();
    let charged = || async { site.book().await.unwrap().entries().len() };
    // Charged, and the checkpoint is the one before.
    let Reply::New(ticket) = site.ask(&new).await.unwrap() else { panic!("it is new") };
    drop(ticket.pay().await.unwrap());
    fs::write(&checkpoint, &before).unwrap();
    let Reply::New(ticket) = site.ask(&new).await.unwrap() else { panic!("nothing is stored") };
    let paid = ticket.pay().await.unwrap();
    assert_eq!(charged().await, 7, "it has paid already");
    // The release is written in part, and then whole, and the ledger does not know of it.
    let releases = site.folder.path().join("releases");
    fs::write(releases.join(format!("{}.partial", new.job)), [7; 100_000]).unwrap();
    drop(paid);
    let sets = SetsKey::of(&SiteSecret::of(&site.key).unwrap(), "people");
    Shelf::beside(&site.file()).put(new.job, &release(&new), &papers(), &sets).unwrap();
    let Reply::New(ticket) = site.ask(&new).await.unwrap() else { panic!("it is not entered") };
    let before = fs::read(&checkpoint).unwrap();
    let kept = keep(release(&new), ticket.pay().await.unwrap()).await.unwrap();
    assert_eq!(charged().await, 8);
    // Entered, and the checkpoint is the one before.
    fs::write(&checkpoint, &before).unwrap();
    assert_eq!(site.answer(&new).await.unwrap().bytes(), kept.bytes());
    assert_eq!(charged().await, 8);
}

/// Whenever that was: who has not paid does not, a job that paid and was ended is lost, and what
/// was answered is given again.
#[tokio::test]
async fn once_registered_data_were_asked_others_pay_for_nothing() {
    let site = Site::new();
    let unregistered =
        |job: &str| bill("a", job, &crate::dataset::unregistered("2030-01-01"), 5, 20);
    let answered = site.answer(&unregistered("answered")).await.unwrap();
    let Reply::New(ended) = site.ask(&unregistered("ended")).await.unwrap() else { panic!() };
    drop(ended.pay().await.unwrap());
    let Reply::New(late) = site.ask(&unregistered("late")).await.unwrap() else { panic!() };
    site.answer(&bill("b", "registered", "0123abcd", 5, 20)).await.unwrap();
    let is_refused = |error| matches!(error, LedgerError::Unregistered(name) if name == "data");
    assert!(is_refused(late.pay().await.err().unwrap()));
    for job in ["ended", "another"] {
        assert!(is_refused(site.ask(&unregistered(job)).await.err().unwrap()), "{job}");
    }
    let again = site.answer(&unregistered("answered")).await.unwrap();
    assert_eq!(again.digest(), answered.digest());
    assert_eq!(site.book().await.unwrap().entries().len(), 5, "nobody else paid");
}

/// A run that waits for the same job, and finds what it released.
#[tokio::test]
async fn two_of_one_job_are_one() {
    let site = Site::new();
    let one = bill("a", "one", "now", 5, 20);
    let Reply::New(first) = site.ask(&one).await.unwrap() else { panic!("it is new") };
    let second = site.ask(&one);
    tokio::pin!(second);
    let brief = Duration::from_millis(200);
    assert!(tokio::time::timeout(brief, &mut second).await.is_err(), "it waits");
    let kept = keep(release(&one), first.pay().await.unwrap()).await.unwrap();
    let Reply::Answered(again, _) = second.await.unwrap() else { panic!("it ran again") };
    assert_eq!(again.bytes(), kept.bytes());
    assert_eq!(site.book().await.unwrap().entries().len(), 2);
}

/// The worked number of `account.rs`.
#[test]
fn gibleed_allows_eight_sets_of_parameters() {
    let profile = crate::protect::Profile::named("hospital").unwrap();
    let limits = Limits::new(profile.rules().unwrap(), 2_690);
    assert_eq!(limits.account.scalars, 269);
    let asked = Amounts { scalars: 32, bits: 291, jobs: 1 };
    let mut spent = Amounts::default();
    for _ in 0..8 {
        spent = spend(spent, asked, &limits).unwrap();
    }
    let refused = spend(spent, asked, &limits).unwrap_err().to_string();
    assert!(refused.contains("has spent 256 of 269, so 13 are left"), "{refused}");
    assert_eq!(Limits::new(profile.rules().unwrap(), 1_000_000).account.scalars, 5_000);
}

#[cfg(unix)]
#[tokio::test]
async fn its_files_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let site = three_jobs().await;
    let mode = |name: &str| {
        let found = fs::metadata(site.folder.path().join(name)).unwrap();
        found.permissions().mode() & 0o777
    };
    assert_eq!((mode("ledger.sqlite"), mode("ledger.checkpoint")), (0o600, 0o600));
    assert_eq!(mode("releases"), 0o700);
    for entry in fs::read_dir(site.folder.path().join("releases")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let known = ["json", "sets", "trace", "dossier", "wasm"];
        assert!(known.iter().any(|end| name.ends_with(&format!(".{end}"))), "{name}");
        assert_eq!(mode(&format!("releases/{name}")), 0o600);
    }
}
