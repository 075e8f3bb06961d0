//! What a child answers on its standard output: read in bounds, and believed in nothing.
//!
//! A compiler works on a hostile module and a worker runs it, so either may answer anything. Each
//! answer is a tag, a length in four bytes (little-endian) and as many bytes; a tag that is not
//! expected and a length that is not the tag's end the conversation. No memory is taken for bytes
//! that did not come.

use std::io::{self, Read, Write};

use super::ChildFault;
use crate::confine::Held;
use crate::run::RunFault;

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Once, before anything else: what confines the child.
    Held(Held),
    /// The compiler's: machine code, opaque to the parent.
    Code(Vec<u8>),
    /// The compiler's: what is wrong with the module.
    Refused(Refused),
    /// A worker's, now and then: persons called, persons dropped, rows of strangers.
    Progress([u64; 3]),
    /// A worker's: the bytes of partial cells.
    Cells(Vec<u8>),
    /// A worker's: the site is broken.
    Fault(WorkerFault),
}

/// What the compiler says is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The module contributes to an output or cell that is not there.
    OutOfRange,
    /// Something else, in words; no data were in sight.
    Words(String),
}

/// What a worker says went wrong: for the site's eyes only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WorkerFault {
    kind: u8,
    numbers: [u64; 4],
    words: String,
}

/// What a parent expects to hear.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wants {
    /// The most bytes of machine code; zero of a worker.
    pub(super) code_bytes_max: usize,
    /// Just so many bytes of cells; zero of a compiler.
    pub(super) cells_bytes: usize,
}

const HELD: u8 = 1;
const CODE: u8 = 2;
const REFUSED: u8 = 3;
const PROGRESS: u8 = 4;
const CELLS: u8 = 5;
const FAULT: u8 = 6;

/// Characters of words that are kept, and bytes that they may have on their way.
const WORDS_CHARS_MAX: usize = 1_000;
const WORDS_BYTES_MAX: usize = 4 * WORDS_CHARS_MAX;
const FAULT_BYTES: usize = 1 + 4 * 8;

impl Answer {
    /// Writes the answer, whole.
    pub(super) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let (tag, bytes) = match self {
            Self::Held(held) => (HELD, vec![u8::from(held.files) | u8::from(held.calls) << 1]),
            Self::Code(code) => return write(to, CODE, code),
            Self::Refused(Refused::OutOfRange) => (REFUSED, vec![0]),
            Self::Refused(Refused::Words(text)) => {
                (REFUSED, [&[1], words(text).as_bytes()].concat())
            }
            Self::Progress(numbers) => (PROGRESS, numbers.map(u64::to_le_bytes).concat()),
            Self::Cells(cells) => return write(to, CELLS, cells),
            Self::Fault(fault) => {
                let numbers = fault.numbers.map(u64::to_le_bytes).concat();
                (FAULT, [&[fault.kind], &numbers[..], words(&fault.words).as_bytes()].concat())
            }
        };
        write(to, tag, &bytes)
    }

    /// Reads one answer; `None` if the child has closed its output before one.
    pub(super) fn read(from: &mut impl Read, wants: Wants) -> Result<Option<Self>, ChildFault> {
        let (mut tag, mut len) = ([0; 1], [0; 4]);
        if !matches!(from.read(&mut tag), Ok(1)) {
            return Ok(None);
        }
        let cut = |_| ChildFault::Garbage("it ends in the middle");
        from.read_exact(&mut len).map_err(cut)?;
        let (tag, len) = (tag[0], u32::from_le_bytes(len) as usize);
        let right = match tag {
            HELD => len == 1,
            CODE => wants.code_bytes_max > 0 && len <= wants.code_bytes_max,
            REFUSED => wants.code_bytes_max > 0 && (1..=1 + WORDS_BYTES_MAX).contains(&len),
            PROGRESS => wants.cells_bytes > 0 && len == 3 * 8,
            CELLS => wants.cells_bytes > 0 && len == wants.cells_bytes,
            FAULT => {
                let lengths = FAULT_BYTES..=FAULT_BYTES + WORDS_BYTES_MAX;
                wants.cells_bytes > 0 && lengths.contains(&len)
            }
            _ => return Err(ChildFault::Garbage("it has a tag that is none")),
        };
        if !right {
            return Err(ChildFault::Garbage("it has another length or place than its tag's"));
        }
        let mut bytes = Vec::new();
        from.take(len as u64).read_to_end(&mut bytes).map_err(cut)?;
        if bytes.len() != len {
            return Err(ChildFault::Garbage("it ends in the middle"));
        }
        Self::decode(tag, bytes).map(Some)
    }

    fn decode(tag: u8, bytes: Vec<u8>) -> Result<Self, ChildFault> {
        let none = ChildFault::Garbage("it says what its tag cannot");
        match (tag, &bytes[..]) {
            (HELD, [flags @ 0..=3]) => {
                Ok(Self::Held(Held { files: flags & 1 != 0, calls: flags & 2 != 0 }))
            }
            (CODE, _) => Ok(Self::Code(bytes)),
            (CELLS, _) => Ok(Self::Cells(bytes)),
            (REFUSED, [0]) => Ok(Self::Refused(Refused::OutOfRange)),
            (REFUSED, [1, text @ ..]) => {
                Ok(Self::Refused(Refused::Words(words(&String::from_utf8_lossy(text)))))
            }
            (PROGRESS, numbers) => {
                let (numbers, _) = numbers.as_chunks();
                let [persons, dropped, strangers] = numbers else { return Err(none) };
                Ok(Self::Progress([persons, dropped, strangers].map(|n| u64::from_le_bytes(*n))))
            }
            (FAULT, [kind, rest @ ..]) => {
                let Some((numbers, text)) = rest.split_first_chunk::<32>() else {
                    return Err(none);
                };
                let (numbers, _) = numbers.as_chunks();
                let [a, b, c, d] = numbers else { return Err(none) };
                let numbers = [a, b, c, d].map(|n| u64::from_le_bytes(*n));
                let words = words(&String::from_utf8_lossy(text));
                Ok(Self::Fault(WorkerFault { kind: *kind, numbers, words }))
            }
            _ => Err(none),
        }
    }
}

