//! An attacker against the real noise: the worst guest found, 10,000 times with one person and
//! 10,000 times without.
//!
//! The guest has the person in every cell at the upper bound, which moves every noised number by
//! all that its sensitivity says. Errors are bounded by Clopper and Pearson (1934) at 10⁻⁸ each,
//! so an honest build fails less than once in a million runs. Budgets here are larger than any
//! profile's: of a small one, 10,000 runs tell nothing.

use cloister_contract::release::NoiseMechanism;
use statrs::function::beta::beta_reg;
use statrs::function::erf::{erfc, erfc_inv};

use super::super::drafts::Sample;
use super::tests::{moved, rules};
use super::*;

/// Runs with the person, and as many without.
const RUNS: usize = 10_000;
/// How often a bound may be wrong.
const WRONG: f64 = 1e-8;

/// One output with persons, Σ and Σ²; one cell and its total, so that a person is in two.
const STUDY: &str = "[dimensions]\na = [\"x\"]\n[outputs]\nm = { kind = \"moments\", \
                     by = [\"a\"], totals = [[]], bounds = [0, 20], grid = 1 }\n";

/// What an attacker saw of the noised numbers, with and without the person.
struct Seen {
    /// Each quantity and its honest scale in steps.
    scaled: Vec<(Quantity, f64)>,
    /// By how much the person moves each cell of each quantity.
    moved: Vec<Vec<i128>>,
    /// For each run, the noised numbers less the exact ones without the person.
    with: Vec<Vec<Vec<i128>>>,
    without: Vec<Vec<Vec<i128>>>,
}

/// Rules under which each of three quantities costs ρ = 0.5: √(2ρ) = 1.
fn audited(mechanism: NoiseMechanism) -> OpenRules {
    let mut rules = rules("strict");
    (rules.mechanism, rules.delta) = (mechanism, 1e-6);
    rules.epsilon_per_job = budget::epsilon(1_500_001, rules.delta);
    assert!((1_500_000..=1_500_001).contains(&rules.rho_of_job()));
    rules
}

/// What the attacker sees; `broken` runs the host's part, and an honest host says the scales.
fn look(
    mechanism: NoiseMechanism,
    broken: impl Fn(&dyn Fn() -> Vec<Numbers>) -> Vec<Numbers>,
) -> Seen {
    let rules = audited(mechanism);
    let others = vec![vec![(0, 0, 7.0)]; 30];
    let all: Vec<_> = others.iter().cloned().chain([vec![(0, 0, 20.0)]]).collect();
    let sample = |persons: &[_]| Sample::capped(STUDY, 1_000, persons, rules.caps());
    let (without, with) = (sample(&others), sample(&all));
    let scaled_here = scaled(&rules, &with.exact());
    let run = |sample: &Sample| -> Vec<Vec<i128>> {
        let draw = || {
            let exact = sample.exact();
            noised(&OpenDp, &exact, &scaled(&rules, &exact)).unwrap()
        };
        let numbers = broken(&draw);
        let less = |(quantity, _): &(Quantity, Scale)| {
            let base = without.partial.cells.iter().zip(&numbers);
            base.map(|(exact, noised)| match quantity.number {
                NoisedNumber::Persons => noised.persons - i128::from(exact.persons),
                NoisedNumber::Excess => noised.excess - exact.sum,
                NoisedNumber::ExcessSquares => noised.squares - exact.squares,
            })
            .collect()
        };
        scaled_here.iter().map(less).collect()
    };
    Seen {
        moved: scaled_here.iter().map(|(one, _)| moved(one, &with, &without)).collect(),
        scaled: scaled_here.iter().map(|(q, s)| (*q, s.steps().to_f64().value())).collect(),
        with: (0..RUNS).map(|_| run(&with)).collect(),
        without: (0..RUNS).map(|_| run(&without)).collect(),
    }
}

/// The least and the greatest probability that explain `found` of [`RUNS`].
fn clopper_pearson(found: usize) -> [f64; 2] {
    let (k, n) = (found as f64, RUNS as f64);
    // P(X ≥ k) grows with p, P(X ≤ k) falls; each is a regularised incomplete beta function.
    let at_least = |p: f64| if found == 0 { 1.0 } else { beta_reg(k, n - k + 1.0, p) };
    let at_most = |p: f64| if found == RUNS { 1.0 } else { 1.0 - beta_reg(k + 1.0, n - k, p) };
    let solve = |fits: &dyn Fn(f64) -> bool| {
        let mut ends = [1e-12, 1.0 - 1e-12];
        for _ in 0..60 {
            let middle = (ends[0] + ends[1]) / 2.0;
            ends[usize::from(fits(middle))] = middle;
        }
        ends[0]
    };
    [solve(&|p| at_least(p) > WRONG), solve(&|p| at_most(p) < WRONG)]
}

