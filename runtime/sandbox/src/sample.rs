//! Which calls are followed by a comparison of the whole memory with what it should be.
//!
//! Restoring rests on the rewriter's marks. Should it have a mistake that no test found, a
//! comparison finds what was left: after a guest's first call, after its last, and after one in
//! between of every so many, by a keyed hash, so that no guest can tell which.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;

use crate::guest::Fault;

/// One call in a thousand, as long as that costs little.
const CALLS: u64 = 1_000;
/// Bytes that a call may cost to compare, on average: some 5 ns. A memory of 2 MiB is compared
/// after one call in 32,768.
const BYTES_PER_CALL: u64 = 64;

/// The calls of one guest that are compared.
pub(crate) struct Sample {
    key: [u8; 16],
    /// One in so many.
    every: u64,
    /// Calls so far.
    calls: u64,
    /// The next call that is compared, counted from 0.
    next: u64,
}

impl Sample {
    /// Draws a key, for a guest with `memory_bytes`.
    pub(crate) fn new(memory_bytes: usize) -> Result<Self, Fault> {
        let mut key = [0; 16];
        getrandom::fill(&mut key).map_err(|_| Fault("there is no randomness"))?;
        let every = CALLS.max(memory_bytes as u64 / BYTES_PER_CALL);
        Ok(Self { key, every, calls: 0, next: 0 })
    }

    /// Counts a call, and says whether it is compared.
    pub(crate) fn is_due(&mut self) -> bool {
        let due = self.calls == self.next;
        self.calls += 1;
        if self.calls.is_multiple_of(self.every) || self.calls == 1 {
            // Each block of calls has one that is compared.
            let block = self.calls / self.every;
            let mut hasher = SipHasher13::new_with_key(&self.key);
            hasher.write_u64(block);
            self.next = block * self.every + hasher.finish() % self.every;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(memory_bytes: usize, calls: usize) -> Vec<usize> {
        let mut sample = Sample::new(memory_bytes).unwrap();
        (0..calls).filter(|_| sample.is_due()).collect()
    }

    #[test]
    fn the_first_call_and_one_in_each_block_are_compared() {
        for (memory_bytes, every) in [(0, 1_000), (64_000, 1_000), (1 << 20, 16_384)] {
            let found = due(memory_bytes, 10 * every);
            assert_eq!(found[0], 0);
            let blocks: Vec<usize> = found.iter().map(|call| call / every).collect();
            // The first block's own may be its first call, or have been before the second.
            let rest = blocks.iter().skip_while(|block| **block == 0).copied();
            assert_eq!(rest.collect::<Vec<_>>(), (1..10).collect::<Vec<_>>());
            assert!(blocks.iter().filter(|block| **block == 0).count() <= 2);
        }
    }

    #[test]
    fn each_guest_has_calls_of_its_own() {
        assert_ne!(due(0, 20_000), due(0, 20_000));
    }
}
