//! Bytes that are no module are refused, in words that tell what they are; none makes a panic.

use cloister_sandbox::check;
use proptest::prelude::*;

use super::guests::{LIMITS, ready, text, wasm};

/// A guest with a section of each kind, the study file last. It has no names: their section would
/// come behind, and a module without them is a module.
fn good() -> Vec<u8> {
    let items = r#"(table 2 funcref) (elem (i32.const 0) func 0)
      (global (mut i32) (i32.const 0)) (data (i32.const 0) "abc")"#;
    let text = text(items, "(global.set 0 (i32.const 1)) (loop)");
    wasm(&["$contribute", "$ptr", "$len"].iter().fold(text, |text, name| text.replace(name, "")))
}

fn words(bytes: &[u8]) -> String {
    check(bytes.to_vec()).unwrap_err().to_string()
}

#[test]
fn a_module_truncated_at_any_byte_is_refused() {
    let good = good();
    assert!(check(good.clone()).is_ok());
    for at in 0..good.len() {
        let words = check(good[..at].to_vec()).map(drop).unwrap_err().to_string();
        assert!(!words.contains(char::is_control), "{at}: {words:?}");
    }
}

#[test]
fn a_module_with_something_behind_it_is_refused() {
    for more in [&b"\0"[..], b"\xff", b"\0asm\x01\0\0\0", &good()] {
        assert!(check([&good()[..], more].concat()).is_err(), "{more:?}");
    }
}

#[test]
fn what_people_hand_over_by_mistake_is_named() {
    let build = "build the study with `cloister study build`";
    for (bytes, what) in [
        (&b"\x7fELF\x02\x01\x01"[..], "it is a native program (ELF)".to_owned()),
        (b"\x1f\x8b\x08\0", "it is gzip; unpack it first".to_owned()),
        (b"(module)", format!("it is WebAssembly text; {build}")),
        (b"\0asm\x0d\0\x01\0", "it is a component; guests are core modules".to_owned()),
        (b"", format!("it does not start as one; {build}")),
        (b"\0asm", format!("it does not start as one; {build}")),
        (b"\0asm\x02\0\0\0", format!("it does not start as one; {build}")),
        (b"\x1b[31m", format!("it does not start as one; {build}")),
        (b"\xef\xbb\xbf(module)", format!("it does not start as one; {build}")),
    ] {
        assert_eq!(words(bytes), format!("this is not a WebAssembly module: {what}"));
    }
}

#[test]
fn numbers_of_absurd_length_or_size_are_refused() {
    for (what, section) in [
        ("a section of 4 GiB", &b"\x01\xff\xff\xff\xff\x0f"[..]),
        ("a size of six bytes", b"\x01\x80\x80\x80\x80\x80\0"),
        ("a size that does not end", b"\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
        ("four thousand million types", b"\x01\x05\xff\xff\xff\xff\x0f"),
        ("four thousand million imports", b"\x02\x05\xff\xff\xff\xff\x0f"),
        ("four thousand million functions", b"\x03\x05\xff\xff\xff\xff\x0f"),
        ("four thousand million tables", b"\x04\x05\xff\xff\xff\xff\x0f"),
        ("four thousand million memories", b"\x05\x05\xff\xff\xff\xff\x0f"),
        ("four thousand million globals", b"\x06\x05\xff\xff\xff\xff\x0f"),
        ("four thousand million exports", b"\x07\x05\xff\xff\xff\xff\x0f"),
        ("four thousand million elements", b"\x09\x05\xff\xff\xff\xff\x0f"),
        ("four thousand million bodies", b"\x0a\x05\xff\xff\xff\xff\x0f"),
        ("four thousand million data segments", b"\x0b\x05\xff\xff\xff\xff\x0f"),
        ("a custom section with a name of 4 GiB", b"\0\x05\xff\xff\xff\xff\x0f"),
        ("a name that is not UTF-8", b"\0\x02\x01\xff"),
        ("an unknown section", b"\x63\x00"),
        ("one section twice", b"\x01\x01\0\x01\x01\0"),
        ("sections out of order", b"\x03\x01\0\x01\x01\0"),
    ] {
        let bytes = [&b"\0asm\x01\0\0\0"[..], section].concat();
        assert!(check(bytes).is_err(), "{what}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(check(bytes.clone()).is_err());
        prop_assert!(check([&b"\0asm\x01\0\0\0"[..], &bytes].concat()).is_err());
    }

    #[test]
    fn damaged_bytes_are_decided_without_a_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = good();
        for (at, byte) in &changes {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        drop(check(bytes));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// The check and the engine agree: what passes the one is compiled by the other.
    #[test]
    fn what_passes_the_check_is_compiled(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = good();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if check(bytes.clone()).is_ok() {
            let words = ready(bytes, LIMITS).map(drop).err().unwrap_or_default();
            prop_assert!(!words.contains("does not compile"), "{words}");
        }
    }
}
