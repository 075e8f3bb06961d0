//! expect: refused "malformed"
//! catalogue: modules
//! broken-by: several: every byte belongs to a section, and the sections' order is fixed
//! tries: hide bytes, or a whole second module, behind the module.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let honest = frame::control("honest");
    let behind = |bytes: &[u8]| Attempt::run([&honest[..], bytes].concat());
    vec![behind(b"\xff"), behind(&honest), behind(b"\x0a\x02\x00\x00")]
}
