//! expect: refused "type"
//! catalogue: 16
//! broken-by: absence: no type of parameter takes free text
//! tries: name a patient in a parameter.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let study = frame::study() + "[params]\nwho = { type = \"text\" }\n";
    vec![Attempt::run(frame::with_study(HONEST, &study))]
}

const HONEST: &str = "(func $person (param i32 i32) (call $honest (local.get 0)))";
