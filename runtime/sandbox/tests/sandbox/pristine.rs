//! The invariant `pristine`: whatever a guest does with one person, it finds the next one as if
//! there had been none before.

use super::guests::{contribute, one, run, sandbox};

/// A guest that contributes what `sees` finds, an i32, and then does `leaves`, once for every
/// person: all of them see the same.
fn check(items: &str, sees: &str, leaves: &str, expected: f64) {
    let person = format!("{} {leaves}", contribute(&format!("(f64.convert_i32_s {sees})")));
    let sandbox = sandbox(items, &person);
    let found = run(&sandbox, &[&[5; 8][..]; 5]);
    assert_eq!(found, vec![one(expected); 5], "{sees} {leaves}");
}

#[test]
fn memory() {
    let byte = "(i32.load (i32.const 8))";
    check("", byte, "(i32.store (i32.const 8) (i32.const 7))", 0.0);
    check("(data (i32.const 8) \"\\05\")", byte, "(i32.store (i32.const 8) (i32.const 7))", 5.0);
    let last = "(i32.load (i32.const 65532))";
    check("", last, "(memory.fill (i32.const 0) (i32.const 1) (i32.const 65536))", 0.0);
    check("", last, "(i32.store (i32.const 65532) (i32.const -1))", 0.0);
}

#[test]
fn memory_that_was_grown() {
    let grow = "(drop (memory.grow (i32.const 1))) (i32.store (i32.const 65536) (i32.const 7))";
    check("", "(memory.size)", grow, 1.0);
    let sees = "(block (result i32) (drop (memory.grow (i32.const 1)))
                (i32.load (i32.const 65536)))";
    check("", sees, "(i32.store (i32.const 65536) (i32.const 7))", 0.0);
}

#[test]
fn globals() {
    let global = "(global $g (mut i32) (i32.const 3))";
    check(global, "(global.get $g)", "(global.set $g (i32.const 4))", 3.0);
    let wide = "(global $g (mut v128) (v128.const i32x4 3 0 0 0))";
    let sees = "(i32x4.extract_lane 0 (global.get $g))";
    check(wide, sees, "(global.set $g (v128.const i32x4 4 0 0 0))", 3.0);
    let exported = "(global $g (export \"g\") (mut i32) (i32.const 3))";
    check(exported, "(global.get $g)", "(global.set $g (i32.const 4))", 3.0);
}

#[test]
fn what_a_dropped_person_left() {
    let person = format!(
        "{} (i32.store (i32.const 8) (i32.const 7))
         (if (i32.load8_u (local.get $ptr)) (then (unreachable)))",
        contribute("(f64.convert_i32_s (i32.load (i32.const 8)))")
    );
    let sandbox = sandbox("", &person);
    let found = run(&sandbox, &[&[0], &[1], &[0], &[1], &[0]]);
    assert_eq!(found, [one(0.0), None, one(0.0), None, one(0.0)]);
}

/// Contributes the sum of the arena's bytes behind the frame.
fn sum_behind_the_frame() -> String {
    format!(
        "(local $at i32) (local $sum i32)
         (local.set $at (i32.add (local.get $ptr) (local.get $len)))
         (loop
           (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $at))))
           (local.set $at (i32.add (local.get $at) (i32.const 1)))
           (br_if 0 (i32.lt_u (local.get $at) (i32.const 5120))))
         {}",
        contribute("(f64.convert_i32_u (local.get $sum))")
    )
}

#[test]
fn behind_a_frame_there_are_zeros() {
    let sandbox = sandbox("", &sum_behind_the_frame());
    let (long, short) = ([0xff; 4_000], [0xff; 8]);
    let found = run(&sandbox, &[&long, &short, &[], &long, &short]);
    assert_eq!(found, vec![one(0.0); 5]);
    // Neither does the guest's own data stay there, nor the init frame.
    let data = format!("(data (i32.const 1024) \"{}\")", "\\ff".repeat(4_096));
    let sandbox = super::guests::sandbox(&data, &sum_behind_the_frame());
    assert_eq!(run(&sandbox, &[&short, &[]]), vec![one(0.0); 2]);
}

#[test]
fn init_is_run_for_every_person_anew() {
    let text = super::guests::text("(global $g (mut i32) (i32.const 3))", "").replace(
        "(func (export \"cloister_v1_init\") (param i32 i32))",
        "(func (export \"cloister_v1_init\") (param i32 i32)
           (global.set $g (i32.add (global.get $g) (i32.load8_u offset=4 (local.get 0)))))",
    );
    let person = format!(
        "(param $len i32) {} (global.set $g (i32.const 100))",
        contribute("(f64.convert_i32_s (global.get $g))")
    );
    let text = text.replace("(param $len i32)", &person);
    let sandbox = super::guests::ready(super::guests::wasm(&text), super::guests::LIMITS).unwrap();
    assert_eq!(run(&sandbox, &[b"a", b"b", b"c"]), vec![one(19.0); 3]);
}

#[test]
fn persons_on_other_threads() {
    let person = format!(
        "{} (i32.store (i32.const 8) (i32.load8_u (local.get $ptr)))",
        contribute("(f64.convert_i32_s (i32.load (i32.const 8)))")
    );
    let sandbox = sandbox("", &person);
    std::thread::scope(|scope| {
        let sandbox = &sandbox;
        let persons = |n: u8| move || run(sandbox, &[&[n][..]; 50]);
        let threads: Vec<_> = (1..5).map(|n| scope.spawn(persons(n))).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), vec![one(0.0); 50]);
        }
    });
}
