//! The whole way over real parts: real modules, real OMOP data, the real binary as a process.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "a test may fail loudly, and its numbers are small"
)]

mod advised;
mod audited;
#[cfg(target_os = "linux")]
mod bombs;
#[cfg(unix)]
mod broken;
#[cfg(target_os = "linux")]
mod cached;
#[cfg(unix)]
mod charged;
mod checked;
mod compared;
#[cfg(target_os = "linux")]
mod confined;
mod described;
mod documented;
mod dsse;
mod duckdb;
mod evidenced;
mod federated;
mod formats;
mod fuzzed;
mod harness;
mod held;
mod hostile;
mod inspected;
mod interrupted;
#[cfg(unix)]
mod keys;
mod large;
mod noised;
mod peeping;
mod planned;
mod policed;
#[cfg(unix)]
mod postgresql;
mod prepared;
mod rebuilt;
#[cfg(unix)]
mod receipts;
mod refused;
mod registered;
mod rehearsed;
mod released;
mod replayed;
mod same;
#[cfg(target_os = "linux")]
mod severed;
mod studies;
#[path = "../fuzz/dataset.rs"]
#[expect(unreachable_pub, reason = "for cargo-fuzz it is a library of its own")]
mod target_dataset;
#[path = "../fuzz/targets.rs"]
#[expect(unreachable_pub, reason = "for cargo-fuzz it is a library of its own")]
mod targets;
mod trusted;
mod verified;
mod viewed;
