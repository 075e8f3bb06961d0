//! expect: refused "withholds"
//! catalogue: 16
//! broken-by: withheld-columns
//! tries: read a column that the site keeps from every study, or filter by it.

use crate::attempt::Attempt;
use crate::frame;
use crate::world::Data;

pub(crate) fn attempts() -> Vec<Attempt> {
    let study = frame::study();
    let filtered = study.replace(
        "[tables.visit]",
        "[codes]\njane = { text = [\"Jane Doe*\"] }\n[tables.visit]\nwhere = { note = [\"jane\"] }",
    );
    let unread = filtered.replace(", note = { type = \"text\", bytes_max = 16 }", "");
    [study, filtered, unread]
        .map(|study| {
            let mut data = Data::new(63, 1);
            data.description = format!("withheld = [\"NOTE\"]\n{}", data.description);
            let data = Some(data);
            Attempt { data, ..Attempt::run(frame::with_study(HONEST, &study)) }
        })
        .into()
}

const HONEST: &str = "(func $person (param i32 i32) (call $honest (local.get 0)))";
