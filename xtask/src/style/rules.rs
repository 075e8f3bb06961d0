//! The rules for one file.

use std::path::Path;

use super::Finding;
use super::scan::{code_only, functions};

const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;
const LINE_COLUMNS_MAX: usize = 100;
/// Where a file's tests begin.
const TESTS: &str = "#[cfg(test)]";
/// The crate that both sides of the boundary share: it takes bytes and gives bytes.
const CONTRACT: &str = "runtime/contract/src";
/// Modules of the standard library that the contract does without.
const IO_MODULES: &[&str] = &["fs", "net", "process", "env"];

/// Checks one file's text against every rule.
pub(super) fn check(path: &Path, text: &str) -> Vec<Finding> {
    let code = code_only(text);
    let mut found: Vec<(usize, String)> = Vec::new();
    found.extend(opening(text));
    found.extend(file_length(text));
    found.extend(long_lines(text));
    found.extend(long_functions(&code));
    if path.starts_with(CONTRACT) {
        found.extend(io(before_tests(&code)));
    }
    found.into_iter().map(|(line, what)| Finding { path: path.to_owned(), line, what }).collect()
}

fn before_tests(text: &str) -> impl Iterator<Item = &str> {
    text.lines().take_while(|line| line.trim() != TESTS)
}

fn opening(text: &str) -> Option<(usize, String)> {
    let doc: Vec<&str> = text
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .take_while(|line| !line.trim().is_empty())
        .collect();
    let what = match doc.last() {
        None => "the file does not say what it is for",
        Some(last) if !is_end(last) => "the file's opening is not a sentence",
        Some(_) => return None,
    };
    let right = "open with `//! One sentence that ends in a full stop.`";
    Some((doc.len().max(1), format!("{what}; {right}")))
}

fn is_end(line: &str) -> bool {
    line.trim_end_matches([')', '"', '*', '_', '`']).ends_with(['.', '!', '?', ':', '…'])
}

fn file_length(text: &str) -> Option<(usize, String)> {
    let lines = before_tests(text).count();
    (lines > FILE_LINES_MAX).then(|| {
        let what = format!("the file has {lines} lines before its tests");
        (FILE_LINES_MAX + 1, format!("{what}; at most {FILE_LINES_MAX}: move a part into a module"))
    })
}

fn long_lines(text: &str) -> impl Iterator<Item = (usize, String)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let columns = line.chars().count();
        // An address cannot be broken.
        let long = columns > LINE_COLUMNS_MAX && !line.contains("://");
        let what = || format!("the line has {columns} columns; at most {LINE_COLUMNS_MAX}");
        long.then(|| (index + 1, what()))
    })
}

fn long_functions(code: &str) -> impl Iterator<Item = (usize, String)> {
    functions(code).into_iter().filter_map(|function| {
        let lines = function.last - function.first + 1;
        (lines > FUNCTION_LINES_MAX).then(|| {
            let what = format!("function `{}` has {lines} lines", function.name);
            let right = format!("at most {FUNCTION_LINES_MAX}: give a part of it a name");
            (function.first, format!("{what}; {right}"))
        })
    })
}

fn io<'a>(code: impl Iterator<Item = &'a str>) -> impl Iterator<Item = (usize, String)> {
    code.enumerate().filter_map(|(index, line)| {
        let module = IO_MODULES.iter().find(|module| names(line, module));
        let what = match module {
            Some(module) => format!("the contract uses `std::{module}`"),
            None if line.contains("File::open") => "the contract opens a file".to_owned(),
            None => return None,
        };
        Some((index + 1, format!("{what}; it does no I/O: let the caller give it the bytes")))
    })
}

/// Whether a line says `std::module`, or `std::{…, module}`.
fn names(line: &str, module: &str) -> bool {
    let is_module = |text: &str| {
        let word = text.split(|c: char| !c.is_alphanumeric() && c != '_').next();
        word == Some(module)
    };
    line.split("std::").skip(1).any(|after| match after.strip_prefix('{') {
        Some(list) => list.split(',').any(|part| is_module(part.trim_start())),
        None => is_module(after),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLEAN: &str = "//! Says what it is for.\n\n/// Adds.\nfn add() {}\n";

    /// What is found in a file, as `line: first words`.
    fn found(path: &str, text: &str) -> Vec<String> {
        let findings = check(Path::new(path), text);
        let part = |what: &str| what.split(';').next().unwrap_or_default().to_owned();
        findings.iter().map(|f| format!("{}: {}", f.line, part(&f.what))).collect()
    }

    #[test]
    fn a_clean_file_passes() {
        assert_eq!(found("a.rs", CLEAN), Vec::<String>::new());
    }

    #[test]
    fn a_file_says_in_a_sentence_what_it_is_for() {
        let silent = ["1: the file does not say what it is for"];
        assert_eq!(found("a.rs", "fn a() {}\n"), silent);
        assert_eq!(found("a.rs", "// Not a doc.\n"), silent);
        assert_eq!(found("a.rs", "//! stub\n"), ["1: the file's opening is not a sentence"]);
        assert_eq!(
            found("a.rs", "//! Two lines that\n//! do not end\n//!\n//! Whole.\n"),
            ["2: the file's opening is not a sentence"]
        );
        for text in ["//! It is `so.`\n", "//! Why?\n", "//! Three things (here):\n"] {
            assert_eq!(found("a.rs", text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_file_is_not_too_long_before_its_tests() {
        let lines = |count: usize| format!("//! A file.\n{}", "// line\n".repeat(count - 1));
        assert_eq!(found("a.rs", &lines(400)), Vec::<String>::new());
        assert_eq!(found("a.rs", &lines(401)), ["401: the file has 401 lines before its tests"]);
        let tested = lines(400) + "#[cfg(test)]\nmod tests {\n" + &"\n".repeat(400) + "}\n";
        assert_eq!(found("a.rs", &tested), Vec::<String>::new());
    }

    #[test]
    fn a_line_is_not_too_long_unless_it_holds_an_address() {
        let line = |text: &str| format!("//! A file.\n// {text}\n");
        assert_eq!(found("a.rs", &line(&"é".repeat(97))), Vec::<String>::new());
        assert_eq!(found("a.rs", &line(&"e".repeat(98))), ["2: the line has 101 columns"]);
        let address = "x".repeat(98) + "https://example.org";
        assert_eq!(found("a.rs", &line(&address)), Vec::<String>::new());
    }

    #[test]
    fn a_function_is_not_too_long() {
        let body = |lines: usize| format!("//! A.\nfn f() {{\n{}}}\n", "    g();\n".repeat(lines));
        assert_eq!(found("a.rs", &body(68)), Vec::<String>::new());
        assert_eq!(found("a.rs", &body(69)), ["2: function `f` has 71 lines"]);
    }

    #[test]
    fn the_contract_does_no_io() {
        let contract = "runtime/contract/src/study.rs";
        let with = |line: &str| format!("//! A file.\n{line}\n");
        for line in ["use std::fs;", "std::env::var(x)", "use std::{fmt, net::Ipv4Addr};"] {
            assert_eq!(found(contract, &with(line)).len(), 1, "{line}");
            assert_eq!(found("runtime/src/site.rs", &with(line)), Vec::<String>::new(), "{line}");
        }
        assert_eq!(found(contract, &with("File::open(x)")), ["2: the contract opens a file"]);
        for line in ["// std::fs is not used", "use std::fmt;", "#[cfg(test)]\nuse std::fs;"] {
            assert_eq!(found(contract, &with(line)), Vec::<String>::new(), "{line}");
        }
    }
}
