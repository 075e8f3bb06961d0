//! What an attack says of itself in its first lines, and how it is found.
//!
//! ```text
//! ;; expect: dropped                  the verdict: first line, one of `Verdict`
//! ;; catalogue: 31, 33                which of the threats in `threats.rs` it is about
//! ;; broken-by: fuel                  what stops it: a mechanism, `several: …` or `absence: …`
//! ;; tries: loop for ever over the target.
//! ```
//!
//! `persons: 49` and `group: 3` say how many persons there are, and how many share the secret.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::threats;

/// Where attacks lie: guests that run, files that are no guest, what a study declares, and what a
/// site's own data, views and keys do.
pub(crate) const FOLDERS: [&str; 4] = ["guests", "modules", "studies", "sites"];

/// An attack as its file describes it.
#[derive(Clone, Debug)]
pub(crate) struct Attack {
    /// Folder and file name without the ending: `guests/clamp-flood`.
    pub(crate) name: String,
    /// The file.
    pub(crate) file: PathBuf,
    /// What must come of it.
    pub(crate) verdict: Verdict,
    /// The threats that it is about, each by its number, `modules` or `own`.
    pub(crate) catalogue: Vec<String>,
    /// What stops it.
    pub(crate) stop: Stop,
    /// What it tries, in a sentence.
    pub(crate) tries: String,
    /// Persons of the site, the target among them.
    pub(crate) persons: i64,
    /// Persons who share the secret, the target among them.
    pub(crate) group: i64,
}

/// What must come of an attack. Every verdict but the first includes that the run ends as if
/// nothing were; `oracle.rs` says how that is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Refused with these words before a row is read: exit code 1, and nothing written.
    Refused(String),
    /// The universal oracle holds.
    Unseen,
    /// The target contributes nothing, and everybody else the same as without the target.
    Dropped,
    /// The target moves each cell by at most what the study declares.
    Bounded,
    /// The exact cells are those of this control.
    SameAs(String),
    /// Every cell of this output is withheld, though there is something in it.
    Withheld(String),
    /// The attack succeeds; `docs/privacy.md` says so in these words.
    Open(String),
    /// Nothing leaves before an instant that is the same whether the target is there or not.
    Held,
    /// The oracle of the tier `open` holds.
    Noised,
    /// Keyed noise is the site's own: no asker changes it, and another site has other noise.
    Own,
    /// No digest that leaves is one of data that somebody can guess.
    Hidden,
    /// A cell tells of the target no more often than `docs/privacy.md` says in these words, which
    /// end with how often.
    Blurred(String),
}

/// What stops an attack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// A mechanism, with those behind it that cover for it: with all of them switched off the
    /// attack succeeds. By their names, separated by commas.
    Mechanism(String),
    /// More than one.
    Several(String),
    /// Nothing that could be switched off: what it would need is not there.
    Absence(String),
}

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The suite's folder.
pub(crate) fn folder() -> PathBuf {
    root().join("tests/red-team")
}

/// Every attack, in order of its name. A file that is none ends the tests.
pub(crate) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for part in FOLDERS {
        for entry in fs::read_dir(folder().join(part)).unwrap() {
            let file = entry.unwrap().path();
            let stem = file.file_stem().unwrap().to_str().unwrap();
            let name = format!("{part}/{stem}");
            let attack = read(name, &file);
            attacks.push(attack.unwrap_or_else(|wrong| panic!("{}: {wrong}", file.display())));
        }
    }
    attacks.sort_by(|a, b| a.name.cmp(&b.name));
    attacks
}

fn read(name: String, file: &Path) -> Result<Attack, String> {
    let ending = file.extension().and_then(|ending| ending.to_str());
    let mark = match ending {
        Some("wat") => ";;",
        Some("rs") => "//!",
        _ => return Err("an attack is a .wat or an .rs file".to_owned()),
    };
    parse(name, file, mark, &fs::read_to_string(file).map_err(|error| error.to_string())?)
}

