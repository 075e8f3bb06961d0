//! `cargo xtask bench protect`: how long a job of a thousand cells takes, and what it loses.

use std::time::Instant;

use super::drafts::Sample;
use super::exact::Exact;
use super::relations::{Unknown, system};
use super::screen::{alone, withheld};
use super::solver::Program;
use super::{History, Profile, Rules};

const STUDY: &str = r#"
[dimensions]
a = { range = [1, 8] }
b = { range = [1, 9] }
c = { range = [1, 10] }
[outputs.n]
kind = "count"
by = ["a", "b", "c"]
totals = [["a", "b"], ["a", "c"], ["b", "c"], ["a"], ["b"], ["c"], []]
"#;

#[test]
#[ignore = "it measures; `cargo xtask bench protect` asks for it"]
fn a_thousand_cells() {
    for (name, persons) in [("sparse", 6_000_i64), ("dense", 30_000), ("full", 200_000)] {
        // Cells far from the middle of each dimension have fewer persons.
        let cell = |nth: i64| {
            let part = |size: i64, salt: i64| {
                let roll =
                    |salt: i64| (nth + 1).wrapping_mul(salt).rem_euclid(10_007) * size / 10_007;
                (roll(salt) + roll(salt + 2)) / 2
            };
            part(8, 7_919) * 90 + part(9, 104_729) * 10 + part(10, 1_299_709)
        };
        let people: Vec<_> = (0..persons).map(|nth| vec![(0, cell(nth), 1.0)]).collect();
        let sample = Sample::new(STUDY, 1_000_000, &people);
        let (exact, rules) =
            (sample.exact(), *Profile::named("hospital").unwrap().rules().unwrap());
        let primary = alone(&rules, &exact).iter().filter(|w| **w).count();
        let start = Instant::now();
        let lost = withheld(&rules, &exact, &History::default()).iter().filter(|w| **w).count();
        let (cells, seconds) = (exact.cells.len(), start.elapsed().as_secs_f64());
        let programs = seconds / one_program(&rules, &exact);
        println!(
            "{name}: {cells} cells, {primary} withheld alone, {lost} in all, {seconds:.2} s, \
             {programs:.0} times as long as one linear program over all cells"
        );
    }
}

/// Seconds of one linear program over all cells, for the machine's speed: how small the last cell
/// can be if everything is withheld that is so by itself.
fn one_program(rules: &Rules, exact: &Exact<'_>) -> f64 {
    let system = system(rules, exact, &exact.sets(), &[], &[]);
    let withheld = alone(rules, exact);
    let bounds = |unknown: &Unknown| {
        unknown.bounds(unknown.cell.is_none_or(|cell| withheld.get(cell).copied().unwrap_or(true)))
    };
    let unknowns: Vec<_> = system.unknowns.iter().map(bounds).collect();
    let program = Program { unknowns: &unknowns, equations: &system.equations };
    let last = withheld.iter().rposition(|withheld| *withheld).unwrap();
    let start = Instant::now();
    program.maximise(&[(last, -1.0)]).unwrap();
    start.elapsed().as_secs_f64()
}
