//! Child processes, each announced as the user would type it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// Makes the workspace's root the current folder, so that every path here is relative to it.
pub(crate) fn enter_root() -> Result<()> {
    // Cargo says where the package is now; a checkout may have moved since this was compiled.
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = package.parent().context("xtask is not in a workspace")?;
    std::env::set_current_dir(root).with_context(|| format!("cannot enter `{}`", root.display()))
}

/// Cargo's folder for what it builds.
pub(crate) fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from)
}

/// Splits a command line at its spaces, then puts values for its `{names}`: a value with a space
/// in it stays one word.
pub(crate) fn words(line: &str, values: &[(&str, &Path)]) -> Vec<String> {
    let fill = |word: &str| {
        values.iter().fold(word.to_owned(), |word, (name, value)| {
            word.replace(&format!("{{{name}}}"), &value.display().to_string())
        })
    };
    line.split_whitespace().map(fill).collect()
}

/// Makes a command of its words.
pub(crate) fn command(words: &[String]) -> Result<Command> {
    let (program, arguments) = words.split_first().context("an empty command line")?;
    let mut command = Command::new(program);
    command.args(arguments);
    Ok(command)
}

/// Announces a command line, runs it, and fails if it does.
pub(crate) fn run(words: &[String]) -> Result<()> {
    run_with(words, &[])
}

/// The same, with additions to its environment.
pub(crate) fn run_with(words: &[String], environment: &[(&str, &str)]) -> Result<()> {
    let line = typed(words, environment);
    println!("$ {line}");
    let status = command(words)?
        .envs(environment.iter().copied())
        .status()
        .with_context(|| format!("could not start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed");
    }
    Ok(())
}

/// Prints a heading, does the work, prints how long it took.
pub(crate) fn step<T>(heading: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("\n== {heading}");
    let begin = Instant::now();
    let result = work().with_context(|| format!("step `{heading}`"))?;
    println!("   {:.1} s", begin.elapsed().as_secs_f64());
    Ok(result)
}

/// The line as a person would type it into a shell.
pub(crate) fn typed(words: &[String], environment: &[(&str, &str)]) -> String {
    let settings = environment.iter().map(|(name, value)| format!("{name}={}", quoted(value)));
    settings.chain(words.iter().map(|word| quoted(word))).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_with_a_space_stays_one_word() {
        let words = words("run {out}/a.wasm --now", &[("out", Path::new("my files"))]);
        assert_eq!(words, ["run", "my files/a.wasm", "--now"]);
        assert_eq!(typed(&words, &[]), "run 'my files/a.wasm' --now");
    }

    #[test]
    fn what_is_printed_can_be_typed() {
        let words = words("cargo doc", &[]);
        assert_eq!(typed(&words, &[("FLAGS", "-D warnings")]), "FLAGS='-D warnings' cargo doc");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn a_child_that_fails_is_an_error_that_names_it() {
        let error = run(&words("sh -c false", &[])).unwrap_err().to_string();
        assert_eq!(error, "`sh -c false` failed");
        assert!(run(&words("sh -c true", &[])).is_ok());
        assert!(run(&words("no-such-program-here", &[])).is_err());
    }
}
