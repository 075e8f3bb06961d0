//! A module may have as much as the limits say and not one more.

use cloister_sandbox::{MODULE_LIMITS, check};

use super::guests::{text, wasm};

/// The guest with `items` besides has too much of `what`.
fn over(items: &str, person: &str, what: &str, limit: u64) {
    let words = check(wasm(&text(items, person))).map(drop).unwrap_err().to_string();
    assert_eq!(words, format!("the module has too much: {what} is over {limit}"));
}

fn fits(items: &str, person: &str) {
    check(wasm(&text(items, person))).unwrap();
}

#[test]
fn functions() {
    let max = MODULE_LIMITS.functions_max as usize;
    // The guest itself has three, and the import is none of them.
    fits(&"(func)".repeat(max - 3), "");
    over(&"(func)".repeat(max - 2), "", "the number of functions", max as u64);
}

#[test]
fn a_body() {
    let max = MODULE_LIMITS.body_bytes_max;
    // One byte that there are no locals, and one for the end.
    fits("", &"nop ".repeat(max - 2));
    over("", &"nop ".repeat(max - 1), "a function's body in bytes", max as u64);
}

#[test]
fn locals() {
    let max = MODULE_LIMITS.locals_max as usize;
    // Two are the parameters.
    fits("", &format!("(local {})", "i32 ".repeat(max - 2)));
    let over_by_one = format!("(local {})", "i32 ".repeat(max - 1));
    over("", &over_by_one, "a function's locals", max as u64);
    // Few bytes can declare many.
    let groups: String = ["i32", "i64", "f32", "f64"]
        .iter()
        .map(|kind| format!("(local {})", format!("{kind} ").repeat(10_000)))
        .collect();
    over("", &groups, "a function's locals", max as u64);
}

#[test]
fn items_of_each_kind() {
    let max = MODULE_LIMITS.items_max as usize;
    let exports = (0..max).map(|n| format!("(export \"e{n}\" (func $contribute))"));
    let types = (0..=max).map(|n| format!("(type (func (param {})))", "i32 ".repeat(n % 3)));
    for (what, items) in [
        ("the number of types", types.collect()),
        ("the number of globals", "(global i32 (i32.const 0))".repeat(max + 1)),
        ("the number of exports", exports.collect::<String>()),
        ("the number of element segments", "(elem func)".repeat(max + 1)),
        ("the number of data segments", "(data)".repeat(max + 1)),
    ] {
        over(&items, "", what, max as u64);
    }
    fits(&"(data (i32.const 0))".repeat(max), "");
}

#[test]
fn imports() {
    let import = "(import \"cloister\" \"contribute\" (func $contribute (param i32 i64 f64)))";
    let imports = import.to_owned() + &import.replace("$contribute", "").repeat(10_000);
    let words = check(wasm(&text("", "").replace(import, &imports))).unwrap_err().to_string();
    assert_eq!(words, "the module has too much: the number of imports is over 10000");
}

#[test]
fn the_table() {
    let max = MODULE_LIMITS.table_elements_max;
    fits(&format!("(table {max} funcref)"), "");
    // A table may say that it could grow further: it cannot.
    fits("(table 0 4294967295 funcref)", "");
    over("(table 4294967295 funcref)", "", "the number of table elements", max as u64);
}

#[test]
fn custom_sections() {
    let max = MODULE_LIMITS.custom_sections_max as usize;
    // One is the study file, one the names of the text.
    fits(&"(@custom \"x\" \"\")".repeat(max - 2), "");
    over(&"(@custom \"x\" \"\")".repeat(max), "", "the number of custom sections", max as u64);
    let max = MODULE_LIMITS.custom_bytes_max;
    fits(&format!("(@custom \"x\" \"{}\")", "a".repeat(max)), "");
    let over_by_one = format!("(@custom \"x\" \"{}\")", "a".repeat(max + 1));
    over(&over_by_one, "", "a custom section in bytes", max as u64);
}

#[test]
fn the_module() {
    let max = MODULE_LIMITS.module_bytes_max;
    let mut bytes = wasm(&text("", ""));
    bytes.resize(max + 1, 0);
    let words = check(bytes).unwrap_err().to_string();
    assert_eq!(words, format!("the module has too much: its size in bytes is over {max}"));
}

#[test]
fn parameters() {
    let max = MODULE_LIMITS.params_max;
    let with = |params: usize| format!("(func (param {}))", "i64 ".repeat(params));
    fits(&with(max), "");
    over(&with(max + 1), "", "the number of a function's parameters", max as u64);
}

/// Locals that all live through a long body keep the compiler's allocator busy for minutes.
#[test]
fn a_body_times_its_locals() {
    let max = MODULE_LIMITS.body_bytes_times_locals_max;
    let with = |locals: usize, body: usize| {
        format!("(func (local {}) {})", "i64 ".repeat(locals), "nop ".repeat(body))
    };
    let locals = 400;
    let body = usize::try_from(max).unwrap() / locals;
    fits(&with(locals, body - 100), "");
    over(&with(locals, body + 100), "", "a function's body in bytes times its locals", max);
}
