//! Dice whose throws are the same on every machine, one stream of them per person.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// The dice of one seed, from which each person's are taken.
#[derive(Clone)]
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The dice of a data set.
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Independent dice: the same `stream` always throws the same.
    pub(crate) fn stream(&self, stream: u64) -> Self {
        let mut dice = self.clone();
        dice.0.set_stream(stream);
        dice
    }

    /// A number below `end`, or 0 if there is none.
    ///
    /// The product keeps a bias of at most `end` in 2^32, which no data here could show.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        let product = u64::from(self.0.next_u32()) * u64::from(end);
        u32::try_from(product >> 32).unwrap_or(0)
    }

    /// A number from `first` to `last`, both included; `first` if the range is empty.
    pub(crate) fn between(&mut self, first: i32, last: i32) -> i32 {
        if last <= first {
            return first;
        }
        first.saturating_add_unsigned(self.below(first.abs_diff(last) + 1))
    }

    /// True in `per_myriad` of 10,000 throws.
    pub(crate) fn chance(&mut self, per_myriad: u32) -> bool {
        self.below(10_000) < per_myriad
    }

    /// One of `items`, if there are any.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let end = u32::try_from(items.len()).unwrap_or(u32::MAX);
        items.get(usize::try_from(self.below(end)).unwrap_or(0))
    }

    /// Puts `items` in an order of their own (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let end = u32::try_from(last + 1).unwrap_or(u32::MAX);
            items.swap(last, usize::try_from(self.below(end)).unwrap_or(0));
        }
    }
}
