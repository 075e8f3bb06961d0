//! A small guest in WebAssembly text, whose parts a test replaces.

use cloister_sandbox::{CallLimits, Contribution, Outcome, Sandbox, SandboxError, check};

/// Limits that most tests use: 4 pages, and frames of 4 KiB.
pub(crate) const LIMITS: CallLimits =
    CallLimits { fuel: 1_000_000, memory_bytes_max: 4 << 16, frame_bytes_max: 4_096 };

/// The bytes of a module in text.
pub(crate) fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text:.1000}"))
}

/// The text of a guest with `items` besides, that does `person` with each person.
pub(crate) fn text(items: &str, person: &str) -> String {
    format!(
        r#"(module
  (import "cloister" "contribute" (func $contribute (param i32 i64 f64)))
  (memory (export "memory") 1)
  {items}
  (func (export "cloister_v1_arena") (param i32) (result i32) (i32.const 1024))
  (func (export "cloister_v1_init") (param i32 i32))
  (func (export "cloister_v1_person") (param $ptr i32) (param $len i32)
    {person})
  (@custom "cloister.study" "[study]"))"#
    )
}

/// A guest as [`text`] has it, ready to run.
pub(crate) fn sandbox(items: &str, person: &str) -> Sandbox {
    with_limits(items, person, LIMITS)
}

/// A guest as [`text`] has it, ready to run under `limits`.
pub(crate) fn with_limits(items: &str, person: &str, limits: CallLimits) -> Sandbox {
    ready(wasm(&text(items, person)), limits)
        .unwrap_or_else(|error| panic!("{error}\n{person:.1000}"))
}

/// A checked and compiled module; a refusal of either becomes its message.
pub(crate) fn ready(bytes: Vec<u8>, limits: CallLimits) -> Result<Sandbox, String> {
    let module = check(bytes).map_err(|refusal| refusal.to_string())?;
    Sandbox::new(&module, b"CLI1\x10\0\0\0\0\0\0\0\0\0\0\0".to_vec(), limits)
        .map_err(|error: SandboxError| error.to_string())
}

/// What each of the persons contributed, as bits, so that NaN equals itself; `None` if dropped.
pub(crate) fn run(sandbox: &Sandbox, frames: &[&[u8]]) -> Vec<Option<Vec<(i32, i64, u64)>>> {
    let mut guest = sandbox.guest();
    // What is in the list before a call must not be there after it.
    let mut contributions = vec![Contribution { output: 77, cell: 77, value: 77.0 }];
    let mut person = |frame: &&[u8]| match guest.call(frame, &mut contributions).unwrap() {
        Outcome::Done => {
            Some(contributions.iter().map(|c| (c.output, c.cell, c.value.to_bits())).collect())
        }
        Outcome::Dropped => {
            assert!(contributions.is_empty(), "a dropped person contributed");
            None
        }
    };
    frames.iter().map(&mut person).collect()
}

/// Contributes `value`, an `f64`, to the cell 0 of output 0.
pub(crate) fn contribute(value: &str) -> String {
    format!("(call $contribute (i32.const 0) (i64.const 0) {value})")
}

/// One contribution to cell 0 of output 0.
pub(crate) fn one(value: f64) -> Option<Vec<(i32, i64, u64)>> {
    Some(vec![(0, 0, value.to_bits())])
}
