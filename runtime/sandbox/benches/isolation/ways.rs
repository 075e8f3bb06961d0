//! The ways to run a person, and how long each takes.

use std::time::Instant;

use cloister_sandbox::{
    CallLimits, CheckedModule, Compiled, Faults, Isolation, Mechanism, Outcome, Sandbox,
};

use crate::analysis;
use crate::persons::Guest;

/// Rounds; a figure is their median.
const ROUNDS: usize = 25;

/// Ample for all guests; the memory is what a study has unless it says otherwise.
const LIMITS: CallLimits =
    CallLimits { fuel: 100_000_000, memory_bytes_max: 32 << 16, frame_bytes_max: 64 << 10 };

/// A way to run a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The same sources, compiled natively: no sandbox at all.
    Native,
    /// The rewritten module without marks, twins and restoring: the same instance for everybody.
    None,
    /// The product's.
    Isolated,
    /// A new instance for each person.
    Fresh,
    /// As `None`, with whatever bits a NaN comes to have.
    NoneAnyNan,
    /// As `Isolated`, with the same.
    IsolatedAnyNan,
}

/// What keeps persons apart, and nothing else.
const ISOLATION: &[Mechanism] = &[
    Mechanism::I32Store,
    Mechanism::I32Store8,
    Mechanism::I32Store16,
    Mechanism::I64Store,
    Mechanism::I64Store8,
    Mechanism::I64Store16,
    Mechanism::I64Store32,
    Mechanism::F32Store,
    Mechanism::F64Store,
    Mechanism::V128Store,
    Mechanism::V128Store8Lane,
    Mechanism::V128Store16Lane,
    Mechanism::V128Store32Lane,
    Mechanism::V128Store64Lane,
    Mechanism::MemoryFill,
    Mechanism::MemoryCopy,
    Mechanism::Twins,
    Mechanism::SizeTwin,
    Mechanism::Restore,
    Mechanism::SecondGranule,
    Mechanism::InputZeroing,
    Mechanism::Comparison,
];

impl Way {
    const ALL: [Self; 6] = [
        Self::Native,
        Self::None,
        Self::Isolated,
        Self::Fresh,
        Self::NoneAnyNan,
        Self::IsolatedAnyNan,
    ];

    fn faults(self) -> Faults {
        match self {
            Self::Native | Self::Isolated | Self::Fresh => Faults::default(),
            Self::None => Faults::without(ISOLATION),
            Self::NoneAnyNan => Faults::without(ISOLATION).and_without(&[Mechanism::OneNan]),
            Self::IsolatedAnyNan => Faults::without(&[Mechanism::OneNan]),
        }
    }

    fn sandbox(self, module: &CheckedModule) -> Result<Sandbox, String> {
        let isolation = if self == Self::Fresh { Isolation::Fresh } else { Isolation::Restored };
        Compiled::faulty(module, &LIMITS, self.faults())
            .and_then(|compiled| Sandbox::load(&compiled, vec![0; 16], LIMITS))
            .map(|sandbox| sandbox.isolated(isolation))
            .map_err(|error| error.to_string())
    }
}

/// Nanoseconds that a person takes, in each way.
pub(crate) fn measure(module: &CheckedModule, guest: &Guest) -> Result<Vec<(Way, f64)>, String> {
    let sandboxes: Vec<Sandbox> =
        Way::ALL.iter().map(|way| way.sandbox(module)).collect::<Result<_, _>>()?;
    let mut guests: Vec<_> = sandboxes.iter().map(Sandbox::guest).collect();
    let frames: Vec<Vec<u8>> = guest.frames.iter().map(|frame| bytes(frame)).collect();
    let mut times = vec![Vec::with_capacity(ROUNDS); guests.len()];
    for _ in 0..ROUNDS {
        for ((way, running), times) in Way::ALL.iter().zip(&mut guests).zip(&mut times) {
            let persons = if *way == Way::Fresh { guest.persons.0 } else { guest.persons.1 };
            let begin = Instant::now();
            if *way == Way::Native {
                natively(&guest.frames, persons);
            } else {
                sandboxed(running, &frames, persons)?;
            }
            times.push(begin.elapsed().as_nanos() as f64 / persons as f64);
        }
    }
    Ok(Way::ALL.into_iter().zip(times.into_iter().map(median)).collect())
}

fn natively(frames: &[Vec<u64>], persons: usize) {
    let mut said = Vec::new();
    for frame in frames.iter().cycle().take(persons) {
        said.clear();
        let frame = std::hint::black_box(frame);
        analysis::person(frame, &mut |output, cell, value| said.push((output, cell, value)));
        std::hint::black_box(&said);
    }
}

fn sandboxed(
    guest: &mut cloister_sandbox::Guest<'_>,
    frames: &[Vec<u8>],
    persons: usize,
) -> Result<(), String> {
    let mut said = Vec::new();
    for frame in frames.iter().cycle().take(persons) {
        match guest.call(frame, &mut said) {
            Ok(Outcome::Done) => std::hint::black_box(&said),
            Ok(Outcome::Dropped) => return Err("a person was dropped".to_owned()),
            Err(fault) => return Err(fault.to_string()),
        };
    }
    Ok(())
}

fn bytes(frame: &[u64]) -> Vec<u8> {
    frame.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// The middle one.
pub(crate) fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
