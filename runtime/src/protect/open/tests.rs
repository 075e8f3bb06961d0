//! The noise against its exact distribution, sensitivities against the host's own accumulation,
//! and what is shown against the noised numbers.

use cloister_contract::release::NoiseMechanism::{self, Gaussian, Laplace};
use dashu::integer::IBig;
use dashu::rational::RBig;
use opendp::domains::{AtomDomain, VectorDomain};
use opendp::measurements::{MakeNoise as _, ZExpFamily};
use opendp::measures::{MaxDivergence, ZeroConcentratedDivergence};
use opendp::metrics::{L1Distance, L2Distance};
use proptest::prelude::*;
use statrs::function::gamma::gamma_ur;

use super::super::drafts::Sample;
use super::*;
use crate::protect::{Profile, Tier};
use crate::run::CellCaps;

/// The rules of the tier `open` in the profile `name`.
pub(super) fn rules(name: &str) -> OpenRules {
    *Profile::named(name).unwrap().in_tier(Tier::Open).unwrap().open().unwrap()
}

/// A quantity in whose scale nothing else is of interest.
const fn quantity(cells: u64, step: u128) -> Quantity {
    Quantity { output: 0, number: NoisedNumber::Persons, cells, step }
}

/// The probability of each whole number up to `most` on both sides, of noise of `scale`.
fn pmf(mechanism: NoiseMechanism, scale: f64, most: i32) -> Vec<(i32, f64)> {
    let weight = |z: f64| match mechanism {
        Gaussian => (-z * z / (2.0 * scale * scale)).exp(),
        Laplace => (-z.abs() / scale).exp(),
    };
    // No scale here is over 50, so what lies beyond is nothing to a float.
    let all: f64 = (-4_000..=4_000).map(|z| weight(f64::from(z))).sum();
    (-most..=most).map(|z| (z, weight(f64::from(z)) / all)).collect()
}

/// Pearson's χ² over the numbers that are expected twenty times or more, and one bin for the rest.
#[test]
fn the_sampler_draws_the_exact_distribution() {
    const DRAWS: usize = 20_000;
    for mechanism in [Gaussian, Laplace] {
        // Large ρ, so that each whole number matters; and a scale that is no whole number.
        for rho in [2_000_000, 150_000, 17_000] {
            let scale = Scale::new(mechanism, &quantity(1, 1), Share { rho, count: 1 });
            let drawn: Vec<i128> = (0..DRAWS).map(|_| OpenDp.draw(&scale).unwrap()).collect();
            let exact = pmf(mechanism, scale.steps().to_f64().value(), 200);
            let often = exact.into_iter().filter(|(_, p)| p * DRAWS as f64 >= 20.0);
            let (mut square, mut bins, mut rest) = (0.0, 0.0, (DRAWS as f64, DRAWS));
            for (z, p) in often {
                let found = drawn.iter().filter(|drawn| **drawn == i128::from(z)).count();
                let expected = p * DRAWS as f64;
                square += (found as f64 - expected).powi(2) / expected;
                rest = (rest.0 - expected, rest.1 - found);
                bins += 1.0;
            }
            square += (rest.1 as f64 - rest.0).powi(2) / rest.0.max(1.0);
            // Wrong once in 10⁸ runs.
            let tail = gamma_ur(bins / 2.0, square / 2.0);
            assert!(tail > 1e-8, "{mechanism:?} {rho}: χ² = {square} of {bins}, {tail}");
        }
    }
}

/// The interval holds with 95% at least, and would not if it were narrower by two steps.
#[test]
fn an_interval_is_as_wide_as_it_says() {
    for mechanism in [Gaussian, Laplace] {
        for rho in [2_000_000, 150_000, 17_000, 961] {
            let scale = Scale::new(mechanism, &quantity(1, 1), Share { rho, count: 1 });
            let width = i32::try_from(scale.width()).unwrap();
            let within = |width: i32| -> f64 {
                pmf(mechanism, scale.steps().to_f64().value(), width).iter().map(|(_, p)| p).sum()
            };
            assert!(within(width) >= PROBABILITY, "{mechanism:?} {rho} {width}");
            assert!(width < 2 || within(width - 2) < PROBABILITY, "{mechanism:?} {rho} {width}");
        }
    }
}

