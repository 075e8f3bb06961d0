//! expect: refused "1 of 2 trusted reviewers'"
//! catalogue: 58
//! broken-by: several: only keys of the trust root verify a signature, and each has its roles
//! tries: make up a reviewer with a key of one's own.

use cloister::Role::{Author, Reviewer};

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let signed = vec![("author", Author), ("one", Reviewer), ("stranger", Reviewer)];
    vec![Attempt { signed, ..Attempt::run(frame::control("honest")) }]
}
