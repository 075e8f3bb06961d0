//! expect: same as honest
//! catalogue: modules
//! broken-by: absence: neither parser nor compiler recurses into blocks
//! tries: nest blocks twenty thousand deep, so that a compiler that recurses runs out of stack.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let depth = 20_000;
    let text = format!(
        "(func $deep {} {})
         (func $person (param i32 i32) (call $deep) (call $honest (local.get 0)))",
        "block ".repeat(depth),
        "end ".repeat(depth)
    );
    vec![Attempt::run(frame::module(&text))]
}
