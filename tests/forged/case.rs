//! What a file says: the verdict, what it tries, and what it changes in the base.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The commands that a site is asked with; `site.rs` has their arguments.
pub(crate) const COMMANDS: [&str; 7] =
    ["verify", "independent", "certified", "approved", "adopt", "update", "seal"];

/// A forgery as its file describes it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// Folder and file name without the ending: `envelopes/two-signatures`.
    pub(crate) name: String,
    /// What must come of it.
    pub(crate) verdict: Verdict,
    /// Words that standard output has, beside the error: why an envelope does not count.
    pub(crate) says: Vec<String>,
    /// What is done.
    pub(crate) what: Forgery,
}

/// What must come of a forgery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Exit code 0: the change is none that matters.
    Accepted,
    /// Exit code 1, with these words on standard error.
    Refused(String),
}

/// The TOML of a file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Forgery {
    /// One of [`COMMANDS`].
    pub(crate) run: String,
    /// For `adopt`: whether the fingerprint that people compared is that of the unforged file.
    #[serde(default)]
    pub(crate) compared: bool,
    /// The changes.
    #[serde(default)]
    pub(crate) forge: Vec<Change>,
}

/// One change of one thing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    /// A file of the base (`trust`, `next`, `module`, `release`), or an envelope by its name.
    pub(crate) what: String,
    /// A new envelope, in place of one of the base, with the statement of this one.
    pub(crate) like: Option<String>,
    /// Replacements in the text before anything is signed; each must change something.
    #[serde(default)]
    pub(crate) say: Vec<[String; 2]>,
    /// So many spaces after the text, before anything is signed.
    #[serde(default)]
    pub(crate) pad: usize,
    /// Who signs it.
    pub(crate) by: Option<String>,
    /// Whose key id it has.
    pub(crate) key_id: Option<String>,
    /// The payload type that it has, and that is signed.
    pub(crate) payload_type: Option<String>,
    /// What stands for the signature: see `forge.rs`.
    pub(crate) signature: Option<String>,
    /// Replacements in the line once it is signed; `{payload}` and `{sig}` stand for theirs.
    #[serde(default)]
    pub(crate) line: Vec<[String; 2]>,
    /// The line, or the file once signed and adopted, in its place; escapes are those of TOML.
    pub(crate) literal: Option<String>,
    /// Bytes that follow, in hexadecimal, once all is signed.
    pub(crate) append: Option<String>,
    /// How many bytes are left once all is signed.
    pub(crate) cut: Option<usize>,
    /// It is not there.
    #[serde(default)]
    pub(crate) gone: bool,
    /// It is there so many times more.
    #[serde(default)]
    pub(crate) again: usize,
    /// For a file: replacements once it is signed and adopted.
    #[serde(default)]
    pub(crate) then: Vec<[String; 2]>,
}

impl Case {
    /// Nothing forged.
    pub(crate) fn base(command: &str) -> Self {
        Self {
            name: format!("base/{command}"),
            verdict: Verdict::Accepted,
            says: Vec::new(),
            what: Forgery { run: command.to_owned(), compared: true, forge: Vec::new() },
        }
    }
}

/// The suite's folder.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("tests/forged")
}

/// Every forgery, in order of its name. A file that is none ends the tests.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let part = entry.unwrap().path();
        if !part.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&part).unwrap() {
            let file = entry.unwrap().path();
            let case = read(&part, &file);
            cases.push(case.unwrap_or_else(|wrong| panic!("{}: {wrong}", file.display())));
        }
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(cases.len() >= 60, "there are {} forgeries", cases.len());
    cases
}

fn read(part: &Path, file: &Path) -> Result<Case, String> {
    let stem = file.file_stem().unwrap().to_str().unwrap();
    if file.extension().is_none_or(|ending| ending != "toml") {
        return Err("a forgery is a .toml file".to_owned());
    }
    let name = format!("{}/{stem}", part.file_name().unwrap().to_str().unwrap());
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    let (mut verdict, mut says, mut tries) = (None, Vec::new(), false);
    for line in text.lines().map_while(|line| line.strip_prefix("# ")) {
        match line.split_once(": ") {
            Some(("expect", "accepted")) => verdict = Some(Verdict::Accepted),
            Some(("expect", words)) => {
                let words =
                    words.strip_prefix("refused ").ok_or("`accepted`, or `refused \"…\"`")?;
                verdict = Some(Verdict::Refused(quoted(words)?));
            }
            Some(("says", words)) if verdict.is_some() => says.push(quoted(words)?),
            Some(("tries", words)) if verdict.is_some() => tries = words.ends_with('.'),
            _ => return Err(format!("`{line}` is no line of a head")),
        }
    }
    if !text.starts_with("# expect: ") || !tries {
        return Err("its first line is not `# expect: …`, or no sentence says what it tries".into());
    }
    let what: Forgery = toml::from_str(&text).map_err(|error| error.to_string())?;
    if !COMMANDS.contains(&what.run.as_str()) || what.forge.is_empty() {
        return Err("`run` names no command, or nothing is forged".to_owned());
    }
    Ok(Case { name, verdict: verdict.ok_or("it has no verdict")?, says, what })
}

fn quoted(words: &str) -> Result<String, &'static str> {
    let inside = words.strip_prefix('"').and_then(|words| words.strip_suffix('"'));
    inside.filter(|words| !words.is_empty()).map(str::to_owned).ok_or("quote the words")
}
