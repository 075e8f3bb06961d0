//! Texts in a module's data: what a program says, and what it may compare with.

use std::collections::BTreeSet;

use super::anatomy::Anatomy;

/// Bytes of the shortest text: shorter ones are in any data.
const TEXT_BYTES_MIN: usize = 6;

/// Runs of printable ASCII in the data segments, in their order, each once.
pub(super) fn of(anatomy: &Anatomy) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    let mut seen: BTreeSet<&[u8]> = BTreeSet::new();
    let printable = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    for data in &anatomy.data {
        for run in data.bytes.split(|byte| !printable(*byte)) {
            if run.len() >= TEXT_BYTES_MIN && seen.insert(run) {
                texts.push(run.iter().map(|byte| char::from(*byte)).collect());
            }
        }
    }
    texts
}
