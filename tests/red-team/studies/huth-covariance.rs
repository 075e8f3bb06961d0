//! expect: open "Many sums rebuild what they sum"
//! catalogue: 42
//! broken-by: absence: no rule on numbers tells a pseudo-random sum from another; noise and budgets
//!   will
//! tries: count two hundred pseudo-random halves of all persons, each turned over by the secret.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let study = frame::study().split("[dimensions]").next().unwrap().to_owned() + OUTPUTS;
    vec![Attempt::run(frame::with_study(GUEST, &study))]
}

const OUTPUTS: &str = r#"
[dimensions]
half = { range = [1, 200] }
[outputs]
n = { kind = "count" }
halves = { kind = "count", by = ["half"], cells_per_person = 200 }
[limits]
fuel = 2_000_000
memory_pages = 4
"#;

/// Whether a person is in a half is a bit of a product of mark and half, and of the secret.
const GUEST: &str = "
    (func $person (param $ptr i32) (param $len i32)
      (local $half i64) (local $hash i64)
      (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
      (loop $next
        (local.set $hash (i64.mul (i64.const 0x9E3779B97F4A7C15)
          (i64.add (i64.mul (call $mark (local.get $ptr)) (i64.const 1009)) (local.get $half))))
        (local.set $hash (i64.mul (i64.const 0xBF58476D1CE4E5B9)
          (i64.xor (local.get $hash) (i64.shr_u (local.get $hash) (i64.const 29)))))
        (if (i64.ne (i64.and (i64.const 1) (i64.shr_u (local.get $hash) (i64.const 40)))
                    (call $secret (local.get $ptr)))
          (then (call $contribute (i32.const 1) (local.get $half) (f64.const 1))))
        (local.set $half (i64.add (local.get $half) (i64.const 1)))
        (br_if $next (i64.lt_u (local.get $half) (i64.const 200)))))";
