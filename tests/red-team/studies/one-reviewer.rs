//! expect: refused "1 of 2 trusted reviewers'"
//! catalogue: 58
//! broken-by: signatures, policies
//! tries: run with one review in place of two.

use cloister::Role::{Author, Reviewer};

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let signed = vec![("author", Author), ("one", Reviewer)];
    vec![Attempt { signed, ..Attempt::run(frame::control("honest")) }]
}
