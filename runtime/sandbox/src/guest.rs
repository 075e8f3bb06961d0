//! One call for one person, in an instance of its own: straightforward and obviously right.

use cloister_contract::abi;
use wasmtime::{Caller, Instance, Memory, Store, StoreLimits, StoreLimitsBuilder, TypedFunc};

use crate::limits::{CONTRIBUTIONS_MAX, INIT_FUEL, MODULE_LIMITS};
use crate::sandbox::{Sandbox, SandboxError};

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
pub struct Guest<'s> {
    sandbox: &'s Sandbox,
}

/// What the host holds for one instance.
pub(crate) struct State {
    limits: StoreLimits,
    contributions: Vec<Contribution>,
    /// Whether a person's frame has been handed over.
    sees_person: bool,
}

impl State {
    /// The host's side of the guest's only import.
    pub(crate) fn contribute(
        mut caller: Caller<'_, Self>,
        output: i32,
        cell: i64,
        value: f64,
    ) -> wasmtime::Result<()> {
        let state = caller.data_mut();
        if !state.sees_person || state.contributions.len() >= CONTRIBUTIONS_MAX {
            return Err(wasmtime::Trap::UnreachableCodeReached.into());
        }
        state.contributions.push(Contribution { output, cell, value });
        Ok(())
    }
}

/// An instance that has seen its parameters and no person.
struct Fresh {
    store: Store<State>,
    memory: Memory,
    person: TypedFunc<(i32, i32), ()>,
    arena: usize,
}

impl<'s> Guest<'s> {
    pub(crate) const fn new(sandbox: &'s Sandbox) -> Self {
        Self { sandbox }
    }

    /// Runs the guest over one person's `frame`, in an instance of its own. What it contributes
    /// replaces what was in `contributions`; after [`Outcome::Dropped`] that is nothing.
    ///
    /// # Errors
    /// [`Fault`] if the engine failed.
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
    /// [`Fault`] if the engine failed.
    pub fn call_told(
        &mut self,
        frame: &[u8],
        contributions: &mut Vec<Contribution>,
    ) -> Result<Told, Fault> {
        contributions.clear();
        // Init has no data in sight and succeeded when the sandbox was made, so it does here.
        let fresh = self.fresh().map_err(|_| Fault("an instance could not be made"))?;
        let Fresh { mut store, memory, person, arena } = fresh;
        let place = self.write(&mut store, memory, arena, frame)?;
        store.data_mut().sees_person = true;
        store.set_fuel(self.sandbox.limits.fuel).map_err(|_| Fault("fuel could not be set"))?;
        let ended = person.call(&mut store, place);
        let left = store.get_fuel().map_err(|_| Fault("fuel could not be read"))?;
        let fuel = self.sandbox.limits.fuel;
        let told = |ending| Ok(Told { ending, fuel: fuel.saturating_sub(left) });
        match ended.map_err(|error| error.downcast_ref::<wasmtime::Trap>().copied()) {
            Ok(()) => {
                core::mem::swap(contributions, &mut store.data_mut().contributions);
                told(Ending::Done)
            }
            Err(Some(wasmtime::Trap::OutOfFuel)) => Ok(Told { ending: Ending::OutOfFuel, fuel }),
            Err(Some(_)) if store.data().contributions.len() >= CONTRIBUTIONS_MAX => {
                told(Ending::TooMany)
            }
            Err(Some(_)) => told(Ending::Trapped),
            Err(None) => Err(Fault("a call ended in neither a return nor a trap")),
        }
    }

    /// Makes an instance, to see that a module's arena and init work.
    pub(crate) fn try_init(&mut self) -> Result<(), SandboxError> {
        self.fresh().map(drop)
    }

