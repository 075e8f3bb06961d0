//! What may be a name: one spelling for TOML, for Rust and for people.

use super::BOUNDS;

/// Rust's keywords, strict and reserved: a name becomes a field or function.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Whether `name` is a lower-case name in snake_case that is no keyword of Rust.
#[must_use]
pub fn is_name(name: &str) -> bool {
    check(name).is_ok()
}

/// As [`is_name`]; the error is what would be right.
pub(super) fn check(name: &str) -> Result<(), String> {
    let mut chars = name.chars();
    let spelt = chars.next().is_some_and(|c| c.is_ascii_lowercase())
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !name.contains("__")
        && !name.ends_with('_');
    if !spelt || name.len() > BOUNDS.name_chars_max {
        return Err(format!(
            "write a letter, then letters, digits and single `_`, all lower case, at most {}",
            BOUNDS.name_chars_max
        ));
    }
    if KEYWORDS.contains(&name) {
        return Err("it is a keyword of Rust; choose another".to_owned());
    }
    Ok(())
}

/// A name or label as a Rust type or variant: `gi_bleed` and `GI bleed` become `GiBleed`; one
/// that would start with a digit gets a `V` before it. Empty if nothing of it can stay.
#[must_use]
pub fn camel_case(name: &str) -> String {
    let mut camel = String::new();
    for word in name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        let lower = word.to_ascii_lowercase();
        let (first, rest) = lower.split_at(1);
        camel.push_str(&first.to_ascii_uppercase());
        camel.push_str(rest);
    }
    if camel.starts_with(|c: char| c.is_ascii_digit()) {
        camel.insert(0, 'V');
    }
    camel
}

/// Control and invisible formatting characters: they can make a line look like another one.
#[must_use]
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}')
        || matches!(c, '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{3164}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0100}'..='\u{e01ef}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || matches!(c, '\u{e0000}'..='\u{e007f}')
}
