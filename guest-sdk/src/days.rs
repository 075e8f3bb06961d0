//! What studies ask of days again and again: first in a window, eras, observed, washed out.
//!
//! All take dates as rows give them and keep nothing but a date or two. Two thirds of a study's
//! mistakes are one day too many: each function says which ends belong to it.

use core::ops::RangeInclusive;

use cloister_contract::date::Date;

/// The first of `dates` that lies in `days` after `index`, both ends included, in whatever order
/// the dates come. Day 0 is `index` itself, and negative days lie before it.
///
/// ```
/// use cloister_guest::{Date, first_in_window};
///
/// let index = Date::from_days(100);
/// let bled = [90, 100, 130, 131].map(Date::from_days);
/// assert_eq!(first_in_window(bled, index, 0..=30), Some(index));
/// assert_eq!(first_in_window(bled, index, 1..=30), Some(Date::from_days(130)));
/// assert_eq!(first_in_window(bled, index, 32..=90), None);
/// ```
#[must_use]
pub fn first_in_window(
    dates: impl IntoIterator<Item = Date>,
    index: Date,
    days: RangeInclusive<i64>,
) -> Option<Date> {
    dates.into_iter().filter(|date| days.contains(&(*date - index))).min()
}

/// Whether none of `dates` lies in the `days` days before `index`. What happens on the day of
/// `index` or later does not matter, and what happens `days` before does.
///
/// ```
/// use cloister_guest::{Date, washed_out};
///
/// let index = Date::from_days(1_000);
/// let taken = [635, 1_000].map(Date::from_days);
/// assert!(washed_out(taken, index, 364));
/// assert!(!washed_out(taken, index, 365));
/// ```
#[must_use]
pub fn washed_out(dates: impl IntoIterator<Item = Date>, index: Date, days: u32) -> bool {
    let mut before = dates.into_iter().map(|date| index - date);
    !before.any(|before| (1..=i64::from(days)).contains(&before))
}

/// The observation period in which the person is observed on `day` and on each of the `prior_days`
/// days before it: its first and last day, both included.
///
/// ```
/// use cloister_guest::{Date, observed};
///
/// let period = (Date::from_days(0), Date::from_days(1_000));
/// assert_eq!(observed([period], Date::from_days(365), 365), Some(period));
/// assert_eq!(observed([period], Date::from_days(364), 365), None);
/// assert_eq!(observed([period], Date::from_days(1_001), 0), None);
/// ```
#[must_use]
pub fn observed(
    periods: impl IntoIterator<Item = (Date, Date)>,
    day: Date,
    prior_days: u32,
) -> Option<(Date, Date)> {
    let holds = |(start, end): &(Date, Date)| day - *start >= i64::from(prior_days) && day <= *end;
    periods.into_iter().find(holds)
}

/// Collapses intervals, first day and last day, that come in the order of their first days: one
/// that starts at most `gap_days` days after the era's last day belongs to the era.
///
/// A gap of 1 joins a prescription that starts on the morrow of another; the persistence window
/// of an OMOP `drug_era` is 30. An interval that ends before it starts is one day long.
///
/// ```
/// use cloister_guest::{Date, eras};
///
/// let day = Date::from_days;
/// let taken = [(day(0), day(30)), (day(10), day(20)), (day(60), day(90)), (day(121), day(150))];
/// assert!(eras(taken, 30).eq([(day(0), day(90)), (day(121), day(150))]));
/// ```
pub fn eras<I: IntoIterator<Item = (Date, Date)>>(
    intervals: I,
    gap_days: u32,
) -> Eras<I::IntoIter> {
    Eras { intervals: intervals.into_iter(), gap_days: i64::from(gap_days), open: None }
}

/// The eras of [`eras`], first day and last day, in order.
#[derive(Clone, Debug)]
pub struct Eras<I> {
    intervals: I,
    gap_days: i64,
    /// The interval that starts the next era.
    open: Option<(Date, Date)>,
}

impl<I: Iterator<Item = (Date, Date)>> Iterator for Eras<I> {
    type Item = (Date, Date);

