//! expect: refused "no numbers left for this job"
//! catalogue: 17
//! broken-by: ledger-limits
//! tries: move a threshold by one from job to job, until it passes the target.

use crate::attempt::{Attempt, Earlier};
use crate::frame;
use crate::world::Data;

pub(crate) fn attempts() -> Vec<Attempt> {
    let threshold = "threshold = { type = \"int\", min = 1, max = 9, default = 1 }";
    let study = format!("{}[params]\n{threshold}\n", frame::study());
    let module = frame::with_study(HONEST, &study);
    let more = |threshold: u32| vec!["--param".to_owned(), format!("threshold={threshold}")];
    // Enough for two jobs of this study and not for three.
    let data = Data { published: 2 * 10 * frame::NUMBERS + 10, ..Data::new(63, 1) };
    let earlier = [1, 2].map(|at| Earlier::run(module.clone(), more(at))).into();
    vec![Attempt { data: Some(data), more: more(3), earlier, ..Attempt::run(module) }]
}

const HONEST: &str = "(func $person (param i32 i32) (call $honest (local.get 0)))";
