//! expect: withheld but
//! catalogue: 7, 74
//! group: 2
//! broken-by: nested-sets
//! tries: take the mean over all, and over all but one or two, whose values are what lies between.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let study = frame::study().split("[outputs]").next().unwrap().to_owned() + OUTPUTS;
    vec![Attempt::run(frame::with_study(GUEST, &study))]
}

const OUTPUTS: &str = r#"
[outputs]
all = { kind = "moments", bounds = [0, 100], grid = 1 }
but = { kind = "moments", bounds = [0, 100], grid = 1 }
"#;

const GUEST: &str = "
    (func $person (param $ptr i32) (param $len i32)
      (local $mark f64)
      (local.set $mark (f64.convert_i64_s (call $mark (local.get $ptr))))
      (call $contribute (i32.const 0) (i64.const 0) (local.get $mark))
      (if (i32.eqz (call $is_target (local.get $ptr)))
        (then (call $contribute (i32.const 1) (i64.const 0) (local.get $mark)))))";
