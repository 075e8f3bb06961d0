//! Embeds the SDK's sources in the binary, as they lie in the repository: `cloister study new`
//! unpacks them, so that a study finds all of it and no copy can fall behind.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The SDK's crates: the folder of each in a study, and in the repository as seen from here.
const CRATES: [(&str, &str); 3] = [
    ("cloister-guest", "../guest-sdk"),
    ("cloister-guest-macros", "../guest-sdk/macros"),
    ("cloister-contract", "contract"),
];

fn main() -> io::Result<()> {
    let home = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let mut list = String::new();
    for (name, folder) in CRATES {
        let folder = home.join(folder).canonicalize()?;
        println!("cargo::rerun-if-changed={}", folder.join("src").display());
        let mut files = Vec::new();
        walk(&folder.join("src"), &mut files)?;
        // The order of a folder is the file system's own.
        files.sort();
        for file in files {
            let place = file.strip_prefix(&folder).unwrap_or(&file).display();
            let line = format!("    (\"{name}/{place}\", include_str!({file:?})),\n");
            list.write_str(&line.replace("\\\\", "/")).map_err(io::Error::other)?;
        }
    }
    let out = Path::new(&variable("OUT_DIR")?).join("sdk.rs");
    fs::write(out, format!("&[\n{list}]\n"))
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(io::Error::other)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}
