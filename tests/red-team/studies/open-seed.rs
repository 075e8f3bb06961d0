//! expect: noised
//! catalogue: 39, 23
//! broken-by: noise
//! tries: choose the noise of the tier `open` by the environment, or average it away by asking
//!   sites that are alike.

use crate::attempt::Attempt;
use crate::frame;
use crate::world::Data;

pub(crate) fn attempts() -> Vec<Attempt> {
    let module = frame::with_outputs(EVERYBODY, 0, "n = { kind = \"count\" }\n");
    vec![Attempt { environment: super::SEEDS.to_vec(), ..Attempt::open(module, Data::new(301, 1)) }]
}

const EVERYBODY: &str = "
    (func $person (param i32 i32)
      (call $contribute (i32.const 0) (i64.const 0) (f64.const 1)))";