    fn next(&mut self) -> Option<(Date, Date)> {
        let whole = |(start, end): (Date, Date)| (start, end.max(start));
        let mut era = self.open.take().or_else(|| self.intervals.next().map(whole))?;
        for interval in self.intervals.by_ref().map(whole) {
            if interval.0 - era.1 > self.gap_days {
                self.open = Some(interval);
                break;
            }
            era = (era.0.min(interval.0), era.1.max(interval.1));
        }
        Some(era)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dates() -> impl Strategy<Value = Vec<Date>> {
        proptest::collection::vec((-40..40_i32).prop_map(Date::from_days), 0..12)
    }

    fn intervals() -> impl Strategy<Value = Vec<(Date, Date)>> {
        let one = (-100..100_i32, 0..20_i32);
        let one = one.prop_map(|(start, len)| (start, start + len));
        let one = one.prop_map(|(start, end)| (Date::from_days(start), Date::from_days(end)));
        proptest::collection::vec(one, 0..12).prop_map(|mut all| {
            all.sort_unstable();
            all
        })
    }

    proptest! {
        #[test]
        fn the_first_in_a_window_is_what_a_walk_over_its_days_finds(
            dates in dates(), index in -9..9_i32, from in -20..20_i64, len in -1..20_i64,
        ) {
            let index = Date::from_days(index);
            let walk = (from..=from + len).find_map(|day| {
                let day = index.plus_days(i32::try_from(day).ok()?);
                dates.contains(&day).then_some(day)
            });
            prop_assert_eq!(first_in_window(dates, index, from..=from + len), walk);
        }

        #[test]
        fn washed_out_is_that_no_day_before_has_an_event(
            dates in dates(), index in -9..9_i32, days in 0..30_i32,
        ) {
            let index = Date::from_days(index);
            let clean = (1..=days).all(|day| !dates.contains(&index.plus_days(-day)));
            prop_assert_eq!(washed_out(dates, index, days.unsigned_abs()), clean);
        }

        #[test]
        fn observed_is_that_every_day_lies_in_one_period(
            periods in intervals(), day in -100..120_i32, prior in 0..25_i32,
        ) {
            let whole = |(start, end): &(Date, Date)| {
                (day - prior..=day).all(|day| (*start..=*end).contains(&Date::from_days(day)))
            };
            let naive = periods.iter().copied().find(whole);
            let prior = prior.unsigned_abs();
            prop_assert_eq!(observed(periods, Date::from_days(day), prior), naive);
        }

        #[test]
        fn eras_are_the_days_covered_with_short_gaps_filled(
            intervals in intervals(), gap in 0..10_i32,
        ) {
            // Paint every day, and after an interval's end the gap; then read the runs off.
            let mut covered = [false; 300];
            for (start, end) in &intervals {
                for day in start.days()..=end.days() + gap {
                    covered[usize::try_from(day + 120).unwrap()] = true;
                }
            }
            let mut runs: Vec<(i32, i32)> = Vec::new();
            for (at, _) in covered.iter().enumerate().filter(|(_, covered)| **covered) {
                let day = i32::try_from(at).unwrap() - 120;
                // An interval that starts on the last day of the gap still belongs to it, and one
                // that starts on the day after is an era of its own.
                let starts = intervals.iter().any(|(start, _)| start.days() == day);
                let before = intervals.iter().filter(|(start, _)| start.days() < day);
                let fresh = before.map(|(_, end)| end.days()).max().is_none_or(|e| day - e > gap);
                match runs.last_mut() {
                    Some(run) if !(starts && fresh) => run.1 = day,
                    _ => runs.push((day, day)),
                }
            }
            let runs = runs.into_iter().map(|(start, end)| (start, end - gap));
            let runs: Vec<_> =
                runs.map(|(start, end)| (Date::from_days(start), Date::from_days(end))).collect();
            let gap = gap.unsigned_abs();
            prop_assert_eq!(eras(intervals, gap).collect::<Vec<_>>(), runs);
        }
    }

    #[test]
    fn an_interval_that_ends_before_it_starts_is_one_day() {
        let day = Date::from_days;
        assert!(
            eras([(day(5), day(1)), (day(6), day(7))], 0).eq([(day(5), day(5)), (day(6), day(7))])
        );
        assert!(eras([], 30).next().is_none());
    }
}
