//! Rule: the scale of the noise, from what a number may cost and how far one person moves it.
//!
//! Statement: a job's ρ is split evenly over all that is noised. A quantity with ρ gets discrete
//! Gaussian noise of σ = Δ2 / √(2ρ), which is ρ-zCDP, or discrete Laplace noise of
//! b = Δ1 / √(2ρ), which is √(2ρ)-DP and so ρ-zCDP. Source: Canonne, Kamath and Steinke, "The
//! discrete Gaussian for differential privacy" (2020), theorem 14; Bun and Steinke (TCC 2016),
//! proposition 1.4. Both are Δ / √(2ρ), taken in whole numbers and rounded up to 1/1024 of a step.
//! Worked number: ρ = 0.000961 over three quantities and L0 = 1 is σ = √(3 / 0.001922) = 39.51.
//!
//! The shown interval is the noised number ± 1.96·σ, or ± 2.996·b, rounded up to a step, within
//! which the noise stays with a probability of 95% at least: P(|Z| ≥ w + 1) is at most that of a
//! continuous Gaussian beyond w (Canonne et al., proposition 25), and of a discrete Laplace at most
//! e^(−w/b).

use cloister_contract::release::NoiseMechanism;
use dashu::base::SquareRoot as _;
use dashu::integer::{IBig, UBig};
use dashu::rational::RBig;

use super::sensitivity::Quantity;
use crate::faults::{Mechanism, off};

/// With which probability an interval holds, at least.
pub(super) const PROBABILITY: f64 = 0.95;
/// Parts of a step that a scale is rounded up to.
const PARTS: u64 = 1_024;

/// What one of `count` quantities may cost, of a job's ρ in millionths: a share that stays whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    pub(super) rho: u64,
    pub(super) count: u64,
}

/// The scale of noise in grid steps: a whole number of parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scale {
    mechanism: NoiseMechanism,
    parts: UBig,
}

impl Scale {
    /// The scale for `quantity`, which may cost `share`.
    pub(super) fn new(mechanism: NoiseMechanism, quantity: &Quantity, share: Share) -> Self {
        let cells = UBig::from(quantity.cells);
        let step = UBig::from(quantity.step);
        // Δ² is L0·step² (Gaussian), or L0²·step² (Laplace).
        let cells = match mechanism {
            NoiseMechanism::Gaussian => cells,
            NoiseMechanism::Laplace => cells.clone() * cells,
        };
        // Scale² = Δ² / (2ρ), with ρ = share.rho / (1,000,000 · share.count).
        let wide = step.clone() * step * cells * PARTS * PARTS * 1_000_000_u64 * share.count;
        let double = UBig::from(share.rho.max(1)) * 2_u8;
        let squared = (wide + &double - 1_u8) / double;
        let root = squared.sqrt();
        let parts = if &root * &root < squared { root + 1_u8 } else { root };
        let halved = |parts: UBig| (parts + 1_u8) / 2_u8;
        let parts = if off(Mechanism::NoiseScale) { halved(parts) } else { parts };
        Self { mechanism, parts }
    }

    /// Its distribution.
    pub(super) const fn mechanism(&self) -> NoiseMechanism {
        self.mechanism
    }

    /// As a fraction of grid steps.
    pub(super) fn steps(&self) -> RBig {
        RBig::from_parts(IBig::from(self.parts.clone()), UBig::from(PARTS))
    }

    /// How many steps the noise stays within, with [`PROBABILITY`] at least.
    pub(super) fn width(&self) -> i128 {
        let thousandths = match self.mechanism {
            NoiseMechanism::Gaussian => 1_960_u64,
            NoiseMechanism::Laplace => 2_996,
        };
        let wide = self.parts.clone() * thousandths;
        let unit = UBig::from(PARTS) * 1_000_u64;
        let width = (wide + &unit - 1_u8) / unit;
        i128::try_from(width).unwrap_or(i128::MAX)
    }
}
