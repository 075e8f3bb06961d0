//! Runs one guest over one person at a time, with a memory that is pristine at every call.
//!
//! [`check`] decides on the bytes of a module what the engine may see; [`Compiled`] compiles it;
//! [`Sandbox`] makes it ready; [`Guest::call`] runs it over one frame and collects what it
//! contributes. There are no data types here: a frame is bytes, a contribution is three numbers.
//!
//! *Invariant `pristine`*: every call starts from an instance that is, in all that a guest can see,
//! as it was before the first person.

mod autopsy;
mod backstop;
mod check;
mod compiled;
mod engine;
mod exports;
mod faults;
mod guest;
mod image;
mod instance;
mod limits;
mod rewrite;
mod sample;
mod sandbox;
#[cfg(feature = "faults")]
mod seen;

pub use autopsy::{Autopsy, autopsy};
pub use backstop::{Backstop, PRICE, Price, TICK};
pub use check::{CheckedModule, Measure, ModuleRefusal, RULES, check};
pub use compiled::Compiled;
pub use engine::ENGINE;
#[cfg(feature = "faults")]
pub use faults::{Faults, Mechanism};
pub use guest::{Contribution, Ending, Fault, Guest, Outcome, Told};
pub use limits::{CallLimits, MODULE_LIMITS, ModuleLimits};
pub use sandbox::{Isolation, Sandbox, SandboxError};
#[cfg(feature = "faults")]
pub use seen::Seen;
