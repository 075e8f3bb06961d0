//! expect: withheld other
//! catalogue: 19, 74
//! group: 3
//! broken-by: nested-sets
//! tries: count all, and all but three, in two outputs that do not say that they are related.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let study = frame::study().split("[outputs]").next().unwrap().to_owned() + OUTPUTS;
    vec![Attempt::run(frame::with_study(GUEST, &study))]
}

const OUTPUTS: &str = r#"
[outputs]
n = { kind = "count" }
other = { kind = "count" }
"#;

const GUEST: &str = "
    (func $person (param $ptr i32) (param $len i32)
      (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
      (if (i32.eqz (call $is_target (local.get $ptr)))
        (then (call $contribute (i32.const 1) (i64.const 0) (f64.const 1)))))";
