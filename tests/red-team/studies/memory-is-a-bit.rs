//! expect: open "The memory of `strict` answers the same question from job to job"
//! catalogue: 7, 21
//! broken-by: absence: the memory answers otherwise where sets are equal than where they are near
//! tries: count in one study those who have no secret, and in another everybody, so that only if
//!   the target has one the second is withheld.

use crate::attempt::{Attempt, Earlier};
use crate::frame::counting;
use crate::world::Data;

pub(crate) fn attempts() -> Vec<Attempt> {
    let module = counting(BUT);
    let earlier = vec![Earlier::run(module, Vec::new())];
    let data = Some(Data::new(257, 1));
    let later = Attempt::run(counting(ALL));
    vec![Attempt { data, earlier, profile: "strict", exactly: false, ..later }]
}

const ALL: &str = "(i32.const 1)";
const BUT: &str = "(i32.eqz (call $is_target (local.get $ptr)))";
