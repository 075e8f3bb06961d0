//! expect: own
//! catalogue: 39
//! broken-by: site-secret
//! tries: choose the noise of `strict` by parameters and an environment that are called so, and
//!   compute it by a key of one's own.

use crate::attempt::Attempt;
use crate::frame;
use crate::world::Data;

pub(crate) fn attempts() -> Vec<Attempt> {
    let params = "[params]
        seed = { type = \"int\", min = 0, max = 9, default = 0 }
        salt = { type = \"int\", min = 0, max = 9, default = 0 }
        ";
    let more = ["--param", "seed=1", "--param", "salt=1"].map(str::to_owned).into();
    vec![Attempt {
        data: Some(Data::new(257, 30)),
        profile: "strict",
        exactly: false,
        more,
        environment: super::SEEDS.to_vec(),
        ..Attempt::run(frame::edges(params))
    }]
}
