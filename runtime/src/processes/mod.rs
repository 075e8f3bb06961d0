//! Three processes, so that no guest runs, and no row is parsed, where the keys and the gate are.
//!
//! ```text
//! parent           admits, protects, seals: gate and keys, and no guest's code
//!   ├─ compiler    no file, no network: checked bytes in, machine code or a refusal out
//!   └─ worker      the dataset's files to read, the run's own folder to spill, no network:
//!                  machine code and a work order in, partial cells or a fault out
//! ```
//!
//! Both children are this very program, confined (`confine/`) before they do anything with what
//! they are given. They hear their parent on standard input (`order.rs`) and are heard, in bounds
//! and with suspicion, on standard output (`answer.rs`). When the parent ends, so do they; when
//! the parent's caller gives up, they are killed and waited for (`child.rs`).

mod answer;
mod cache;
mod child;
mod compiler;
mod order;
mod worker;

use std::ffi::OsStr;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use answer::Answer;
use cloister_sandbox::Isolation;

use crate::confine::Held;

pub use cache::{CacheError, CodeCache};
pub use child::ChildFault;
pub(crate) use compiler::{COMPILING, compile};
pub(crate) use worker::{GuestCode, work};

/// Where guests are compiled and run.
#[derive(Clone, Debug)]
pub enum Processes {
    /// In this process, which has what this process has: for tests, for a researcher's own module
    /// over invented persons, and for synthetic or public data where nothing can be confined.
    One(Isolation),
    /// In confined children of this process.
    Confined(Confined),
}

/// How confined children are made.
#[derive(Clone, Debug)]
pub struct Confined {
    /// The program that calls [`child_main`] first of all; a binary says `/proc/self/exe`.
    pub program: PathBuf,
    /// Whether nothing may run where the system cannot confine them entirely.
    pub required: bool,
    /// How one person is kept from the next.
    pub isolation: Isolation,
    /// Where machine code is kept from one run to the next, if anywhere.
    pub cache: Option<Arc<CodeCache>>,
}

/// Bytes of a file without a name in which the engine keeps what a memory starts with: four times
/// the largest memory that a study may declare.
const IMAGE_BYTES_MAX: u64 = 64 << 20;

const COMPILER: &str = ":compiler";
const WORKER: &str = ":worker";

/// Does the work of a confined child, if this process was started as one; `first` is its first
/// argument. A program calls it before anything else, while there is one thread.
#[must_use]
pub fn child_main(first: Option<&OsStr>) -> Option<ExitCode> {
    let first = first?.to_str()?;
    match first {
        COMPILER => Some(compiler::main()),
        WORKER => Some(worker::main()),
        _ => None,
    }
}

/// The first answer of a child. It says what holds it, and goes on only if that is enough; from
/// here on it ends when its parent does.
fn begin(held: Held, must_confine: bool) -> bool {
    let said = Answer::Held(held).write(&mut io::stdout()).is_ok();
    let watched = thread::Builder::new().spawn(|| {
        // The parent says no more and keeps the pipe open for as long as it lives.
        let _ = io::stdin().read(&mut [0]);
        std::process::exit(1);
    });
    said && watched.is_ok() && (held.missing().is_none() || !must_confine)
}

/// The last answer of a child.
fn end(answer: &Answer) -> ExitCode {
    match answer.write(&mut io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
