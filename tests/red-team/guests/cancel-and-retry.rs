//! expect: same as honest
//! catalogue: 62
//! broken-by: absence: nothing is drawn, so a run again is the same run, and one that ends early
//!   leaves its charge alone
//! tries: burn fuel over the target, so that whoever cancels slow runs and asks again learns of it.

use crate::attempt::{Attempt, Command};
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    vec![Attempt { command: Command::RunAgain, ..Attempt::run(frame::module(GUEST)) }]
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
      (call $honest (local.get $ptr)))";
