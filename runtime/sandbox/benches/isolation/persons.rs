//! The persons that every way runs.

use crate::analysis::{ALLOCATING, CODE, DIRTYING, SMALL, SORTING};

/// A guest and its persons.
pub(crate) struct Guest {
    /// As the figures name it.
    pub(crate) name: &'static str,
    /// One frame a person, in words.
    pub(crate) frames: Vec<Vec<u64>>,
    /// Persons that one round runs, in a fresh instance each and in any other way.
    pub(crate) persons: (usize, usize),
}

/// All guests.
pub(crate) fn guests() -> Vec<Guest> {
    let dirty = |name, kib, persons| Guest {
        name,
        frames: vec![vec![DIRTYING, kib, 0]],
        persons: (100, persons),
    };
    vec![
        Guest { name: "small guest", frames: rows(SMALL, 0..40), persons: (200, 20_000) },
        Guest { name: "allocating guest", frames: rows(ALLOCATING, 0..40), persons: (200, 5_000) },
        Guest { name: "sorting guest", frames: rows(SORTING, 200..201), persons: (200, 2_000) },
        dirty("dirty 4 KiB", 4, 5_000),
        dirty("dirty 64 KiB", 64, 500),
        dirty("dirty 1 MiB", 1_024, 50),
    ]
}

/// Persons with a random number of rows each, the same at every run.
fn rows(guest: u64, counts: std::ops::Range<u64>) -> Vec<Vec<u64>> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut dice = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut person = || {
        let n = counts.start + dice() % (counts.end - counts.start);
        let mut frame = vec![guest, dice() % 100, n];
        frame.extend((0..n).map(|_| if dice() % 10 == 0 { CODE } else { dice() % 20 }));
        // Values between 1 and 2, as bits.
        frame.extend((0..n).map(|_| 0x3ff0_0000_0000_0000 | dice() >> 12));
        frame
    };
    (0..256).map(|_| person()).collect()
}
