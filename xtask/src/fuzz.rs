//! `fuzz`: random guests before the oracles, and random bytes before the decoders, for as long as
//! one likes.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};

use crate::shell;

pub(crate) const HELP: &str = "\
Usage: cargo xtask fuzz [TARGET] [--minutes N] [--seed S]

Without a target: runs persons through random guests and compares each call
with one in a fresh instance, and with one of the module as it was. A failure
prints the seed of its guest; `--seed` begins there. Without it, another one at
every run.

With one of the targets `study`, `module`, `frame`, `dataset`, `partial` and
`release`: libFuzzer makes bytes and that decoder reads them (see
tests/fuzz/targets.rs). It wants `cargo install cargo-fuzz --locked` and a C++
compiler; what it found of interest is kept in target/fuzz.

  --minutes N   how long (1)
";

/// Where the tests' guests lie, one folder for each standard library.
const GUESTS: [&str; 2] = [
    "target/guests/toolchain/wasm32-unknown-unknown/release",
    "target/guests/debian/wasm32-unknown-unknown/release",
];

/// The decoders, and the files that show libFuzzer what they read: folder and end of name.
const TARGETS: [(&str, &[(&str, &str)]); 6] = [
    ("study", &[("examples/age-sex", "study.toml"), ("examples/readmission", "study.toml")]),
    ("module", &[(GUESTS[0], ".wasm"), (GUESTS[1], ".wasm"), ("target/demo", ".wasm")]),
    ("frame", &[]),
    ("dataset", &[("tests/datasets/broken", ".toml"), ("examples/data/gibleed", "dataset.toml")]),
    ("partial", &[]),
    ("release", &[("target/demo/release", ".json"), ("target/demo/release", ".jsonl")]),
];

// cargo-fuzz wants the flags of a nightly compiler; this one has them, and hides them.
const FUZZ: &str = "cargo fuzz run --fuzz-dir tests/fuzz --target-dir target/fuzz";

const LINE: &str = "cargo test --quiet --release --locked --package cloister-sandbox \
                    --features faults --test oracles -- --ignored --nocapture as_long";

pub(crate) fn main(arguments: &[String]) -> Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let (mut minutes, mut seed) = (1, now << 20);
    let target = arguments.first().filter(|word| !word.starts_with("--"));
    let arguments = arguments.get(usize::from(target.is_some())..).unwrap_or_default();
    for pair in arguments.chunks(2) {
        let number = |text: &str| text.parse().with_context(|| format!("no number: `{text}`"));
        match pair {
            [name, value] if name == "--minutes" => minutes = number(value)?,
            [name, value] if name == "--seed" => seed = number(value)?,
            _ => bail!("did not understand `{}`\n\n{HELP}", pair.join(" ")),
        }
    }
    if let Some(target) = target {
        return decoder(target, minutes, seed);
    }
    let settings = [("CLOISTER_FUZZ_MINUTES", minutes), ("CLOISTER_FUZZ_SEED", seed)];
    let settings = settings.map(|(name, value): (_, u64)| (name, value.to_string()));
    shell::run_with(&shell::words(LINE, &[]), &settings.each_ref().map(|(n, v)| (*n, v.as_str())))
}

/// Puts libFuzzer's bytes before one decoder.
fn decoder(target: &str, minutes: u64, seed: u64) -> Result<()> {
    let Some((_, examples)) = TARGETS.iter().find(|(name, _)| *name == target) else {
        let names: Vec<_> = TARGETS.iter().map(|(name, _)| *name).collect();
        bail!("there is no target `{target}`; there are {}\n\n{HELP}", names.join(", "));
    };
    let corpus = PathBuf::from("target/fuzz/corpus").join(target);
    fs::create_dir_all(&corpus).with_context(|| format!("cannot make {}", corpus.display()))?;
    for (folder, end) in *examples {
        show(Path::new(folder), end, &corpus)?;
    }
    let (seconds, seed) = (minutes * 60, seed % u64::from(u32::MAX));
    let (time, seed) = (format!("-max_total_time={seconds}"), format!("-seed={seed}"));
    let corpus = corpus.display().to_string();
    let longest = "-max_len=65536";
    let more = [target, &corpus, "--", &time, &seed, longest, "-timeout=20", "-rss_limit_mb=4096"];
    let mut words = shell::words(FUZZ, &[]);
    if target == "dataset" {
        words.extend(["--features", "dataset"].map(str::to_owned));
    }
    words.extend(more.map(str::to_owned));
    shell::run_with(&words, &[("RUSTC_BOOTSTRAP", "1")])
}

/// Copies the files of `folder` whose names end so into the corpus; none if there is no folder.
fn show(folder: &Path, end: &str, corpus: &Path) -> Result<()> {
    let Ok(files) = fs::read_dir(folder) else { return Ok(()) };
    for file in files {
        let file = file?;
        let name = file.file_name();
        if name.to_string_lossy().ends_with(end) && file.file_type()?.is_file() {
            let mut copied = folder.display().to_string().replace('/', "-");
            copied.push_str(&name.to_string_lossy());
            fs::copy(file.path(), corpus.join(copied))?;
        }
    }
    Ok(())
}
