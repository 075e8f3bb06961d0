//! expect: refused "no numbers left for this job"
//! catalogue: 24, 21
//! broken-by: ledger-limits
//! tries: compile one study again with a `nop` more, so that it is another module with an answer of
//!   its own.

use crate::attempt::{Attempt, Earlier};
use crate::frame;
use crate::world::Data;

pub(crate) fn attempts() -> Vec<Attempt> {
    let module = |nops: usize| {
        let nops = "nop ".repeat(nops);
        frame::module(&format!("(func $person (param i32 i32) {nops}(call $honest (local.get 0)))"))
    };
    let data = Data { published: 2 * 10 * frame::NUMBERS + 10, ..Data::new(63, 1) };
    let earlier = [0, 1].map(|nops| Earlier::run(module(nops), Vec::new())).into();
    vec![Attempt { data: Some(data), earlier, ..Attempt::run(module(2)) }]
}
