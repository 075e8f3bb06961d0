//! What releases told, as later ones are compared with it: nothing is forgotten too early, and none
//! looks past another.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use super::{Bill, Kept, LedgerError, Reply, Shelf, Site, bill, keep, key, release};
use crate::protect::{Profile, Rules, ToldSet};

/// The set that the release of `bill` tells, which no other one does.
pub(super) fn set_of(bill: &Bill) -> ToldSet {
    let bytes = bill.job.to_string();
    ToldSet::made_up(u64::from_str_radix(bytes.get(..15).unwrap(), 16).unwrap())
}

/// The job of a profile that compares.
fn comparing(job: &str, epoch: &str) -> Bill {
    Bill { compares_releases: true, ..bill("a", job, epoch, 1, 1) }
}

fn file(site: &Site, bill: &Bill) -> PathBuf {
    site.folder.path().join("releases").join(format!("{}.sets", bill.job))
}

/// What `new` is compared with; it pays, and is not kept.
async fn compared(site: &Site, new: &Bill) -> Result<Vec<ToldSet>, LedgerError> {
    let Reply::New(ticket) = site.ask(new).await? else { panic!("it was answered") };
    let mut paid = ticket.pay().await?;
    let mut sets = paid.history().await?.sets().to_vec();
    sets.sort();
    Ok(sets)
}

fn sets(of: &[&Bill]) -> Vec<ToldSet> {
    let mut sets: Vec<_> = of.iter().map(|bill| set_of(bill)).collect();
    sets.sort();
    sets
}

async fn answered(site: &Site, of: &[&Bill]) {
    for bill in of {
        site.answer(bill).await.unwrap();
    }
}

#[tokio::test]
async fn a_release_is_compared_with_all_of_this_and_the_last_epoch() {
    let site = Site::new();
    let [one, two, three] = ["1", "2", "3"].map(|epoch| bill("a", "x", epoch, 1, 1));
    // Of another study, another dataset over the same people, and other people.
    let study = bill("b", "y", "2", 1, 1);
    let dataset = Bill { dataset: "extract".to_owned(), ..bill("b", "z", "old", 1, 1) };
    let mut others = bill("b", "w", "3", 1, 1);
    others.account.population = "other people".to_owned();
    answered(&site, &[&one, &two, &study, &dataset, &others, &three]).await;
    let new = comparing("new", "3");
    assert_eq!(compared(&site, &new).await.unwrap(), sets(&[&two, &study, &dataset, &three]));
    // A new epoch begins with the job that names it.
    let new = comparing("new", "4");
    assert_eq!(compared(&site, &new).await.unwrap(), sets(&[&dataset, &three]));
    // Who does not compare is told nothing.
    assert_eq!(compared(&site, &bill("c", "new", "3", 1, 1)).await.unwrap(), []);
}

#[tokio::test]
async fn sets_go_with_their_epoch_and_releases_stay() {
    let site = Site::new();
    let [one, two] = ["1", "2"].map(|epoch| bill("a", "x", epoch, 1, 1));
    answered(&site, &[&one, &two]).await;
    assert!(file(&site, &one).exists());
    site.ask(&bill("a", "x", "3", 1, 1)).await.map(drop).unwrap();
    assert!(!file(&site, &one).exists() && file(&site, &two).exists());
    assert!(file(&site, &one).with_extension("json").exists());
    site.answer(&one).await.unwrap();
}

/// A replay tells what was deleted with its epoch from what somebody took away.
#[tokio::test]
async fn what_was_forgotten_is_told_from_what_is_missing() {
    let site = Site::new();
    let [one, two, three] = ["1", "2", "3"].map(|epoch| bill("a", "x", epoch, 1, 1));
    answered(&site, &[&one, &two]).await;
    let rules =
        Profile::named("strict").unwrap().rules().map(|rules| Rules { epoch_days: 0, ..*rules });
    let trace = async || {
        let book = site.book().await.unwrap();
        let entry = book.release(two.job).unwrap();
        site.at(super::NOW).trace(entry, rules.as_ref()).await.map(drop)
    };
    trace().await.unwrap();
    let bytes = fs::read(file(&site, &one)).unwrap();
    fs::remove_file(file(&site, &one)).unwrap();
    assert!(matches!(trace().await, Err(LedgerError::SetsGone { .. })));
    fs::write(file(&site, &one), bytes).unwrap();
    trace().await.unwrap();
    answered(&site, &[&three]).await;
    assert!(!file(&site, &one).exists());
    assert!(matches!(trace().await, Err(LedgerError::Forgotten(_))));
}

