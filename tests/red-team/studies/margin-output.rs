//! expect: withheld parts
//! catalogue: 19, 20, 75
//! persons: 61
//! group: 5
//! broken-by: complement
//! tries: have a second output be the margin of the first, so that it tells the cell of a few.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let study = frame::study().split("[outputs]").next().unwrap().to_owned() + OUTPUTS;
    vec![Attempt::run(frame::with_study(GUEST, &study))]
}

const OUTPUTS: &str = r#"
few = ["no", "yes"]
[outputs]
n = { kind = "count" }
parts = { kind = "count", by = ["few"] }
"#;

const GUEST: &str = "
    (func $person (param $ptr i32) (param $len i32)
      (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
      (call $contribute (i32.const 1) (call $secret (local.get $ptr)) (f64.const 1)))";