fn write(to: &mut impl Write, tag: u8, bytes: &[u8]) -> io::Result<()> {
    let len = u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    to.write_all(&[tag])?;
    to.write_all(&len.to_le_bytes())?;
    to.write_all(bytes)?;
    to.flush()
}

/// Words that are safe to print, on one line and not too many.
fn words(text: &str) -> String {
    let safe = |c: char| match c {
        '\n' => ' ',
        c if c == ' ' || c.is_ascii_graphic() || c.is_alphanumeric() => c,
        '…' | '–' | 'Σ' => c,
        _ => '?',
    };
    text.chars().take(WORDS_CHARS_MAX).map(safe).collect()
}

impl From<&RunFault> for WorkerFault {
    fn from(fault: &RunFault) -> Self {
        let wide = |n: usize| n as u64;
        let (kind, numbers) = match fault {
            RunFault::NullKey => (1, [0; 4]),
            RunFault::DuplicateKey => (2, [0; 4]),
            RunFault::Unsorted => (3, [0; 4]),
            RunFault::OutOfRange => (4, [0; 4]),
            RunFault::MemoryLimit { limit_mib, enough_mib, partitions, inputs } => {
                (5, [*limit_mib, *enough_mib, *partitions, *inputs].map(wide))
            }
            RunFault::SpillLimit { spill_limit_mib } => (6, [*spill_limit_mib, 0, 0, 0]),
            _ => (0, [0; 4]),
        };
        let words = if kind == 0 { fault.to_string() } else { String::new() };
        Self { kind, numbers, words }
    }
}

