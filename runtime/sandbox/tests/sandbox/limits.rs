//! Fuel, memory, tables and stack of one person have an end, the same for every person.

use cloister_sandbox::CallLimits;

use super::guests::{LIMITS, contribute, one, ready, run, sandbox, text, wasm, with_limits};

/// Runs as many rounds as the frame's first four bytes say, then contributes 1.
fn rounds() -> String {
    format!(
        "(local $n i32) (local.set $n (i32.load (local.get $ptr)))
         (loop (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
         {}",
        contribute("(f64.const 1)")
    )
}

#[test]
fn fuel_is_one_persons_own_to_the_last_unit() {
    let sandbox = with_limits("", &rounds(), CallLimits { fuel: 10_000, ..LIMITS });
    let frame = |rounds: u32| rounds.to_le_bytes();
    let ends = |rounds: u32| run(&sandbox, &[&frame(rounds)])[0].is_some();
    // The most rounds that fit.
    let (mut fits, mut over) = (1, 10_000);
    while fits + 1 < over {
        let middle = fits + (over - fits) / 2;
        if ends(middle) { fits = middle } else { over = middle }
    }
    assert!(ends(fits) && !ends(over) && over == fits + 1, "{fits} {over}");
    let (full, empty) = (frame(fits), frame(over));
    let persons: Vec<&[u8]> = [&full[..], &empty, &full, &empty, &empty, &full].repeat(20);
    let expected = [one(1.0), None, one(1.0), None, None, one(1.0)];
    assert_eq!(run(&sandbox, &persons), vec![expected; 20].concat());
}

#[test]
fn init_does_not_take_from_a_persons_fuel() {
    let init = "(func (export \"cloister_v1_init\") (param i32 i32)";
    let busy = format!(
        "{init} (local $n i32) (local.set $n (i32.const 100000))
        (loop (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))"
    );
    let limits = CallLimits { fuel: 10_000, ..LIMITS };
    let plain = ready(wasm(&text("", &rounds())), limits).unwrap();
    let busy = ready(wasm(&text("", &rounds()).replace(init, &busy)), limits).unwrap();
    for rounds in [1, 500, 1_000, 1_500, 2_000, 2_500, 5_000_u32] {
        let frame = rounds.to_le_bytes();
        assert_eq!(run(&plain, &[&frame]), run(&busy, &[&frame]), "{rounds}");
    }
}

#[test]
fn memory_grows_to_the_studys_limit_and_not_beyond() {
    let grown = |pages: i32| {
        let person = contribute(&format!("(f64.convert_i32_s (memory.grow (i32.const {pages})))"));
        run(&sandbox("", &person), &[b"x", b"y"])
    };
    assert_eq!(grown(0), vec![one(1.0); 2]);
    assert_eq!(grown(3), vec![one(1.0); 2]);
    for pages in [4, 5, 65_535, 65_536, i32::MAX, -1] {
        assert_eq!(grown(pages), vec![one(-1.0); 2], "{pages}");
    }
}

#[test]
fn a_memorys_own_maximum_holds_too() {
    let person = contribute("(f64.convert_i32_s (memory.grow (i32.const 2)))");
    let text = text("", &person);
    let text = text.replace("(memory (export \"memory\") 1)", "(memory (export \"memory\") 1 2)");
    assert_eq!(run(&ready(wasm(&text), LIMITS).unwrap(), &[b"x"]), [one(-1.0)]);
}

#[test]
fn bulk_operations_cost_by_the_byte() {
    let fill = "(memory.fill (i32.const 0) (i32.const 1) (i32.const 65536))";
    let person = format!("{} {}", fill.repeat(20), contribute("(f64.const 1)"));
    let run = |fuel| run(&with_limits("", &person, CallLimits { fuel, ..LIMITS }), &[b"x"]);
    assert_eq!(run(100_000), [None]);
    assert_eq!(run(10_000_000), [one(1.0)]);
}

#[test]
fn some_recursion_is_fine() {
    let items = "(func $sum (param $n i32) (result i32)
      (if (result i32) (local.get $n)
        (then (i32.add (local.get $n) (call $sum (i32.sub (local.get $n) (i32.const 1)))))
        (else (i32.const 0))))";
    let person = contribute("(f64.convert_i32_s (call $sum (i32.const 1000)))");
    assert_eq!(run(&sandbox(items, &person), &[b"x"]), [one(500_500.0)]);
}

#[test]
fn an_arena_for_frames_of_over_two_gib_is_refused() {
    let limits = CallLimits { frame_bytes_max: 1 << 31, ..LIMITS };
    let words = ready(wasm(&text("", "")), limits).map(drop).unwrap_err();
    let why = "its frames need more than 2 GiB";
    assert_eq!(words, format!("the module fails before it has seen a person: {why}"));
}
