//! One call for one person after another, each over a pristine instance.

use wasmtime::Trap;

use crate::faults::Mechanism;
use crate::instance::{AMPLE_FUEL, Instance, OVERDUE};
use crate::sample::Sample;
use crate::sandbox::{Isolation, Ready, Sandbox, SandboxError};

/// What a guest says about one person: in this output, to this cell, this value.
///
/// Nothing of it is checked here; whoever accumulates it must.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contribution {
    /// The output's position in the study file.
    pub output: i32,
    /// The cell's number in the output.
    pub cell: i64,
    /// The value.
    pub value: f64,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It returned; what it contributed stands.
    Done,
    /// It trapped, ran out of fuel, or contributed too often: the person contributes nothing.
    Dropped,
}

/// How a call ended and what it used: for a rehearsal over invented persons alone.
///
/// It is a function of one person's rows, so a run over real ones asks for an [`Outcome`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// How it ended.
    pub ending: Ending,
    /// Fuel used, in the engine's units.
    pub fuel: u64,
}

/// How a call ended, in all that can be told about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It returned; what it contributed stands.
    Done,
    /// It trapped: a panic, an overflow, a read outside its memory.
    Trapped,
    /// It ran out of fuel.
    OutOfFuel,
    /// It contributed too often.
    TooMany,
}

/// The engine failed, not the guest: the run must end, and nothing may be released.
#[derive(Debug, thiserror::Error)]
#[error("the sandbox failed: {0}")]
pub struct Fault(pub(crate) &'static str);

/// One thread's way to run persons through a [`Sandbox`].
///
/// *Invariant `pristine`*: [`Guest::call`] finds an instance that is, in all that a guest can see,
/// what it was after init. Either the call before ended well and all that it wrote was restored, or
/// there is no instance and a new one is made.
pub struct Guest<'s> {
    sandbox: &'s Sandbox,
    /// Ticks until a call is overdue.
    ticks: u64,
    /// A pristine instance, but during a call.
    instance: Option<Instance>,
    /// Which calls are compared.
    sample: Option<Sample>,
    /// The granules that a call wrote: kept for its room.
    dirty: Vec<u32>,
    /// What a test sees of the last call.
    #[cfg(feature = "faults")]
    pub(crate) seen: Option<crate::seen::Seen>,
}

impl<'s> Guest<'s> {
    pub(crate) fn new(sandbox: &'s Sandbox) -> Self {
        Self {
            sandbox,
            ticks: sandbox.ready.person_ticks(),
            instance: None,
            sample: None,
            dirty: Vec::new(),
            #[cfg(feature = "faults")]
            seen: None,
        }
    }

    /// Runs the guest over one person's `frame`. What it contributes replaces what was in
    /// `contributions`; after [`Outcome::Dropped`] that is nothing.
    ///
    /// # Errors
    /// [`Fault`] if the engine failed, or memory is not as it should be.
    pub fn call(
        &mut self,
        frame: &[u8],
        contributions: &mut Vec<Contribution>,
    ) -> Result<Outcome, Fault> {
        Ok(match self.call_told(frame, contributions)?.ending {
            Ending::Done => Outcome::Done,
            Ending::Trapped | Ending::OutOfFuel | Ending::TooMany => Outcome::Dropped,
        })
    }

