//! Random jobs, some of them killed, meet the decisions of a model that only adds up.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

/// What may come of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Released,
    Again,
    Died,
    OfStudy(&'static str),
    Jobs,
    BitsOfJob,
}

/// Where a run ends.
#[derive(Clone, Copy, Debug)]
enum End {
    BeforePaying,
    AfterPaying,
    Released,
}

/// The rules once more, as plain sums over what happened.
#[derive(Default)]
struct Model {
    paid: HashSet<Digest>,
    released: HashSet<Digest>,
    charges: Vec<Bill>,
}

impl Model {
    fn ask(&mut self, bill: &Bill, end: End) -> Said {
        if self.released.contains(&bill.job) {
            return Said::Again;
        }
        if !self.paid.contains(&bill.job) {
            let of = |sum: fn(&Bill) -> u64| -> u64 {
                let same = self.charges.iter().filter(|paid| paid.account == bill.account);
                same.map(sum).sum()
            };
            let same_epoch =
                |paid: &&Bill| paid.account == bill.account && paid.epoch == bill.epoch;
            if bill.asked.bits > 100 {
                return Said::BitsOfJob;
            }
            if of(|paid| paid.asked.scalars) + bill.asked.scalars > 40 {
                return Said::OfStudy("numbers");
            }
            if of(|paid| paid.asked.bits) + bill.asked.bits > 300 {
                return Said::OfStudy("bits");
            }
            if self.charges.iter().filter(same_epoch).count() >= 3 {
                return Said::Jobs;
            }
        }
        if !matches!(end, End::BeforePaying) && self.paid.insert(bill.job) {
            self.charges.push(bill.clone());
        }
        if matches!(end, End::Released) {
            self.released.insert(bill.job);
            return Said::Released;
        }
        Said::Died
    }
}

async fn ask(site: &Site, bill: &Bill, end: End) -> Said {
    let asked = match site.ask(bill).await {
        Ok(asked) => asked,
        Err(LedgerError::Exhausted(Exhausted::OfStudy { unit, .. })) => return Said::OfStudy(unit),
        Err(LedgerError::Exhausted(Exhausted::Jobs { .. })) => return Said::Jobs,
        Err(LedgerError::Exhausted(Exhausted::BitsOfJob { .. })) => return Said::BitsOfJob,
        Err(other) => panic!("{other}"),
    };
    let ticket = match asked {
        Reply::Answered(kept, _) => {
            assert_eq!(kept.document().study.name, bill.job.to_string());
            return Said::Again;
        }
        Reply::New(ticket) => ticket,
    };
    match end {
        End::BeforePaying => Said::Died,
        End::AfterPaying => {
            ticket.pay().await.unwrap();
            Said::Died
        }
        End::Released => {
            keep(release(bill), ticket.pay().await.unwrap()).await.unwrap();
            Said::Released
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn random_jobs_meet_the_decisions_of_a_simple_model(
        jobs in proptest::collection::vec((0..2_u8, 0..6_u8, 0..2_u8, 0..3_u8), 1..20),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (site, mut model) = (Site::new(), Model::default());
            for (study, job, epoch, end) in jobs {
                let end = match end {
                    0 => End::BeforePaying,
                    1 => End::AfterPaying,
                    _ => End::Released,
                };
                // Costs of a job's own, some beyond what a job, or a study, may have.
                let scalars = [1, 7, 12, 0, 20, 3][usize::from(job)];
                let bits = [60, 99, 10, 101, 80, 100][usize::from(job)];
                let names = (format!("study {study}"), job.to_string(), epoch.to_string());
                let bill = bill(&names.0, &names.1, &names.2, scalars, bits);
                assert_eq!(ask(&site, &bill, end).await, model.ask(&bill, end));
            }
            if !model.charges.is_empty() {
                let book = site.book().await.unwrap();
                let charged = book.entries().iter().filter(|e| e.kind == EntryKind::Charge);
                assert_eq!(charged.count(), model.charges.len());
            }
        });
    }
}
