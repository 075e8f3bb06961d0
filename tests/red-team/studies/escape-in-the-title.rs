//! expect: refused "title"
//! catalogue: modules
//! broken-by: several: a title is one line of printable text, and TOML has no raw escapes
//! tries: rewrite the operator's screen, or the order of letters, with the study's title.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    ["\\u001b[2J", "\\u202Egnisrever", "two\\nlines", "\\u0000"]
        .map(|escape| {
            let title = "title = \"What the guests of this suite carry\"";
            let study = frame::study().replace(title, &format!("title = \"{escape}\""));
            Attempt::run(frame::with_study(HONEST, &study))
        })
        .into()
}

const HONEST: &str = "(func $person (param i32 i32) (call $honest (local.get 0)))";
