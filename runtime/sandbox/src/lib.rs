//! Runs one guest over one person at a time, with a memory that is pristine at every call.
//!
//! [`check`] decides on the bytes of a module what the engine may see; [`Sandbox`] compiles it;
//! [`Guest::call`] runs it over one frame and collects what it contributes. There are no data
//! types here: a frame is bytes, a contribution is three numbers.
//!
//! *Invariant `pristine`*: every call starts from an instance that no earlier call has touched.

mod check;
mod engine;
mod exports;
mod guest;
mod limits;

pub use check::{CheckedModule, Measure, ModuleRefusal, RULES, check};
pub use engine::{ENGINE, Sandbox, SandboxError};
pub use guest::{Contribution, Ending, Fault, Guest, Outcome, Told};
pub use limits::{CallLimits, MODULE_LIMITS, ModuleLimits};
