//! A page as one HTML document, written so that an XML parser reads it too.
//!
//! Every word passes [`escaped`]; tags and attributes are literals of this file. A browser is told
//! to load nothing (`Content-Security-Policy`), should a mistake here ever let a tag through.

use super::{Block, Page, Section, Table};

const STYLE: &str = include_str!("page.css");

pub(super) fn page(page: &Page) -> String {
    let title = escaped(&page.title);
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n\
         <meta charset=\"utf-8\" />\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\" />\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n\
         <meta name=\"referrer\" content=\"no-referrer\" />\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<h1>{title}</h1>\n</header>\n<nav aria-label=\"sections\">\n<ul>\n"
    );
    for (at, section) in page.sections.iter().enumerate() {
        html += &format!("<li><a href=\"#s{at}\">{}</a></li>\n", escaped(section.heading));
    }
    html += "</ul>\n</nav>\n<main>\n";
    for (at, section) in page.sections.iter().enumerate() {
        html += &self::section(at, section);
    }
    html + "</main>\n</body>\n</html>\n"
}

fn section(at: usize, section: &Section) -> String {
    let heading = escaped(section.heading);
    let mut html =
        format!("<section aria-labelledby=\"s{at}\">\n<h2 id=\"s{at}\">{heading}</h2>\n");
    for block in &section.blocks {
        match block {
            Block::Heading(heading) => html += &format!("<h3>{}</h3>\n", marked(heading)),
            Block::Words(words) => html += &format!("<p>{}</p>\n", marked(words)),
            Block::List(items) => {
                html += "<ul>\n";
                html.extend(items.iter().map(|item| format!("<li>{}</li>\n", marked(item))));
                html += "</ul>\n";
            }
            Block::Facts(facts) => {
                html += "<dl>\n";
                let fact = |(word, fact): &(String, String)| {
                    format!("<div><dt>{}</dt><dd>{}</dd></div>\n", marked(word), marked(fact))
                };
                html.extend(facts.iter().map(fact));
                html += "</dl>\n";
            }
            Block::Table(table) => html += &self::table(table),
        }
    }
    html + "</section>\n"
}

/// A table whose first cell names its row. On a narrow screen each row becomes a block and each
/// cell says its column; the roles keep it a table for those who hear it.
fn table(table: &Table) -> String {
    let class = |numbers: bool| if numbers { " class=\"n\"" } else { "" };
    let mut html = "<table role=\"table\">\n<thead role=\"rowgroup\"><tr role=\"row\">".to_owned();
    for column in &table.head {
        let (class, name) = (class(column.numbers), escaped(column.name));
        html += &format!("<th scope=\"col\" role=\"columnheader\"{class}>{name}</th>");
    }
    html += "</tr></thead>\n<tbody role=\"rowgroup\">\n";
    for row in &table.rows {
        html += "<tr role=\"row\">";
        for (at, (cell, column)) in row.iter().zip(&table.head).enumerate() {
            let (class, name) = (class(column.numbers), escaped(column.name));
            let cell = marked(cell);
            html += &match at {
                0 => format!("<th scope=\"row\" role=\"rowheader\"{class}>{cell}</th>"),
                _ => format!("<td role=\"cell\" data-column=\"{name}\"{class}>{cell}</td>"),
            };
        }
        html += "</tr>\n";
    }
    html + "</tbody>\n</table>\n"
}

/// Escaped, with what stands in back-ticks as code.
fn marked(text: &str) -> String {
    let mut html = String::new();
    let mut parts = text.split('`').peekable();
    let mut code = false;
    while let Some(part) = parts.next() {
        // A last back-tick without its pair is only a sign.
        match (code, parts.peek()) {
            (true, Some(_)) => html += &format!("<code>{}</code>", escaped(part)),
            (true, None) => html += &format!("`{}", escaped(part)),
            (false, _) => html += &escaped(part),
        }
        code = !code;
    }
    html
}

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html += "&amp;",
            '<' => html += "&lt;",
            '>' => html += "&gt;",
            '"' => html += "&quot;",
            '\'' => html += "&#39;",
            c => html.push(c),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::super::words;
    use super::*;

    #[test]
    fn no_word_becomes_a_tag() {
        let evil = "</table><script>alert('1')</script>\" onload=\"x & `<b>` \u{202e}";
        let section = Section::new("reads")
            .heading(evil)
            .words(evil)
            .list([evil.to_owned()])
            .facts([(evil, evil.to_owned())])
            .table(&[words("a")], [vec![evil.to_owned()]]);
        let page = Page::new(evil, vec![section]).html();
        assert!(!page.contains("<script") && !page.contains("<b>") && !page.contains('\u{202e}'));
        assert!(page.contains("<code>&lt;b&gt;</code> \\u{202e}"), "{page}");
        // The one attribute that holds words holds a literal.
        assert_eq!(page.matches("onload=").count(), page.matches("onload=&quot;x").count());
    }

    #[test]
    fn back_ticks_mark_code_in_pairs() {
        assert_eq!(marked("a `b` c ` d"), "a <code>b</code> c ` d");
        assert_eq!(marked("plain"), "plain");
    }
}
