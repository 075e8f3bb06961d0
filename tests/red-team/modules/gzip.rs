//! expect: refused "it is gzip; unpack it first"
//! catalogue: modules
//! broken-by: several: the first bytes are looked at, and no decoder is in sight of a module
//! tries: hand over a compressed module, which an obliging host would unpack to any size.

use crate::attempt::Attempt;

pub(crate) fn attempts() -> Vec<Attempt> {
    // A gzip member that is whole: one stored block with the single byte `a`.
    let member = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x01\x01\0\xfe\xffa\x43\xbe\xb7\xe8\x01\0\0\0";
    vec![Attempt::run(member.to_vec())]
}
