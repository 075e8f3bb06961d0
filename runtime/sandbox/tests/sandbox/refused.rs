//! Each file in `testdata/refused` is a guest with one fault, named by the file, and opens with the
//! words of its refusal: `;; expect: …`.

use std::path::Path;

use super::guests::{LIMITS, ready, wasm};

fn expected(text: &str) -> Option<&str> {
    text.lines().next()?.strip_prefix(";; expect: ").filter(|error| !error.trim().is_empty())
}

fn verify(name: &str, text: &str) -> Result<(), String> {
    let expected = expected(text).ok_or(format!("{name}: no `;; expect: ` in the first line"))?;
    match ready(wasm(text), LIMITS) {
        Ok(_) => Err(format!("{name}: accepted, expected {expected}")),
        Err(found) if found == expected => Ok(()),
        Err(found) => Err(format!("{name}\n  found    {found}\n  expected {expected}")),
    }
}

#[test]
fn every_module_that_guests_may_not_be_is_refused_in_its_own_words() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/refused");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 80, "files are missing: there are {}", paths.len());
    let check = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        verify(&name, &std::fs::read_to_string(path).unwrap()).err()
    };
    let wrong: Vec<String> = paths.iter().filter_map(check).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), paths.len(), wrong.join("\n"));
}

#[test]
fn a_file_without_a_verdict_fails() {
    for text in ["(module)", ";; expect: \n(module)", "\n;; expect: late\n(module)"] {
        assert!(verify("a file", text).is_err(), "{text:?}");
    }
}

#[test]
fn the_guest_that_all_of_them_start_from_is_accepted() {
    let text = super::guests::text("", "");
    let module = cloister_sandbox::check(wasm(&text)).unwrap();
    assert_eq!((module.study(), module.memory_pages_min()), ("[study]", 1));
    assert_eq!(module.bytes(), wasm(&text));
    assert!(ready(wasm(&text), LIMITS).is_ok());
}

#[test]
fn what_rustc_emits_is_accepted() {
    let items = r#"
      (table 3 3 funcref) (elem (i32.const 1) func $contribute)
      (global $stack (mut i32) (i32.const 1024)) (global (export "__heap_base") i32 (i32.const 9))
      (data (i32.const 8) "abc") (elem declare func $contribute)
      (@custom "name" "\00\00") (@custom "producers" "\00")
      (func (export "helper") (param i32) (result i64) (i64.const 1))"#;
    let person = "
      (memory.fill (i32.const 0) (i32.const 1) (i32.const 8))
      (memory.copy (i32.const 0) (i32.const 8) (i32.const 8))
      (drop (i32.extend8_s (i32.const 1))) (drop (i32.trunc_sat_f64_s (f64.const 1e99)))
      (drop (i8x16.splat (i32.const 1))) (drop (table.get (i32.const 1)))
      (global.set $stack (i32.const 0))";
    assert!(ready(wasm(&super::guests::text(items, person)), LIMITS).is_ok());
}
