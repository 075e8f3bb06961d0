//! What crosses a boundary, and nothing else: the study file, the frames a guest reads, cells,
//! the release, and signed statements.
//!
//! There is no I/O here, no clock and no policy. A guest takes this crate without its `host`
//! feature and gets only [`abi`], [`date`] and the reading half of [`frame`].

pub mod abi;
pub mod date;
pub mod frame;

#[cfg(feature = "host")]
pub mod cells;
#[cfg(feature = "host")]
pub mod digest;
#[cfg(feature = "host")]
pub mod envelope;
#[cfg(feature = "host")]
pub mod grid;
#[cfg(feature = "host")]
pub mod job;
#[cfg(feature = "host")]
pub mod merkle;
#[cfg(feature = "host")]
pub mod note;
#[cfg(feature = "host")]
pub mod partial;
#[cfg(feature = "host")]
pub mod public_key;
#[cfg(feature = "host")]
pub mod release;
#[cfg(feature = "host")]
pub mod statement;
#[cfg(feature = "host")]
pub mod study;
