//! expect: hidden
//! catalogue: 77
//! broken-by: snapshot-secret
//! tries: guess the one value that is not known, and look whether the guess has a digest that is
//!   in release, receipt, audit log or evidence.

use crate::attempt::{Attempt, Earlier, Then};
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let module = frame::control("honest");
    let registered =
        Earlier { then: Then::Registered, ..Earlier::run(module.clone(), Vec::new()) };
    vec![Attempt { earlier: vec![registered], ..Attempt::run(module) }]
}
