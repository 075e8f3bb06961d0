//! What a child of a run gives up before it touches a module or a row.
//!
//! [`begin`] takes what no child needs, [`hold`] leaves it just what its order names. Both come
//! first in `main`, while there is one thread: later threads inherit what the first one has. They
//! hold for a guest that has broken out of the engine, too: it is in a process without network,
//! without another program to start, and without a file but those of the dataset.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
mod kernel;

use std::path::{Path, PathBuf};

/// Which confinement is in force in a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// It opens no file but those it was given (Landlock).
    pub(crate) files: bool,
    /// It makes no system call but those it needs (seccomp).
    pub(crate) calls: bool,
}

/// The most that a child may take of the machine.
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "nothing is limited there yet"))]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Seconds of processor time, of all threads together.
    pub(crate) cpu_seconds: Option<u64>,
    /// Bytes of memory that it can write to. Address space is not limited: the engine reserves
    /// gigabytes that it never touches.
    pub(crate) memory_bytes: u64,
    /// Bytes of one file.
    pub(crate) file_bytes: u64,
}

impl Held {
    /// What is missing, for people; `None` if nothing is.
    pub(crate) const fn missing(self) -> Option<&'static str> {
        match (self.files, self.calls) {
            (true, true) => None,
            (false, true) => Some("Landlock is not in force"),
            (true, false) => Some("seccomp is not in force"),
            (false, false) => Some("neither Landlock nor seccomp is in force"),
        }
    }
}

/// Takes from this process what no child needs: other descriptors than its three, being looked
/// into, core dumps, and a life beyond its parent's.
#[cfg(target_os = "linux")]
pub(crate) fn begin() {
    kernel::begin();
}

/// Holds this process to `limits`, to reading what is in `reads` and to writing in `spill`.
#[cfg(target_os = "linux")]
pub(crate) fn hold(limits: &Limits, reads: &[PathBuf], spill: Option<&Path>) -> Held {
    kernel::limit(limits);
    // A path is opened to be named, so files come before system calls.
    let files = files::hold(reads, spill).unwrap_or(false);
    let calls = calls::hold(!reads.is_empty()).is_ok();
    Held { files, calls }
}

/// The machine's memory in bytes.
#[cfg(target_os = "linux")]
pub(crate) fn machine_memory_bytes() -> u64 {
    kernel::machine_memory_bytes()
}

/// Other systems have other means, which are not built yet.
#[cfg(not(target_os = "linux"))]
pub(crate) fn begin() {}

#[cfg(not(target_os = "linux"))]
pub(crate) fn hold(_: &Limits, _: &[PathBuf], _: Option<&Path>) -> Held {
    Held { files: false, calls: false }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn machine_memory_bytes() -> u64 {
    u64::MAX
}

#[cfg(test)]
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "an attacker makes system calls that no library makes")]
mod tests;