    fn fresh(&self) -> Result<Fresh, SandboxError> {
        let Sandbox { engine, module, limits, init } = self.sandbox;
        let bounds = StoreLimitsBuilder::new()
            .memory_size(limits.memory_bytes_max)
            .instances(1)
            .memories(1)
            .tables(1)
            .table_elements(MODULE_LIMITS.table_elements_max)
            .build();
        let state = State { limits: bounds, contributions: Vec::new(), sees_person: false };
        let mut store = Store::new(engine, state);
        store.limiter(|state| &mut state.limits);
        store.set_fuel(INIT_FUEL).map_err(|_| Fault("fuel could not be set"))?;
        let instance = module.instantiate(&mut store).map_err(|error| {
            // Only a segment can trap here; anything else is the host's want of memory.
            if error.is::<wasmtime::Trap>() {
                SandboxError::Init("its segments do not fit its memory or tables")
            } else {
                Fault("an instance could not be made").into()
            }
        })?;
        let memory = instance
            .get_memory(&mut store, abi::EXPORT_MEMORY)
            .ok_or(Fault("the memory is not there"))?;
        let arena = self.arena(&mut store, &instance, memory)?;
        let place = self.write(&mut store, memory, arena, init)?;
        function::<(i32, i32), ()>(&instance, &mut store, abi::EXPORT_INIT)?
            .call(&mut store, place)
            .map_err(|_| SandboxError::Init("`cloister_v1_init` trapped or contributed"))?;
        let person = function(&instance, &mut store, abi::EXPORT_PERSON)?;
        Ok(Fresh { store, memory, person, arena })
    }

    /// Asks the guest once where frames may lie, and checks that there is memory.
    fn arena(
        &self,
        store: &mut Store<State>,
        instance: &Instance,
        memory: Memory,
    ) -> Result<usize, SandboxError> {
        let len = self.arena_bytes();
        let wanted = i32::try_from(len)
            .map_err(|_| SandboxError::Init("its frames need more than 2 GiB"))?;
        let arena = function::<i32, i32>(instance, store, abi::EXPORT_ARENA)?
            .call(&mut *store, wanted)
            .map_err(|_| SandboxError::Init("`cloister_v1_arena` trapped; raise `memory_pages`"))?;
        // A pointer is an unsigned number: the cast keeps its bits.
        let arena = arena.cast_unsigned() as usize;
        let end = arena.checked_add(len).filter(|end| *end <= memory.data_size(&mut *store));
        match end {
            Some(_) if arena.is_multiple_of(8) => Ok(arena),
            Some(_) => Err(SandboxError::Init("the arena is not aligned to 8 bytes")),
            None => Err(SandboxError::Init("the arena lies outside its memory")),
        }
    }

    fn arena_bytes(&self) -> usize {
        self.sandbox.limits.frame_bytes_max.max(self.sandbox.init.len())
    }

    /// Writes `frame` at the arena's start and zeros behind it; gives the call's arguments.
    fn write(
        &self,
        store: &mut Store<State>,
        memory: Memory,
        arena: usize,
        frame: &[u8],
    ) -> Result<(i32, i32), Fault> {
        let place = memory
            .data_mut(store)
            .get_mut(arena..)
            .and_then(|rest| rest.get_mut(..self.arena_bytes()))
            .and_then(|arena| arena.split_at_mut_checked(frame.len()))
            .ok_or(Fault("a frame does not fit the arena"))?;
        place.0.copy_from_slice(frame);
        place.1.fill(0);
        let fits = Fault("a frame does not fit the address space");
        match (u32::try_from(arena), u32::try_from(frame.len())) {
            (Ok(arena), Ok(len)) => Ok((arena.cast_signed(), len.cast_signed())),
            _ => Err(fits),
        }
    }
}

fn function<P: wasmtime::WasmParams, R: wasmtime::WasmResults>(
    instance: &Instance,
    store: &mut Store<State>,
    name: &'static str,
) -> Result<TypedFunc<P, R>, Fault> {
    instance.get_typed_func(store, name).map_err(|_| Fault("an export is not there"))
}
