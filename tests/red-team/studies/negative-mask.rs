//! expect: withheld value
//! catalogue: 41
//! persons: 53
//! broken-by: dominance
//! tries: hide two values below zero, of which each is nearly all, among others above it.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let study = frame::study().split("[outputs]").next().unwrap().to_owned() + OUTPUTS;
    vec![Attempt::run(frame::with_study(GUEST, &study))]
}

const OUTPUTS: &str = r#"
[outputs]
n = { kind = "count" }
value = { kind = "sum", bounds = [-1000, 1000], grid = 1 }
"#;

const GUEST: &str = "
    (func $person (param $ptr i32) (param $len i32)
      (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
      (call $contribute (i32.const 1) (i64.const 0)
        (select (f64.const -999) (f64.const 1)
          (i64.eq (call $mark (local.get $ptr)) (i64.const 19)))))";
