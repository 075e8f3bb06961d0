//! What a guest hands to its import arrives as it was, in call order, and nothing else arrives.

use cloister_sandbox::{Compiled, Contribution, Sandbox};
use proptest::prelude::*;

use super::guests::{LIMITS, contribute, one, run, sandbox, text, wasm};

fn value(text: &str) -> u64 {
    let found = run(&sandbox("", &contribute(text)), &[b"x"]);
    let [Some(list)] = &found[..] else { panic!("{found:?}") };
    list[0].2
}

#[test]
fn a_value_crosses_bit_by_bit() {
    for (text, bits) in [
        ("(f64.const nan)", 0x7ff8_0000_0000_0000),
        ("(f64.const -nan)", 0xfff8_0000_0000_0000),
        ("(f64.const nan:0x8000000000123)", 0x7ff8_0000_0000_0123),
        ("(f64.const nan:0x1)", 0x7ff0_0000_0000_0001),
        ("(f64.const inf)", f64::INFINITY.to_bits()),
        ("(f64.const -inf)", f64::NEG_INFINITY.to_bits()),
        ("(f64.const -0)", (-0.0_f64).to_bits()),
        ("(f64.const 5e-324)", 1),
        ("(f64.reinterpret_i64 (i64.const -1))", u64::MAX),
    ] {
        assert_eq!(value(text), bits, "{text}");
    }
}

#[test]
fn a_nan_of_arithmetic_has_one_bit_pattern() {
    let made = [
        "(f64.div (f64.const 0) (f64.const 0))",
        "(f64.div (f64.const -0) (f64.const 0))",
        "(f64.sqrt (f64.const -1))",
        "(f64.sub (f64.const inf) (f64.const inf))",
        "(f64.add (f64.const nan:0x8000000000123) (f64.const 1))",
        "(f64.promote_f32 (f32.div (f32.const 0) (f32.const 0)))",
        "(f64x2.extract_lane 1 (f64x2.div (v128.const f64x2 0 0) (v128.const f64x2 0 0)))",
    ];
    for text in made {
        assert_eq!(value(text), 0x7ff8_0000_0000_0000, "{text}");
    }
}

#[test]
fn outputs_and_cells_are_not_judged_here() {
    let person = "
      (call $contribute (i32.const -1) (i64.const -1) (f64.const 1))
      (call $contribute (i32.const 0x80000000) (i64.const 0x8000000000000000) (f64.const 2))
      (call $contribute (i32.const 0x7fffffff) (i64.const 0x7fffffffffffffff) (f64.const 3))
      (call $contribute (i32.const -1) (i64.const -1) (f64.const 1))";
    let (first, bits) = ((-1, -1, 1_f64.to_bits()), f64::to_bits);
    let expected =
        vec![first, (i32::MIN, i64::MIN, bits(2.0)), (i32::MAX, i64::MAX, bits(3.0)), first];
    assert_eq!(run(&sandbox("", person), &[b"x"]), [Some(expected)]);
}

#[test]
fn a_person_may_contribute_nothing() {
    assert_eq!(run(&sandbox("", ""), &[b"x", b""]), [Some(vec![]), Some(vec![])]);
}

#[test]
fn contribute_may_be_called_through_a_table() {
    let items = "(type $c (func (param i32 i64 f64))) (table 1 funcref)
                 (elem (i32.const 0) $contribute)";
    let person =
        "(call_indirect (type $c) (i32.const 0) (i64.const 0) (f64.const 4) (i32.const 0))";
    assert_eq!(run(&sandbox(items, person), &[b"x"]), [one(4.0)]);
}

/// Contributes every byte of the frame with its position, and what it makes of it.
const ECHO: &str = "
  (local $at i32) (local $x f64)
  (if (i32.eqz (local.get $len)) (then (return)))
  (loop
    (local.set $x (f64.add (f64.mul (local.get $x) (f64.const 0.7))
      (f64.sqrt (f64.convert_i32_u (i32.load8_u (i32.add (local.get $ptr) (local.get $at)))))))
    (call $contribute
      (i32.load8_u (i32.add (local.get $ptr) (local.get $at)))
      (i64.extend_i32_u (local.get $at))
      (local.get $x))
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (br_if 0 (i32.lt_u (local.get $at) (local.get $len))))";

#[test]
fn a_guest_sees_just_its_frame() {
    let found = run(&sandbox("", ECHO), &[b"CLP1\xff\0", b""]);
    let bytes = |list: &Vec<(i32, i64, u64)>| list.iter().map(|c| (c.0, c.1)).collect::<Vec<_>>();
    let expected = vec![(67, 0), (76, 1), (80, 2), (49, 3), (255, 4), (0, 5)];
    assert_eq!(found[0].as_ref().map(bytes), Some(expected));
    assert_eq!(found[1], Some(vec![]));
}

#[test]
fn a_frame_larger_than_declared_is_a_fault_of_the_host() {
    let sandbox = sandbox("", ECHO);
    let mut contributions = vec![Contribution { output: 1, cell: 1, value: 1.0 }];
    let fault = sandbox.guest().call(&[1; 4_097], &mut contributions).unwrap_err();
    assert_eq!(fault.to_string(), "the sandbox failed: a frame does not fit the arena");
    assert!(contributions.is_empty());
    assert!(sandbox.guest().call(&[1; 4_096], &mut contributions).is_ok());
    assert_eq!(contributions.len(), 4_096);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn two_sandboxes_and_any_order_give_the_same(
        frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 1..12),
    ) {
        let (one, other) = (sandbox("", ECHO), sandbox("", ECHO));
        let frames: Vec<&[u8]> = frames.iter().map(Vec::as_slice).collect();
        let found = run(&one, &frames);
        prop_assert_eq!(&run(&other, &frames), &found);
        let backwards: Vec<&[u8]> = frames.iter().rev().copied().collect();
        let mut again = run(&one, &backwards);
        again.reverse();
        prop_assert_eq!(again, found);
    }
}

#[test]
#[expect(unsafe_code, reason = "the code is our own, from a line above")]
fn code_that_went_elsewhere_and_came_back_contributes_the_same() {
    let module = cloister_sandbox::check(wasm(&text("", ECHO))).unwrap();
    let code = Compiled::new(&module, &LIMITS).unwrap().code().to_vec();
    // SAFETY: the bytes are unchanged.
    let compiled = unsafe { Compiled::from_code(code) };
    let loaded = Sandbox::load(&compiled, b"CLI1".to_vec(), LIMITS).unwrap();
    let frames = [&b"abc"[..], b"", b"d"];
    assert_eq!(run(&loaded, &frames), run(&sandbox("", ECHO), &frames));
}
