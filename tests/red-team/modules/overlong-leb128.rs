//! expect: refused "malformed"
//! catalogue: modules
//! broken-by: several: check and engine have one parser, which refuses overlong numbers
//! tries: write a length in six bytes, so that two parsers read two modules.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let honest = frame::control("honest");
    // A custom section of two bytes, its name and nothing else, whose length takes six bytes.
    let section = [0, 0x82, 0x80, 0x80, 0x80, 0x80, 0x00, 1, b'x'];
    vec![Attempt::run([&honest[..], &section].concat())]
}
