//! expect: refused "the purpose is not one that EHDS Art. 53 allows"
//! catalogue: own
//! broken-by: several: a study file names a purpose of Art. 53, and policies forbid the others
//! tries: ask for a purpose that the law prohibits, signed by everybody.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let study = frame::study();
    let purpose = study.lines().find(|line| line.starts_with("purpose")).unwrap_or_default();
    ["advertising", "unequal-offers", "other", "Advertising", ""]
        .map(|other| {
            let study = study.replace(purpose, &format!("purpose = \"{other}\""));
            Attempt::run(frame::with_study("(func $person (param i32 i32))", &study))
        })
        .into()
}
