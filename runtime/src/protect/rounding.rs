//! Rule: numbers are shown as aligned intervals.
//!
//! Statement: with threshold k and base b a count n ≥ k is shown as [k + b·j, k + b·j + b − 1],
//! j = ⌊(n − k) / b⌋; a sum of x − low over a range r = high − low as the multiple of b·r that
//! holds it, a sum of squares as the multiple of b·r². The intervals start at the threshold, so a
//! shown 10 to 14 means all of 10 to 14; "at least 10, to the nearest 5" would make a shown 10
//! mean 10, 11 or 12 only. Source: ACRO's rounding base; aligned as in controlled rounding (Cox
//! 1987). Worked number: k = 10, b = 5: 10 to 14 shows as [10, 14], its middle is 12; 355 shows
//! as [355, 359]. Answers the attacks rerun-difference and float-stuffing.

/// An interval of whole numbers, both ends included.
pub(super) type Interval = [i128; 2];

/// The interval in which a count of `n` persons, at least `k`, is shown.
pub(super) fn count(n: u64, k: u64, base: u64) -> [u64; 2] {
    let base = base.max(1);
    let low = k + n.saturating_sub(k) / base * base;
    [low, low + base - 1]
}

/// The interval in which a sum, not negative, is shown: its multiple of `base` times `step`.
pub(super) fn sum(sum: i128, base: u64, step: i128) -> Interval {
    let unit = step.saturating_mul(i128::from(base)).max(1);
    let low = sum.div_euclid(unit) * unit;
    [low, low + unit - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_numbers() {
        assert_eq!(
            [10, 12, 14, 15].map(|n| count(n, 10, 5)),
            [[10, 14], [10, 14], [10, 14], [15, 19]]
        );
        assert_eq!(count(355, 10, 5), [355, 359]);
        assert_eq!(sum(7_299, 5, 3_650), [0, 18_249]);
        assert_eq!(sum(18_250, 5, 3_650), [18_250, 36_499]);
    }

    proptest::proptest! {
        #[test]
        fn holds_the_number_and_tells_no_more(n in 10..1_000_000_u64, base in 1..100_u64) {
            let [low, high] = count(n, 10, base);
            proptest::prop_assert!(low <= n && n <= high);
            // Every number of the interval is shown as the same interval.
            proptest::prop_assert_eq!(count(low, 10, base), [low, high]);
            proptest::prop_assert_eq!(count(high, 10, base), [low, high]);
            proptest::prop_assert_eq!(high - low + 1, base);
        }

        #[test]
        fn sums_too(value in 0..1_i128 << 100, base in 1..100_u64, step in 1..1_i128 << 40) {
            let [low, high] = sum(value, base, step);
            proptest::prop_assert!(low <= value && value <= high);
            proptest::prop_assert_eq!(sum(low, base, step), sum(high, base, step));
        }
    }
}
