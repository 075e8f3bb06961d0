//! Signs in code: constants, bits of floats, calls that only a run decides, parts without a use.

use std::collections::BTreeSet;

use cloister_contract::abi;

use super::super::anatomy::{Anatomy, Constant, Function, Tally};
use super::super::{difference, strings};
use super::{Sign, sign};
use crate::page::{counted, grouped, plain};

/// Constants and texts that are shown; how many more there are is said.
const SHOWN_MAX: usize = 40;
/// Whole numbers below this are in any program.
const LONG_MIN: u64 = 10_000;
/// Exports that the linker makes: numbers, which no host reads.
const LINKER_EXPORTS: &[&str] = &["__data_end", "__heap_base"];
/// Custom sections that rustc, its linker and `study build` write.
const KNOWN_SECTIONS: &[&str] =
    &[abi::STUDY_SECTION, abi::BUILD_SECTION, "name", "producers", "target_features"];

/// Signs in the code of a module that carries the study file `study`.
pub(super) fn signs(study: &str, anatomy: &Anatomy) -> Vec<Sign> {
    let mut signs = Vec::new();
    constants(anatomy, &mut signs);
    data(study, anatomy, &mut signs);
    let mut tally = |item, what: &str, of: fn(&Tally) -> u32| {
        let functions: Vec<_> = anatomy.functions.iter().filter(|f| of(&f.tally) > 0).collect();
        let count: u64 = functions.iter().map(|f| u64::from(of(&f.tally))).sum();
        if count > 0 {
            signs.push(sign(item, format!("{}× {what}, in {}", grouped(count), names(&functions))));
        }
    };
    tally("values", "a float's bits are taken as an integer or the other way", |t| t.float_bits);
    tally("dropped", "`unreachable`, where a panic ends", |t| t.traps);
    tally("dropped", "more memory is asked for", |t| t.grows);
    tally("hidden-code", "a call whose target only a run decides", |t| t.indirect_calls);
    hidden(anatomy, &mut signs);
    let crates = crates(anatomy);
    if !crates.is_empty() {
        signs.push(sign("dependencies", format!("by their names, functions are of {crates}")));
    }
    signs
}

/// The crates in the names of functions: in `<i64 as sdk::rows::Column>::read` it is `sdk`.
fn crates(anatomy: &Anatomy) -> String {
    let mut crates: BTreeSet<&str> = BTreeSet::new();
    for function in &anatomy.functions {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        for part in function.name.split(|c: char| !word(c) && c != ':') {
            crates.extend(part.split_once("::").map(|(first, _)| first));
        }
    }
    crates.remove("");
    let crates: Vec<_> = crates.into_iter().map(|name| format!("`{name}`")).collect();
    shown(&crates)
}

