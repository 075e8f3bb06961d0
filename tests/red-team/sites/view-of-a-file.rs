//! expect: refused "view `person`"
//! catalogue: 72
//! broken-by: absence: a view's names are looked up among the dataset's own tables alone
//! tries: read a file that the dataset does not declare.

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

pub(crate) fn attempts() -> Vec<Attempt> {
    ["'/etc/passwd'", "'data/visit.csv'", "information_schema.tables"]
        .map(|from| {
            let mut data = Data::new(63, 1);
            data.description = format!("{TABLES}\"SELECT * FROM {from}\"\n");
            Attempt { data: Some(data), ..Attempt::run(frame::control("honest")) }
        })
        .into()
}