#[tokio::test]
async fn what_is_missing_or_another_admits_nobody_who_is_compared() {
    let site = Site::new();
    let (one, two) = (bill("a", "x", "now", 1, 1), bill("a", "y", "now", 1, 1));
    answered(&site, &[&one, &two]).await;
    let (kept, other) =
        (fs::read(file(&site, &one)).unwrap(), fs::read(file(&site, &two)).unwrap());
    let new = comparing("new", "now");
    let paid = || async { site.book().await.unwrap().entries().len() };
    let changed = |at: usize| {
        let mut bytes = kept.clone();
        bytes[at] ^= 1;
        bytes
    };
    let flips = (0..kept.len()).step_by(7).map(changed);
    let wrong = [other, Vec::new(), kept[..kept.len() - 1].to_vec()].into_iter().chain(flips);
    for bytes in wrong {
        fs::write(file(&site, &one), bytes).unwrap();
        let said = site.ask(&new).await.err().unwrap().to_string();
        assert!(said.contains("is not what this site wrote"), "{said}");
    }
    fs::remove_file(file(&site, &one)).unwrap();
    let said = site.ask(&new).await.err().unwrap().to_string();
    assert!(said.contains("put it back"), "{said}");
    assert_eq!(paid().await, 4, "nobody has paid");
    // Who is not compared goes on.
    site.ask(&bill("c", "new", "now", 1, 1)).await.map(drop).unwrap();
    fs::write(file(&site, &one), kept).unwrap();
    assert_eq!(compared(&site, &new).await.unwrap(), sets(&[&one, &two]));
}

#[tokio::test]
async fn without_the_sites_key_a_file_says_nothing() {
    let site = Site::new();
    let one = bill("a", "x", "now", 1, 1);
    let mut told = ToldSet::encode(&[set_of(&one)]);
    answered(&site, &[&one]).await;
    let bytes = fs::read(file(&site, &one)).unwrap();
    told.truncate(8);
    assert!(!bytes.windows(8).any(|window| window == told), "its persons are there to read");
    let shelf = Shelf::beside(&site.file());
    let book = site.book().await.unwrap();
    let entry = book.release(one.job).unwrap();
    let of = |site, people| {
        let secret = crate::keys::SiteSecret::of(&key(site)).unwrap();
        shelf.sets(entry, &super::SetsKey::of(&secret, people)).is_ok()
    };
    assert!(of(7, "people"));
    assert!(!of(8, "people") && !of(7, "other people"));
}

/// Both are admitted before either is kept: the second waits, and sees what the first told.
#[tokio::test]
async fn of_two_at_once_the_second_is_compared_with_the_first() {
    let site = Site::new();
    let (one, two) = (comparing("x", "now"), comparing("y", "now"));
    let Reply::New(first) = site.ask(&one).await.unwrap() else { panic!("it is new") };
    let Reply::New(second) = site.ask(&two).await.unwrap() else { panic!("it is new") };
    let (mut first, mut second) = (first.pay().await.unwrap(), second.pay().await.unwrap());
    assert_eq!(first.history().await.unwrap().sets(), []);
    {
        let waits = second.history();
        tokio::pin!(waits);
        let brief = Duration::from_millis(200);
        assert!(tokio::time::timeout(brief, &mut waits).await.is_err(), "it looks past the first");
        let _: Kept = keep(release(&one), first).await.unwrap();
        assert_eq!(waits.await.unwrap().sets(), sets(&[&one]));
    }
    keep(release(&two), second).await.unwrap();
    // And one that was ended holds nobody up.
    let third = comparing("z", "now");
    assert_eq!(compared(&site, &third).await.unwrap(), sets(&[&one, &two]));
    assert_eq!(compared(&site, &third).await.unwrap(), sets(&[&one, &two]));
}

/// A run that was ended after its sets were written, and before the ledger knew of its release, has
/// told nothing; the next one of that job writes them anew.
#[tokio::test]
async fn sets_without_an_entry_are_nobodys() {
    let site = Site::new();
    let (one, two) = (comparing("x", "now"), comparing("y", "now"));
    site.ask(&one).await.map(drop).unwrap();
    fs::write(file(&site, &one), [7; 5]).unwrap();
    assert_eq!(compared(&site, &two).await.unwrap(), []);
    site.answer(&one).await.unwrap();
    assert_eq!(compared(&site, &two).await.unwrap(), sets(&[&one]));
}
