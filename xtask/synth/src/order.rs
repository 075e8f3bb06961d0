//! The order in which persons and rows are written: by person, or scattered over the whole file.
//!
//! Scattering must not hold the data in memory. So the persons are walked several times, each time
//! in another permutation, and each row is written in the one pass its id hashes to; the writer
//! then shuffles within its block. Example: with 5 passes the 17 lab rows of a person end up in
//! some 5 places far apart, at the price of throwing each person's dice 5 times.

/// How often a shuffled data set walks the persons.
const PASSES_SHUFFLED: u64 = 5;

/// Which persons come when, and in which pass a row is written.
pub(crate) struct Order {
    persons: u64,
    seed: u64,
    passes: u64,
}

impl Order {
    /// Every table by person and date.
    pub(crate) fn sorted(persons: u64) -> Self {
        Self { persons, seed: 0, passes: 1 }
    }

    /// Every table scattered, keyed by `seed`.
    pub(crate) fn shuffled(persons: u64, seed: u64) -> Self {
        Self { persons, seed, passes: PASSES_SHUFFLED }
    }

    /// The number of times each person is visited.
    pub(crate) fn passes(&self) -> u64 {
        self.passes
    }

    /// The person indexes of one pass.
    pub(crate) fn walk(&self, pass: u64) -> impl Iterator<Item = u64> {
        let permutation =
            (self.passes > 1).then(|| Permutation::new(self.persons, self.seed, pass));
        (0..self.persons).map(move |at| permutation.as_ref().map_or(at, |order| order.at(at)))
    }

    /// Whether `pass` writes the row with this id in the table with this salt.
    pub(crate) fn admits(&self, pass: u64, salt: u64, id: i64) -> bool {
        let key = self.seed.wrapping_add(salt.wrapping_mul(GOLDEN));
        self.passes == 1 || mix(mix(key) ^ id.cast_unsigned()) % self.passes == pass
    }
}

/// A keyed permutation of `0..len` in no memory: a Feistel network over the next power of four,
/// applied again while its answer lies outside.
struct Permutation {
    len: u64,
    half_bits: u32,
    keys: [u64; 4],
}

impl Permutation {
    fn new(len: u64, seed: u64, pass: u64) -> Self {
        let bits = u64::BITS - len.saturating_sub(1).leading_zeros();
        let base = mix(seed ^ mix(pass.wrapping_add(GOLDEN)));
        let keys = [1, 2, 3, 4].map(|round| mix(base.wrapping_add(round)));
        Self { len, half_bits: bits.div_ceil(2).max(1), keys }
    }

    fn at(&self, position: u64) -> u64 {
        let mut index = self.rounds(position);
        while index >= self.len {
            index = self.rounds(index);
        }
        index
    }

    fn rounds(&self, index: u64) -> u64 {
        let mask = (1 << self.half_bits) - 1;
        let (mut left, mut right) = (index >> self.half_bits, index & mask);
        for key in self.keys {
            (left, right) = (right, left ^ (mix(right ^ key) & mask));
        }
        left << self.half_bits | right
    }
}

/// The odd number nearest to 2^64 over the golden ratio: multiples of it are spread evenly.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finaliser of SplitMix64: every bit of the input changes half the bits of the output.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(GOLDEN);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::{Order, Permutation};
    use std::collections::BTreeSet;

    #[test]
    fn a_permutation_reaches_every_index_once() {
        for len in [1, 2, 3, 16, 17, 1_000] {
            let order = Permutation::new(len, 7, 3);
            let reached: BTreeSet<u64> = (0..len).map(|at| order.at(at)).collect();
            assert_eq!(reached, (0..len).collect());
        }
    }

    #[test]
    fn a_row_is_written_in_exactly_one_pass() {
        let order = Order::shuffled(10, 7);
        for id in 0..1_000 {
            let passes = (0..order.passes()).filter(|&pass| order.admits(pass, 2, id));
            assert_eq!(passes.count(), 1);
        }
    }
}
