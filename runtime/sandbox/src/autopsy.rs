//! Where a call trapped: for a researcher's own module over a person who was invented.
//!
//! The engine of a run keeps nothing of where a guest was. So the module is compiled once more, for
//! an engine that does, and called once for that person. What comes of it is a function of the
//! person's rows: never ask it about anybody who exists.

use wasmtime::{FrameInfo, Trap, WasmBacktrace};

use crate::check::CheckedModule;
use crate::compiled::Compiled;
use crate::engine::engine_that_tells;
use crate::faults::Faults;
use crate::guest::Fault;
use crate::instance::Instance;
use crate::limits::CallLimits;
use crate::sandbox::{Sandbox, SandboxError};

/// How and where a call trapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Autopsy {
    /// The trap, in the engine's words.
    pub trap: String,
    /// The functions that it was in by their index, the innermost first. Behind the module's own
    /// are those of the rewriter, which keeps all others in their places.
    pub functions: Vec<u32>,
}

/// Calls `module` for the person of `frame`; `None` if the call ends well.
///
/// # Errors
/// [`SandboxError`] as [`Sandbox::new`] has it.
pub fn autopsy(
    module: &CheckedModule,
    init: Vec<u8>,
    limits: CallLimits,
    frame: &[u8],
) -> Result<Option<Autopsy>, SandboxError> {
    let compiled = Compiled::new(module, &limits)?;
    let engine = engine_that_tells(Faults::chosen());
    let engine = engine.map_err(|_| Fault("there is no engine that tells of traps"))?;
    let Sandbox { ready, image, .. } = Sandbox::load_in(engine, &compiled, init, limits)?;
    let mut instance = Instance::bare(&ready)?;
    instance.adopt(&image)?;
    let place = instance.write(image.arena, frame)?;
    instance.set_fuel(limits.fuel)?;
    instance.set_deadline(ready.person_ticks());
    let Err(error) = instance.person(place) else { return Ok(None) };
    let trap = error.downcast_ref::<Trap>().map_or_else(String::new, ToString::to_string);
    let frames = error.downcast_ref::<WasmBacktrace>().map(WasmBacktrace::frames);
    let functions = frames.unwrap_or_default().iter().map(FrameInfo::func_index).collect();
    Ok(Some(Autopsy { trap, functions }))
}
