//! expect: refused "1 of 2 trusted reviewers'"
//! catalogue: 58
//! broken-by: several: a key has its roles, and nobody counts twice
//! tries: sign one's own module as author and as one of its reviewers.

use cloister::Role::{Author, Reviewer};

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let signed = vec![("author", Author), ("author", Reviewer), ("one", Reviewer)];
    vec![Attempt { signed, ..Attempt::run(frame::control("honest")) }]
}
