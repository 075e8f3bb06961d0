//! expect: refused "the module has too much"
//! catalogue: modules
//! broken-by: several: a module's bytes and its functions are counted before it is compiled
//! tries: keep the compiler busy with a million tiny functions.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    // One that fails by its size, and one that is small and fails by the number.
    let with = |functions: usize| {
        let text = "(func)".repeat(functions) + HONEST;
        Attempt::run(frame::module(&text))
    };
    vec![with(1_000_000), with(20_000)]
}

const HONEST: &str = "(func $person (param i32 i32) (call $honest (local.get 0)))";
