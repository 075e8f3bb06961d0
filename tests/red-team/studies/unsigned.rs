//! expect: refused "0 of 1 trusted author's"
//! catalogue: 58
//! broken-by: signatures, policies
//! tries: run a module that nobody has signed.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    vec![Attempt { signed: Vec::new(), ..Attempt::run(frame::control("honest")) }]
}
