//! expect: refused "the number of custom sections"
//! catalogue: modules
//! broken-by: module-limits
//! tries: carry a thousand sections of one name.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let sections = "(@custom \"producers\" \"\")".repeat(1_000);
    let text = sections + "(func $person (param i32 i32) (call $honest (local.get 0)))";
    vec![Attempt::run(frame::module(&text))]
}
