//! `style`: the house style as far as a machine can check it.

mod edges;
mod rules;
mod scan;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::shell;

pub(crate) const HELP: &str = "\
Usage: cargo xtask style

Checks every Rust file that git would keep, and says what is wrong, where, and
what would be right:

  a file opens with a //! sentence
  a file has at most 400 lines before its tests, a function 70, a line 100 columns
  a crate depends on those crates of the workspace that the design lets it
  the contract does no I/O
";

/// One thing to mend.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: PathBuf,
    line: usize,
    /// What is wrong, and after a semicolon what would be right.
    what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path.display(), self.line, self.what)
    }
}

pub(crate) fn main(arguments: &[String]) -> Result<()> {
    if let Some(word) = arguments.first() {
        bail!("did not understand `{word}`\n\n{HELP}");
    }
    let mut findings = edges::check(&output("cargo metadata --no-deps --format-version 1")?)?;
    let mut files = 0_usize;
    for path in output("git ls-files --cached --others --exclude-standard *.rs")?.lines() {
        let path = Path::new(path);
        // What is deleted but not yet committed is listed too.
        if path.is_file() {
            let text = fs::read_to_string(path)
                .with_context(|| format!("cannot read `{}`", path.display()))?;
            findings.extend(rules::check(path, &text));
            files += 1;
        }
    }
    findings.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!("the style check found {} things to mend", findings.len());
    }
    println!("{files} files follow the house style");
    Ok(())
}

fn output(line: &str) -> Result<String> {
    let output = shell::command(&shell::words(line, &[]))?
        .output()
        .with_context(|| format!("could not start `{line}`"))?;
    if !output.status.success() {
        bail!("`{line}` failed\n{}", String::from_utf8_lossy(&output.stderr));
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` is not text"))
}
