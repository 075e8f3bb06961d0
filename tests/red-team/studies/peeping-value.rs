//! expect: unseen
//! catalogue: 14, 33
//! broken-by: unfit-values
//! tries: declare for the target's note a type that it does not fit, so that the run ends.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    // Everybody's `ok` has two bytes, and the target's note has more.
    let study = frame::study().replace("bytes_max = 16", "bytes_max = 2");
    // Over synthetic data, where exact numbers could be had, the run does end, and says why.
    let honest = Attempt::run(frame::with_study(HONEST, &study));
    vec![Attempt { exactly: false, ..honest }]
}

const HONEST: &str = "(func $person (param i32 i32) (call $honest (local.get 0)))";
