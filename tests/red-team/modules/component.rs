//! expect: refused "it is a component; guests are core modules"
//! catalogue: 59, modules
//! broken-by: several: the first bytes are looked at, and components are left out of the engine
//! tries: bring imports of another kind in a component.

use crate::attempt::Attempt;

pub(crate) fn attempts() -> Vec<Attempt> {
    // The smallest one: a header that is like a module's, but for version and layer.
    vec![Attempt::run(b"\0asm\x0d\0\x01\0".to_vec())]
}
