//! Where a call trapped, and what fuel it would have taken: for a researcher's own module over a
//! person who was invented.
//!
//! The engine of a run keeps nothing of where a guest was. So the module is compiled once more, for
//! an engine that does, and called once for that person. What comes of it is a function of the
//! person's rows: never ask it about anybody who exists.

use wasmtime::{FrameInfo, Trap, WasmBacktrace};

use crate::check::CheckedModule;
use crate::compiled::Compiled;
use crate::engine::engine_that_tells;
use crate::faults::Faults;
use crate::guest::{Ending, Fault};
use crate::instance::Instance;
use crate::limits::CallLimits;
use crate::sandbox::{Sandbox, SandboxError};

/// How one call went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Autopsy {
    /// How it ended; never [`Ending::TooMany`], which is told as a trap here.
    pub ending: Ending,
    /// Fuel used, in the engine's units.
    pub fuel: u64,
    /// The trap, in the engine's words; empty if the call ended well.
    pub trap: String,
    /// The functions that it was in by their index, the innermost first. Behind the module's own
    /// are those of the rewriter, which keeps all others in their places.
    pub functions: Vec<u32>,
}

/// Calls `module` for the person of `frame`.
///
/// # Errors
/// [`SandboxError`] as [`Sandbox::new`] has it.
pub fn autopsy(
    module: &CheckedModule,
    init: Vec<u8>,
    limits: CallLimits,
    frame: &[u8],
) -> Result<Autopsy, SandboxError> {
    let compiled = Compiled::new(module, &limits)?;
    let engine = engine_that_tells(Faults::chosen());
    let engine = engine.map_err(|_| Fault("there is no engine that tells of traps"))?;
    let Sandbox { ready, image, .. } = Sandbox::load_in(engine, &compiled, init, limits)?;
    let mut instance = Instance::bare(&ready)?;
    instance.adopt(&image)?;
    let place = instance.write(image.arena, frame)?;
    instance.set_fuel(limits.fuel)?;
    instance.set_deadline(ready.person_ticks());
    let ended = instance.person(place);
    let fuel = limits.fuel.saturating_sub(instance.fuel()?);
    let Err(error) = ended else {
        return Ok(Autopsy {
            ending: Ending::Done,
            fuel,
            trap: String::new(),
            functions: Vec::new(),
        });
    };
    let trap = error.downcast_ref::<Trap>();
    let out = trap == Some(&Trap::OutOfFuel);
    let frames = error.downcast_ref::<WasmBacktrace>().map(WasmBacktrace::frames);
    Ok(Autopsy {
        ending: if out { Ending::OutOfFuel } else { Ending::Trapped },
        fuel: if out { limits.fuel } else { fuel },
        trap: trap.map_or_else(String::new, ToString::to_string),
        functions: frames.unwrap_or_default().iter().map(FrameInfo::func_index).collect(),
    })
}
