//! Rule: the instant of release is a function of published numbers alone.
//!
//! Statement: a release is planned for a whole minute after admission, so late that the run has
//! ended by then even if every person takes the worst that their fuel allows. Twice the published
//! persons are shared by those who run at once (the number is rounded, and partitions are uneven);
//! reading takes [`READING`] a person; one minute is for starting. A run that takes [`PATIENCE`]
//! times as long is a fault of the host. Worked number: 1,000,000 persons of 20 ms on eight
//! processors take 2 · 1,000,000 · 20 ms / 8 = 5,000 s, reading 1,000 s and starting 60 s: 6,060 s,
//! so 101 minutes. Over patients' data a site writes nothing before that instant. Answers the
//! attacks slow-finish and instant-of-release.

use std::time::Duration;

use crate::dataset::Dataset;
use crate::faults::{Mechanism, off};

/// Reading, sorting and spilling one person's rows: a bound, far above what BENCHMARKS.md has.
const READING: Duration = Duration::from_millis(1);
/// Starting processes and compiling.
const STARTING: Duration = Duration::from_secs(60);
/// The tick on which releases are planned, in seconds.
const TICK_SECONDS: u64 = 60;
/// How many times as long as planned a run may take before the host gives up.
const PATIENCE: u32 = 4;

/// How long after admission a release is planned, and when a run is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// From admission to release, in whole minutes.
    pub(crate) release_after: Duration,
    /// From the start of a run to its end by force.
    pub(crate) give_up_after: Duration,
}

impl Plan {
    /// How long after admission a release over `dataset` leaves at the earliest. Nobody's secret is
    /// in how long a run over synthetic or public data takes.
    pub(crate) fn held(&self, dataset: &Dataset) -> Duration {
        let waits = !dataset.may_be_exact() && !off(Mechanism::Held);
        if waits { self.release_after } else { Duration::ZERO }
    }
}

/// The plan for `published_persons` who take `worst_person` at most, of whom `at_once` run at a
/// time.
pub(crate) fn plan(published_persons: u64, worst_person: Duration, at_once: usize) -> Plan {
    let persons = u32::try_from(published_persons.saturating_mul(2)).unwrap_or(u32::MAX);
    let at_once = u32::try_from(at_once).unwrap_or(u32::MAX).max(1);
    let running = worst_person.saturating_mul(persons) / at_once;
    let reading = READING.saturating_mul(persons / 2);
    let needed = STARTING.saturating_add(reading).saturating_add(running);
    let whole = needed.as_secs().saturating_add(u64::from(needed.subsec_nanos() > 0));
    let ticks = whole.div_ceil(TICK_SECONDS);
    let release_after = Duration::from_secs(ticks.saturating_mul(TICK_SECONDS));
    Plan { release_after, give_up_after: release_after.saturating_mul(PATIENCE) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(persons: u64, worst: Duration, at_once: usize) -> u64 {
        plan(persons, worst, at_once).release_after.as_secs() / 60
    }

    #[test]
    fn the_worked_number_and_its_neighbours() {
        let worst = Duration::from_millis(20);
        assert_eq!(minutes(1_000_000, worst, 8), 101);
        assert_eq!(minutes(1_000_000, worst, 4), 185);
        // Nobody takes a minute to start for, and whoever comes next makes it two.
        assert_eq!(minutes(0, worst, 8), 1);
        assert_eq!(minutes(1, worst, 8), 2);
        assert_eq!(plan(0, worst, 8).give_up_after, Duration::from_secs(240));
    }

    #[test]
    fn more_persons_are_never_planned_earlier_and_nothing_overflows() {
        let mut before = Duration::ZERO;
        for persons in (0..64).map(|bits| 1_u64 << bits).chain([u64::MAX]) {
            let planned = plan(persons, Duration::from_millis(3), 1).release_after;
            assert!(planned >= before && planned.as_secs().is_multiple_of(60), "{persons}");
            before = planned;
        }
        assert!(minutes(u64::MAX, Duration::MAX, 0) > 1 << 40);
    }
}