/// OpenDP's own privacy maps, which round up, say the cost of each scale.
#[test]
fn opendp_says_that_a_scale_costs_its_share() {
    // A part in 10¹² more, for the rounding of these floats themselves.
    let rho = |micro: u64, count: u64| micro as f64 / 1e6 / count as f64 * (1.0 + 1e-12);
    for (micro, count, step) in [(961, 5, 1), (4_444, 1, 3_650), (900_000, 3, 1_u128 << 80)] {
        let share = Share { rho: micro, count };
        // Four cells: Δ1 is 4 steps, Δ2 two.
        let quantity = quantity(4, step);
        let delta = |cells: u128| RBig::from(IBig::from(cells * step));
        let space = || VectorDomain::new(AtomDomain::<IBig>::default());
        let scale = Scale::new(Gaussian, &quantity, share).steps();
        let (metric, noise) = (L2Distance::default(), ZExpFamily::<2> { scale });
        let made = noise.make_noise((space(), metric)).unwrap();
        let _: &ZeroConcentratedDivergence = &made.output_measure;
        let cost: f64 = made.map(&delta(2)).unwrap();
        assert!(cost <= rho(micro, count) && cost > 0.999 * rho(micro, count), "{cost}");
        let scale = Scale::new(Laplace, &quantity, share).steps();
        let (metric, noise) = (L1Distance::default(), ZExpFamily::<1> { scale });
        let made = noise.make_noise((space(), metric)).unwrap();
        let _: &MaxDivergence = &made.output_measure;
        let epsilon: f64 = made.map(&delta(4)).unwrap();
        let cost = epsilon * epsilon / 2.0;
        assert!(cost <= rho(micro, count) && cost > 0.999 * rho(micro, count), "{cost}");
    }
}

#[test]
fn worked_numbers() {
    let scale = |quantity, share| Scale::new(Gaussian, &quantity, share).steps().to_f64().value();
    let sigma = scale(quantity(1, 1), Share { rho: 961, count: 3 });
    assert!((sigma - 39.51).abs() < 0.01, "{sigma}");
    let study = "[dimensions]\na = [\"x\", \"y\", \"z\"]\n[outputs]\n\
        days = { kind = \"sum\", by = [\"a\"], totals = [[]], bounds = [0, 3650], grid = 1 }\n";
    let sample = Sample::new(study, 1_000, &[]);
    let found = quantities(&sample.exact(), rules("strict").caps());
    let excess = Quantity { output: 0, number: NoisedNumber::Excess, cells: 2, step: 3_650 };
    assert_eq!(found, [Quantity { number: NoisedNumber::Persons, step: 1, ..excess }, excess]);
}

/// An output of each kind, with margins and more cells a person than some caps allow.
const EVERY_KIND: &str = r#"
[dimensions]
a = ["x", "y", "z"]
b = ["u", "v"]
[outputs]
n = { kind = "count", by = ["a", "b"], totals = [["a"], ["b"], []], cells_per_person = 4 }
part = { kind = "count", by = ["a"], of = "all", cells_per_person = 2 }
all = { kind = "count", by = ["a"], cells_per_person = 3 }
s = { kind = "sum", by = ["a"], totals = [[]], bounds = [-3, 4], grid = 0.5, cells_per_person = 2 }
m = { kind = "moments", by = ["b"], totals = [[]], bounds = [2, 7], grid = 1 }
h = { kind = "histogram", by = ["b"], totals = [[]], edges = [0, 2, 4], cells_per_person = 3 }
"#;

