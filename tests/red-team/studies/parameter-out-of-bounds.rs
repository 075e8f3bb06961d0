//! expect: refused "year"
//! catalogue: 16, 17
//! broken-by: several: a parameter is bound within its bounds, and an unknown one is refused
//! tries: set a parameter beyond what reviewers saw, or one that they never saw.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let year = "year = { type = \"int\", min = 1, max = 9, default = 2 }";
    let study = format!("{}[params]\n{year}\n", frame::study());
    ["year=19500101", "year=1950-01-01", "year=", "birthyear=1"]
        .map(|param| Attempt {
            more: vec!["--param".to_owned(), param.to_owned()],
            ..Attempt::run(frame::with_study(HONEST, &study))
        })
        .into()
}

const HONEST: &str = "(func $person (param i32 i32) (call $honest (local.get 0)))";
