//! expect: refused "a function's locals"
//! catalogue: modules
//! broken-by: several: locals are counted, by themselves and times the body's bytes
//! tries: declare fifty thousand locals in a few bytes, the most that the format takes.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let locals = "i64 ".repeat(49_998);
    let text = format!(
        "(func $person (param i32 i32) (local {locals}) (call $honest (local.get 0)))"
    );
    vec![Attempt::run(frame::module(&text))]
}
