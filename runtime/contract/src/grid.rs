//! Rule: a contribution counts in whole steps of a declared grid.
//!
//! Source: Mironov, "On significance of the least significant bits for differential privacy"
//! (CCS 2012): the low bits of a float say more than its value. A value is divided by the grid,
//! rounded to the nearest whole number, ties to even, and saturates at 64 bits; a value that is
//! not finite has no step. Worked number: on the grid 0.1 the value 2.25 has 22.5 steps, which
//! rounds to 22; 2.35 has 23.5, which rounds to 24. Answers the attacks float-stuffing,
//! NaN-payload and over-clamp.

use core::fmt;

/// A grid: a power of two or of ten, from 1e-9 to 1e9.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    size: f64,
    /// Steps a unit if the grid is finer than one, exactly representable; else `None`.
    per_unit: Option<f64>,
}

impl Grid {
    /// The grid with steps of `size`; `None` if it is no power of two or ten, or out of range.
    #[must_use]
    pub fn new(size: f64) -> Option<Self> {
        if !(1e-9..=1e9).contains(&size) {
            return None;
        }
        let tens = (0..=9).map(|exponent| 10_f64.powi(exponent));
        let twos = (0..=29).map(|exponent| 2_f64.powi(exponent));
        tens.chain(twos).find_map(|power| {
            // Below one the grid is given by its exact number of steps a unit: 0.1 itself is not.
            let per_unit = (power > 1.0 && size == 1.0 / power).then_some(power);
            (size == power || per_unit.is_some()).then_some(Self { size, per_unit })
        })
    }

    /// The value in steps, rounded to the nearest, ties to even, saturating; `None` if it is not
    /// finite.
    #[must_use]
    pub fn steps(self, value: f64) -> Option<i64> {
        let steps = self.scaled(value).round_ties_even();
        #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, as it should")]
        value.is_finite().then_some(steps as i64)
    }

    /// The value in steps if it lies on the grid, to within the precision of its decimal form.
    #[must_use]
    pub fn exact_steps(self, value: f64) -> Option<i64> {
        let steps = self.steps(value)?;
        let off = (self.scaled(value) - self.scaled(value).round_ties_even()).abs();
        (off <= 1e-6 && steps.abs() < i64::MAX / 2).then_some(steps)
    }

    /// The value of `steps` steps.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "protected numbers are shown as f64")]
    pub fn value(self, steps: i128) -> f64 {
        self.per_unit.map_or_else(|| steps as f64 * self.size, |per_unit| steps as f64 / per_unit)
    }

    /// The size of a step.
    #[must_use]
    pub const fn size(self) -> f64 {
        self.size
    }

    fn scaled(self, value: f64) -> f64 {
        self.per_unit.map_or_else(|| value / self.size, |per_unit| value * per_unit)
    }
}

impl fmt::Display for Grid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_only() {
        for size in [1.0, 10.0, 0.1, 0.001, 2.0, 0.5, 0.25, 1e9, 1e-9] {
            assert!(Grid::new(size).is_some(), "{size}");
        }
        for size in [0.0, -1.0, 3.0, 0.3, 5.0, 20.0, f64::NAN, f64::INFINITY, 1e10] {
            assert!(Grid::new(size).is_none(), "{size}");
        }
    }

    #[test]
    fn ties_go_to_even_and_the_rest_saturates() {
        let steps = |size, value| Grid::new(size).and_then(|grid| grid.steps(value));
        assert_eq!(steps(1.0, 0.5), Some(0));
        assert_eq!(steps(1.0, 1.5), Some(2));
        assert_eq!(steps(1.0, -2.5), Some(-2));
        assert_eq!(steps(0.1, 2.25), Some(22));
        assert_eq!(steps(0.1, 0.3), Some(3));
        assert_eq!(steps(1.0, 2_f64.powi(-40)), Some(0));
        assert_eq!(steps(1.0, 1e300), Some(i64::MAX));
        assert_eq!(steps(1.0, -1e300), Some(i64::MIN));
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(steps(1.0, value), None);
        }
        assert_eq!(steps(1.0, -0.0), Some(0));
        assert_eq!(steps(1.0, 5e-324), Some(0));
    }

    #[test]
    fn bounds_lie_on_the_grid() {
        let exact = |size, value| Grid::new(size).and_then(|grid| grid.exact_steps(value));
        assert_eq!(exact(0.1, 0.3), Some(3));
        assert_eq!(exact(0.1, 36.6), Some(366));
        assert_eq!(exact(1.0, 0.5), None);
        assert_eq!(exact(10.0, 25.0), None);
    }
}
