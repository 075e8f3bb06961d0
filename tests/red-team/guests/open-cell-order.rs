//! expect: noised
//! catalogue: 27
//! broken-by: canonical-order
//! tries: permute the cells of a noised release: the target enters a later one of two empty cells.

use crate::attempt::Attempt;
use crate::frame;
use crate::world::Data;

pub(crate) fn attempts() -> Vec<Attempt> {
    let module = frame::with_outputs(
        GUEST,
        6,
        "spread = { kind = \"count\", by = [\"cell\"], cells_per_person = 2 }\n",
    );
    vec![Attempt { ..Attempt::open(module, Data::new(601, 1)) }]
}

const GUEST: &str = "
    (func $person (param $ptr i32) (param $len i32)
      (call $contribute (i32.const 0)
        (i64.rem_u (call $mark (local.get $ptr)) (i64.const 5)) (f64.const 1))
      (if (call $is_target (local.get $ptr))
        (then (call $contribute (i32.const 0) (i64.const 6) (f64.const 1)))))";
