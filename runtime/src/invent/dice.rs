//! Numbers by chance, the same for the same seed on every machine: SplitMix64 (Steele, Lea and
//! Flood 2014). It invents persons for a study's tests and keeps no secret.

/// A source of numbers.
pub(super) struct Dice(u64);

impl Dice {
    /// The numbers of `stream` under `seed`: every person has a stream, so that more persons
    /// leave the first ones as they are.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut dice = Self(seed);
        let start = dice.next();
        Self(start ^ stream.wrapping_mul(0xD6E8_FEB8_6659_FD93))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number in `low..=high`; `low` if there is none.
    pub(super) fn within(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high.saturating_sub(low)).unwrap_or(0).saturating_add(1);
        // The remainder is biased by less than 2^-30 for all spans in use.
        low.saturating_add(i64::try_from(self.next() % span).unwrap_or(0))
    }

    /// True `percent` times of a hundred.
    pub(super) fn percent(&mut self, percent: i64) -> bool {
        self.within(0, 99) < percent
    }

    /// One of `list`.
    pub(super) fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let last = i64::try_from(list.len()).ok()?.checked_sub(1)?;
        list.get(usize::try_from(self.within(0, last)).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let some = |seed, stream| {
            let mut dice = Dice::new(seed, stream);
            [dice.within(0, 999), dice.within(0, 999), dice.within(0, 999)]
        };
        assert_eq!(some(1, 1), some(1, 1));
        assert_ne!(some(1, 1), some(1, 2));
        assert_ne!(some(1, 1), some(2, 1));
    }

    #[test]
    fn both_ends_come() {
        let mut dice = Dice::new(7, 0);
        let seen: Vec<i64> = (0..200).map(|_| dice.within(-1, 1)).collect();
        assert!([-1, 0, 1].iter().all(|end| seen.contains(end)));
        assert!(seen.iter().all(|number| (-1..=1).contains(number)));
        assert_eq!(dice.within(5, 4), 5);
        assert_eq!(dice.pick::<i64>(&[]), None);
    }
}
