//! Each mechanism of the sandbox, switched off, is noticed: by the oracles over generated guests
//! or, where those cannot tell, by a guest with a known answer.

use cloister_sandbox::{Faults, Mechanism, check};

use super::fuzz::{LIMITS, frames, stateful};
use super::oracle::{Tally, ask};

/// Guests that a mutant has to get past.
const GUESTS: u64 = 120;

/// What notices that a mechanism is missing.
fn suite(mechanism: Mechanism, faults: Faults) -> Result<(), String> {
    match mechanism {
        Mechanism::ArenaCheck => an_arena_in_memory_that_is_not_yet_there(faults),
        Mechanism::DepthLimit => a_deep_recursion(faults),
        Mechanism::Comparison => a_memory_that_is_not_restored(faults),
        Mechanism::OneNan => a_nan_with_a_payload(faults),
        _ => (0..GUESTS).try_for_each(|seed| {
            ask(&stateful(seed), LIMITS, &frames(seed), faults)
                .map(drop)
                .map_err(|why| format!("guest {seed}: {why}"))
        }),
    }
}

/// What decides about bytes and calls and not about memory: the red team switches it off.
fn is_the_red_teams(mechanism: Mechanism) -> bool {
    matches!(
        mechanism,
        Mechanism::Fuel
            | Mechanism::Commit
            | Mechanism::ContributionsCap
            | Mechanism::InitIsSilent
            | Mechanism::OneStudySection
            | Mechanism::Imports
            | Mechanism::ModuleLimits
            | Mechanism::Resettable
            | Mechanism::Printable
    )
}

#[test]
fn every_mechanism_is_missed() {
    for mechanism in Mechanism::ALL.iter().filter(|one| !is_the_red_teams(**one)) {
        // The comparison would notice most of them, so that nothing were said of the oracles.
        let off = match mechanism {
            Mechanism::Comparison => vec![Mechanism::Comparison],
            other => vec![*other, Mechanism::Comparison],
        };
        let noticed = suite(*mechanism, Faults::without(&off));
        println!("{mechanism:?}: {noticed:?}");
        assert!(noticed.is_err(), "{mechanism:?} may be missing, and nothing notices");
    }
}

/// The generated guests pass in `fuzz.rs`.
#[test]
fn with_every_mechanism_the_known_answers_are_right() {
    for mechanism in
        [Mechanism::ArenaCheck, Mechanism::DepthLimit, Mechanism::Comparison, Mechanism::OneNan]
    {
        suite(mechanism, Faults::default()).unwrap();
    }
}

/// Asks the oracles about a guest with these items, arena, and way with a person.
fn directed(items: &str, arena: u32, person: &str, faults: Faults) -> Result<Tally, String> {
    let text = format!(
        r#"(module
  (import "cloister" "contribute" (func $contribute (param i32 i64 f64)))
  (memory (export "memory") 1) {items}
  (func (export "cloister_v1_arena") (param i32) (result i32) (i32.const {arena}))
  (func (export "cloister_v1_init") (param i32 i32))
  (func (export "cloister_v1_person") (param $ptr i32) (param $len i32) {person})
  (@custom "cloister.study" "[study]"))"#
    );
    ask(&check(wat::parse_str(text).unwrap()).unwrap(), LIMITS, &frames(1), faults)
}

fn expect(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}

fn an_arena_in_memory_that_is_not_yet_there(faults: Faults) -> Result<(), String> {
    let module = r#"(module (memory (export "memory") 1)
  (func (export "cloister_v1_arena") (param i32) (result i32) (i32.const 65536))
  (func (export "cloister_v1_init") (param i32 i32))
  (func (export "cloister_v1_person") (param i32 i32))
  (@custom "cloister.study" "[study]"))"#;
    let module = check(wat::parse_str(module).unwrap()).unwrap();
    let tally = ask(&module, LIMITS, &[], faults)?;
    expect(tally.not_ready == 1, "it was not refused")
}

/// Neither fuel nor the native stack ends it.
fn a_deep_recursion(faults: Faults) -> Result<(), String> {
    let items = "(func $deep (param $n i32) (if (local.get $n)
      (then (call $deep (i32.sub (local.get $n) (i32.const 1))))))";
    let tally = directed(items, 1_024, "(call $deep (i32.const 3000))", faults)?;
    expect(tally.excused == tally.persons, "it was not too deep")
}

fn a_memory_that_is_not_restored(faults: Faults) -> Result<(), String> {
    let without = |also: &[Mechanism]| {
        let faults = faults.and_without(also);
        // A zero that is written once and never looked at.
        directed("", 1_024, "(i32.store (i32.const 9000) (i32.const 1))", faults)
    };
    expect(without(&[]).is_ok(), "what is restored differs")?;
    let why = without(&[Mechanism::Restore]).err().unwrap_or_default();
    expect(why.contains("was not there for the next"), "nobody compared")
}

fn a_nan_with_a_payload(faults: Faults) -> Result<(), String> {
    let person = "(call $contribute (i32.const 0) (i64.const 0)
      (f64.add (f64.reinterpret_i64 (i64.or (i64.const 0x7ff8000000000000)
        (i64.extend_i32_u (local.get $len)))) (f64.const 1)))";
    directed("", 1_024, person, faults).map(drop)
}
