//! expect: same as honest
//! catalogue: modules
//! broken-by: several: a body's bytes, and those times its locals, are bounded
//! tries: keep the compiler busy with one function as large and as entangled as is allowed.

use crate::attempt::Attempt;
use crate::frame;

pub(crate) fn attempts() -> Vec<Attempt> {
    // Sixty locals that all live through 120,000 bytes, and a branch out of every block.
    let mut body = String::new();
    for at in 0..9_000_usize {
        let (from, to) = (at % 59, (at * 7 + 1) % 59);
        body += &format!(
            "(br_if $out (local.get ${from}))
             (local.set ${to}
               (i32.xor (local.get ${from}) (i32.add (local.get ${to}) (i32.const 0))))"
        );
    }
    let locals: String = (0..59).map(|at| format!("(local ${at} i32)")).collect();
    let text = format!(
        "(func $person (param $ptr i32) (param $len i32) {locals}
           (block $out {body})
           (call $honest (local.get $ptr)))"
    );
    vec![Attempt::run(frame::module(&text))]
}
