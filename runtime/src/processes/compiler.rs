//! The compiler: a child without a file, where a hostile module meets Cranelift and first runs.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use cloister_sandbox::check;

use super::answer::{Answer, Refused, Wants};
use super::cache::Entry;
use super::child::{Conversation, converse};
use super::order::CompileOrder;
use super::{COMPILER, ChildFault, Confined, IMAGE_BYTES_MAX};
use crate::admit::{Refusal, Trial};
use crate::confine::{self, Limits};

/// Seconds of processor time that compiling and trying a module may take.
const CPU_SECONDS_MAX: u64 = 30;
/// Seconds that it may take on a busy machine.
const SECONDS_MAX: u64 = 90;
/// Bytes of memory that the compiler may have.
const MEMORY_BYTES_MAX: u64 = 1 << 30;
/// Bytes of machine code of one module.
pub(super) const CODE_BYTES_MAX: usize = 256 << 20;
/// These limits, for people.
pub(crate) const COMPILING: &str = "30 s of processor time, 90 s or 1 GiB of memory";

/// Has `module`, checked bytes, compiled and tried in a confined child; gives its machine code.
///
/// # Errors
/// [`Refusal`] if the module cannot be compiled within the limits, or fails its trial.
pub(crate) async fn compile(
    confined: &Confined,
    module: &[u8],
    trial: &Trial,
) -> Result<Vec<u8>, Refusal> {
    let order =
        CompileOrder::encode(confined.required, trial, module).map_err(ChildFault::Start)?;
    let kept = confined.cache.as_deref().and_then(|cache| cache.entry(&order));
    if let Some(code) = kept.as_ref().and_then(Entry::read) {
        return Ok(code);
    }
    let wants = Wants { code_bytes_max: CODE_BYTES_MAX, cells_bytes: 0 };
    let time_max = Duration::from_secs(SECONDS_MAX);
    let conversation = Conversation { role: COMPILER, order, wants, time_max };
    match converse(confined, conversation, |_| {}).await {
        Ok(Answer::Code(code)) => {
            if let Some(entry) = kept {
                entry.write(&code);
            }
            Ok(code)
        }
        Ok(Answer::Refused(Refused::OutOfRange)) => Err(Refusal::OutOfRange),
        Ok(Answer::Refused(Refused::Words(words))) => Err(Refusal::Compiler(words)),
        Ok(_) => Err(ChildFault::Garbage("it is a worker's").into()),
        Err(ChildFault::Late { .. }) => Err(Refusal::TooHard),
        Err(ChildFault::Ended { signal: Some(signal), .. }) if exhausted(signal) => {
            Err(Refusal::TooHard)
        }
        Err(fault) => Err(fault.into()),
    }
}

/// Whether a signal is how a process ends that needs more memory or time than it has: it aborts,
/// or the system ends it.
const fn exhausted(signal: i32) -> bool {
    const SIGABRT: i32 = 6;
    const SIGKILL: i32 = 9;
    const SIGXCPU: i32 = 24;
    matches!(signal, SIGABRT | SIGKILL | SIGXCPU)
}

/// The child's own work.
pub(super) fn main() -> ExitCode {
    confine::begin();
    let Ok(order) = CompileOrder::read(&mut io::stdin().lock()) else { return ExitCode::FAILURE };
    let limits = Limits {
        cpu_seconds: Some(CPU_SECONDS_MAX),
        memory_bytes: MEMORY_BYTES_MAX,
        file_bytes: IMAGE_BYTES_MAX,
    };
    let held = confine::hold(&limits, &[], None);
    if !super::begin(held, order.head.must_confine) {
        return ExitCode::FAILURE;
    }
    super::end(&answer(order))
}

fn answer(order: CompileOrder) -> Answer {
    let CompileOrder { head, init, nobody, module } = order;
    let trial = Trial { limits: head.limits.into(), init, nobody, named: head.named };
    let compiled = check(module).map_err(Refusal::from).and_then(|module| trial.compile(&module));
    match compiled {
        Ok((compiled, _)) => Answer::Code(compiled.code().to_vec()),
        Err(Refusal::OutOfRange) => Answer::Refused(Refused::OutOfRange),
        Err(refusal) => Answer::Refused(Refused::Words(refusal.to_string())),
    }
}
