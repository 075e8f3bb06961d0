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
