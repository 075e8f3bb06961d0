//! A mistake in a study file: where it is, what is wrong, and what would be right.

use core::fmt;

/// A mistake in a study file.
///
/// Displays as `study.toml:14:9: what is wrong; what would be right`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StudyError {
    /// The file's name as the caller gave it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub right: String,
}

impl StudyError {
    /// An error at byte `at` of `text`.
    #[must_use]
    pub fn at(file: &str, text: &str, at: usize, what: String, right: String) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            what,
            right,
        }
    }
}

impl fmt::Display for StudyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, what, right } = self;
        write!(f, "{file}:{line}:{column}: {what}; {right}")
    }
}

impl core::error::Error for StudyError {}
