//! How deep a policy may nest: Cedar follows an expression on the stack, so one that is too deep
//! would end the process, and before that Cedar's validator calls it valid without a look at it.
//!
//! Every step that Cedar goes down is a bracket or an operator, so both are counted in the text:
//! brackets at one place, operators in one policy. What is not too deep gets [`STACK_BYTES`].

/// Most brackets that are open at one place.
pub(super) const BRACKETS_MAX: usize = 32;
/// Most operators of one policy: a list of words in `[…]` has none, however long it is.
pub(super) const OPERATORS_MAX: usize = 200;

/// Enough for so many operators: 1 MiB is, and where nothing is optimised some 20 MiB. A program's
/// first thread has more than the former anyway.
const STACK_BYTES: usize = if cfg!(debug_assertions) { 64 << 20 } else { 4 << 20 };

/// Does `work`, which follows policies, with room on the stack.
pub(super) fn with_room<R>(work: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(STACK_BYTES, STACK_BYTES, work)
}

/// Words that nest what follows them, as operators do.
const WORDS: [&str; 7] = ["if", "has", "in", "is", "like", "unless", "when"];

/// The line, from 1, where a policy of `text` is too deep, and what there is too much of.
pub(super) fn too_deep(text: &str) -> Option<(usize, String)> {
    let (mut line, mut open, mut operators) = (1, 0_usize, 0_usize);
    let mut chars = text.chars().peekable();
    let mut word = String::new();
    let mut in_operator = false;
    while let Some(char) = chars.next() {
        let is_operator = "&|=<>!+-*.".contains(char);
        if is_operator && !in_operator {
            operators += 1;
        }
        in_operator = is_operator;
        if char.is_alphanumeric() || char == '_' {
            word.push(char);
        } else {
            operators += usize::from(WORDS.contains(&word.as_str()));
            word.clear();
        }
        match char {
            '\n' => line += 1,
            '"' => line += string(&mut chars),
            '/' if chars.peek() == Some(&'/') => {
                // For Cedar a line ends at either.
                while chars.next_if(|next| !"\r\n".contains(*next)).is_some() {}
            }
            '(' | '{' => open += 1,
            // What is looked up by `a["b"]["c"]` nests, and each closes again.
            '[' => (open, operators) = (open + 1, operators + 1),
            ')' | ']' | '}' => open = open.saturating_sub(1),
            ';' => operators = 0,
            _ => {}
        }
        if open > BRACKETS_MAX {
            return Some((line, format!("more than {BRACKETS_MAX} brackets are open here")));
        }
        if operators > OPERATORS_MAX {
            return Some((line, format!("a policy has more than {OPERATORS_MAX} operators")));
        }
    }
    None
}

/// Passes over a string, whose first quote is taken, to its end; how many lines it has more.
fn string(chars: &mut impl Iterator<Item = char>) -> usize {
    let mut lines = 0;
    while let Some(char) = chars.next() {
        match char {
            '"' => break,
            '\\' => lines += usize::from(chars.next() == Some('\n')),
            '\n' => lines += 1,
            _ => {}
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::{Action, Policies, source::Source, tests::cases};
    use super::*;

    /// Expressions that nest `n` times, each in a way of its own.
    fn deep(n: usize) -> Vec<String> {
        let chain = |first: &str, next: &str| first.to_owned() + &next.repeat(n);
        let around = |open: &str, inner: &str, end: &str| open.repeat(n) + inner + &end.repeat(n);
        vec![
            chain("true", " && true"),
            chain("true", " || false"),
            chain("1", "+1") + " == 1",
            chain("1", " * 1") + " == 1",
            chain("context", ".a"),
            chain("context", "[\"a\"]"),
            "// x\r".to_owned() + &chain("context.a", " && true"),
            chain("context", " has a"),
            chain("true } ", "when { true } ") + "when { true",
            "if true then true else ".repeat(n) + "true",
            around("if ", "true", " then true else true"),
            around("(", "true", ")"),
            around("[", "1", "]") + " == [1]",
            around("{a: ", "1", "}") + " == {a: 1}",
            around("!(", "true", ")"),
            around("context.sensitive.contains(", "\"a\"", ")"),
        ]
    }

    /// Cedar's own limits end no thread, and pass nothing over, at what is allowed.
    #[test]
    fn what_is_not_too_deep_is_validated_and_decided() {
        let facts = cases::like("reviewed");
        let (mut refused, mut taken) = (0, 0);
        for effect in ["permit", "forbid"] {
            let texts = [24, 60, 90, 190].into_iter().flat_map(deep);
            for text in texts {
                let head = format!("@id(\"a\") {effect} (principal, action, resource) when");
                let text = format!("{head} {{ {text} }};");
                match Policies::of(vec![Source::of("deep", "deep.cedar", &text)]) {
                    Err(_) => refused += 1,
                    Ok(policies) => {
                        taken += 1;
                        let known = !text.contains(".a") && !text.contains("context[");
                        assert!(known, "there is no such attribute: {text}");
                        let decision = policies.decide(Action::Run, &facts);
                        assert!(decision.not_evaluated.is_empty(), "{text}");
                    }
                }
            }
        }
        assert!(refused > 20 && taken > 40, "{refused} refused, {taken} taken");
    }

    #[test]
    fn what_is_too_deep_is_told_with_its_line() {
        for text in deep(5_000) {
            let head = "// (((\n@id(\"a\\\"((\") // \"\npermit (principal, action, resource)";
            let text = format!("{head}\nwhen {{\n{text} }};");
            let (line, what) = too_deep(&text).unwrap();
            assert!(line == 5 && what.contains("more than"), "{line}: {what}");
            let refused = Policies::of(vec![Source::of("deep", "deep.cedar", &text)]);
            let refused = refused.unwrap_err().to_string();
            assert!(refused.contains("deep.cedar:5: ") && refused.contains("; split it"));
        }
        let list = "[".to_owned() + &"\"a.b && c\", ".repeat(5_000) + "\"d\"].contains(\"a\")";
        assert_eq!(
            too_deep(&format!("permit (principal, action, resource) when {{ {list} }};")),
            None
        );
        let many = "permit (principal, action, resource) when { 1 == 1 };\n".repeat(2_000);
        assert_eq!(too_deep(&many), None, "each policy for itself");
    }
}