/// Reads the header in `text`, whose lines begin with `mark`.
pub(crate) fn parse(name: String, file: &Path, mark: &str, text: &str) -> Result<Attack, String> {
    if !name.rsplit('/').next().is_some_and(is_kebab) {
        return Err("its name is not in kebab-case".to_owned());
    }
    let mut fields = fields(mark, text)?;
    let mut need =
        |field| fields.remove(field).ok_or(format!("it has no line `{mark} {field}: …`"));
    let (verdict, catalogue) = (verdict(&need("expect")?)?, catalogue(&need("catalogue")?)?);
    let (stop, tries) = (stop(&need("broken-by")?)?, need("tries")?);
    if !tries.ends_with('.') {
        return Err("`tries` is not a sentence".to_owned());
    }
    let mut number = |field, default| match fields.remove(field) {
        Some(text) => text.parse().map_err(|_| format!("`{field}` is not a number")),
        None => Ok(default),
    };
    let (persons, group) = (number("persons", 63)?, number("group", 1)?);
    if let Some(unknown) = fields.keys().next() {
        return Err(format!("there is no field `{unknown}`"));
    }
    let file = file.to_owned();
    Ok(Attack { name, file, verdict, catalogue, stop, tries, persons, group })
}

fn is_kebab(name: &str) -> bool {
    let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    name.split('-').all(|word| !word.is_empty()) && name.chars().all(kebab)
}

/// The header's fields; a line that is indented further goes on with the field before it.
fn fields(mark: &str, text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in text.lines().map_while(|line| line.strip_prefix(mark)) {
        match (line.strip_prefix("  "), line.trim().split_once(": "), fields.last_mut()) {
            (Some(more), _, Some((_, value))) => *value += &format!(" {}", more.trim()),
            (None, Some((field, value)), _) => fields.push((field.to_owned(), value.to_owned())),
            _ => break,
        }
    }
    if fields.first().is_none_or(|(field, _)| field != "expect") {
        return Err(format!("its first line is not `{mark} expect: …`"));
    }
    Ok(fields.into_iter().collect())
}

fn catalogue(text: &str) -> Result<Vec<String>, String> {
    let known = |word: &str| {
        let known = threats::name(word).map(|_| word.to_owned());
        known.ok_or(format!("there is no threat `{word}` in threats.rs"))
    };
    text.split(", ").map(known).collect()
}

fn verdict(text: &str) -> Result<Verdict, String> {
    let quoted = |words: &str| {
        let inside = words.strip_prefix('"').and_then(|words| words.strip_suffix('"'));
        inside.filter(|words| !words.is_empty()).map(str::to_owned).ok_or("quote the words")
    };
    Ok(match text.split_once(' ') {
        None if text == "unseen" => Verdict::Unseen,
        None if text == "dropped" => Verdict::Dropped,
        None if text == "bounded" => Verdict::Bounded,
        None if text == "held" => Verdict::Held,
        None if text == "noised" => Verdict::Noised,
        None if text == "own" => Verdict::Own,
        None if text == "hidden" => Verdict::Hidden,
        Some(("refused", words)) => Verdict::Refused(quoted(words)?),
        Some(("open", words)) => Verdict::Open(quoted(words)?),
        Some(("blurred", words)) => Verdict::Blurred(quoted(words)?),
        Some(("withheld", output)) => Verdict::Withheld(output.to_owned()),
        Some(("same", control)) if control.starts_with("as ") => {
            Verdict::SameAs(control.trim_start_matches("as ").to_owned())
        }
        _ => return Err(format!("there is no verdict `{text}`")),
    })
}

fn stop(text: &str) -> Result<Stop, String> {
    match text.split_once(": ") {
        Some(("several", which)) => Ok(Stop::Several(which.to_owned())),
        Some(("absence", what)) => Ok(Stop::Absence(what.to_owned())),
        None if text.split(", ").all(is_kebab) => Ok(Stop::Mechanism(text.replace(' ', ""))),
        _ => Err("`broken-by` names one mechanism, or `several: …`, or `absence: …`".to_owned()),
    }
}
