//! Tiers: who stands behind a module, and so what its numbers must pass.

use std::fmt;
use std::str::FromStr;

/// A tier of releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Reviewers read the module; its numbers pass the disclosure rules.
    Reviewed,
    /// Whoever wrote the module; its numbers get the noise of differential privacy.
    Open,
}

/// No tier has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write `reviewed` or `open`")]
pub struct NotATier;

impl Tier {
    /// Its name: in commands, and in the key of a job.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reviewed => "reviewed",
            Self::Open => "open",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Tier {
    type Err = NotATier;

    fn from_str(text: &str) -> Result<Self, NotATier> {
        [Self::Reviewed, Self::Open].into_iter().find(|tier| tier.name() == text).ok_or(NotATier)
    }
}
