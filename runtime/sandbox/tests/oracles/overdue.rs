//! The clock behind fuel: it ends what fuel does not, with a fault, and drops nobody.

use cloister_sandbox::{
    Backstop, CallLimits, Compiled, Ending, Faults, PRICE, Price, Sandbox, TICK, check,
};

const LIMITS: CallLimits =
    CallLimits { fuel: 1 << 40, memory_bytes_max: 1 << 16, frame_bytes_max: 8 };
/// Everything is had for nothing, so that every call that takes time is overdue.
const FREE: Price =
    Price { fuel_ns: 0, touch_ns_per_kib: 0, restore_ns_per_kib: 0, instance_ns: 0, host_ns: 0 };

/// A guest that loops for ever, or at once returns if its frame is empty.
fn looping(limits: CallLimits) -> Sandbox {
    let text = r#"(module (memory (export "memory") 1)
  (func (export "cloister_v1_arena") (param i32) (result i32) (i32.const 0))
  (func (export "cloister_v1_init") (param i32 i32))
  (func (export "cloister_v1_person") (param i32) (param $len i32)
    (if (local.get $len) (then (loop (br 0)))))
  (@custom "cloister.study" "[study]"))"#;
    let module = check(wat::parse_str(text).unwrap()).unwrap();
    let compiled = Compiled::faulty(&module, &limits, Faults::default()).unwrap();
    Sandbox::load(&compiled, Vec::new(), limits).unwrap()
}

#[test]
fn a_call_that_outlives_its_price_is_a_fault() {
    let sandbox = looping(LIMITS).impatient(FREE, 1);
    let _backstop = Backstop::new(&sandbox).unwrap();
    let fault = sandbox.guest().call(&[1; 8], &mut Vec::new()).unwrap_err();
    assert_eq!(fault.to_string(), "the sandbox failed: a call took longer than its fuel can last");
    assert!(sandbox.guest().call(&[], &mut Vec::new()).is_ok());
}

#[test]
fn a_deadline_is_each_calls_own() {
    let sandbox = looping(LIMITS).impatient(FREE, 1);
    let mut guest = sandbox.guest();
    for _ in 0..10 {
        sandbox.tick();
        guest.call(&[], &mut Vec::new()).unwrap();
    }
}

#[test]
fn fuel_ends_a_call_long_before_the_clock() {
    let limits = CallLimits { fuel: 10_000_000, ..LIMITS };
    let sandbox = looping(limits);
    let _backstop = Backstop::new(&sandbox).unwrap();
    let begin = std::time::Instant::now();
    let told = sandbox.guest().call_told(&[1; 8], &mut Vec::new()).unwrap();
    assert_eq!(told.ending, Ending::OutOfFuel);
    assert!(begin.elapsed() < PRICE.worst_person(&limits), "{:?}", begin.elapsed());
}

#[test]
fn a_backstop_ends_when_it_is_dropped() {
    let sandbox = looping(LIMITS);
    let begin = std::time::Instant::now();
    for _ in 0..100 {
        drop(Backstop::new(&sandbox).unwrap());
    }
    assert!(begin.elapsed() < 50 * TICK, "{:?}", begin.elapsed());
}
