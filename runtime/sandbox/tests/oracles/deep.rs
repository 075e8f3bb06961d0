//! Recursion ends at the sandbox's own depth, whatever frames a compiler makes of it: on no machine
//! by the native stack.

use cloister_sandbox::{CallLimits, Compiled, Ending, Faults, Sandbox, check};

const LIMITS: CallLimits =
    CallLimits { fuel: 1 << 40, memory_bytes_max: 1 << 16, frame_bytes_max: 8 };

/// Recurses for ever with `before` and `after` the call, and `locals` of a type.
fn ends_by_its_depth(name: &str, locals: &str, before: &str, after: &str) {
    let text = format!(
        r#"(module (memory (export "memory") 1)
  (type $t (func (param i32 i64))) (table 1 funcref) (elem (i32.const 0) $deep)
  (func $deep (param $x i32) (param $l i64) {locals} {before}
    (call_indirect (type $t) (local.get $x) (local.get $l) (i32.const 0)) {after})
  (func (export "cloister_v1_arena") (param i32) (result i32) (i32.const 0))
  (func (export "cloister_v1_init") (param i32 i32))
  (func (export "cloister_v1_person") (param i32 i32) (call $deep (local.get 1) (i64.const 3)))
  (@custom "cloister.study" "[study]"))"#
    );
    let module = check(wat::parse_str(text).unwrap()).unwrap();
    let compiled = Compiled::faulty(&module, &LIMITS, Faults::default()).unwrap();
    let sandbox = Sandbox::load(&compiled, Vec::new(), LIMITS).unwrap();
    let (told, seen) = sandbox.guest().call_seen(&[1; 8], &mut Vec::new()).unwrap();
    assert_eq!((told.ending, seen.deep), (Ending::Trapped, true), "{name}");
}

/// A piece of text for each of so many numbers.
fn each(count: u32, text: impl Fn(u32) -> String) -> String {
    (0..count).map(text).collect()
}

#[test]
fn of_a_function_that_keeps_nothing() {
    ends_by_its_depth("nothing", "", "", "");
}

#[test]
fn of_many_locals() {
    let locals = format!("(local {})", "i64 ".repeat(400));
    let set = each(400, |n| format!("(local.set {} (i64.load offset={n} (local.get $x)))", n + 2));
    let sum = each(400, |n| {
        format!(
            "(i64.store (i32.const 8) (i64.add (i64.load (i32.const 8)) (local.get {})))",
            n + 2
        )
    });
    ends_by_its_depth("locals", &locals, &set, &sum);
    let wide = |text: &str| text.replace("i64.add", "i64x2.add").replace("i64.", "v128.");
    ends_by_its_depth("wide", &locals.replace("i64", "v128"), &wide(&set), &wide(&sum));
}

#[test]
fn of_many_operands() {
    let loads = each(900, |n| format!("(i64.load offset={n} (local.get $x)) "));
    ends_by_its_depth("operands", "", &loads, &"drop ".repeat(900));
    let sums = format!("{} (drop)", "i64.add ".repeat(899));
    ends_by_its_depth("summed operands", "", &loads, &sums);
}

/// What is computed before the call and again behind it is kept over it.
#[test]
fn of_many_values_that_are_needed_again() {
    let computed = each(1_000, |n| {
        format!("(i64.store (i32.const 8) (i64.mul (local.get $l) (i64.const {})))", 2 * n + 3)
    });
    ends_by_its_depth("products", "", &computed, &computed);
    let wide = each(1_000, |n| {
        format!(
            "(v128.store (i32.const 8) (i64x2.add (i64x2.splat (local.get $l))
               (v128.const i64x2 {n} 7)))"
        )
    });
    ends_by_its_depth("wide sums", "", &wide, &wide);
}

/// Short lives, one behind the other, each over a call of its own.
#[test]
fn of_many_values_one_after_the_other() {
    let one = |n| {
        format!(
            "(i64.load offset={n} (local.get $x))
             (if (i32.eqz (local.get $x)) (then (call $deep (local.get $x) (local.get $l))))
             (i64.store (i32.const 8) (i64.load (i32.const 16))) (drop)"
        )
    };
    ends_by_its_depth("one after the other", "", &each(1_000, one), "");
}
