//! The targets as cargo-fuzz builds them.

#[cfg(feature = "dataset")]
mod dataset;
mod targets;

#[cfg(feature = "dataset")]
pub use dataset::dataset;
pub use targets::*;
