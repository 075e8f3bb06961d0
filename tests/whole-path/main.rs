//! The whole way over real parts: real modules, real OMOP data, the real binary as a process.

mod duckdb;
mod harness;
mod hostile;
mod refused;
mod released;
mod same;
