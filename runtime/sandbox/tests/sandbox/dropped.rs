//! A person whose call traps or does not end contributes nothing, and the next one is unaffected.

use cloister_sandbox::Ending;

use super::guests::{LIMITS, contribute, one, run, sandbox};

/// A guest that contributes 1, and for a person whose frame starts with 1 then does `bad`.
fn check(items: &str, bad: &str) {
    let one_first = contribute("(f64.const 1)");
    let person = format!(
        "{one_first}
         (if (i32.eq (i32.load8_u (local.get $ptr)) (i32.const 1)) (then {bad}))"
    );
    let sandbox = sandbox(items, &person);
    let found = run(&sandbox, &[&[0], &[1], &[0], &[1], &[1], &[0]]);
    assert_eq!(found, [one(1.0), None, one(1.0), None, None, one(1.0)], "{bad}");
}

#[test]
fn a_loop_for_ever() {
    check("", "(loop (br 0))");
    check("(func $f (loop (br 0)))", "(call $f)");
    check("", "(loop (drop (i64.div_u (i64.const 9) (i64.const 3))) (br 0))");
    check("", "(loop (br_if 0 (i32.const 1)))");
    check("", "(loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br 0))");
    check("", "(loop (drop (memory.grow (i32.const 0))) (br 0))");
}

#[test]
fn a_loop_over_the_import() {
    check("", &format!("(loop {} (br 0))", contribute("(f64.const 1)")));
}

#[test]
fn a_trap_of_every_kind() {
    check("", "unreachable");
    check("", "(drop (i32.div_s (i32.const 1) (i32.const 0)))");
    check("", "(drop (i64.rem_u (i64.const 1) (i64.const 0)))");
    check("", "(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))");
    check("", "(drop (i32.trunc_f64_s (f64.const nan)))");
    check("", "(drop (i64.trunc_f64_u (f64.const 1e300)))");
}

/// Out of the 4 pages that the study allows: what a memory could have is what it has.
#[test]
fn memory_out_of_bounds() {
    check("", "(drop (i32.load (i32.const 262141)))");
    check("", "(drop (i64.load offset=4294967295 (i32.const 0xffffffff)))");
    check("", "(i32.store8 (i32.const 262144) (i32.const 1))");
    check("", "(i32.store8 (i32.const -1) (i32.const 1))");
    // Where the mark's address wraps, the store's does not.
    check("", "(i32.store8 offset=1 (i32.const -1) (i32.const 1))");
    check("", "(i64.store offset=4294967295 (i32.const 4096) (i64.const 1))");
    check("", "(v128.store (i32.const 262129) (v128.const i64x2 0 0))");
    check("", "(memory.fill (i32.const 262143) (i32.const 1) (i32.const 2))");
    check("", "(memory.fill (i32.const 1) (i32.const 1) (i32.const -1))");
    check("", "(memory.fill (i32.const 2) (i32.const 1) (i32.const -1))");
    check("", "(memory.fill (i32.const 262145) (i32.const 1) (i32.const 0))");
    check("", "(memory.copy (i32.const -1) (i32.const 0) (i32.const 1))");
    check("", "(memory.copy (i32.const 0) (i32.const -1) (i32.const 1))");
}

#[test]
fn calls_through_the_table() {
    let items = "(type $none (func)) (type $one (func (param i32))) (table $t 3 funcref)
                 (func $f (param i32)) (elem (i32.const 0) $f)";
    check(items, "(call_indirect (type $none) (i32.const 0))");
    check(items, "(call_indirect (type $none) (i32.const 1))");
    check(items, "(call_indirect (type $none) (i32.const 3))");
    check(items, "(call_indirect (type $one) (i32.const 0) (i32.const -1))");
    check(items, "(drop (table.get $t (i32.const 3)))");
}

#[test]
fn recursion_without_end_is_no_crash_of_the_host() {
    check("(func $f (call $f))", "(call $f)");
    check("(func $f (call $g)) (func $g (call $f))", "(call $f)");
    check(
        "(type $t (func)) (table 1 funcref) (func $f (call_indirect (type $t) (i32.const 0)))
         (elem (i32.const 0) $f)",
        "(call $f)",
    );
    // Large frames reach the end of the stack in few calls.
    let locals = "i64 ".repeat(380);
    let sets: String =
        (0..380).map(|at| format!("(local.set {at} (i64.load (i32.const {at})))")).collect();
    let adds: String = (0..380).map(|at| format!("(local.get {at}) i64.add ")).collect();
    let deep = format!("(func $f (result i64) (local {locals}) {sets} (call $f) {adds})");
    check(&deep, "(drop (call $f))");
}

#[test]
fn too_many_contributions() {
    let person = format!(
        "(local $n i32) (local.set $n (i32.load (local.get $ptr)))
         (loop {} (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))",
        contribute("(f64.const 1)")
    );
    let limits = cloister_sandbox::CallLimits { fuel: 100_000_000, ..LIMITS };
    let sandbox = super::guests::with_limits("", &person, limits);
    let counts = [1_u32, 100_000, 100_001, 5].map(u32::to_le_bytes);
    let found = run(&sandbox, &counts.each_ref().map(|count| &count[..]));
    let found: Vec<_> = found.into_iter().map(|list| list.map(|list| list.len())).collect();
    assert_eq!(found, [Some(1), Some(100_000), None, Some(5)]);
}

#[test]
fn every_person_may_be_dropped() {
    let sandbox = sandbox("", "unreachable");
    let frames = vec![&b"x"[..]; 500];
    assert_eq!(run(&sandbox, &frames), vec![None; 500]);
}

#[test]
fn a_rehearsal_is_told_how_a_call_ended_and_what_it_used() {
    let flood = format!("(loop {} (br 0))", contribute("(f64.const 1)"));
    for (person, ending) in [
        ("nop", Ending::Done),
        ("unreachable", Ending::Trapped),
        ("(loop (br 0))", Ending::OutOfFuel),
    ] {
        let told = sandbox("", person).guest().call_told(&[0], &mut Vec::new()).unwrap();
        assert_eq!(told.ending, ending, "{person}");
        assert_eq!(told.fuel == LIMITS.fuel, ending == Ending::OutOfFuel, "{person}");
        assert!(told.fuel <= LIMITS.fuel);
    }
    let limits = cloister_sandbox::CallLimits { fuel: 100_000_000, ..LIMITS };
    let sandbox = super::guests::with_limits("", &flood, limits);
    let told = sandbox.guest().call_told(&[0], &mut Vec::new()).unwrap();
    assert_eq!(told.ending, Ending::TooMany);
}
