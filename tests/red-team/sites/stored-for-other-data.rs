//! expect: unseen
//! catalogue: 79
//! broken-by: job-of-data
//! tries: ask over an earlier snapshot, or over another dataset of the same people, and be given
//!   that answer as one over the data of today.

use crate::attempt::{Attempt, Earlier};
use crate::frame;
use crate::world::Data;

pub(crate) fn attempts() -> Vec<Attempt> {
    let (now, more) = (Data::new(63, 1), Data::new(93, 1));
    let before = Data { snapshot: "2019-12-01", ..more.clone() };
    let same_people = |data: Data| {
        let description = "population = \"people\"\n".to_owned() + &data.description;
        Data { description, ..data }
    };
    let wider = same_people(Data { name: "wider", ..more });
    let over = |data: Data, before: Data| {
        let module = frame::control("honest");
        let earlier = Earlier { data: Some(before), ..Earlier::run(module.clone(), Vec::new()) };
        Attempt { data: Some(data), earlier: vec![earlier], ..Attempt::run(module) }
    };
    vec![over(now.clone(), before), over(same_people(now), wider)]
}
