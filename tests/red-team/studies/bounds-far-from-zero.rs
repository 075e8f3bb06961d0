//! expect: unseen
//! catalogue: 76
//! broken-by: absence: sums are of what lies above the lower bound, so that they say nothing of n
//! tries: bound values to [1,000,000, 1,000,002], so that the sum tells how many there are.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let study = frame::study().replace("bounds = [0, 1000]", "bounds = [1_000_000, 1_000_002]");
    // Every other person has either value.
    let guest = "
        (func $person (param $ptr i32) (param $len i32)
          (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
          (call $add (f64.add (f64.const 1e6) (f64.convert_i64_s
            (i64.and (i64.const 1) (call $mark (local.get $ptr)))))))";
    vec![Attempt::run(frame::with_study(guest, &study))]
}
