//! expect: bounded
//! catalogue: 14
//! broken-by: absence: a category is a position in the study file's list, and all else is `other`
//! tries: use the words of a note as an alphabet, through a column of few labels.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    let study = frame::study();
    let note = "note = { type = \"text\", bytes_max = 16 }";
    let study = study.replace(note, "note = { type = \"category\", labels = [\"ok\", \"ill\"] }");
    // The category of the first visit's note, whose values' offset lies at 76, is the cell.
    let guest = "
        (func $person (param $ptr i32) (param $len i32)
          (if (i32.load offset=48 (local.get $ptr))
            (then (call $enter (i64.add (i64.const 4) (i64.load32_u
              (i32.add (local.get $ptr) (i32.load offset=76 (local.get $ptr))))))))
          (call $honest (local.get $ptr)))";
    vec![Attempt::run(frame::with_study(guest, &study))]
}
