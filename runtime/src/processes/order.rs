//! What a child is told on its standard input, by a parent that it may trust.
//!
//! Parts, each a length in eight bytes (little-endian) and as many bytes: first a head in JSON,
//! then what is bytes anyway.

use std::io::{self, Read};
use std::path::PathBuf;

use cloister_contract::job::CodeList;
use cloister_sandbox::CallLimits;
use serde::{Deserialize, Serialize};

use crate::admit::Trial;
use crate::dataset::Kind;
use crate::run::{CellCaps, DigestKey, MemoryOrder};

/// What the compiler is told.
pub(super) struct CompileOrder {
    pub(super) head: CompileHead,
    pub(super) init: Vec<u8>,
    pub(super) nobody: Vec<u8>,
    /// The module's bytes, checked.
    pub(super) module: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct CompileHead {
    /// Whether it shall do nothing where it is not confined entirely.
    pub(super) must_confine: bool,
    pub(super) limits: LimitsOrder,
    pub(super) named: Vec<usize>,
}

/// What a worker is told.
pub(super) struct WorkOrder {
    pub(super) head: WorkHead,
    pub(super) init: Vec<u8>,
    /// The compiler's answer.
    pub(super) code: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct WorkHead {
    /// Whether it shall do nothing where it is not confined entirely.
    pub(super) must_confine: bool,
    /// Whether every person has an instance of their own.
    pub(super) fresh: bool,
    pub(super) limits: LimitsOrder,
    /// The study file.
    pub(super) study: String,
    /// The parameters that were set, as text: they are bound once more, by the same code.
    pub(super) params: Vec<(String, String)>,
    /// The code sets as resolved, in the study file's order.
    pub(super) codes: Vec<CodeList>,
    /// Where the dataset.toml is: its paths are relative to its folder.
    pub(super) dataset_file: PathBuf,
    /// What was in it.
    pub(super) dataset: String,
    /// Whether what does not fit in them may be told.
    pub(super) kind: Kind,
    pub(super) caps: CellCaps,
    /// Of this job alone: it tells nothing of the site's other secrets.
    pub(super) key: DigestKey,
    pub(super) partitions: usize,
    pub(super) threads: usize,
    pub(super) memory: Option<MemoryOrder>,
}

/// [`CallLimits`] on their way.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct LimitsOrder {
    fuel: u64,
    memory_bytes_max: usize,
    frame_bytes_max: usize,
}

impl From<CallLimits> for LimitsOrder {
    fn from(limits: CallLimits) -> Self {
        let CallLimits { fuel, memory_bytes_max, frame_bytes_max } = limits;
        Self { fuel, memory_bytes_max, frame_bytes_max }
    }
}

impl From<LimitsOrder> for CallLimits {
    fn from(limits: LimitsOrder) -> Self {
        let LimitsOrder { fuel, memory_bytes_max, frame_bytes_max } = limits;
        Self { fuel, memory_bytes_max, frame_bytes_max }
    }
}

impl CompileOrder {
    /// The order to try `module`.
    pub(super) fn encode(must_confine: bool, trial: &Trial, module: &[u8]) -> io::Result<Vec<u8>> {
        let (limits, named) = (trial.limits.into(), trial.named.clone());
        let head = serde_json::to_vec(&CompileHead { must_confine, limits, named })?;
        Ok(parts(&[&head, &trial.init, &trial.nobody, module]))
    }

    /// Reads an order.
    pub(super) fn read(from: &mut impl Read) -> io::Result<Self> {
        let head = serde_json::from_slice(&part(from)?)?;
        Ok(Self { head, init: part(from)?, nobody: part(from)?, module: part(from)? })
    }
}

impl WorkOrder {
    /// The order of `head`, with the frame `init` and machine `code`.
    pub(super) fn encode(head: &WorkHead, init: &[u8], code: &[u8]) -> io::Result<Vec<u8>> {
        Ok(parts(&[&serde_json::to_vec(head)?, init, code]))
    }

    /// Reads an order.
    pub(super) fn read(from: &mut impl Read) -> io::Result<Self> {
        let head = serde_json::from_slice(&part(from)?)?;
        Ok(Self { head, init: part(from)?, code: part(from)? })
    }
}

fn parts(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        bytes.extend((part.len() as u64).to_le_bytes());
        bytes.extend(*part);
    }
    bytes
}

fn part(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut len = [0; 8];
    from.read_exact(&mut len)?;
    let len = u64::from_le_bytes(len);
    let mut bytes = Vec::new();
    from.take(len).read_to_end(&mut bytes)?;
    // The parent went away in the middle.
    let whole = bytes.len() as u64 == len;
    if whole { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_reads_back_and_none_of_its_beginnings_does() {
        let limits = CallLimits { fuel: 1, memory_bytes_max: 2, frame_bytes_max: 3 };
        let trial = Trial { limits, init: vec![4; 9], nobody: vec![5], named: vec![6, 7] };
        let bytes = CompileOrder::encode(true, &trial, b"module").unwrap();
        let read = CompileOrder::read(&mut &bytes[..]).unwrap();
        assert!(read.head.must_confine && read.head.named == trial.named);
        assert_eq!(CallLimits::from(read.head.limits).frame_bytes_max, 3);
        assert_eq!([read.init, read.nobody, read.module], [&[4; 9][..], &[5], b"module"]);
        for end in 0..bytes.len() {
            assert!(CompileOrder::read(&mut &bytes[..end]).is_err(), "{end}");
        }
    }
}
