//! expect: refused "the dataset is not registered as `synthetic` or `public`"
//! catalogue: own
//! broken-by: exact-for-synthetic, policies
//! tries: ask for exact numbers of data that are patients'.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    vec![Attempt { profile: "exact", ..Attempt::run(frame::control("honest")) }]
}
