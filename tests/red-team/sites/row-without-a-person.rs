//! expect: refused "the unit table has a row without a key"
//! catalogue: 2, 73
//! broken-by: absence: there is no person to call for a row without a key
//! tries: count rows that are nobody's as persons.

use crate::attempt::Attempt;
use crate::frame;
use crate::world::Data;

pub(crate) fn attempts() -> Vec<Attempt> {
    let data = Data { nobody: true, ..Data::new(63, 1) };
    vec![Attempt { data: Some(data), ..Attempt::run(frame::control("honest")) }]
}
