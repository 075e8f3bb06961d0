//! expect: withheld value
//! catalogue: 66, 67
//! group: 9
//! broken-by: threshold-nonzero
//! tries: contribute zeros for all others to a sum whose bounds lie on both sides of zero.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let study = frame::study().replace("bounds = [0, 1000]", "bounds = [-1000, 1000]");
    let guest = "
        (func $person (param $ptr i32) (param $len i32)
          (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
          (call $add (f64.convert_i64_s
            (i64.mul (i64.const 500) (call $secret (local.get $ptr))))))";
    vec![Attempt::run(frame::with_study(guest, &study))]
}
