//! expect: refused "is not registered, and this ledger has answers over data that were"
//! catalogue: 78
//! broken-by: stays-registered
//! tries: take the note of registered data away, and ask them under another name, as more persons.

use crate::attempt::{Attempt, Earlier, Then};
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let module = frame::control("honest");
    let earlier = [Then::Registered, Then::TakenAway]
        .map(|then| Earlier { then, ..Earlier::run(module.clone(), Vec::new()) });
    vec![Attempt { earlier: earlier.to_vec(), ..Attempt::run(module) }]
}
