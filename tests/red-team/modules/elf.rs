//! expect: refused "it is a native program (ELF)"
//! catalogue: modules
//! broken-by: several: the first bytes are looked at, and the engine reads nothing but WebAssembly
//! tries: hand over a native program, as a cache of compiled code would take it.

use crate::attempt::Attempt;

pub(crate) fn attempts() -> Vec<Attempt> {
    // This very test is one.
    let itself = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    vec![Attempt::run(itself.into_iter().take(100_000).collect())]
}
