//! expect: refused "view `person`"
//! catalogue: 72
//! broken-by: view-plan
//! tries: put rows of others into a person's bundle with a view: by a window, an aggregate, a
//!   shifted key, a join on something else, or a limit.

use crate::attempt::Attempt;
use crate::frame;
use crate::world::Data;

const TABLES: &str = r#"
unit = { table = "person", key = "person_id", type = "int" }
[tables]
people = { path = "person.csv", format = "csv" }
visit = { path = "visit.csv", format = "csv" }
[views]
person = "#;

const MIXING: [&str; 6] = [
    "SELECT person_id, lead(secret) OVER (ORDER BY person_id) AS secret, mark FROM people",
    "SELECT person_id, max(secret) AS secret, max(mark) AS mark FROM people GROUP BY person_id",
    "SELECT CAST(person_id AS BIGINT) + 2 AS person_id, secret, mark FROM people",
    "SELECT a.person_id, b.secret, a.mark FROM people a JOIN people b ON a.mark = b.mark",
    "SELECT person_id, (SELECT max(secret) FROM people) AS secret, mark FROM people",
    "SELECT person_id, secret, mark FROM people LIMIT 60",
];

pub(crate) fn attempts() -> Vec<Attempt> {
    MIXING
        .map(|sql| {
            let mut data = Data::new(63, 1);
            data.description = format!("{TABLES}\"{sql}\"\n");
            Attempt { data: Some(data), ..Attempt::run(frame::control("honest")) }
        })
        .into()
}
