//! expect: refused "study"
//! catalogue: modules
//! broken-by: several: the parser counts how deep it is, and a study file has a greatest length
//! tries: nest lists a hundred thousand deep, so that a parser that recurses runs out of stack.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let lists = |depth| format!("deep = {}{}\n", "[".repeat(depth), "]".repeat(depth));
    let tables = |depth| format!("{}x = 1\n", "a.".repeat(depth));
    [lists(100_000), lists(10_000), tables(50_000), tables(5_000)]
        .map(|deep| Attempt::run(frame::with_study(HONEST, &(deep + &frame::study()))))
        .into()
}

const HONEST: &str = "(func $person (param i32 i32) (call $honest (local.get 0)))";
