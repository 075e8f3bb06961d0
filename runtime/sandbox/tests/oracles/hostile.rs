//! A guest that looks at everything that it can see, says it, and then leaves its person wherever
//! anything could stay.

use cloister_sandbox::{Faults, Mechanism, check};

use super::dice::Dice;
use super::fuzz::LIMITS;
use super::oracle::ask;

const GUEST: &str = r#"(module
  (import "cloister" "contribute" (func $contribute (param i32 i64 f64)))
  (type $t (func (param i32)))
  (memory (export "memory") 2)
  (data (i32.const 65536) "what is there from the start")
  (global $i (mut i32) (i32.const 65536)) (global $l (mut i64) (i64.const 7))
  (global $f (mut f32) (f32.const 1)) (global $d (mut f64) (f64.const 1))
  (global $v (mut v128) (v128.const i64x2 1 2)) (global $never (mut i32) (i32.const 0))
  (table 2 funcref) (elem (i32.const 0) $write $leave)
  (func (export "cloister_v1_arena") (param i32) (result i32) (i32.const 40000))
  (func (export "cloister_v1_init") (param i32 i32) (i32.store (i32.const 80000) (i32.const 9)))

  ;; All of memory but the frame, as far as it could be grown.
  (func $hash (param $from i32) (param $to i32) (local $h i64)
    (loop
      (local.set $h (i64.mul (i64.const 1099511628211)
        (i64.xor (i64.rotl (local.get $h) (i64.const 5)) (i64.load (local.get $from)))))
      (local.set $from (i32.add (local.get $from) (i32.const 8)))
      (br_if 0 (i32.lt_u (local.get $from) (local.get $to))))
    (call $contribute (i32.const 0) (local.get $h) (f64.const 0)))
  (func $number (param $what f64) (call $contribute (i32.const 1) (i64.const 0) (local.get $what)))

  (func $write (param $id i32)
    ;; Data, what is zero at the start, and what init wrote.
    (i32.store (i32.const 65536) (local.get $id)) (i32.store16 (i32.const 100) (local.get $id))
    (i64.store8 (i32.const 80000) (i64.extend_i32_u (local.get $id)))
    ;; Over the ends of granules and of a page.
    (i64.store (i32.const 255) (i64.extend_i32_u (local.get $id)))
    (v128.store (i32.const 65521) (i32x4.splat (local.get $id)))
    (v128.store64_lane 1 (i32.const 1020) (i32x4.splat (local.get $id)))
    (f64.store (i32.const 2041) (f64.convert_i32_u (local.get $id)))
    ;; In and behind the frame.
    (memory.fill (i32.const 40000) (local.get $id) (i32.const 900))
    (memory.copy (i32.add (i32.const 90000) (i32.and (local.get $id) (i32.const 4095)))
      (i32.const 65536) (i32.const 700)))
  (func $leave (param $id i32)
    (global.set $i (local.get $id)) (global.set $l (i64.extend_i32_u (local.get $id)))
    (global.set $f (f32.convert_i32_u (local.get $id)))
    (global.set $d (f64.convert_i32_u (local.get $id)))
    (global.set $v (i32x4.splat (local.get $id))) (global.set $never (local.get $id))
    (drop (memory.grow (i32.and (local.get $id) (i32.const 1))))
    ;; Where memory may be grown to, as far as its last byte.
    (i32.store8 (i32.const 196607) (local.get $id))
    (i32.store (i32.add (i32.const 131070) (i32.and (local.get $id) (i32.const 63)))
      (local.get $id)))

  (func (export "cloister_v1_person") (param $ptr i32) (param $len i32) (local $id i32)
    (call $hash (i32.const 0) (local.get $ptr))
    (call $hash (i32.add (local.get $ptr) (local.get $len)) (i32.const 131072))
    (if (i32.and (local.get $len) (i32.const 64))
      (then (call $hash (i32.const 131072) (i32.const 196608))))
    (call $number (f64.convert_i32_u (memory.size)))
    (call $number (f64.convert_i32_u (global.get $i)))
    (call $number (f64.convert_i64_u (global.get $l)))
    (call $number (f64.promote_f32 (global.get $f)))
    (call $number (global.get $d))
    (call $number (f64.convert_i64_u (i64x2.extract_lane 1 (global.get $v))))
    (call $number (f64.convert_i32_u (global.get $never)))
    (local.set $id (i32.load (local.get $ptr)))
    (call_indirect (type $t) (local.get $id) (i32.const 0))
    (if (i32.and (local.get $len) (i32.const 64))
      (then (call_indirect (type $t) (local.get $id) (i32.const 1)))))
  (@custom "cloister.study" "[study]"))"#;

/// Persons whose frames are 8, 16 or 64 bytes more.
fn frames() -> Vec<Vec<u8>> {
    let mut dice = Dice::new(9);
    let mut frame = || {
        let len = *dice.pick(&[8, 16, 72]);
        dice.bytes(len)
    };
    (0..60).map(|_| frame()).collect()
}

#[test]
fn every_person_is_the_first() {
    let module = check(wat::parse_str(GUEST).unwrap()).unwrap();
    let limits = cloister_sandbox::CallLimits { fuel: 5_000_000, ..LIMITS };
    let ask = |faults| ask(&module, limits, &frames(), faults);
    let tally = ask(Faults::default()).unwrap();
    // Those who use memory before they have grown it trap as the author built the module.
    assert!(tally.persons == 60 && tally.done > 20 && tally.excused < 40, "{tally:?}");
    ask(Faults::without(&[Mechanism::Restore, Mechanism::Comparison])).unwrap_err();
}
