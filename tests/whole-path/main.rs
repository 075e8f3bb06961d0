//! The whole way over real parts: real modules, real OMOP data, the real binary as a process.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "a test may fail loudly, and its numbers are small"
)]

mod checked;
mod duckdb;
mod formats;
mod harness;
mod hostile;
mod inspected;
mod peeping;
mod planned;
mod prepared;
mod rebuilt;
mod refused;
mod registered;
mod released;
mod same;
mod studies;
mod viewed;
