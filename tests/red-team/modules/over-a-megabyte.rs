//! expect: refused "its size in bytes"
//! catalogue: modules
//! broken-by: module-bytes
//! tries: hand over a module of more bytes than the host takes.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let mut module = frame::control("honest");
    module.resize(cloister_sandbox::MODULE_LIMITS.module_bytes_max + 1, 0);
    vec![Attempt::run(module)]
}
