//! expect: noised
//! catalogue: 7, 8
//! broken-by: noise-cells
//! tries: lay pairs of cells that the target alone parts, as many as one person may enter, so that
//!   their differences average the noise away.

use crate::attempt::Attempt;
use crate::frame;
use crate::world::Data;

pub(crate) fn attempts() -> Vec<Attempt> {
    let module = frame::with_outputs(
        GUEST,
        31,
        "spread = { kind = \"count\", by = [\"cell\"], cells_per_person = 8 }\n",
    );
    vec![Attempt { ..Attempt::open(module, Data::new(1001, 1)) }]
}

const GUEST: &str = "
    (func $person (param $ptr i32) (param $len i32)
      (local $at i32)
      (loop $next
        (if (i32.or
              (i32.eqz (call $is_target (local.get $ptr)))
              (i32.and (local.get $at) (i32.const 1)))
          (then
            ;; A quarter of all persons is in the same eight cells.
            (call $contribute (i32.const 0)
              (i64.add
                (i64.shl (i64.and (call $mark (local.get $ptr)) (i64.const 3)) (i64.const 3))
                (i64.extend_i32_u (local.get $at)))
              (f64.const 1))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $at) (i32.const 8)))))";
