//! expect: refused "the unit table has a key twice"
//! catalogue: 73
//! broken-by: key-once
//! tries: run over data that have one key twice and were never registered.

use crate::attempt::Attempt;
use crate::frame;
use crate::world::Data;

pub(crate) fn attempts() -> Vec<Attempt> {
    let data = Data { twice: true, ..Data::new(63, 1) };
    vec![Attempt { data: Some(data), ..Attempt::run(frame::control("honest")) }]
}
