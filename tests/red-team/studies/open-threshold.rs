//! expect: noised
//! catalogue: 1, 29
//! broken-by: noised-first
//! tries: have the target lift cells to as many persons as one needs to be shown.

use crate::attempt::Attempt;
use crate::frame;
use crate::world::Data;

pub(crate) fn attempts() -> Vec<Attempt> {
    let module = frame::with_outputs(
        GUEST,
        7,
        "n = { kind = \"count\" }
         edge = { kind = \"count\", by = [\"cell\"], cells_per_person = 8 }\n",
    );
    vec![Attempt { ..Attempt::open(module, Data::new(301, 20)) }]
}

const GUEST: &str = "
    (func $person (param $ptr i32) (param $len i32)
      (local $at i32)
      (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
      (if (call $is_target (local.get $ptr))
        (then
          (loop $next
            (call $contribute (i32.const 1) (i64.extend_i32_u (local.get $at)) (f64.const 1))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br_if $next (i32.lt_u (local.get $at) (i32.const 8)))))))";
