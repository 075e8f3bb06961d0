//! The one place from which noise comes: OpenDP's exact samplers, over whole numbers.
//!
//! They have written proofs (`#[proven]` in its sources), take a fraction as scale and use no
//! float. What is random comes from `rand::thread_rng`: ChaCha20, seeded by the system. It cannot
//! be seeded by anybody, so no run can be repeated; `docs/privacy.md` says why that is accepted.

use std::cell::RefCell;

use cloister_contract::release::NoiseMechanism;
use dashu::integer::IBig;
use opendp::error::Fallible;
use opendp::traits::samplers::{sample_discrete_gaussian, sample_discrete_laplace};

use super::scale::Scale;
use crate::faults::{Mechanism, off};

/// Where noise comes from: of what is released from [`OpenDp`] alone.
pub(super) trait Noise {
    /// One number of the distribution that `scale` says, in grid steps, independent of all others.
    ///
    /// # Errors
    /// [`NoNoise`] if there is no randomness.
    fn draw(&self, scale: &Scale) -> Result<i128, NoNoise>;
}

/// The system gave no randomness; this depends on no number of the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gave no randomness for the noise, and nothing is released; run it again")]
pub struct NoNoise;

/// OpenDP's samplers.
pub(super) struct OpenDp;

/// A source that remembers what it has drawn.
pub(super) struct Recorded<'n, N>(pub(super) &'n N, pub(super) RefCell<Vec<i128>>);

impl<N: Noise> Noise for Recorded<'_, N> {
    fn draw(&self, scale: &Scale) -> Result<i128, NoNoise> {
        let drawn = self.0.draw(scale)?;
        self.1.borrow_mut().push(drawn);
        Ok(drawn)
    }
}

/// What was drawn once, in the same order, for a replay: nothing of it is released again.
pub(super) struct Again<'n>(pub(super) RefCell<std::slice::Iter<'n, i128>>);

impl Noise for Again<'_> {
    fn draw(&self, _: &Scale) -> Result<i128, NoNoise> {
        self.0.borrow_mut().next().copied().ok_or(NoNoise)
    }
}

impl Noise for OpenDp {
    fn draw(&self, scale: &Scale) -> Result<i128, NoNoise> {
        if off(Mechanism::Noise) {
            return Ok(0);
        }
        let drawn: Fallible<IBig> = match scale.mechanism() {
            NoiseMechanism::Gaussian => sample_discrete_gaussian(scale.steps()),
            NoiseMechanism::Laplace => sample_discrete_laplace(scale.steps()),
        };
        let drawn = drawn.map_err(|_| NoNoise)?;
        // Beyond 128 bits is beyond any scale there is; both ends are as good as any other.
        let end = if drawn < IBig::ZERO { i128::MIN } else { i128::MAX };
        Ok(i128::try_from(drawn).unwrap_or(end))
    }
}
