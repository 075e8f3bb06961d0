//! expect: refused "the dataset is neither `synthetic` nor `public`"
//! catalogue: 78
//! broken-by: exact-for-synthetic
//! tries: ask for exact numbers of data that are patients'.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let more = vec!["--profile".to_owned(), "exact".to_owned()];
    vec![Attempt { more, ..Attempt::run(frame::control("honest")) }]
}
