//! expect: refused "reads `person_id` of table `person`"
//! catalogue: 16
//! broken-by: withheld-columns
//! tries: read the key by which the site names a person.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let study = frame::study().replace("secret = \"int\"", "person_id = \"int\"");
    vec![Attempt::run(frame::with_study(HONEST, &study))]
}

const HONEST: &str = "(func $person (param i32 i32) (call $honest (local.get 0)))";
