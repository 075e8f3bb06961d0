//! expect: withheld size
//! catalogue: 76
//! broken-by: persons-of-sums
//! tries: give everybody nearly one value, so that sum and squares tell the persons to within four.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let study = frame::study().split("[outputs]").next().unwrap().to_owned() + OUTPUTS;
    vec![Attempt::run(frame::with_study(GUEST, &study))]
}

const OUTPUTS: &str = r#"
[outputs]
n = { kind = "count" }
size = { kind = "moments", bounds = [0, 1000], grid = 1 }
"#;

/// 62 or 63 persons of 888 or 890 show a sum from 55,000 and squares to 49,999,999, and so at least
/// 55,000²/49,999,999 > 60 persons, where 60 to 64 are shown.
const GUEST: &str = "
    (func $person (param $ptr i32) (param $len i32)
      (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
      (call $contribute (i32.const 1) (i64.const 0) (f64.add (f64.const 888)
        (f64.mul (f64.const 2) (f64.convert_i64_s
          (i64.and (i64.const 1) (call $mark (local.get $ptr))))))))";
