//! Two versions of a small module, taken apart and put side by side.

use super::super::difference::Functions;
use super::*;

/// A module with `extra` before its other functions, so that all their numbers move.
fn module(extra: &str, person: &str, helper: &str) -> Vec<u8> {
    wat::parse_str(format!(
        r#"(module
        (import "cloister" "contribute" (func $contribute (param i32 i64 f64)))
        (memory (export "memory") 2)
        {extra}
        (func $helper (param i64) (result i64) {helper})
        (func (export "cloister_v1_person") (param i32 i32) {person})
        (data (i32.const 1024) "\00\00a hidden name\00short\00"))"#
    ))
    .unwrap()
}

const PERSON: &str = "(drop (call $helper (i64.const 5)))";
const HELPER: &str = "(i64.add (local.get 0) (i64.const 7))";
const EXTRA: &str = "(func $extra (result f64) (f64.const 0.1))";

fn anatomy(extra: &str, person: &str, helper: &str) -> Anatomy {
    Anatomy::of(&module(extra, person, helper)).unwrap()
}

/// Same, constants, changed, removed, added.
fn paired(
    before: &Anatomy,
    now: &Anatomy,
) -> (usize, Vec<String>, Vec<String>, Vec<String>, Vec<String>) {
    let functions = Functions::pair(&before.functions, &now.functions);
    let new =
        |pairs: &[(&Function, &Function)]| pairs.iter().map(|(_, new)| new.name.clone()).collect();
    let one = |list: &[&Function]| list.iter().map(|function| function.name.clone()).collect();
    (
        functions.same,
        new(&functions.constants),
        new(&functions.changed),
        one(&functions.removed),
        one(&functions.added),
    )
}

#[test]
fn a_function_that_moved_is_the_same() {
    let (before, now) = (anatomy("", PERSON, HELPER), anatomy(EXTRA, PERSON, HELPER));
    let added = vec!["extra".to_owned()];
    assert_eq!(paired(&before, &now), (2, vec![], vec![], vec![], added.clone()));
    assert_eq!(paired(&now, &before), (2, vec![], vec![], added, vec![]));
}

#[test]
fn a_constant_and_an_instruction_are_told_apart() {
    let before = anatomy("", PERSON, HELPER);
    let constant = anatomy("", PERSON, "(i64.add (local.get 0) (i64.const 8))");
    let helper = vec!["helper".to_owned()];
    assert_eq!(paired(&before, &constant), (1, helper.clone(), vec![], vec![], vec![]));
    let changed = anatomy("", PERSON, "(i64.sub (local.get 0) (i64.const 7))");
    assert_eq!(paired(&before, &changed), (1, vec![], helper, vec![], vec![]));
    let calls = anatomy(EXTRA, "(drop (call $extra))", HELPER);
    let person = vec!["cloister_v1_person".to_owned()];
    assert_eq!(paired(&before, &calls), (1, vec![], person, vec![], vec!["extra".to_owned()]));
}

#[test]
fn what_is_in_a_module_is_found() {
    let all = "(drop (f64.reinterpret_i64 (i64.const 19680314)))
        (call_indirect (i32.const 0)) (drop (memory.grow (i32.const 1))) unreachable";
    let table = "(table 2 funcref) (elem (i32.const 0) $extra) (func $extra)
        (func $dead (result i64) (i64.const 1))";
    let anatomy = anatomy(table, all, HELPER);
    let person = anatomy.functions.last().unwrap();
    let tally = Tally { indirect_calls: 1, float_bits: 1, traps: 1, grows: 1 };
    assert_eq!(person.tally, tally);
    assert!(person.constants.contains(&Constant::Long(19_680_314)));
    let unused = anatomy.functions.iter().filter(|function| !function.used);
    let unused: Vec<_> = unused.map(|function| function.name.as_str()).collect();
    assert_eq!(unused, ["dead", "helper"]);
    assert_eq!((anatomy.in_table, anatomy.memory_bytes), (1, 131_072));
    assert_eq!(super::super::strings::of(&anatomy), ["a hidden name"]);
    let names: Vec<_> = anatomy.sections.iter().map(|part| part.name.as_str()).collect();
    assert!(names.contains(&"data") && names.contains(&"name"), "{names:?}");
}

#[test]
fn half_a_module_is_refused_and_does_not_panic() {
    let whole = module(EXTRA, PERSON, HELPER);
    for end in 0..whole.len() {
        let _ = Anatomy::of(&whole[..end]);
    }
}