proptest! {
    /// One person more moves no quantity by more than its Δ1 and Δ2, whatever the person says.
    #[test]
    fn nobody_moves_a_quantity_further_than_its_sensitivity(
        others in prop::collection::vec(prop::collection::vec(says(), 0..8), 0..4),
        one in prop::collection::vec(says(), 0..60),
        per_output in 1..6_u32,
        per_job in 1..12_u32,
    ) {
        let caps = CellCaps { per_output, per_job };
        let with: Vec<_> = others.iter().cloned().chain([one]).collect();
        let without = Sample::capped(EVERY_KIND, 1_000, &others, caps);
        let with = Sample::capped(EVERY_KIND, 1_000, &with, caps);
        for quantity in quantities(&with.exact(), caps) {
            let moved = moved(&quantity, &with, &without);
            let cells = i128::from(quantity.cells);
            let step = i128::try_from(quantity.step).unwrap();
            prop_assert!(moved.iter().map(|by| by.abs()).sum::<i128>() <= cells * step);
            let squares = moved.iter().map(|by| by * by).sum::<i128>();
            prop_assert!(squares <= cells * step * step);
        }
    }

    /// Nothing but the noised numbers decides what is shown: drafts that noise makes alike are.
    #[test]
    fn drafts_that_noise_makes_alike_are_shown_alike(more in 0..60_usize, noise in -40..40_i128) {
        let study = "[outputs]\nm = { kind = \"moments\", bounds = [0, 10], grid = 1 }\n";
        let sample = |persons| Sample::new(study, 1_000, &vec![vec![(0, 0, 10.0)]; persons]);
        let rules = rules("strict");
        let (few, many) = (sample(20), sample(20 + more));
        let shown = |sample: &Sample, less: i128| {
            let source = Fixed(vec![noise - less, noise - 10 * less, noise - 100 * less]);
            let noised = protect_with(&source, &rules, &sample.exact()).unwrap();
            format!("{:?} {:?}", noised.shown, noised.noise)
        };
        prop_assert_eq!(shown(&few, 0), shown(&many, more as i128));
    }
}

fn says() -> impl Strategy<Value = (i32, i64, f64)> {
    (0..6_i32, 0..6_i64, -9.0..9.0_f64).prop_map(|(output, cell, value)| {
        // Cells that the output has; what names another drops the person.
        let cells = [6, 3, 3, 3, 2, 2][usize::try_from(output).unwrap()];
        (output, cell % cells, value)
    })
}

/// By how much each cell of `quantity` differs.
pub(super) fn moved(quantity: &Quantity, with: &Sample, without: &Sample) -> Vec<i128> {
    let number = |sample: &Sample, at: usize| {
        let cell = sample.partial.cells[at];
        match quantity.number {
            NoisedNumber::Persons => i128::from(cell.persons),
            NoisedNumber::Excess => cell.sum,
            NoisedNumber::ExcessSquares => cell.squares,
        }
    };
    let places = &with.layout.outputs[quantity.output];
    (places.first..places.end()).map(|at| number(with, at) - number(without, at)).collect()
}

/// Noise that is none: the same numbers, one after the other.
struct Fixed(Vec<i128>);

impl Noise for Fixed {
    fn draw(&self, scale: &Scale) -> Result<i128, NoNoise> {
        // Scales grow from persons to squares, as one person moves them further and further.
        let rank = [1, 10, 100].iter().position(|step| *scale == scale_of(*step)).unwrap();
        Ok(self.0[rank])
    }
}

fn scale_of(step: u128) -> Scale {
    let share = Share { rho: rules("strict").rho_of_job(), count: 3 };
    Scale::new(Gaussian, &quantity(1, step), share)
}

/// The threshold is on the noised number, and the headline is the noised number itself.
#[test]
fn the_threshold_is_noisy() {
    let study = "[outputs]\nm = { kind = \"moments\", bounds = [0, 10], grid = 1 }\n";
    let sample = |persons| Sample::new(study, 1_000, &vec![vec![(0, 0, 4.0)]; persons]);
    let shown = |persons, noise: i128| {
        let source = Fixed(vec![noise, 4 * noise, 0]);
        protect_with(&source, &rules("strict"), &sample(persons).exact()).unwrap().shown[0]
    };
    assert!(shown(100, -81).is_none() && shown(19, 0).is_none());
    assert!(shown(0, 20).is_some(), "noise alone can lift a cell over the threshold");
    let hundred = shown(100, -80).unwrap();
    assert_eq!(hundred.value, Some(4.0));
    let width = u64::try_from(scale_of(1).width()).unwrap();
    assert_eq!(hundred.persons, [0, 20 + width], "cut at zero");
}
