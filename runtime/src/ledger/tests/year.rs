//! What the persons of a population are charged in the tier `open`, against the sentence and
//! against a model that only adds up.

use proptest::prelude::*;

use super::*;
use crate::protect::{Profile, Tier};

const DAY: i64 = 24 * 60 * 60;

/// A job that costs `rho` of the `allowed` ρ a year, in millionths.
fn open_bill(population: &str, study: &str, job: &str, (rho, allowed): (u64, u64)) -> Bill {
    let account = Account { population: population.to_owned(), study: study.to_owned() };
    let limits = Limits {
        account: Amounts { scalars: 0, bits: 0, jobs: 100 },
        bits_per_job: 0,
        rho_per_year: allowed,
        rho_per_account: allowed,
        epoch_days: 0,
    };
    let asked = Amounts { scalars: 0, bits: 0, jobs: 1 };
    let job = Digest::of(format!("{population} {study} {job}").as_bytes());
    Bill { job, account, asked, rho, limits, ..bill(study, "", "now", 0, 0) }
}

/// Asks on a day, counted from the first, and pays unless it dies before.
async fn on(site: &Site, day: i64, bill: &Bill, pays: bool) -> Result<(), LedgerError> {
    let first: jiff::Timestamp = NOW.parse().unwrap();
    let now = jiff::Timestamp::from_second(first.as_second() + day * DAY).unwrap().to_string();
    if let Reply::New(ticket) = site.at(&now).ask(bill.clone()).await?
        && pays
    {
        ticket.pay().await?;
    }
    Ok(())
}

/// The worked number of `year.rs`, under `public` and at its site's other profile.
#[tokio::test]
async fn a_population_has_so_much_a_year_whoever_asks() {
    let rules = |name: &str| {
        let profile = Profile::named(name).unwrap().in_tier(Tier::Open).unwrap();
        let open = profile.open().unwrap();
        (open.rho_of_job(), open.rho_of_year())
    };
    let (public, strict) = (rules("public"), rules("strict"));
    let site = Site::new();
    for job in 0..15 {
        // Five days apart, each by another author.
        let bill = open_bill("people", &format!("by {job}"), "x", public);
        on(&site, job * 5, &bill, true).await.unwrap();
    }
    let sixteenth = open_bill("people", "by sixteen", "x", public);
    let said = on(&site, 75, &sixteenth, true).await.unwrap_err().to_string();
    for part in ["`people`", "spent ρ = 0.014415 of the 0.015047", "costs 0.000961"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // The first charge was at the start of 2030, and counts for 366 days.
    assert!(said.contains("comes back on 2031-01-03"), "{said}");
    on(&site, 75, &open_bill("others", "by sixteen", "x", public), true).await.unwrap();
    on(&site, 365, &sixteenth, true).await.unwrap_err();
    on(&site, 366, &sixteenth, true).await.unwrap();
    // Another profile allows more, and what `public` spent counts there, too.
    on(&site, 366, &open_bill("people", "by one", "y", strict), true).await.unwrap();
    let book = site.book().await.unwrap();
    let now = NOW.parse::<jiff::Timestamp>().unwrap().as_second() + 366 * DAY;
    // Day 0 counts no more; fourteen of the first fifteen, the sixteenth and the strict one do.
    assert_eq!(book.rho("people", now), 15 * 961 + 4_443);
    let line = year_lines(&book, now).into_iter().find(|line| line.population == "people");
    let line = line.unwrap();
    // By hand: 0.018858 + 2·√(0.018858 · ln 10⁷) = 1.1215, and 1 / (1 + e^−1.1215) = 0.7543.
    assert!((line.epsilon - 1.1215).abs() < 1e-3, "{line:?}");
    assert!((line.attacker - 0.7543).abs() < 1e-3, "{line:?}");
    assert!(ledger_page(&book, now).text().contains("75.5 of 100 times"));
}

#[tokio::test]
async fn a_job_that_no_year_affords_says_so() {
    let site = Site::new();
    let said = on(&site, 0, &open_bill("people", "a", "x", (11, 10)), true).await.unwrap_err();
    assert!(said.to_string().contains("more than a year allows"), "{said}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    /// The ledger lets through what a plain sum lets through, and no span of a year holds more
    /// than is allowed.
    #[test]
    fn random_jobs_never_spend_more_than_a_year_has(
        jobs in prop::collection::vec((0..2_u8, 0..9_u8, 1..6_u64, 0..200_i64, 0..4_u8), 1..24),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (site, mut day) = (Site::new(), 0);
            let mut paid: Vec<(u8, u8, u64, i64)> = Vec::new();
            for (population, job, rho, later, end) in jobs {
                day += later;
                let (name, pays) = (format!("people {population}"), end != 0);
                let known = paid.iter().any(|one| (one.0, one.1) == (population, job));
                let counts = |one: &&(u8, u8, u64, i64)| one.0 == population && one.3 > day - 366;
                let spent: u64 = paid.iter().filter(counts).map(|one| one.2).sum();
                let fits = known || spent + rho <= 10;
                let bill = open_bill(&name, "a", &job.to_string(), (rho, 10));
                assert_eq!(on(&site, day, &bill, pays).await.is_ok(), fits);
                if fits && pays && !known {
                    paid.push((population, job, rho, day));
                }
            }
            for (population, _, _, from) in &paid {
                let within = paid.iter().filter(|one| {
                    one.0 == *population && (*from..from + 366).contains(&one.3)
                });
                assert!(within.map(|one| one.2).sum::<u64>() <= 10);
            }
        });
    }
}

/// Half of a year's budget, and not a job more, for one author; then another asks.
#[tokio::test]
async fn one_account_spends_its_share_of_a_year() {
    let site = Site::new();
    let of = |study: &str, job: &str| {
        let mut bill = open_bill("people", study, job, (10, 100));
        bill.limits.rho_per_account = 50;
        bill
    };
    for job in ["a", "b", "c", "d", "e"] {
        on(&site, 0, &of("by ada", job), true).await.unwrap();
    }
    let said = on(&site, 0, &of("by ada", "f"), true).await.unwrap_err().to_string();
    for part in ["`by ada`", "ρ = 0.000050 of the 0.000050", "back on 2031-01-03"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    on(&site, 0, &of("by ben", "f"), true).await.unwrap();
    on(&site, 366, &of("by ada", "f"), true).await.unwrap();
}

/// The worked number of `epoch.rs`: data that are registered again the next day give no jobs.
#[tokio::test]
async fn an_epoch_lasts_its_days_however_often_data_are_registered() {
    let site = Site::new();
    let of = |job: &str, epoch: &str| {
        let mut bill = bill("by ada", job, epoch, 1, 1);
        bill.limits.epoch_days = 30;
        bill
    };
    for job in ["a", "b", "c"] {
        on(&site, 0, &of(job, "first"), true).await.unwrap();
    }
    let said = on(&site, 1, &of("d", "second"), true).await.unwrap_err().to_string();
    assert!(said.contains("no jobs left for this study: 3 of 3"), "{said}");
    on(&site, 29, &of("d", "second"), true).await.unwrap_err();
    on(&site, 30, &of("d", "second"), true).await.unwrap();
    // Long after, in the same epoch still: its jobs count, those of the one before do not.
    for job in ["e", "f"] {
        on(&site, 200, &of(job, "second"), true).await.unwrap();
    }
    on(&site, 200, &of("g", "second"), true).await.unwrap_err();
}
