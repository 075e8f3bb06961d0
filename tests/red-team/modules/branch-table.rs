//! expect: refused "the engine does not compile the module"
//! catalogue: modules
//! broken-by: several: a body's bytes bound its branches, and the engine has a bound of its own
//! tries: keep the compiler busy with a branch of a hundred thousand targets.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let text = format!(
        "(func $person (param $ptr i32) (param $len i32)
           (block $a (block $b (br_table {} $a (local.get $len))))
           (call $honest (local.get $ptr)))",
        "$a $b ".repeat(60_000)
    );
    vec![Attempt::run(frame::module(&text))]
}