/// `a`, `b` and 3 more.
fn names(functions: &[&Function]) -> String {
    let shown = functions.iter().take(4).map(|function| format!("`{}`", function.name));
    let shown = shown.collect::<Vec<_>>().join(", ");
    match functions.len().saturating_sub(4) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn constants(anatomy: &Anatomy, signs: &mut Vec<Sign>) {
    let all = anatomy.functions.iter().flat_map(|function| &function.constants);
    let all: BTreeSet<_> = all.copied().collect();
    let lowest = anatomy.data.iter().filter_map(|data| data.at).min();
    let address = |constant: &Constant| match (constant, lowest) {
        (Constant::Word(word), Some(lowest)) => {
            let word = word.cast_unsigned();
            word >= lowest && u64::from(word) < anatomy.memory_bytes
        }
        _ => false,
    };
    let notable: Vec<_> =
        all.iter().filter(|one| one.is_notable() && !address(one)).map(Constant::words).collect();
    if !notable.is_empty() {
        let words = format!("numbers in the code: {}", shown(&notable));
        signs.push(sign("constants", words));
    }
    let addresses = all.iter().filter(|one| address(one)).count() as u64;
    if let (Some(lowest), 1..) = (lowest, addresses) {
        signs.push(sign(
            "constants",
            format!(
                "{} from {} to {} may be addresses, and are not shown",
                counted(addresses, "number", "numbers"),
                grouped(u64::from(lowest)),
                grouped(anatomy.memory_bytes.saturating_sub(1))
            ),
        ));
    }
}

fn shown(words: &[String]) -> String {
    let mut line = words.iter().take(SHOWN_MAX).cloned().collect::<Vec<_>>().join(", ");
    if let more @ 1.. = words.len().saturating_sub(SHOWN_MAX) {
        line += &format!(" and {more} more");
    }
    line
}

fn data(study: &str, anatomy: &Anatomy, signs: &mut Vec<Sign>) {
    let bytes: usize = anatomy.data.iter().map(|data| data.bytes.len()).sum();
    let other_than_zero = |data: &[u8]| data.iter().filter(|byte| **byte != 0).count();
    let set: usize = anatomy.data.iter().map(|data| other_than_zero(&data.bytes)).sum();
    let texts = strings::of(anatomy);
    let text: usize = texts.iter().map(String::len).sum();
    signs.push(sign(
        "constants",
        format!(
            "data: {} bytes, {} of them other than zero, {} in texts; any table of them can be a \
             list of persons",
            grouped(bytes as u64),
            grouped(set as u64),
            grouped(text as u64)
        ),
    ));
    // A guest may carry the lines of its own study file, which the reviewer has read.
    let other = texts.iter().filter(|text| !study.contains(text.as_str()));
    let texts: Vec<_> = other.map(|text| format!("`{}`", plain(text))).collect();
    if !texts.is_empty() {
        signs.push(sign("constants", format!("texts in data: {}", shown(&texts))));
    }
}

fn hidden(anatomy: &Anatomy, signs: &mut Vec<Sign>) {
    let unused: Vec<_> = anatomy.functions.iter().filter(|function| !function.used).collect();
    if !unused.is_empty() {
        let words = format!("nothing leads to {}", names(&unused));
        signs.push(sign("hidden-code", words));
    }
    if anatomy.in_table > 0 {
        let words = format!(
            "{} can be called through the table",
            counted(anatomy.in_table as u64, "function", "functions")
        );
        signs.push(sign("hidden-code", words));
    }
    if !anatomy.named {
        signs.push(sign(
            "hidden-code",
            "functions have no names: it was not built by `study build`",
        ));
    }
    let others =
        anatomy.other_exports.iter().filter(|name| !LINKER_EXPORTS.contains(&name.as_str()));
    let others: Vec<_> = others.map(|name| format!("`{}`", plain(name))).collect();
    if !others.is_empty() {
        signs.push(sign("hidden-code", format!("exports that nobody calls: {}", shown(&others))));
    }
    let unplaced = anatomy.data.iter().filter(|data| data.at.is_none()).count() as u64;
    if unplaced > 0 {
        let words = counted(unplaced, "data segment is", "data segments are");
        signs.push(sign("hidden-code", format!("{words} put into memory by the code, if at all")));
    }
    let known = |name: &str| KNOWN_SECTIONS.contains(&name);
    for part in anatomy.sections.iter().filter(|part| part.custom && !known(&part.name)) {
        let name = difference::part_name(true, &part.name);
        let words =
            format!("section {name}: {} bytes that no host reads", grouped(part.bytes as u64));
        signs.push(sign("hidden-code", words));
    }
}

impl Constant {
    /// The constant as people write it.
    pub(in super::super) fn words(&self) -> String {
        match self {
            Self::Word(word) => word.to_string(),
            Self::Long(long) => long.to_string(),
            Self::Double(bits) => format!("{:?}", f64::from_bits(*bits)),
        }
    }

    /// Whether it is none of the numbers that are in any program: small ones, powers of two and
    /// their neighbours.
    fn is_notable(&self) -> bool {
        let whole = |number: i64| {
            let size = number.unsigned_abs();
            let near = |power: u64| power.is_power_of_two();
            size >= LONG_MIN && !near(size) && !near(size.saturating_add(1)) && !near(size - 1)
        };
        match self {
            Self::Word(word) => whole(i64::from(*word)),
            Self::Long(long) => whole(*long),
            // Bits 0 to 51 are the fraction: none is set in a power of two.
            Self::Double(bits) => {
                let value = f64::from_bits(*bits);
                bits & 0x000f_ffff_ffff_ffff != 0 && !(value.fract() == 0.0 && value.abs() < 1e4)
            }
        }
    }
}