impl From<WorkerFault> for RunFault {
    fn from(WorkerFault { kind, numbers, words }: WorkerFault) -> Self {
        let [a, b, c, d] = numbers.map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        match kind {
            1 => Self::NullKey,
            2 => Self::DuplicateKey,
            3 => Self::Unsorted,
            4 => Self::OutOfRange,
            5 => {
                let (limit_mib, enough_mib, partitions, inputs) = (a, b, c, d);
                Self::MemoryLimit { limit_mib, enough_mib, partitions, inputs }
            }
            6 => Self::SpillLimit { spill_limit_mib: numbers[0] },
            _ => Self::Told(words),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OF_A_WORKER: Wants = Wants { code_bytes_max: 0, cells_bytes: 104 };
    const OF_A_COMPILER: Wants = Wants { code_bytes_max: 1_000, cells_bytes: 0 };

    fn bytes(answer: &Answer) -> Vec<u8> {
        let mut bytes = Vec::new();
        answer.write(&mut bytes).unwrap();
        bytes
    }

    /// Every answer, and who may give it.
    fn answers() -> Vec<(Answer, Wants)> {
        let fault = |fault: RunFault| Answer::Fault(WorkerFault::from(&fault));
        vec![
            (Answer::Held(Held { files: true, calls: false }), OF_A_COMPILER),
            (Answer::Code(vec![7; 900]), OF_A_COMPILER),
            (Answer::Refused(Refused::OutOfRange), OF_A_COMPILER),
            (Answer::Refused(Refused::Words("it has 2 memories".to_owned())), OF_A_COMPILER),
            (Answer::Held(Held { files: true, calls: true }), OF_A_WORKER),
            (Answer::Progress([1, 2, u64::MAX]), OF_A_WORKER),
            (Answer::Cells(vec![9; 104]), OF_A_WORKER),
            (fault(RunFault::DuplicateKey), OF_A_WORKER),
            (fault(RunFault::Told("table `x`: 3 … in all".to_owned())), OF_A_WORKER),
        ]
    }

    #[test]
    fn what_is_written_reads_back_and_no_part_of_it_does() {
        for (answer, wants) in answers() {
            let bytes = bytes(&answer);
            assert_eq!(Answer::read(&mut &bytes[..], wants).unwrap(), Some(answer));
            assert_eq!(Answer::read(&mut &[][..], wants).unwrap(), None);
            for end in 1..bytes.len() {
                assert!(Answer::read(&mut &bytes[..end], wants).is_err(), "{end} of {bytes:?}");
            }
        }
    }

    #[test]
    fn nobody_gives_anothers_answer() {
        for (answer, wants) in answers() {
            let other = if wants.cells_bytes == 0 { OF_A_WORKER } else { OF_A_COMPILER };
            let read = Answer::read(&mut &bytes(&answer)[..], other);
            assert_eq!(read.is_ok(), matches!(answer, Answer::Held(_)), "{answer:?}");
        }
    }

    #[test]
    fn lengths_beyond_what_is_wanted_are_refused_before_they_are_read() {
        for len in [0, 103, 105, u32::MAX] {
            let head = [&[CELLS][..], &len.to_le_bytes()].concat();
            // If it read on, the endless rest would fill the memory.
            let mut endless = head[..].chain(io::repeat(0));
            assert!(Answer::read(&mut endless, OF_A_WORKER).is_err(), "{len}");
        }
    }

    #[test]
    fn words_of_a_child_are_one_line_and_move_no_cursor() {
        let words = "a\n\u{1b}[2J\u{202e}b".to_owned() + &"x".repeat(10_000);
        let fault = WorkerFault { kind: 0, numbers: [0; 4], words };
        let mut written = bytes(&Answer::Fault(fault));
        // A hostile child does not clean its words.
        written.splice(38..40, *b"\x1b\x07");
        let Some(Answer::Fault(read)) = Answer::read(&mut &written[..], OF_A_WORKER).unwrap()
        else {
            panic!("it is a fault");
        };
        let said = RunFault::from(read).to_string();
        assert!(said.starts_with("??") && said.len() <= WORDS_BYTES_MAX, "{said}");
        assert!(!said.chars().any(char::is_control) && !said.contains('\u{202e}'));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(
            tag in 0..9_u8, len in prop_oneof![0..200_u32, any::<u32>()],
            bytes in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let bytes = [&[tag][..], &len.to_le_bytes(), &bytes].concat();
            for wants in [OF_A_WORKER, OF_A_COMPILER] {
                if let Ok(Some(Answer::Fault(fault))) = Answer::read(&mut &bytes[..], wants) {
                    prop_assert!(RunFault::from(fault).to_string().chars().count() < 1_200);
                }
            }
        }
    }
}