/// The largest of the quantities' lower bounds on ε: by how much likelier it is, with the person,
/// that every cell has moved by all that the person can move it.
fn epsilon_at_least(seen: &Seen) -> f64 {
    let of = |quantity: usize| {
        let often = |runs: &[Vec<Vec<i128>>]| {
            let all = |run: &&Vec<Vec<i128>>| {
                run[quantity].iter().zip(&seen.moved[quantity]).all(|(by, most)| by >= most)
            };
            clopper_pearson(runs.iter().filter(all).count())
        };
        (often(&seen.with)[0] / often(&seen.without)[1]).ln()
    };
    (0..seen.scaled.len()).map(of).fold(f64::NEG_INFINITY, f64::max)
}

/// Bounds on μ of Gaussian differential privacy (Dong, Roth and Su 2022): of errors α and β of the
/// likelihood ratio of all cells together, μ = Φ⁻¹(1 − α) − Φ⁻¹(β).
fn mu_between(seen: &Seen) -> [f64; 2] {
    let score = |run: &Vec<Vec<i128>>| -> f64 {
        let quantities = run.iter().zip(&seen.moved).zip(&seen.scaled);
        quantities
            .flat_map(|((by, most), (_, sigma))| {
                by.iter().zip(most).map(move |(by, most)| (*by * *most) as f64 / sigma.powi(2))
            })
            .sum()
    };
    let middle = seen.moved.iter().zip(&seen.scaled).flat_map(|(most, (_, sigma))| {
        most.iter().map(move |most| (*most as f64 / sigma).powi(2) / 2.0)
    });
    let middle: f64 = middle.sum();
    let above = |runs: &[Vec<Vec<i128>>]| runs.iter().filter(|run| score(run) > middle).count();
    let alpha = clopper_pearson(above(&seen.without));
    let beta = clopper_pearson(RUNS - above(&seen.with));
    let mu = |alpha: f64, beta: f64| quantile(1.0 - alpha) - quantile(beta);
    [mu(alpha[1], beta[1]), mu(alpha[0], beta[0])]
}

/// Φ⁻¹.
fn quantile(p: f64) -> f64 {
    -std::f64::consts::SQRT_2 * erfc_inv(2.0 * p)
}

/// What the job claims of all its quantities together: √(2ρ), ρ = 1.5.
const MU: f64 = 1.732_050_8;

fn honest(draw: &dyn Fn() -> Vec<Numbers>) -> Vec<Numbers> {
    draw()
}

#[test]
fn laplace_noise_bounds_the_worst_guest_by_its_epsilon() {
    let found = epsilon_at_least(&look(NoiseMechanism::Laplace, honest));
    // Above a half: the attack is one, and sees most of what may be seen.
    assert!(found > 0.5 && found <= 1.0, "{found}");
}

#[test]
fn gaussian_noise_is_as_wide_as_its_rho_and_no_wider() {
    let [least, most] = mu_between(&look(NoiseMechanism::Gaussian, honest));
    assert!(least <= MU && (MU..2.0 * MU).contains(&most), "{least} to {most}");
}

/// A worked number, from the tables of the binomial and the normal distribution.
#[test]
fn bounds_are_those_of_the_tables() {
    let [least, most] = clopper_pearson(0);
    assert!(least < 1e-9 && (most - (1.0 - WRONG.powf(1.0 / RUNS as f64))).abs() < 1e-6);
    let [least, most] = clopper_pearson(5_000);
    // Symmetric, and close to 5.612 standard errors of 0.005.
    assert!((least + most - 1.0).abs() < 1e-6 && (most - 0.5 - 0.02804).abs() < 1e-4, "{most}");
    assert!((quantile(0.975) - 1.959_964).abs() < 1e-5);
    assert!((erfc(1.0) - 0.157_299).abs() < 1e-5);
}

#[cfg(feature = "faults")]
mod broken {
    use super::*;
    use crate::faults::{Mechanism, without};

    const ALL: [Mechanism; 4] = [
        Mechanism::NoiseScale,
        Mechanism::NoiseCells,
        Mechanism::NoiseGrid,
        Mechanism::NoiseSquares,
    ];

    #[test]
    fn each_break_of_laplace_noise_is_caught() {
        for fault in ALL {
            let seen = look(NoiseMechanism::Laplace, |draw| without(fault, draw));
            let found = epsilon_at_least(&seen);
            assert!(found > 1.0, "{fault:?}: {found}");
        }
    }

    #[test]
    fn each_break_of_gaussian_noise_is_caught() {
        for fault in ALL {
            let seen = look(NoiseMechanism::Gaussian, |draw| without(fault, draw));
            let [least, most] = mu_between(&seen);
            assert!(least > MU, "{fault:?}: {least} to {most}");
        }
    }
}
