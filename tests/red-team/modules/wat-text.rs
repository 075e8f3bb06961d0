//! expect: refused "it is WebAssembly text"
//! catalogue: modules
//! broken-by: several: the first bytes are looked at, and the engine has no parser of text
//! tries: hand over a text, of which reviewers and host might make different modules.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let honest = "(func $person (param $ptr i32) (param $len i32))";
    vec![Attempt::run(frame::text(honest, &frame::study()).into_bytes())]
}
