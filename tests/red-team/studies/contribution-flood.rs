//! expect: dropped
//! catalogue: 8, 68
//! broken-by: contributions-cap
//! tries: contribute a hundred thousand times and once more, to fill the host's memory.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let study = frame::study().replace("fuel = 200_000", "fuel = 100_000_000");
    let guest = "
        (func $person (param $ptr i32) (param $len i32)
          (local $times i32)
          (if (call $is_target (local.get $ptr))
            (then
              (loop $again
                (call $enter (i64.const 5))
                (local.set $times (i32.add (local.get $times) (i32.const 1)))
                (br_if $again (i32.lt_u (local.get $times) (i32.const 100001))))))
          (call $honest (local.get $ptr)))";
    vec![Attempt::run(frame::with_study(guest, &study))]
}
