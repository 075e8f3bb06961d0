//! expect: refused "1 key is there more than once"
//! catalogue: 73
//! broken-by: key-registered-once
//! tries: register data that have one key twice, so that one human counts as two persons.

use crate::attempt::{Attempt, Command};
use crate::frame;
use crate::world::Data;

pub(crate) fn attempts() -> Vec<Attempt> {
    let data = Data { twice: true, ..Data::new(63, 1) };
    let honest = Attempt::run(frame::control("honest"));
    vec![Attempt { data: Some(data), command: Command::Register, ..honest }]
}
