//! expect: held
//! catalogue: 38, 32
//! broken-by: held
//! tries: burn fuel over the target, so that who waits for the release sees from when it comes
//!   what noise hides.

use crate::attempt::Attempt;
use crate::frame;
use crate::world::Data;

pub(crate) fn attempts() -> Vec<Attempt> {
    // Enough persons to be asked in the tier `open`, and so few that the plan is minutes.
    let data = Some(Data { published: 300, ..Data::new(257, 1) });
    let reviewed = Attempt {
        data,
        profile: "strict",
        ..Attempt::run(frame::with_outputs(GUEST, 0, "n = { kind = \"count\" }\n"))
    };
    let open = Attempt { more: vec!["--tier=open".to_owned()], ..reviewed.clone() };
    vec![reviewed, open]
}

const GUEST: &str = "
    (func $person (param $ptr i32) (param $len i32)
      (local $left i32)
      (if (call $is_target (local.get $ptr))
        (then
          (local.set $left (i32.const 10000))
          (loop $next
            (local.set $left (i32.sub (local.get $left) (i32.const 1)))
            (br_if $next (local.get $left)))))
      (call $contribute (i32.const 0) (i64.const 0) (f64.const 1)))";
