//! expect: refused "1 of 2 trusted reviewers'"
//! catalogue: 58
//! broken-by: distinct
//! tries: put one reviewer's signature beside the module twice.

use cloister::Role::{Author, Reviewer};

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let signed = vec![("author", Author), ("one", Reviewer), ("one", Reviewer)];
    vec![Attempt { signed, ..Attempt::run(frame::control("honest")) }]
}
