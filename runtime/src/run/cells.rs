//! One accumulated cell: exact integers, merged by addition in any order.

/// What the host keeps of one cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Persons who contributed.
    pub persons: u64,
    /// Persons whose clamped value is not zero.
    pub nonzero: u64,
    /// Persons whose clamped value is the lower bound.
    pub at_low: u64,
    /// Persons whose clamped value is the upper bound.
    pub at_high: u64,
    /// Σ(x − low) in grid steps.
    pub sum: i128,
    /// Σ(x − low)² in grid steps squared.
    pub squares: i128,
    /// The two largest |x| in grid steps, the largest first.
    pub largest: [u64; 2],
    /// Keyed digest of the set of (person, value): a sum modulo 2^128, so that the digest of a
    /// disjoint union is the sum of digests.
    pub digest: u128,
}

impl Cell {
    /// Adds one person whose value, clamped to `low..=high`, is `steps`.
    pub(crate) fn add(&mut self, low: i64, high: i64, steps: i64, digest: u128) {
        let above = i128::from(steps) - i128::from(low);
        self.persons += 1;
        self.nonzero += u64::from(steps != 0);
        self.at_low += u64::from(steps == low);
        self.at_high += u64::from(steps == high);
        // Invariant `headroom`: these cannot wrap.
        self.sum = self.sum.wrapping_add(above);
        self.squares = self.squares.wrapping_add(above.wrapping_mul(above));
        self.largest = two_largest(self.largest, [steps.unsigned_abs(), 0]);
        self.digest = self.digest.wrapping_add(digest);
    }

    /// Adds the persons of `other`, who are none of this cell's.
    pub fn merge(&mut self, other: &Self) {
        self.persons += other.persons;
        self.nonzero += other.nonzero;
        self.at_low += other.at_low;
        self.at_high += other.at_high;
        self.sum = self.sum.wrapping_add(other.sum);
        self.squares = self.squares.wrapping_add(other.squares);
        self.largest = two_largest(self.largest, other.largest);
        self.digest = self.digest.wrapping_add(other.digest);
    }
}

fn two_largest(a: [u64; 2], b: [u64; 2]) -> [u64; 2] {
    let ([a1, a2], [b1, b2]) = (a, b);
    if a1 >= b1 { [a1, a2.max(b1)] } else { [b1, b2.max(a1)] }
}
