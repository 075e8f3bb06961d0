//! expect: refused "a custom section in bytes"
//! catalogue: modules
//! broken-by: module-limits
//! tries: carry half a megabyte in a section that nobody reviews.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let section = format!("(@custom \"notes\" \"{}\")", "x".repeat(500_000));
    let text = section + "(func $person (param i32 i32) (call $honest (local.get 0)))";
    vec![Attempt::run(frame::module(&text))]
}
