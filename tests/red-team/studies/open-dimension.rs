//! expect: refused "open dimensions are not built yet"
//! catalogue: 13, 14, 80
//! broken-by: absence: no dimension takes its labels from data
//! tries: have the data name the cells.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let study = frame::study().replace("{ range = [0, 6] }", "{ open = \"concepts\" }");
    vec![Attempt::run(frame::with_study(HONEST, &study))]
}

const HONEST: &str = "(func $person (param i32 i32) (call $honest (local.get 0)))";
