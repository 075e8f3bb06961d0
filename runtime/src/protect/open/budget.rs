//! Rule: what a job may cost is ρ of zero-concentrated differential privacy, in whole millionths.
//!
//! Statement: ε at δ allows ρ = (√(ln(1/δ) + ε) − √ln(1/δ))², the solution of
//! ε = ρ + 2·√(ρ·ln(1/δ)), rounded down to a millionth. Costs add up: jobs of ρ₁ and ρ₂ together
//! cost ρ₁ + ρ₂. Source: Bun and Steinke, "Concentrated differential privacy" (TCC 2016),
//! proposition 1.3 (conversion) and lemma 1.7 (composition). Worked number: ε = 0.25 at δ = 10⁻⁷ is
//! ρ = 0.000961, ε = 1 is 0.015047: fifteen such jobs a year, where adding up ε allows four.

/// Covers the rounding of the floats below, many times.
const SLACK: f64 = 1e-9;

/// The ρ that `epsilon` at `delta` allows, in millionths, rounded down; 0 if they are no budget.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
pub(crate) fn rho(epsilon: f64, delta: f64) -> u64 {
    let log = -delta.ln();
    if !(epsilon > 0.0 && epsilon.is_finite() && log > 0.0 && log.is_finite()) {
        return 0;
    }
    // The difference of the two roots, without its cancellation.
    let root = epsilon / ((log + epsilon).sqrt() + log.sqrt());
    (root * root * 1e6 * (1.0 - SLACK)).floor() as u64
}

/// The ε at `delta` of `rho` millionths, rounded up.
#[must_use]
pub(crate) fn epsilon(rho: u64, delta: f64) -> f64 {
    let rho = in_ones(rho);
    (rho + 2.0 * (rho * -delta.ln()).sqrt()) * (1.0 + SLACK)
}

/// How often somebody who knows all but one bit about a person is right about it at most, after
/// releases of `epsilon` together: e^ε / (1 + e^ε). A coin has 0.5.
#[must_use]
pub(crate) fn attacker(epsilon: f64) -> f64 {
    1.0 / (1.0 + (-epsilon).exp())
}

/// `rho` millionths as a number.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "exact below 2^53 millionths")]
pub(crate) fn in_ones(rho: u64) -> f64 {
    rho as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_numbers() {
        assert_eq!([rho(0.25, 1e-7), rho(1.0, 1e-7)], [961, 15_047]);
        assert_eq!(rho(1.0, 1e-7) / rho(0.25, 1e-7), 15);
        // The figures that everybody quotes: 0.73 for ε = 1, 0.95 for 3.
        assert!((attacker(1.0) - 0.731).abs() < 1e-3 && (attacker(3.0) - 0.953).abs() < 1e-3);
    }

    #[test]
    fn what_is_no_budget_allows_nothing() {
        let none = [(0.0, 1e-6), (-1.0, 1e-6), (f64::NAN, 1e-6), (f64::INFINITY, 1e-6)];
        let more = [(1.0, 0.0), (1.0, 1.0), (1.0, 2.0), (1.0, -1.0), (1.0, f64::NAN)];
        assert!(none.into_iter().chain(more).all(|(epsilon, delta)| rho(epsilon, delta) == 0));
    }

    proptest::proptest! {
        /// Back and forth is never more than it was, and at most a millionth less.
        #[test]
        fn rounding_is_never_in_the_askers_favour(asked in 0.01..20.0_f64, zeros in 2..12_i32) {
            let delta = 10_f64.powi(-zeros);
            let rho = rho(asked, delta);
            proptest::prop_assert!(epsilon(rho, delta) <= asked * (1.0 + 1e-8));
            proptest::prop_assert!(epsilon(rho + 1, delta) >= asked);
        }
    }
}
