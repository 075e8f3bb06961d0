//! expect: noised
//! catalogue: 9
//! broken-by: clamp, sound-cells
//! tries: add 1e300 for the target, where noise should hide it.

use crate::attempt::Attempt;
use crate::frame;
use crate::world::Data;

pub(crate) fn attempts() -> Vec<Attempt> {
    let module = frame::with_outputs(
        GUEST,
        0,
        "value = { kind = \"sum\", bounds = [0, 1000], grid = 1 }\n",
    );
    vec![Attempt { ..Attempt::open(module, Data::new(301, 1)) }]
}

const GUEST: &str = "
    (func $person (param $ptr i32) (param $len i32)
      (call $contribute (i32.const 0) (i64.const 0)
        (if (result f64) (call $is_target (local.get $ptr))
          (then (f64.const 1e300)) (else (f64.const 500)))))";
