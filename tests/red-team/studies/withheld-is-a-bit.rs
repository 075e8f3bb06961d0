//! expect: open "Whether a cell is withheld is itself told"
//! catalogue: 7
//! broken-by: absence: no rule on exact numbers answers the same for equal sets and for near ones
//! tries: make two outputs equal without the target and nested with it, so that one is withheld.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let study = frame::study().split("[outputs]").next().unwrap().to_owned() + OUTPUTS;
    vec![Attempt::run(frame::with_study(GUEST, &study))]
}

const OUTPUTS: &str = r#"
[outputs]
n = { kind = "count" }
other = { kind = "count" }
"#;

const GUEST: &str = "
    (func $person (param $ptr i32) (param $len i32)
      (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
      (if (i32.eqz (call $is_target (local.get $ptr)))
        (then (call $contribute (i32.const 1) (i64.const 0) (f64.const 1)))))";
