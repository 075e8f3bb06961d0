//! expect: refused "0 of 1 trusted author's"
//! catalogue: 55
//! broken-by: signed-bytes
//! tries: have one module reviewed and run another under its signatures.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let reviewed = frame::control("honest");
    let other = frame::control("once-at-the-bound");
    vec![Attempt { reviewed: Some(reviewed), ..Attempt::run(other) }]
}
