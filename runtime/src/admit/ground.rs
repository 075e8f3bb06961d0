//! On which ground a module may run: that those vouch for it whom the profile wants, or that its
//! persons are nobody's patients. Without one there is no admission.

use cloister_contract::digest::Digest;

use super::{Module, Refusal};
use crate::dataset::Dataset;
use crate::faults::{Mechanism, off};
use crate::invent::Invented;
use crate::ledger::Kept;
use crate::trust::Vouched;

/// Why a module may run; it is made of what was decided elsewhere, and of nothing else.
pub(super) struct Ground {
    module: Digest,
}

impl Ground {
    /// Those vouch for it whom the profile wants.
    pub(super) const fn vouched(vouched: &Vouched) -> Self {
        Self { module: vouched.module() }
    }

    /// The dataset's persons are synthetic, or public.
    pub(super) fn exact(module: &Module, dataset: &Dataset) -> Result<Self, Refusal> {
        if dataset.may_be_exact() || off(Mechanism::ExactForSynthetic) {
            Ok(Self { module: module.digest })
        } else {
            Err(Refusal::NotForExact)
        }
    }

    /// It was answered before, and is only compared with what was released.
    pub(super) const fn answered(module: &Module, _kept: &Kept) -> Self {
        Self { module: module.digest }
    }

    /// The persons are invented.
    pub(super) const fn invented(module: &Module, _persons: &Invented) -> Self {
        Self { module: module.digest }
    }

    /// The module that it is about.
    pub(super) const fn module(&self) -> Digest {
        self.module
    }
}
