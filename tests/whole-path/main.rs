//! The whole way over real parts: real modules, real OMOP data, the real binary as a process.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::print_stderr,
    reason = "a test may fail loudly, and its numbers are small"
)]

mod duckdb;
mod harness;
mod hostile;
mod planned;
mod refused;
mod released;
mod same;
mod viewed;
