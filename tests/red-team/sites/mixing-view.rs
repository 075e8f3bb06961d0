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

const MIXING: [&str; 5] = [
    "SELECT person_id, lead(secret) OVER (ORDER BY person_id) AS secret, mark FROM numbers",
    "SELECT person_id, max(secret) AS secret, max(mark) AS mark FROM numbers GROUP BY person_id",
    "SELECT person_id + 1 AS person_id, secret, mark FROM numbers",
    "SELECT a.person_id, b.secret, a.mark FROM numbers a JOIN numbers b
     ON b.person_id = 3000 - a.person_id OR b.person_id = a.person_id AND a.person_id > 2000",
    "SELECT person_id, secret, mark FROM numbers LIMIT 60",
];

/// The columns of delimited text as numbers.
const NUMBERS: &str = "WITH numbers AS (SELECT CAST(person_id AS BIGINT) AS person_id,
    CAST(secret AS BIGINT) AS secret, CAST(mark AS BIGINT) AS mark FROM people)";

pub(crate) fn attempts() -> Vec<Attempt> {
    MIXING
        .map(|sql| {
            let mut data = Data::new(63, 1);
            data.description = format!("{TABLES}\"\"\"{NUMBERS} {sql}\"\"\"\n");
            Attempt { data: Some(data), ..Attempt::run(frame::control("honest")) }
        })
        .into()
}
