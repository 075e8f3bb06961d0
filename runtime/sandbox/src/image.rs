//! What an instance is after init: what every person finds.

use std::ops::Range;

use crate::instance::Instance;
use crate::rewrite::notes::GRANULE_SHIFT;
use crate::sandbox::{Ready, SandboxError};

/// Bytes of a granule.
const GRANULE_BYTES: usize = 1 << GRANULE_SHIFT;

/// A picture of an instance that has seen its parameters and no person.
pub(crate) struct Image {
    /// Where the arena is.
    pub(crate) arena: usize,
    /// The twins of its globals.
    pub(crate) twins: Vec<u8>,
    /// Its memory, without the zeros at the end.
    memory: Vec<u8>,
    /// In which ranges it differs from an instance that nothing was called in.
    begun: Vec<Range<usize>>,
}

impl Image {
    /// Makes an instance, lets it begin, and takes its picture.
    pub(crate) fn take(ready: &Ready) -> Result<Self, SandboxError> {
        let mut instance = Instance::bare(ready)?;
        let bare = without_zeros(instance.memory());
        let arena = instance.begin(ready)?;
        let memory = without_zeros(instance.memory());
        let twins = instance.twins()?.to_vec();
        let begun = differences(&bare, &memory);
        Ok(Self { arena, twins, memory, begun })
    }

    /// Makes of a memory that nothing has written to the picture's.
    pub(crate) fn put(&self, bare: &mut [u8]) {
        for range in &self.begun {
            self.restore(bare, range.clone());
        }
    }

    /// Makes of all that was written to the `dirty` granules, which begin in the log, what it was.
    /// A write that begins in one granule may end in the next, so both are restored.
    pub(crate) fn clean(&self, memory: &mut [u8], dirty: &[u32], second: bool) {
        let behind = if second { 2 } else { 1 };
        // Neighbours are often logged one after the other: then one copy does for all of them.
        for run in dirty.chunk_by(|one, next| one.wrapping_add(1) == *next) {
            if let [first, ..] = run {
                let first = *first as usize;
                let last = first + run.len() - 1;
                self.restore(memory, first * GRANULE_BYTES..(last + behind) * GRANULE_BYTES);
            }
        }
    }

    /// Whether `memory` is the picture's.
    pub(crate) fn is_of(&self, memory: &[u8]) -> bool {
        let split = memory.split_at_checked(self.memory.len());
        split.is_some_and(|(start, rest)| start == self.memory && is_zero(rest))
    }

    /// Restores a range of memory, as far as there is memory.
    fn restore(&self, memory: &mut [u8], range: Range<usize>) {
        let end = range.end.min(memory.len());
        let Some(memory) = memory.get_mut(range.start..end) else { return };
        let kept = self.memory.get(range.start..).unwrap_or_default();
        let (kept, _) = kept.split_at(kept.len().min(memory.len()));
        let (copied, zeroed) = memory.split_at_mut(kept.len());
        copied.copy_from_slice(kept);
        zeroed.fill(0);
    }
}

fn without_zeros(memory: &[u8]) -> Vec<u8> {
    let mut kept = memory;
    while let Some((rest, last)) = kept.split_last_chunk::<{ ZEROS.len() }>() {
        if *last != ZEROS {
            break;
        }
        kept = rest;
    }
    let used = kept.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    kept.get(..used).unwrap_or_default().to_vec()
}

/// The granules in which two memories differ, neighbours together; both end in zeros.
fn differences(one: &[u8], other: &[u8]) -> Vec<Range<usize>> {
    let len = one.len().max(other.len()).next_multiple_of(GRANULE_BYTES);
    let whole = |memory: &[u8]| {
        let mut memory = memory.to_vec();
        memory.resize(len, 0);
        memory
    };
    let (one, other) = (whole(one), whole(other));
    let granules = one.chunks(GRANULE_BYTES).zip(other.chunks(GRANULE_BYTES));
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (at, _) in granules.enumerate().filter(|(_, (one, other))| one != other) {
        let range = at * GRANULE_BYTES..(at + 1) * GRANULE_BYTES;
        match ranges.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => ranges.push(range),
        }
    }
    ranges
}

/// Whether all bytes are zero.
pub(crate) fn is_zero(bytes: &[u8]) -> bool {
    bytes.chunks(ZEROS.len()).all(|chunk| ZEROS.get(..chunk.len()) == Some(chunk))
}

/// Comparing with zeros that are there is as quick as it gets.
static ZEROS: [u8; 4_096] = [0; 4_096];

#[cfg(test)]
mod tests {
    use super::*;

    fn found(one: &[u8], other: &[u8]) -> Vec<(usize, usize)> {
        differences(one, other).iter().map(|range| (range.start, range.end)).collect()
    }

    #[test]
    fn differences_are_granules() {
        let mut one = vec![1; 700];
        let other = one.clone();
        assert_eq!(found(&one, &other), []);
        one[300] = 2;
        assert_eq!(found(&one, &other), [(256, 512)]);
        // Behind their ends both are zero.
        one.extend([0; 500]);
        assert_eq!(found(&one, &other), [(256, 512)]);
        assert_eq!(found(&one, &other[..400]), [(256, 768)]);
        one[1_100] = 1;
        assert_eq!(found(&other, &one), [(256, 512), (1_024, 1_280)]);
    }

    #[test]
    fn a_restored_range_is_the_pictures_with_zeros_behind() {
        let image =
            Image { arena: 0, twins: Vec::new(), memory: (1..=200).collect(), begun: Vec::new() };
        let mut memory = vec![255; 600];
        image.clean(&mut memory, &[0], false);
        assert_eq!(memory[..256], [(1..=200).collect(), vec![0; 56]].concat());
        assert_eq!(memory[256..], [255; 344]);
        image.clean(&mut memory, &[1, 900], true);
        assert!(image.is_of(&memory));
        memory[599] = 1;
        assert!(!image.is_of(&memory));
        memory[599] = 0;
        memory[0] = 0;
        assert!(!image.is_of(&memory) && !image.is_of(&memory[..199]));
    }
}
