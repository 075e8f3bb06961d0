//! expect: withheld ill
//! catalogue: own
//! broken-by: group-disclosure
//! tries: count those who are ill among those of whom all are.

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
      (call $contribute (i32.const 1) (i64.const 0) (f64.const 1)))";