    /// As [`Guest::call`], and tells how it went: for invented persons alone.
    ///
    /// # Errors
    /// As [`Guest::call`].
    pub fn call_told(
        &mut self,
        frame: &[u8],
        contributions: &mut Vec<Contribution>,
    ) -> Result<Told, Fault> {
        contributions.clear();
        let Ready { limits, faults, .. } = &self.sandbox.ready;
        if frame.len() > self.sandbox.ready.arena_bytes() {
            return Err(Fault("a frame does not fit the arena"));
        }
        let (mut instance, new) = match self.instance.take() {
            Some(instance) => (instance, false),
            None => (self.instance()?, true),
        };
        let place = instance.write(self.sandbox.image.arena, frame)?;
        if new || faults.works(Mechanism::FuelReset) {
            let fuel = if faults.works(Mechanism::Fuel) { limits.fuel } else { AMPLE_FUEL };
            instance.set_fuel(fuel)?;
        }
        instance.set_deadline(self.ticks);
        let ended = instance.person(place);
        let left = instance.fuel()?;
        #[cfg(feature = "faults")]
        self.look(&mut instance, left)?;
        let told = |ending| Told { ending, fuel: limits.fuel.saturating_sub(left) };
        match ended.map_err(|error| error.downcast_ref::<Trap>().copied()) {
            Ok(()) => {
                instance.drain(contributions)?;
                if self.sandbox.isolation == Isolation::Restored {
                    self.clean(&mut instance, frame.len())?;
                    self.instance = Some(instance);
                }
                Ok(told(Ending::Done))
            }
            Err(Some(Trap::Interrupt)) => Err(OVERDUE),
            Err(None) => Err(Fault("a call ended in neither a return nor a trap")),
            Err(Some(_)) if !faults.works(Mechanism::Commit) => {
                instance.drain(contributions)?;
                Ok(told(Ending::Done))
            }
            Err(Some(trap)) => {
                let full = instance.is_full()?;
                // A trap may come between any two instructions, so what it leaves is not trusted.
                if !faults.works(Mechanism::ThrowAway) {
                    self.instance = Some(instance);
                }
                Ok(match trap {
                    Trap::OutOfFuel => Told { ending: Ending::OutOfFuel, fuel: limits.fuel },
                    _ if full => told(Ending::TooMany),
                    _ => told(Ending::Trapped),
                })
            }
        }
    }

    /// Ends the guest's work, with a last look at its whole memory. A caller that released
    /// anything without it would miss what only the last comparison can notice.
    ///
    /// # Errors
    /// [`Fault`] if memory is not as it should be.
    pub fn finish(mut self) -> Result<(), Fault> {
        self.instance.take().map_or(Ok(()), |mut instance| self.compare(&mut instance))
    }

    /// Makes an instance that has begun.
    fn instance(&self) -> Result<Instance, Fault> {
        // What begins with no data in sight succeeded when the sandbox was made, so it does here.
        let anew = |error| match error {
            SandboxError::Fault(fault) => fault,
            _ => Fault("an instance could not be made again"),
        };
        let Sandbox { ready, image, isolation } = self.sandbox;
        let mut instance = Instance::bare(ready).map_err(anew)?;
        match isolation {
            Isolation::Restored => instance.adopt(image)?,
            Isolation::Fresh => {
                if instance.begin(ready).map_err(anew)? != image.arena {
                    return Err(Fault("the arena is not where it was"));
                }
            }
        }
        Ok(instance)
    }

    /// Restores what a call has written, and its input, of `frame_bytes`.
    fn clean(&mut self, instance: &mut Instance, frame_bytes: usize) -> Result<(), Fault> {
        let Sandbox { ready: Ready { faults, .. }, image, .. } = self.sandbox;
        self.dirty.clear();
        instance.take_log(&mut self.dirty)?;
        if faults.works(Mechanism::BufferReset) {
            instance.forget_contributions()?;
        }
        if faults.works(Mechanism::Restore) {
            let second = faults.works(Mechanism::SecondGranule);
            image.clean(instance.memory_mut(), &self.dirty, second);
        }
        if faults.works(Mechanism::InputZeroing) {
            instance.zero(image.arena, frame_bytes)?;
        }
        let sample = match &mut self.sample {
            Some(sample) => sample,
            None => self.sample.insert(Sample::new(instance.memory().len())?),
        };
        if sample.is_due() { self.compare(instance) } else { Ok(()) }
    }

    fn compare(&self, instance: &mut Instance) -> Result<(), Fault> {
        let Sandbox { ready, image, .. } = self.sandbox;
        if ready.faults.works(Mechanism::Comparison) && !instance.is_pristine(image)? {
            return Err(Fault(
                "the memory of one person was not there for the next as it should be",
            ));
        }
        Ok(())
    }
}
