//! expect: refused "secret"
//! catalogue: 16, 72
//! broken-by: several: a withheld column is kept from studies by its name, and from views besides
//! tries: give a withheld column another name in a view.

use crate::attempt::Attempt;
use crate::frame;
use crate::world::Data;

const DESCRIPTION: &str = r#"
withheld = ["secret"]
unit = { table = "person", key = "person_id", type = "int" }
[tables]
people = { path = "person.csv", format = "csv" }
visit = { path = "visit.csv", format = "csv" }
[views]
person = "SELECT person_id, CAST(secret AS BIGINT) AS mark FROM people"
"#;

pub(crate) fn attempts() -> Vec<Attempt> {
    let study = frame::study().replace("secret = \"int\", ", "");
    let module = frame::with_study(HONEST, &study);
    let mut data = Data::new(63, 1);
    DESCRIPTION.clone_into(&mut data.description);
    vec![Attempt { data: Some(data), ..Attempt::run(module) }]
}

const HONEST: &str = "(func $person (param i32 i32))";
