//! Thousands of guests, each with a few persons, before both oracles.
//!
//! `cargo xtask fuzz --minutes N` goes on with other seeds, and prints that of a failure.

use std::time::{Duration, Instant};

use cloister_sandbox::{CallLimits, CheckedModule, Faults, check};

use super::dice::Dice;
use super::oracle::{Tally, ask};
use super::{smith, stateful};

/// Fuel is scarce, so that some persons run out of it.
pub(crate) const LIMITS: CallLimits =
    CallLimits { fuel: 60_000, memory_bytes_max: 3 << 16, frame_bytes_max: 600 };

/// The frames of a few persons, long ones and short ones.
pub(crate) fn frames(seed: u64) -> Vec<Vec<u8>> {
    let mut dice = Dice::new(!seed);
    let mut frame = || {
        let len = *dice.pick(&[0, 4, 9, 40, 600]);
        dice.bytes(len)
    };
    (0..7).map(|_| frame()).collect()
}

/// The guest with state of its own that a seed makes.
pub(crate) fn stateful(seed: u64) -> CheckedModule {
    let text = stateful::guest(seed);
    let bytes =
        wat::parse_str(&text).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{text}"));
    check(bytes).unwrap_or_else(|refusal| panic!("seed {seed}: {refusal}\n{text}"))
}

fn smithed(seed: u64) -> Option<CheckedModule> {
    let bytes = smith::guest(seed)?;
    Some(check(bytes).unwrap_or_else(|refusal| panic!("smith, seed {seed}: {refusal}")))
}

fn ask_stateful(seed: u64) -> Tally {
    ask(&stateful(seed), LIMITS, &frames(seed), Faults::default())
        .unwrap_or_else(|why| panic!("seed {seed}: {why}\n{}", stateful::guest(seed)))
}

fn ask_smithed(seed: u64) -> Tally {
    smithed(seed).map_or_else(Tally::default, |module| {
        ask(&module, LIMITS, &frames(seed), Faults::default())
            .unwrap_or_else(|why| panic!("smith, seed {seed}: {why}"))
    })
}

fn sum(seeds: std::ops::Range<u64>, ask: fn(u64) -> Tally) -> Tally {
    let mut tally = Tally::default();
    seeds.for_each(|seed| tally += ask(seed));
    tally
}

#[test]
fn stateful_guests_pass_both_oracles() {
    let tally = sum(0..1_200, ask_stateful);
    println!("{tally:?}");
    assert!(tally.modules > 1_000 && tally.done > 3_000 && tally.trapped > 100, "{tally:?}");
    assert!(tally.said > 20_000 && tally.excused < tally.persons / 4, "{tally:?}");
}

#[test]
fn any_guests_pass_both_oracles() {
    let tally = sum(0..1_200, ask_smithed);
    println!("{tally:?}");
    assert!(tally.modules > 800 && tally.done > 2_000 && tally.said > 10_000, "{tally:?}");
}

#[test]
#[ignore = "`cargo xtask fuzz` runs it"]
fn as_long_as_one_likes() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let minutes = number("CLOISTER_FUZZ_MINUTES").unwrap_or(1);
    let mut seed = number("CLOISTER_FUZZ_SEED").unwrap_or(1 << 32);
    let (begin, mut tally) = (Instant::now(), Tally::default());
    while begin.elapsed() < Duration::from_secs(60 * minutes) {
        tally += ask_stateful(seed);
        tally += ask_smithed(seed);
        seed += 1;
    }
    println!("seeds up to {seed}: {tally:?}");
}
