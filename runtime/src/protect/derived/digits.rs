//! Rule: a number that is computed from many persons is shown to a few significant digits.
//!
//! Statement: a finite number is rounded to d significant decimal digits, to the nearest, ties by
//! its exact binary value as decimal; others are not shown. Source: coefficients at full precision
//! carry 52 bits of whatever a guest wants to say; the number of digits is a choice. Worked number:
//! with d = 4, 0.0312467 becomes 0.03125 and 98,765.4 becomes 98,770. Answers the attack
//! stego-digits.

/// `value` to `digits` significant digits, at least one; `None` if it is not finite, before or
/// after. Zero has no sign.
pub(in crate::protect) fn significant(value: f64, digits: u32) -> Option<f64> {
    let places = usize::try_from(digits).ok()?.saturating_sub(1).min(16);
    let rounded: f64 = format!("{value:.places$e}").parse().ok()?;
    rounded.is_finite().then_some(rounded + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn worked_numbers() {
        let four = |value| significant(value, 4);
        assert_eq!(four(0.031_246_7), Some(0.031_25));
        assert_eq!(four(98_765.4), Some(98_770.0));
        assert_eq!(four(-1.000_04), Some(-1.0));
        assert_eq!(four(-0.0).map(f64::to_bits), Some(0));
        assert_eq!(four(9.999_6), Some(10.0));
        for none in [f64::NAN, f64::INFINITY, f64::MAX] {
            assert_eq!(significant(none, 1), None, "{none}");
        }
    }

    proptest! {
        /// Few texts are left, each near what it stands for.
        #[test]
        fn what_is_left_has_so_many_digits(value in any::<f64>(), digits in 1..10_u8) {
            let Some(rounded) = significant(value, digits.into()) else { return Ok(()) };
            prop_assert_eq!(significant(rounded, digits.into()), Some(rounded));
            let text = format!("{rounded:e}");
            let shown = text.split('e').next().unwrap().chars().filter(char::is_ascii_digit);
            prop_assert!(shown.count() <= usize::from(digits), "{text}");
            if value.is_normal() && rounded.is_normal() {
                let off = (rounded - value).abs() / value.abs();
                let half_a_digit = 0.5 * 10_f64.powi(1 - i32::from(digits));
                prop_assert!(off <= half_a_digit * (1.0 + 1e-9), "{off}");
            }
        }
    }
}
