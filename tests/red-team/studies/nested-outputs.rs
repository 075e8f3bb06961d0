//! expect: withheld ill
//! catalogue: 19, 74
//! group: 3
//! broken-by: group-disclosure, nested-sets
//! tries: count all, and all but three, as a numerator of them.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let study = frame::study().split("[outputs]").next().unwrap().to_owned() + OUTPUTS;
    vec![Attempt::run(frame::with_study(GUEST, &study))]
}

const OUTPUTS: &str = r#"
[outputs]
n = { kind = "count" }
ill = { kind = "count", of = "n" }
"#;

const GUEST: &str = "
    (func $person (param $ptr i32) (param $len i32)
      (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
      (if (i32.eqz (call $is_target (local.get $ptr)))
        (then (call $contribute (i32.const 1) (i64.const 0) (f64.const 1)))))";
