//! expect: withheld but
//! catalogue: 7, 74
//! group: 2
//! broken-by: nested-sets
//! tries: sum the values of all twice, the second time with another value for one or two.

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
      (call $contribute (i32.const 1) (i64.const 0)
        (select (f64.const 50) (local.get $mark) (call $is_target (local.get $ptr)))))";
