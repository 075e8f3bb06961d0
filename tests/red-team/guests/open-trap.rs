//! expect: noised
//! catalogue: 31, 33
//! broken-by: several: no fuel used and no trap is told, and one person less is within the noise
//! tries: burn nearly all fuel over the target and trap, so that a noised release looks otherwise.

use crate::attempt::Attempt;
use crate::frame;
use crate::world::Data;

pub(crate) fn attempts() -> Vec<Attempt> {
    let module = frame::with_outputs(GUEST, 0, "n = { kind = \"count\" }\n");
    vec![Attempt { ..Attempt::open(module, Data::new(301, 1)) }]
}

const GUEST: &str = "
    (func $person (param $ptr i32) (param $len i32)
      (local $left i32)
      (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
      (if (call $is_target (local.get $ptr))
        (then
          (local.set $left (i32.const 10000))
          (loop $next
            (local.set $left (i32.sub (local.get $left) (i32.const 1)))
            (br_if $next (local.get $left)))
          (unreachable))))";
