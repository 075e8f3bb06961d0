//! The Python that the scripts run on: an environment of its own with the pinned DuckDB.
//!
//! It is made once, under the build's target folder. Nothing but these tests needs it, so where
//! Python or the package index is out of reach, that is said and the comparison is left out.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use crate::harness;

/// What `script` of `tests/scripts` prints; `None`, once said, where there is no Python.
pub(crate) fn run(script: &str, arguments: &[&str]) -> Option<Vec<u8>> {
    let python = interpreter()?;
    let script = scripts().join(script);
    // No compiled files beside the sources.
    let Output { status, stdout, stderr } =
        command(python, &["-B", harness::text(&script)]).args(arguments).output().unwrap();
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{} {arguments:?}: {stderr}", script.display());
    Some(stdout)
}

fn scripts() -> PathBuf {
    harness::root().join("tests/scripts")
}

fn interpreter() -> Option<&'static Path> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    let python = PYTHON.get_or_init(|| match environment() {
        Ok(python) => Some(python),
        Err(why) => {
            harness::say_skipped(&format!("nothing was compared with what Python finds: {why}"));
            None
        }
    });
    python.as_deref()
}

/// The environment's interpreter. It is finished when `requirements.txt` lies in it, as installed.
fn environment() -> Result<PathBuf, String> {
    let folder = harness::scratch().parent().unwrap().join("python");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    // Two runs of the tests would otherwise fill one environment at once.
    let lock = File::create(folder.join("lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    let environment = folder.join("environment");
    let python = environment.join("bin/python");
    let wanted = scripts().join("requirements.txt");
    let installed = environment.join("requirements.txt");
    let pins = fs::read(&wanted).unwrap();
    if python.exists() && fs::read(&installed).is_ok_and(|found| found == pins) {
        return Ok(python);
    }
    let (environment, wanted) = (harness::text(&environment), harness::text(&wanted));
    let venv = ["-m", "venv", "--clear", environment];
    succeed("python3 -m venv", &mut command(Path::new("python3"), &venv))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"];
    let pip = [pip.as_slice(), &["--retries", "2", "--requirement", wanted]].concat();
    succeed("pip install", &mut command(&python, &pip))?;
    fs::write(&installed, pins).map_err(|error| error.to_string())?;
    Ok(python)
}

/// A Python that sees no packages but its own.
fn command(python: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(python);
    command.args(arguments).env_remove("PYTHONPATH").env_remove("PYTHONHOME");
    command
}

fn succeed(name: &str, command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("`{name}`: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    let last = stderr.lines().rev().find(|line| !line.trim().is_empty());
    Err(format!("`{name}`: {}", last.unwrap_or("it failed and said nothing")))
}
