//! expect: refused "1 of 2 trusted reviewers'"
//! catalogue: 79, 58
//! broken-by: signatures, policies
//! tries: ask for what is stored once a review is gone, or the key that signed it is revoked.

use cloister::Role::{Author, Reviewer};

use crate::attempt::{Attempt, Earlier};
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let module = frame::control("honest");
    let earlier = vec![Earlier::run(module.clone(), Vec::new())];
    let again = Attempt { earlier, ..Attempt::run(module) };
    let gone = Attempt { signed: vec![("author", Author), ("one", Reviewer)], ..again.clone() };
    vec![gone, Attempt { revoked: true, ..again }]
}
