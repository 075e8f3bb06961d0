//! expect: refused "unknown field `seed`"
//! catalogue: 39
//! broken-by: absence: a study file has no word on noise, and an unknown one is refused
//! tries: declare a seed of the noise in the study file.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let with = |line: &str, seeded: &str| {
        let study = frame::study();
        assert!(study.contains(line));
        Attempt::run(frame::with_study(HONEST, &study.replace(line, &format!("{line}{seeded}"))))
    };
    vec![with("memory_pages = 4\n", "seed = 1\n"), with("version = \"1.0.0\"\n", "seed = 1\n")]
}

const HONEST: &str = "(func $person (param i32 i32) (call $honest (local.get 0)))";
