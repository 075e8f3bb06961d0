//! Calendar dates as days since 1970-01-01, in the proleptic Gregorian calendar.

use core::fmt;
use core::ops::Sub;
use core::str::FromStr;

/// A calendar date: days since 1970-01-01, negative before it.
///
/// ```
/// use cloister_contract::date::Date;
///
/// let born: Date = "1980-02-29".parse()?;
/// let seen: Date = "2021-02-28".parse()?;
/// assert_eq!(seen - born, 14_975);
/// assert_eq!(seen.year(), 2021);
/// assert_eq!(seen.years_since(born), 40);
/// # Ok::<(), cloister_contract::date::NotADate>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

/// The text is not a date of the form `2024-12-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotADate;

impl Date {
    /// The date that lies `days` days after 1970-01-01.
    #[must_use]
    pub const fn from_days(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn days(self) -> i32 {
        self.0
    }

    /// The date of a calendar day; `None` if there is no such day, or its year is not in
    /// -9999 to 9999.
    #[must_use]
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        let plausible = (-9999..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day);
        if !plausible {
            return None;
        }
        // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil: years
        // are counted from March, so that the leap day is the last of its year.
        let shifted = i64::from(year) - i64::from(month <= 2);
        let era = shifted.div_euclid(400);
        let year_of_era = shifted.rem_euclid(400);
        let month_from_march = (i64::from(month) + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        i32::try_from(era * 146_097 + day_of_era - 719_468).ok().map(Self)
    }

    /// Year, month (1 to 12) and day of the month (1 to 31).
    #[must_use]
    pub fn ymd(self) -> (i32, u32, u32) {
        // Hinnant's civil_from_days, the inverse of the above.
        let shifted = i64::from(self.0) + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        // An i32 of days spans less than six million years, so these casts cannot fail.
        (narrow(year), narrow(month).unsigned_abs(), narrow(day).unsigned_abs())
    }

    /// The calendar year.
    #[must_use]
    pub fn year(self) -> i32 {
        self.ymd().0
    }

    /// Whole years from `earlier` to this date, as ages are counted: somebody born on 29 February
    /// turns a year older on 1 March of a common year. Negative if `earlier` is later.
    #[must_use]
    pub fn years_since(self, earlier: Self) -> i32 {
        let (to_year, to_month, to_day) = self.ymd();
        let (from_year, from_month, from_day) = earlier.ymd();
        to_year - from_year - i32::from((to_month, to_day) < (from_month, from_day))
    }

    /// The date `days` later, or earlier if negative; stops at the ends of the range.
    #[must_use]
    pub const fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }
}

impl Sub for Date {
    type Output = i64;

    /// Days from the right date to the left one.
    fn sub(self, earlier: Self) -> i64 {
        i64::from(self.0) - i64::from(earlier.0)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Date {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, NotADate> {
        let mut parts = text.splitn(3, '-');
        let mut part = |digits: usize| {
            parts
                .next()
                .filter(|part| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))
                .and_then(|part| part.parse::<u32>().ok())
                .ok_or(NotADate)
        };
        let (year, month, day) = (part(4)?, part(2)?, part(2)?);
        Self::from_ymd(year.cast_signed(), month, day).ok_or(NotADate)
    }
}

impl fmt::Display for NotADate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a date of the form `2024-12-31`")
    }
}

impl core::error::Error for NotADate {}

fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

fn narrow(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_days() {
        for (text, days) in [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("2000-02-29", 11_016),
            ("2024-12-31", 20_088),
            ("0001-01-01", -719_162),
        ] {
            assert_eq!(text.parse::<Date>().map(Date::days), Ok(days), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_day() {
        for text in ["2023-02-29", "2024-13-01", "2024-1-1", "24-01-01", "2024-01-01 ", "", "x"] {
            assert_eq!(text.parse::<Date>(), Err(NotADate), "{text}");
        }
    }

    #[test]
    fn birthdays_on_leap_days() {
        let born = Date::from_ymd(2000, 2, 29).unwrap_or_default();
        let at = |y, m, d| Date::from_ymd(y, m, d).unwrap_or_default().years_since(born);
        assert_eq!((at(2021, 2, 28), at(2021, 3, 1), at(2024, 2, 29)), (20, 21, 24));
        assert_eq!(at(1999, 2, 28), -2);
    }

    proptest::proptest! {
        #[test]
        fn days_and_calendar_are_inverse(days in -4_000_000..2_900_000i32) {
            let date = Date::from_days(days);
            let (year, month, day) = date.ymd();
            proptest::prop_assert_eq!(Date::from_ymd(year, month, day), Some(date));
            let next = date.plus_days(1);
            proptest::prop_assert!(next.ymd() > date.ymd());
        }
    }
}
