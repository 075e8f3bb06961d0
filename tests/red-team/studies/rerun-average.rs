//! expect: unseen
//! catalogue: 23
//! broken-by: several: a job that was answered is given again, and there is no fresh run
//! tries: run one job again and again, to average what blurs its numbers.

use crate::attempt::{Attempt, Earlier};
use crate::frame;
use crate::world::Data;

pub(crate) fn attempts() -> Vec<Attempt> {
    let module = frame::module(HONEST);
    // Enough for one job: a second charge would be refused, and the run would not end well.
    let data = Data { published: 10 * frame::NUMBERS, ..Data::new(63, 1) };
    let again = Earlier::run(module.clone(), Vec::new());
    let earlier = vec![again; 3];
    vec![Attempt { data: Some(data), earlier, ..Attempt::run(module) }]
}

const HONEST: &str = "(func $person (param i32 i32) (call $honest (local.get 0)))";
