//! expect: withheld n
//! catalogue: 22, 78
//! broken-by: earlier-releases
//! tries: count everybody in one epoch of the data, and all but two or three in the next.

use crate::attempt::{Attempt, Earlier, Then};
use crate::frame::counting;
use crate::world::Data;

pub(crate) fn attempts() -> Vec<Attempt> {
    let module = counting(ALL);
    let earlier = vec![Earlier { then: Then::Registered, ..Earlier::run(module, Vec::new()) }];
    let data = Some(Data::new(257, 3));
    let later = Attempt::run(counting(BUT));
    vec![Attempt { data, earlier, profile: "strict", exactly: false, ..later }]
}

const ALL: &str = "(i32.const 1)";
const BUT: &str = "(i32.eqz (call $is_target (local.get $ptr)))";
