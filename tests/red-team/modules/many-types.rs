//! expect: refused "the module has too much"
//! catalogue: modules
//! broken-by: several: types and their parameters are counted before anything is compiled
//! tries: declare types by the ten thousand, and one of a thousand parameters.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let honest = "(func $person (param i32 i32) (call $honest (local.get 0)))";
    let with = |types: String| Attempt::run(frame::module(&(types + honest)));
    vec![
        with("(type (func (param i32)))".repeat(20_000)),
        with(format!("(type (func (param {})))", "i64 ".repeat(1_000))),
    ]
}
