//! expect: same as honest
//! catalogue: modules
//! broken-by: absence: nothing but the study file is read of custom sections
//! tries: trip a reader of debug names with a name section that is garbage.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let mut module = frame::control("honest");
    module.extend(b"\0\x0d\x04name\x01\xff\xff\xff\xff\xff\xff\x0f");
    vec![Attempt::run(module)]
}
