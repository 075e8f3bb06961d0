//! Days as Parquet's `Date32` counts them, from years and months.

/// The last day any row can bear, and the snapshot date of the data set: 2023-12-31.
pub(crate) const SNAPSHOT: i32 = day(2023, 12, 31);

/// The days from 1970-01-01 to a date of the Gregorian calendar.
///
/// The year is taken to start in March, which puts the leap day last and makes the lengths of the
/// months before it a straight line.
pub(crate) const fn day(year: i32, month: i32, of_month: i32) -> i32 {
    let since_march = (month + 9) % 12;
    let year = if month <= 2 { year - 1 } else { year };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let of_year = (153 * since_march + 2) / 5 + of_month - 1;
    365 * year + leap_days + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn known_days_have_known_numbers() {
        assert_eq!(day(1970, 1, 1), 0);
        assert_eq!(day(2000, 2, 29), 11_016);
        assert_eq!(day(2000, 3, 1), 11_017);
        assert_eq!(day(1950, 1, 1), -7_305);
        assert_eq!(day(2023, 12, 31), 19_722);
    }
}
