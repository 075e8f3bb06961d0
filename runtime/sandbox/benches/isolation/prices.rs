//! What one person can cost at most: the figures behind `Price`.

use std::time::Instant;

use cloister_sandbox::{CallLimits, Compiled, Ending, Sandbox, check};

use crate::ways::median;

const FUEL: u64 = 10_000_000;
const LIMITS: CallLimits =
    CallLimits { fuel: FUEL, memory_bytes_max: 256 << 16, frame_bytes_max: 64 };
/// KiB of memory under those limits.
const MEMORY_KIB: f64 = 16_384.0;
const ROUNDS: usize = 5;

/// Instructions to run out of fuel with; `$x` is another number in each round.
const LOOPS: &[(&str, &str)] = &[
    (
        "i64.div_s",
        "(local.set $l (i64.div_s (i64.const -9) (i64.or (local.get $l) (i64.const 1))))",
    ),
    ("i32.rem_u", "(local.set $x (i32.rem_u (local.get $x) (i32.const 77)))"),
    ("f64.div", "(local.set $d (f64.div (f64.const 9) (local.get $d)))"),
    ("f64.sqrt", "(local.set $d (f64.sqrt (local.get $d)))"),
    ("i8x16.popcnt", "(local.set $v (i8x16.popcnt (local.get $v)))"),
    ("f64x2.div", "(local.set $v (f64x2.div (local.get $v) (local.get $w)))"),
    ("f64x2.sqrt", "(local.set $v (f64x2.sqrt (local.get $v)))"),
    ("i64x2.mul", "(local.set $v (i64x2.mul (local.get $v) (local.get $w)))"),
    ("i32x4.trunc_sat", "(local.set $v (i32x4.trunc_sat_f32x4_u (local.get $v)))"),
    (
        "far load",
        "(local.set $x (i32.mul (i32.const 0x9e3779b1) (i32.add (local.get $x)
        (i32.load (i32.and (local.get $x) (i32.const 0xffffc0))))))",
    ),
    (
        "far store",
        "(i32.store (i32.and (local.tee $x (i32.mul (local.get $x)
        (i32.const 0x9e3779b1))) (i32.const 0xffffc0)) (local.get $x))",
    ),
    ("near store", "(i32.store (i32.const 4096) (local.get $x))"),
    ("memory.fill of 0", "(memory.fill (i32.const 0) (i32.const 1) (i32.const 0))"),
    ("memory.fill of 256 B", "(memory.fill (i32.const 0) (i32.const 1) (i32.const 256))"),
    ("memory.fill of 1 MiB", "(memory.fill (i32.const 0) (i32.const 1) (i32.const 1048576))"),
    ("memory.copy of 0", "(memory.copy (i32.const 0) (i32.const 1) (i32.const 0))"),
    ("memory.copy of 1 MiB", "(memory.copy (i32.const 0) (i32.const 1) (i32.const 1048576))"),
    ("memory.grow", "(drop (memory.grow (i32.const 0)))"),
    ("call", "(call $f)"),
    ("call_indirect", "(call_indirect (type $t) (i32.const 0))"),
    ("table.get", "(drop (table.get 0 (i32.const 0)))"),
    ("ref.func", "(drop (ref.func $f))"),
];

/// Prints them all.
pub(crate) fn print() -> Result<(), String> {
    println!("ns per unit of fuel, worst of several instructions");
    let mut worst = 0.0_f64;
    for (name, instruction) in LOOPS {
        let body = format!(
            "(local.set $x (i32.const 0x2545f491)) (loop {} (br 0))",
            instruction.repeat(16)
        );
        let found = persons(&body, Some(Ending::OutOfFuel), 1)? / FUEL as f64;
        worst = worst.max(found);
        println!("  {name:22} {found:6.2}");
    }
    println!("  worst                  {worst:6.2}");
    let every = |pages: &str| {
        format!(
            "(loop (i32.store8 (local.get $x) (i32.const 1))
              (local.set $x (i32.add (local.get $x) (i32.const {pages})))
              (br_if 0 (i32.lt_u (local.get $x) (i32.const 0x1000000))))"
        )
    };
    let empty = persons("", Some(Ending::Done), 1_000)?;
    let all = persons(&every("256"), Some(Ending::Done), 3)?;
    let trap = persons("unreachable", Some(Ending::Trapped), 200)?;
    let touched = persons(&format!("{} unreachable", every("4096")), Some(Ending::Trapped), 3)?;
    println!("ns of the host");
    println!("  a call of nothing      {empty:6.0}");
    println!("  a new instance         {:6.0}", trap - empty);
    println!("  restored, per KiB      {:6.1}", all / MEMORY_KIB);
    println!("  touched anew, per KiB  {:6.1}", (touched - trap) / MEMORY_KIB);
    Ok(())
}

/// Nanoseconds that a person takes whose call is `body` and ends as said.
fn persons(body: &str, ending: Option<Ending>, persons: usize) -> Result<f64, String> {
    let text = format!(
        r#"(module (memory (export "memory") 256) (type $t (func))
  (table 1 funcref) (elem (i32.const 0) $f) (func $f)
  (func (export "cloister_v1_arena") (param i32) (result i32) (i32.const 0))
  (func (export "cloister_v1_init") (param i32 i32))
  (func (export "cloister_v1_person") (param $x i32) (param i32)
    (local $l i64) (local $d f64) (local $v v128) (local $w v128)
    (local.set $d (f64.const 1.7)) (local.set $w (v128.const f64x2 1.7 1e-300))
    (local.set $v (local.get $w)) (local.set $l (i64.const 0x7fffffffffffffff))
    {body})
  (@custom "cloister.study" "[study]"))"#
    );
    let bytes = wat::parse_str(text).map_err(|error| error.to_string())?;
    let module = check(bytes).map_err(|refusal| refusal.to_string())?;
    let sandbox = Compiled::new(&module, &LIMITS)
        .and_then(|compiled| Sandbox::load(&compiled, vec![0; 16], LIMITS))
        .map_err(|error| error.to_string())?;
    let (mut guest, mut said, mut times) = (sandbox.guest(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        for _ in 0..persons {
            let told = guest.call_told(&[1; 64], &mut said).map_err(|fault| fault.to_string())?;
            if ending.is_some_and(|ending| ending != told.ending) {
                return Err(format!("{:?}: {body:.60}", told.ending));
            }
        }
        times.push(begin.elapsed().as_nanos() as f64 / persons as f64);
    }
    Ok(median(times))
}
