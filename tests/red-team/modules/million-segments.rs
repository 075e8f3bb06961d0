//! expect: refused "the module has too much"
//! catalogue: modules
//! broken-by: several: a module's bytes and its segments are counted before it is compiled
//! tries: keep the host busy with a million data segments, to be written for every person.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let with = |segments: usize| {
        let text = "(data (i32.const 0))".repeat(segments) + HONEST;
        Attempt::run(frame::module(&text))
    };
    vec![with(1_000_000), with(20_000)]
}

const HONEST: &str = "(func $person (param i32 i32) (call $honest (local.get 0)))";
