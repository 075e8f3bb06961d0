//! expect: refused "cells, and the profile `hospital` allows 1000"
//! catalogue: 42, 52
//! broken-by: cells-of-profile
//! tries: ask for more cells than persons, to rebuild the data from exact sums.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let study = frame::study().replace("range = [0, 6]", "range = [0, 1000]");
    vec![Attempt::run(frame::with_study(HONEST, &study))]
}

const HONEST: &str = "(func $person (param i32 i32) (call $honest (local.get 0)))";
