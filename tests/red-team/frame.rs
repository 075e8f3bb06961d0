//! From an attack's text to a module: `frame.wat` gives what the text does not define itself.

use std::fs;

use crate::header::folder;

/// The line of `frame.wat` where the attack goes: behind the import, so that it may import, too.
const PLACE: &str = ";; the attack";

/// The numbers that a job of `study.toml` can release: 1 of `n`, 2 of `value`, 7 cells and a total
/// of `spread`, 3 of `size`, 4 of `bins`.
pub(crate) const NUMBERS: u64 = 18;

/// The study file that the guests carry.
pub(crate) fn study() -> String {
    fs::read_to_string(folder().join("study.toml")).unwrap()
}

/// The module of the control `name`.
pub(crate) fn control(name: &str) -> Vec<u8> {
    let file = folder().join("controls").join(name).with_extension("wat");
    let text = fs::read_to_string(&file);
    module(&text.unwrap_or_else(|error| panic!("control `{name}`: {error}")))
}

/// The module of an attack that is written as the fields of a module.
pub(crate) fn module(attack: &str) -> Vec<u8> {
    with_study(attack, &study())
}

/// As [`module`], with another study file.
pub(crate) fn with_study(attack: &str, study: &str) -> Vec<u8> {
    wat::parse_str(text(attack, study)).unwrap_or_else(|error| panic!("{error}"))
}

/// The module of a study of one count, `n`: of those persons of whom `who` says so.
pub(crate) fn counting(who: &str) -> Vec<u8> {
    let study = study().split("[outputs]").next().unwrap().to_owned();
    let attack = format!(
        "(func $person (param $ptr i32) (param $len i32) (if {who} (then
           (call $contribute (i32.const 0) (i64.const 0) (f64.const 1)))))"
    );
    with_study(&attack, &(study + "[outputs]\nn = { kind = \"count\" }\n"))
}

/// The module of a study with other `outputs`, of which some may be by a `cell` from 0 to `last`.
pub(crate) fn with_outputs(attack: &str, last: u32, outputs: &str) -> Vec<u8> {
    let (study, dimensions) = (study(), "[dimensions]\n");
    let head = study.split(dimensions).next().unwrap();
    let limits = study.split("[limits]").nth(1).unwrap();
    let cell = format!("cell = {{ range = [0, {last}] }}");
    with_study(attack, &format!("{head}{dimensions}{cell}\n[outputs]\n{outputs}[limits]{limits}"))
}

/// The module of a study of everybody, `n`, and of 48 counts of those who have the secret: `edge`
/// is how many outputs of 16 cells, as many as `strict` lets one person into.
pub(crate) fn edges(more: &str) -> Vec<u8> {
    let attack = "
        (func $person (param $ptr i32) (param $len i32)
          (local $at i32)
          (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
          (if (call $is_target (local.get $ptr))
            (then
              (loop $next
                (call $contribute
                  (i32.add (i32.const 1) (i32.shr_u (local.get $at) (i32.const 4)))
                  (i64.extend_i32_u (i32.and (local.get $at) (i32.const 15)))
                  (f64.const 1))
                (local.set $at (i32.add (local.get $at) (i32.const 1)))
                (br_if $next (i32.lt_u (local.get $at) (i32.const 48)))))))";
    let mut outputs = "n = { kind = \"count\" }\n".to_owned();
    for name in ["edge_1", "edge_2", "edge_3"] {
        outputs += name;
        outputs += " = { kind = \"count\", by = [\"cell\"], cells_per_person = 16 }\n";
    }
    with_outputs(attack, 15, &(outputs + more))
}

/// The text of the whole module.
pub(crate) fn text(attack: &str, study: &str) -> String {
    let frame = fs::read_to_string(folder().join("frame.wat")).unwrap();
    let mut fields = String::new();
    for field in frame.split("\n\n") {
        let code = field.lines().find(|line| !line.starts_with(";;"));
        if field.trim() == PLACE {
            fields += attack;
        } else if code.is_some_and(|code| !attack.contains(&defined(code))) {
            fields += field;
        }
        fields += "\n";
    }
    let section: String = study.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    format!("(module\n{fields}\n(@custom \"cloister.study\" \"{section}\"))")
}

/// What a field defines, as a text that defines the same has it: `(func $init `.
fn defined(code: &str) -> String {
    let item = code.find("(func $").filter(|_| code.starts_with("(import"));
    let code = code.get(item.unwrap_or(0)..).unwrap_or(code);
    let end = code.match_indices([' ', ')']).map(|(at, _)| at + 1).nth(1);
    code.chars().take(end.unwrap_or(code.len())).collect()
}
