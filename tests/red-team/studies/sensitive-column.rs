//! expect: refused "`national-default/sensitive-without-permit` forbids to `run`"
//! catalogue: own
//! broken-by: policies
//! tries: read a column that the site calls sensitive on signatures alone, or filter by it.

use crate::attempt::Attempt;
use crate::frame;
use crate::world::Data;

pub(crate) fn attempts() -> Vec<Attempt> {
    let study = frame::study();
    let unread = study
        .replace(
            "[tables.visit]",
            "[codes]\njane = { text = [\"Jane Doe*\"] }\n[tables.visit]\n\
             where = { note = [\"jane\"] }",
        )
        .replace(", note = { type = \"text\", bytes_max = 16 }", "");
    [(study.clone(), "\"NOTE\""), (study, "\"visit.*\""), (unread, "\"visit.note\"")]
        .map(|(study, entry)| {
            let mut data = Data::new(63, 1);
            data.description = format!("sensitive = [{entry}]\n{}", data.description);
            let data = Some(data);
            Attempt { data, ..Attempt::run(frame::with_study(HONEST, &study)) }
        })
        .into()
}

const HONEST: &str = "(func $person (param i32 i32) (call $honest (local.get 0)))";
