//! expect: refused "`national-default/sensitive-without-permit` forbids to `run`"
//! catalogue: own
//! broken-by: policies
//! tries: read what the site calls sensitive by the name that a view gives it.

use crate::attempt::Attempt;
use crate::frame;
use crate::world::Data;

const DESCRIPTION: &str = r#"
sensitive = ["people.secret"]
unit = { table = "person", key = "person_id", type = "int" }
[tables]
people = { path = "person.csv", format = "csv" }
visit = { path = "visit.csv", format = "csv" }
[views]
person = "SELECT person_id, CAST(secret AS BIGINT) AS mark FROM people"
"#;

pub(crate) fn attempts() -> Vec<Attempt> {
    let study = frame::study().replace("secret = \"int\", ", "");
    let module = frame::with_study("(func $person (param i32 i32))", &study);
    let mut data = Data::new(63, 1);
    DESCRIPTION.clone_into(&mut data.description);
    vec![Attempt { data: Some(data), ..Attempt::run(module) }]
}
