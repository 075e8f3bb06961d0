//! A page for people: written once, shown as text in a terminal and as HTML in a browser.
//!
//! *Invariant `printable`*: a page holds no control character and none that turns, hides or
//! replaces others, whoever wrote the words: every constructor makes them visible. So neither
//! rendering can be told by a module what to do.

mod html;
mod text;

use cloister_contract::study::is_unprintable;

/// A page: a title and sections.
#[derive(Clone, Debug)]
pub struct Page {
    title: String,
    sections: Vec<Section>,
}

/// A section: a heading and what stands below it.
#[derive(Clone, Debug)]
pub struct Section {
    heading: &'static str,
    blocks: Vec<Block>,
}

#[derive(Clone, Debug)]
enum Block {
    Heading(String),
    Words(String),
    List(Vec<String>),
    /// A word, and what it is.
    Facts(Vec<(String, String)>),
    Table(Table),
}

#[derive(Clone, Debug)]
struct Table {
    head: Vec<Column>,
    rows: Vec<Vec<String>>,
}

/// The head of a table's column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    name: &'static str,
    numbers: bool,
}

/// A column of words.
pub(crate) const fn words(name: &'static str) -> Column {
    Column { name, numbers: false }
}

/// A column of numbers, which stand under one another.
pub(crate) const fn numbers(name: &'static str) -> Column {
    Column { name, numbers: true }
}

impl Page {
    pub(crate) fn new(title: &str, sections: Vec<Section>) -> Self {
        Self { title: visible(title), sections }
    }

    /// The page as text for a terminal; names of things stand in back-ticks.
    #[must_use]
    pub fn text(&self) -> String {
        text::page(self)
    }

    /// The page as one HTML document that needs nothing else: no script, no other file.
    #[must_use]
    pub fn html(&self) -> String {
        html::page(self)
    }
}

impl Section {
    pub(crate) const fn new(heading: &'static str) -> Self {
        Self { heading, blocks: Vec::new() }
    }

    /// The section alone, as text for a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        text::section(self)
    }

    pub(crate) fn heading(mut self, heading: &str) -> Self {
        self.blocks.push(Block::Heading(visible(heading)));
        self
    }

    pub(crate) fn words(mut self, words: &str) -> Self {
        self.blocks.push(Block::Words(visible(words)));
        self
    }

    pub(crate) fn list(mut self, items: impl IntoIterator<Item = String>) -> Self {
        let items: Vec<_> = items.into_iter().map(|item| visible(&item)).collect();
        if !items.is_empty() {
            self.blocks.push(Block::List(items));
        }
        self
    }

    pub(crate) fn facts<W: AsRef<str>>(
        mut self,
        facts: impl IntoIterator<Item = (W, String)>,
    ) -> Self {
        let facts = facts.into_iter();
        let facts = facts.map(|(word, fact)| (visible(word.as_ref()), visible(&fact))).collect();
        self.blocks.push(Block::Facts(facts));
        self
    }

    pub(crate) fn table(
        mut self,
        head: &[Column],
        rows: impl IntoIterator<Item = Vec<String>>,
    ) -> Self {
        let row = |row: Vec<String>| row.iter().map(|cell| visible(cell)).collect();
        let rows = rows.into_iter().map(row).collect();
        self.blocks.push(Block::Table(Table { head: head.to_vec(), rows }));
        self
    }
}

/// The text with each character that would not be seen written as its number.
pub(crate) fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unprintable(c) {
            visible.extend(c.escape_unicode());
        } else {
            visible.push(c);
        }
    }
    visible
}

/// A name that a module gives to something of its own: nothing but ASCII, so that no letter looks
/// like another one, and of bounded length.
pub(crate) fn plain(name: &str) -> String {
    let mut plain = String::new();
    for c in name.chars().take(160) {
        match c {
            // The page's own mark for names.
            '`' => plain.push('\''),
            ' ' => plain.push(' '),
            c if c.is_ascii_graphic() => plain.push(c),
            c => plain.extend(c.escape_unicode()),
        }
    }
    if name.chars().nth(160).is_some() {
        plain.push('…');
    }
    plain
}

/// A number with groups of three: `12,345`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 cell`, `28 cells`: a number and its noun.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_not_be_seen_is_written_out() {
        assert_eq!(visible("é \u{202e}x\u{1b}[31m"), "é \\u{202e}x\\u{1b}[31m");
        assert_eq!(plain("p\u{430}ypal `x`\n"), "p\\u{430}ypal 'x'\\u{a}");
        assert_eq!(plain(&"x".repeat(161)), "x".repeat(160) + "…");
    }

    #[test]
    fn numbers_have_groups_of_three() {
        let words = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(words, ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(counted(1, "cell", "cells"), "1 cell");
    }
}
