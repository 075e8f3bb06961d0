//! The values that rows, parameters and outputs are made of.

use core::ops::Sub;

use cloister_contract::date::Date;

const DAY_MICROS: i64 = 86_400_000_000;

/// An instant: microseconds since 1970-01-01T00:00Z.
///
/// ```
/// use cloister_guest::DateTime;
///
/// let admitted = DateTime::from_micros(86_400_000_000);
/// assert_eq!(admitted.date().to_string(), "1970-01-02");
/// assert_eq!(admitted - DateTime::from_micros(0), admitted.micros());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime(i64);

impl DateTime {
    /// The instant `micros` microseconds after 1970-01-01T00:00Z.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00Z.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The calendar date in UTC; stops at the ends of a date's range.
    #[must_use]
    pub fn date(self) -> Date {
        let days = self.0.div_euclid(DAY_MICROS);
        let end = if days < 0 { i32::MIN } else { i32::MAX };
        Date::from_days(i32::try_from(days).unwrap_or(end))
    }
}

impl Sub for DateTime {
    type Output = i64;

    /// Microseconds from the right instant to the left one; stops at the ends of the range.
    fn sub(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// An id that the host has replaced by the person's ordinal of it.
///
/// Two links of one person are equal just where the ids were, in whatever tables they stand:
/// "diagnosis during an inpatient stay" can be said, and no id is seen. Between persons they mean
/// nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link(u32);

impl Link {
    /// The link with this ordinal: for the rows of a test.
    #[must_use]
    pub const fn new(ordinal: u32) -> Self {
        Self(ordinal)
    }

    /// The ordinal, from 0.
    #[must_use]
    pub const fn ordinal(self) -> u32 {
        self.0
    }
}

/// A number that an output or a bin takes: any of Rust's primitive ones, as the nearest `f64`.
///
/// Whole numbers up to 2^53 lose nothing.
pub trait Number: Copy {
    /// The nearest `f64`.
    fn to_f64(self) -> f64;
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Number for $number {
            fn to_f64(self) -> f64 {
                self as f64
            }
        }
    )*};
}

numbers!(i8, i16, i32, i64, isize, u8, u16, u32, u64, usize, f32, f64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_before_the_epoch_belong_to_the_day_before() {
        assert_eq!(DateTime::from_micros(-1).date(), Date::from_days(-1));
        assert_eq!(DateTime::from_micros(DAY_MICROS - 1).date(), Date::from_days(0));
        assert_eq!(DateTime::from_micros(i64::MAX).date().days(), 106_751_991);
    }
}
