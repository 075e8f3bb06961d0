//! What the engine plans: every input cut and sorted by unit, and no more read than declared.

use cloister::{Isolation, Memory, Policies, Processes, Profile, Request, RunOptions, Site};

use crate::harness::{example, gibleed, opened};

/// A site that knows nobody and runs guests in this process.
pub(crate) fn site(partitions: usize) -> Site {
    let options = RunOptions { partitions, memory: Memory::default() };
    let processes = Processes::One(Isolation::Restored);
    let policies = Policies::open(&[]).unwrap();
    Site { trust: None, key: None, ledger: None, policies, options, processes, holds: true }
}

/// The plan by which `request` runs at `site`.
pub(crate) async fn explained(request: Request, site: &Site) -> String {
    let admission = cloister::admit(request, site, "2030-01-01T00:00:00Z").await.unwrap();
    // Nobody pays for exact numbers, or stores them.
    let admitted = match admission {
        cloister::Admission::New(admitted, None) => Some(admitted),
        _ => None,
    };
    cloister::explain(&admitted.unwrap(), &site.options).await.unwrap()
}

fn plan(partitions: usize) -> String {
    let request = Request {
        module: example("gi-bleed"),
        dataset: opened(&gibleed()),
        profile: Profile::named("exact").unwrap(),
        params: Vec::new(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async { explained(request, &site(partitions)).await })
}

#[test]
fn inputs_are_cut_and_sorted_by_the_same_key() {
    let plan = plan(3);
    // The unit keys, person, drug_era and outcome.
    let cut = "partitioning=Hash([__unit@0], 3)";
    assert_eq!(plan.matches(cut).count(), 4, "{plan}");
    assert_eq!(plan.matches("SortExec: expr=[__unit@0 ASC NULLS LAST]").count(), 4, "{plan}");
}

#[test]
fn only_declared_columns_and_rows_that_pass_are_read() {
    let plan = plan(1);
    let scan = |file: &str| {
        let scans = plan.lines().filter(|line| line.contains("DataSourceExec"));
        let mut of = scans.filter(|line| line.contains(file));
        of.next_back().unwrap().to_owned()
    };
    let drug_era = scan("/drug_era.parquet");
    assert!(drug_era.contains("predicate=") && drug_era.contains("1118084"), "{drug_era}");
    assert!(!drug_era.contains("drug_era_end_date") && !drug_era.contains("gap_days"));
    let outcome = scan("/condition_occurrence.parquet");
    assert!(outcome.contains("192671") && !outcome.contains("condition_end_date"), "{outcome}");
    let person = scan("/person.parquet");
    assert!(!person.contains("race") && !person.contains("source_value"), "{person}");
}
