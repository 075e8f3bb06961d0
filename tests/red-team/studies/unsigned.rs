//! expect: refused "0 of 1 trusted author's"
//! catalogue: 58
//! broken-by: several: the signatures are counted at admission, and a run needs what it makes
//! tries: run a module that nobody has signed.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    vec![Attempt { signed: Vec::new(), ..Attempt::run(frame::control("honest")) }]
}
