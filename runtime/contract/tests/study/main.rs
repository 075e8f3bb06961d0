//! The contract's tests: a study file is refused with one exact message or parsed to known values,
//! and what crosses the boundary reads back as what was written.

// The tests of each module are in folders of data or in properties; `cfg(test)` lets clippy see
// that helpers belong to tests.

/// Study files that are refused, one file a mistake.
#[cfg(test)]
mod refused;

/// Study files that are accepted, and the values they parse to.
#[cfg(test)]
mod accepted;

/// Study files changed at random: an error with its place, never a panic.
#[cfg(test)]
mod mutated;

/// Parameters of a run, from text.
#[cfg(test)]
mod params;

/// Cells, margins and bins, against a count by hand.
#[cfg(test)]
mod cells;

/// Random studies with cells.
#[cfg(test)]
mod cells_of_random_studies;

/// Persons' frames, against a naive sort and cut.
#[cfg(test)]
mod frames;

/// Random rows for frames, and the naive reading of them.
#[cfg(test)]
mod rows;

/// Partial cells, which a worker makes and its parent does not believe.
#[cfg(test)]
mod partial;

/// The released document, in one spelling.
#[cfg(test)]
mod release;

/// Signed statements, in one meaning.
#[cfg(test)]
mod statement;

/// The study files of a folder under `testdata`: name and text, sorted by name.
#[cfg(test)]
fn files(folder: &str) -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(folder);
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = entries.filter(|path| path.is_file()).collect();
    paths.sort();
    let text = |path: &std::path::PathBuf| std::fs::read_to_string(path).unwrap();
    paths
        .iter()
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), text(path)))
        .collect()
}
