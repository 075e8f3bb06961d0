//! A page as text: headings at the margin, all else two spaces in, tables in columns.

use super::{Block, Page, Section, Table};

/// Columns of a line; a single longer word is not broken.
const COLUMNS: usize = 100;
/// The narrowest that a column of a table becomes.
const NARROW: usize = 16;

pub(super) fn page(page: &Page) -> String {
    let mut text = format!("{}\n", page.title);
    for section in &page.sections {
        text += "\n";
        text += &self::section(section);
    }
    text
}

pub(super) fn section(section: &Section) -> String {
    let mut text = format!("{}\n", section.heading);
    for block in &section.blocks {
        match block {
            Block::Heading(heading) => text += &format!("\n {heading}\n"),
            Block::Words(words) => text += &hung("  ", words),
            Block::List(items) => text.extend(items.iter().map(|item| hung("  - ", item))),
            Block::Facts(facts) => {
                let width = facts.iter().map(|(word, _)| width(word)).max().unwrap_or_default();
                let line = |(word, fact): &(String, String)| {
                    hung(&format!("  {word}{}  ", " ".repeat(width - self::width(word))), fact)
                };
                text.extend(facts.iter().map(line));
            }
            Block::Table(table) => text += &self::table(table),
        }
    }
    text
}

/// `words` behind `start`, further lines indented as far.
fn hung(start: &str, words: &str) -> String {
    let indent = width(start);
    let lines = wrapped(words, COLUMNS.saturating_sub(indent));
    let lines = lines.join(&format!("\n{}", " ".repeat(indent)));
    format!("{start}{lines}\n")
}

fn table(table: &Table) -> String {
    let head: Vec<String> = table.head.iter().map(|column| column.name.to_owned()).collect();
    let rows: Vec<&Vec<String>> = core::iter::once(&head).chain(&table.rows).collect();
    let widths = widths(&rows, table);
    let mut text = String::new();
    for row in rows {
        let cells: Vec<_> =
            row.iter().zip(&widths).map(|(cell, width)| wrapped(cell, *width)).collect();
        let lines = cells.iter().map(Vec::len).max().unwrap_or_default();
        for at in 0..lines {
            let mut line = String::from(" ");
            for ((cell, column), width) in cells.iter().zip(&table.head).zip(&widths) {
                let part = cell.get(at).map_or("", String::as_str);
                let room = " ".repeat(width.saturating_sub(self::width(part)));
                line.push(' ');
                line += &if column.numbers { room + part } else { part.to_owned() + &room };
                line.push(' ');
            }
            text += line.trim_end();
            text.push('\n');
        }
    }
    text
}

/// How wide each column is: as its widest cell, and where that is too much for a line, the widest
/// columns narrower.
fn widths(rows: &[&Vec<String>], table: &Table) -> Vec<usize> {
    let widest = |at: usize| {
        rows.iter().filter_map(|row| row.get(at)).map(|cell| width(cell)).max().unwrap_or_default()
    };
    let mut widths: Vec<usize> = (0..table.head.len()).map(widest).collect();
    while widths.iter().map(|width| width + 2).sum::<usize>() > COLUMNS {
        match widths.iter_mut().max() {
            Some(width) if *width > NARROW => *width -= 1,
            _ => break,
        }
    }
    widths
}

/// Lines of whole words, each of at most `columns` characters unless a word is longer.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::super::{numbers, words};
    use super::*;

    #[test]
    fn a_page_in_a_terminal() {
        let section = Section::new("releases")
            .words("at most:")
            .table(
                &[words("output"), numbers("cells")],
                [("bled", "13"), ("days", "2")].map(|(a, b)| vec![a.to_owned(), b.to_owned()]),
            )
            .facts([("bits", "291".to_owned()), ("digest", "abc".to_owned())])
            .heading("more")
            .list(["one".to_owned()]);
        let wanted = "study\n\nreleases\n  at most:\n  output  cells\n  bled       13\n  \
                      days        2\n  bits    291\n  digest  abc\n\n more\n  - one\n";
        assert_eq!(Page::new("study", vec![section]).text(), wanted);
    }

    #[test]
    fn long_words_wrap_and_hang() {
        let long = "word ".repeat(30);
        let rows = [vec![long.trim().to_owned(), "x".repeat(90), "3".to_owned()]];
        let head = [words("a"), words("b"), numbers("c")];
        let text = Section::new("s").list([long.trim().to_owned()]).table(&head, rows).text();
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[2].starts_with("    word"), "{text}");
        assert_eq!(text.matches("word").count(), 60);
        assert!(text.contains(&"x".repeat(90)), "a long word stays whole");
    }
}
