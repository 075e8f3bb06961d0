//! expect: refused "its size in bytes"
//! catalogue: modules
//! broken-by: several: a module is measured, and no more of it is read than it may have
//! tries: hand over a module of more bytes than the host takes.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    // Sections of which each is small enough, and together a byte too many.
    let section = 250_000;
    let sections = cloister_sandbox::MODULE_LIMITS.module_bytes_max / section + 1;
    let notes = format!("(@custom \"notes\" \"{}\")", "x".repeat(section)).repeat(sections);
    let text = notes + "(func $person (param i32 i32) (call $honest (local.get 0)))";
    vec![Attempt::run(frame::module(&text))]
}
