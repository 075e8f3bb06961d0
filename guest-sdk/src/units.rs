//! Measurements in one unit: what a value means, by a table that the study declares.

/// A unit that a study knows: `canonical = value * factor + offset`.
///
/// `K` is what names a unit in the data: an OMOP concept id, or a text as the laboratory writes
/// it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit<K> {
    /// What names it in the data.
    pub unit: K,
    /// By how much a value is multiplied.
    pub factor: f64,
    /// What is added then.
    pub offset: f64,
}

impl<K> Unit<K> {
    /// A unit of which one is `factor` canonical ones.
    #[must_use]
    pub const fn new(unit: K, factor: f64) -> Self {
        Self { unit, factor, offset: 0.0 }
    }

    /// Adds `offset` after the multiplication, as scales of temperature want it.
    #[must_use]
    pub const fn plus(mut self, offset: f64) -> Self {
        self.offset = offset;
        self
    }
}

/// `value` in the canonical unit of `table`. `None` if the table does not list `unit`, or if the
/// result is no finite number: a value in an unknown unit is no value.
///
/// ```
/// use cloister_guest::{Unit, convert};
///
/// // Glucose in mmol/L; 8753 is mmol/L and 8840 is mg/dL.
/// const GLUCOSE: &[Unit<i64>] = &[Unit::new(8753, 1.0), Unit::new(8840, 1.0 / 18.016)];
///
/// let mmol = convert(GLUCOSE, 90.08, &8840).unwrap();
/// assert!((mmol - 5.0).abs() < 1e-12);
/// assert_eq!(convert(GLUCOSE, 90.08, &0), None);
///
/// const CELSIUS: &[Unit<&str>] =
///     &[Unit::new("C", 1.0), Unit::new("F", 1.0 / 1.8).plus(-32.0 / 1.8)];
/// assert_eq!(convert(CELSIUS, 98.6, "F").map(f64::round), Some(37.0));
/// ```
#[must_use]
pub fn convert<K, Q>(table: &[Unit<K>], value: f64, unit: &Q) -> Option<f64>
where
    K: core::borrow::Borrow<Q>,
    Q: PartialEq + ?Sized,
{
    let found = table.iter().find(|known| known.unit.borrow() == unit)?;
    let canonical = value * found.factor + found.offset;
    canonical.is_finite().then_some(canonical)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TABLE: &[Unit<i64>] =
        &[Unit::new(1, 1.0), Unit::new(2, 10.0).plus(-5.0), Unit::new(1, 3.0)];

    #[test]
    fn the_first_entry_of_a_unit_counts() {
        assert_eq!(convert(TABLE, 2.0, &1), Some(2.0));
        assert_eq!(convert::<i64, i64>(&[], 2.0, &1), None);
    }

    #[test]
    fn what_is_no_finite_number_is_no_value() {
        for value in [f64::NAN, f64::INFINITY, f64::MAX] {
            assert_eq!(convert(TABLE, value, &2), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn a_value_is_found_by_a_plain_walk(value in -1e6..1e6_f64, unit in 0..4_i64) {
            let mut naive = None;
            for known in TABLE.iter().rev() {
                if known.unit == unit {
                    naive = Some(value * known.factor + known.offset);
                }
            }
            prop_assert_eq!(convert(TABLE, value, &unit), naive);
        }
    }
}
