//! The fuzz target that needs the whole host, and so the query engine.

use std::fs;

use cloister::Dataset;

/// A `dataset.toml`.
pub fn dataset(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dataset.toml");
    fs::write(&file, bytes).unwrap();
    if let Ok(dataset) = Dataset::open(&file) {
        assert!(!dataset.id().name.is_empty());
    }
}
