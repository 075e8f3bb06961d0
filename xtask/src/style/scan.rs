//! Reads just enough of Rust to tell code from text: what is left counts braces rightly.
//!
//! A parser would do this too, but would be most of this crate's compile time.

/// Blanks comments and the insides of literals, and keeps every line break: `"a{"` becomes `"  "`.
pub(super) fn code_only(source: &str) -> String {
    let mut scanner = Scanner { rest: source, code: String::with_capacity(source.len()) };
    while scanner.step() {}
    scanner.code
}

/// A function: its name, its first line and its last, counted from 1.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) first: usize,
    pub(super) last: usize,
}

/// Finds every function with a body in what [`code_only`] left.
pub(super) fn functions(code: &str) -> Vec<Function> {
    let starts = code.match_indices("fn ").filter(|(at, _)| !ends_in_word(code.get(..*at)));
    starts.filter_map(|(at, _)| function(code, at)).collect()
}

fn function(code: &str, at: usize) -> Option<Function> {
    let rest = code.get(at..)?;
    let name: String = rest.get(3..)?.trim_start().chars().take_while(|c| is_word(*c)).collect();
    let length = if name.is_empty() { None } else { body_end(rest) }?;
    let first = line_at(code, at);
    Some(Function { name, first, last: line_at(code, at + length) })
}

/// Where the body that follows a signature ends; none if a semicolon comes in its place.
fn body_end(code: &str) -> Option<usize> {
    let mut brackets = 0_i32;
    let mut braces = 0_i32;
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets -= 1,
            ';' if brackets == 0 && braces == 0 => return None,
            '{' => braces += 1,
            '}' => braces -= 1,
            _ => {}
        }
        if c == '}' && braces == 0 {
            return Some(at);
        }
    }
    None
}

fn line_at(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn ends_in_word(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.ends_with(is_word))
}

struct Scanner<'a> {
    rest: &'a str,
    code: String,
}

impl Scanner<'_> {
    /// Takes one comment, literal or character; false at the end.
    fn step(&mut self) -> bool {
        let Some(c) = self.rest.chars().next() else { return false };
        if self.rest.starts_with("//") {
            self.blank(self.rest.find('\n').unwrap_or(self.rest.len()));
        } else if self.rest.starts_with("/*") {
            self.blank(comment(self.rest));
        } else if let Some(length) = self.raw_string() {
            self.blank(length);
        } else if c == '"' {
            self.blank(quoted(self.rest, '"'));
        } else if c == '\'' && is_character(self.rest) {
            self.blank(quoted(self.rest, '\''));
        } else {
            self.code.push(c);
            self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
        }
        true
    }

    /// Replaces so many bytes of source by spaces, line breaks excepted.
    fn blank(&mut self, length: usize) {
        let (text, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.code.extend(text.chars().map(|c| if c == '\n' { c } else { ' ' }));
        self.rest = rest;
    }

    /// The length of `r"…"`, `r#"…"#` and so on; `br` and `cr` are met at their `r`.
    fn raw_string(&self) -> Option<usize> {
        let hashes_and_on = self.rest.strip_prefix('r')?;
        let before = self.code.strip_suffix(['b', 'c']).unwrap_or(&self.code);
        let text = hashes_and_on.trim_start_matches('#').strip_prefix('"')?;
        if ends_in_word(Some(before)) {
            return None;
        }
        let opening = self.rest.len() - text.len();
        let end = format!("\"{}", "#".repeat(opening - 2));
        Some(text.find(&end).map_or(self.rest.len(), |at| opening + at + end.len()))
    }
}

/// The length of a block comment; they nest.
fn comment(text: &str) -> usize {
    let mut depth = 0_i32;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let (change, length) = if rest.starts_with("/*") {
            (1, 2)
        } else if rest.starts_with("*/") {
            (-1, 2)
        } else {
            (0, rest.chars().next().map_or(1, char::len_utf8))
        };
        depth += change;
        at += length;
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of a literal between two of the same mark, where a backslash hides the next one.
fn quoted(text: &str, mark: char) -> usize {
    let mut hidden = false;
    for (at, c) in text.char_indices().skip(1) {
        if !hidden && c == mark {
            return at + c.len_utf8();
        }
        hidden = !hidden && c == '\\';
    }
    text.len()
}

/// Whether a `'` begins a character and not a lifetime.
fn is_character(text: &str) -> bool {
    let mut next = text.chars().skip(1);
    let first = next.next();
    first == Some('\\') || (first.is_some() && next.next() == Some('\''))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_blanked_and_code_stays() {
        let cases = [
            ("a // {\nb", "a     \nb"),
            ("a /* { /* } */ \n */ b", "a              \n    b"),
            (r#"f("{ \" {") {"#, "f(        ) {"),
            ("r#\"{ \" {\"# }", "           }"),
            (r#"br"{" }"#, "b     }"),
            ("'{' '\\'' <'a> &'b {", "         <'a> &'b {"),
            ("for\"x\"", "for   "),
        ];
        for (source, code) in cases {
            assert_eq!(code_only(source), code, "{source}");
        }
    }

    #[test]
    fn functions_are_found_with_their_lines() {
        let code = [
            "trait T {",
            "    fn a(&self);",
            "    fn b(x: [u8; 4])",
            "    {",
            "        if x { y }",
            "    }",
            "}",
            "let f: fn (u8) = x;",
            "const fn c() {}",
        ];
        let function = |name: &str, first, last| Function { name: name.to_owned(), first, last };
        assert_eq!(functions(&code.join("\n")), [function("b", 3, 6), function("c", 9, 9)]);
    }
}
