//! expect: noised
//! catalogue: 2, 68
//! broken-by: sum-per-person, sound-cells
//! tries: count the target a thousand times over, more than noise hides.

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
      (local.set $left
        (if (result i32) (call $is_target (local.get $ptr))
          (then (i32.const 1000)) (else (i32.const 1))))
      (loop $again
        (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $again (local.get $left))))";
