//! expect: refused "a function's body in bytes"
//! catalogue: modules
//! broken-by: module-limits
//! tries: keep the compiler busy with one function of half a megabyte.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let body = "(drop (i32.load (i32.const 0)))".repeat(90_000);
    let text = format!("(func $person (param i32 i32) {body} (call $honest (local.get 0)))");
    vec![Attempt::run(frame::module(&text))]
}
