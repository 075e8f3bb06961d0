//! expect: refused "module"
//! catalogue: modules
//! broken-by: several: every section's end is checked, and all that a guest needs must be there
//! tries: hand over a module that was cut off, at each of its bytes.

use crate::attempt::Attempt;
use crate::frame;

/// As small as a study can be, so that there are not too many bytes to cut at.
const STUDY: &str = "[study]\nname=\"x\"\nversion=\"1.0.0\"\ntitle=\"x\"\npurpose=\"education\"\n\
                     [tables.person]\ncolumns={secret=\"int\"}\n[outputs]\nn={kind=\"count\"}\n";

/// The helpers of the frame are left out: they are defined, and empty.
const GUEST: &str = r#"
(func $person (param i32 i32) (call $contribute (i32.const 0) (i64.const 0) (f64.const 0)))
(func $secret ) (func $is_target ) (func $mark ) (func $enter ) (func $add ) (func $honest )"#;

pub(crate) fn attempts() -> Vec<Attempt> {
    let mut whole = frame::with_study(GUEST, STUDY);
    // Behind the study file come names, without which it is a module as good as any.
    let ends = |part: &[u8]| part == STUDY.as_bytes();
    whole.truncate(whole.windows(STUDY.len()).position(ends).unwrap() + STUDY.len());
    (0..whole.len()).map(|end| Attempt::run(whole.iter().copied().take(end).collect())).collect()
}
