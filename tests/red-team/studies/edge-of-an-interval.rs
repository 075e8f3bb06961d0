//! expect: blurred "counts on the edge of an interval | 1 | 1.00 | 0.55"
//! catalogue: 7, 23
//! broken-by: noise
//! tries: count everybody whose secret is known, and the target, where one person more begins the
//!   next interval; in 48 cells, to average what is added to them.

use crate::attempt::Attempt;
use crate::frame;
use crate::world::Data;

pub(crate) fn attempts() -> Vec<Attempt> {
    // 29 and the target: `strict` begins intervals at 20, 30, …
    let data = Some(Data::new(257, 30));
    let module = frame::edges("");
    vec![Attempt { data, profile: "strict", exactly: false, ..Attempt::run(module) }]
}
