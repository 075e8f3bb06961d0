//! One instance of a rewritten module, and every touch of its memories.
//!
//! Numbers that came through a guest are used for one thing: to ask for a slice, which is there or
//! is not.

use cloister_contract::abi::PAGE_BYTES;
use wasmtime::{
    Memory, Store, StoreLimits, StoreLimitsBuilder, Trap, TypedFunc, WasmParams, WasmResults,
};

use crate::faults::Mechanism;
use crate::guest::{Contribution, Fault};
use crate::image::{Image, is_zero};
use crate::limits::{INIT_FUEL, MODULE_LIMITS};
use crate::rewrite::entry::export;
#[cfg(feature = "faults")]
use crate::rewrite::notes::DEEP;
use crate::rewrite::notes::{
    CONTRIBUTION_BYTES, CONTRIBUTIONS_BYTES, LOGGED, Layout, SAID, TWIN_BYTES,
};
use crate::sandbox::{Ready, SandboxError};

/// The code is something else than the rewriter's.
const NOT_REWRITTEN: Fault = Fault("the compiled code is not that of a rewritten module");
/// Memory 1 is not as the rewriter lays it out.
const NO_NOTES: Fault = Fault("the notes of an instance are not as they should be");
/// The clock has ended a call.
pub(crate) const OVERDUE: Fault = Fault("a call took longer than its fuel can last");
/// Fuel for a generated function: it cannot run out.
pub(crate) const AMPLE_FUEL: u64 = u64::MAX / 4;
/// Ticks that never come.
const NO_DEADLINE: u64 = u64::MAX / 2;

/// An instance of a rewritten module.
pub(crate) struct Instance {
    store: Store<StoreLimits>,
    instance: wasmtime::Instance,
    memory: Memory,
    notes: Memory,
    person: TypedFunc<(i32, i32), ()>,
    layout: Layout,
}

impl Instance {
    /// Makes an instance that nothing has been called in.
    pub(crate) fn bare(ready: &Ready) -> Result<Self, SandboxError> {
        let bounds = StoreLimitsBuilder::new()
            .instances(1)
            .memories(2)
            .tables(1)
            .table_elements(MODULE_LIMITS.table_elements_max)
            .build();
        let mut store = Store::new(&ready.engine, bounds);
        store.limiter(|bounds| bounds);
        store.set_epoch_deadline(NO_DEADLINE);
        // Segments are copied by code of the engine's own making.
        store.set_fuel(AMPLE_FUEL).map_err(|_| Fault("fuel could not be set"))?;
        let instance = ready.module.instantiate(&mut store).map_err(|error| {
            // Only a segment can trap here; anything else is the host's want of memory.
            if error.is::<Trap>() {
                SandboxError::Init("its segments do not fit its memory or tables")
            } else {
                Fault("an instance could not be made").into()
            }
        })?;
        let memory = instance.get_memory(&mut store, export::MEMORY).ok_or(NOT_REWRITTEN)?;
        let notes = instance.get_memory(&mut store, export::NOTES).ok_or(NOT_REWRITTEN)?;
        let twins = instance.get_global(&mut store, export::TWINS).ok_or(NOT_REWRITTEN)?;
        let twins = twins.get(&mut store).i32().ok_or(NOT_REWRITTEN)?;
        let layout = Layout::new(memory.size(&store), u64::from(twins.cast_unsigned()));
        let pages_max = ready.limits.memory_bytes_max as u64 / PAGE_BYTES;
        if memory.size(&store) != pages_max || notes.size(&store) != layout.pages() {
            return Err(Fault("the code was compiled for other limits").into());
        }
        let person =
            instance.get_typed_func(&mut store, export::PERSON).map_err(|_| NOT_REWRITTEN)?;
        Ok(Self { store, instance, memory, notes, person, layout })
    }

    /// Begins as `ABI.md` has it: asks where frames may lie, and hands over the parameters. Then
    /// notes the globals, and leaves the arena zero. Gives the arena.
    pub(crate) fn begin(&mut self, ready: &Ready) -> Result<usize, SandboxError> {
        let len = ready.arena_bytes();
        let wanted = i32::try_from(len)
            .map_err(|_| SandboxError::Init("its frames need more than 2 GiB"))?;
        // There is no room for contributions, so that neither function can make one.
        let silent = ready.faults.works(Mechanism::InitIsSilent);
        self.set_word(SAID, if silent { CONTRIBUTIONS_BYTES } else { 0 })?;
        self.set_fuel(INIT_FUEL)?;
        self.set_deadline(ready.init_ticks());
        let arena: i32 = self
            .function::<i32, i32>(export::ARENA)?
            .call(&mut self.store, wanted)
            .map_err(trapped("`cloister_v1_arena` trapped; raise `memory_pages`"))?;
        let left = self.fuel()?;
        // A pointer is an unsigned number: the cast keeps its bits.
        let arena = arena.cast_unsigned() as usize;
        let end = arena.checked_add(len).map(|end| end as u64);
        let inside = end.is_some_and(|end| self.grown().is_ok_and(|grown| end <= grown));
        if !inside && ready.faults.works(Mechanism::ArenaCheck) {
            return Err(SandboxError::Init("the arena lies outside its memory"));
        }
        if !arena.is_multiple_of(8) && ready.faults.works(Mechanism::ArenaCheck) {
            return Err(SandboxError::Init("the arena is not aligned to 8 bytes"));
        }
        self.zero(arena, len)?;
        let place = self.write(arena, &ready.init)?;
        self.set_fuel(left)?;
        self.set_deadline(ready.init_ticks());
        self.function::<(i32, i32), ()>(export::INIT)?
            .call(&mut self.store, place)
            .map_err(trapped("`cloister_v1_init` trapped or contributed"))?;
        self.zero(arena, len)?;
        self.save(self.layout.twins())?;
        self.forget_contributions()?;
        // A mark that is there already costs a person less fuel.
        self.take_log(&mut Vec::new())?;
        Ok(arena)
    }

    /// Becomes, from a bare instance, one that has begun: a copy of the one that `image` is of.
    pub(crate) fn adopt(&mut self, image: &Image) -> Result<(), Fault> {
        image.put(self.memory.data_mut(&mut self.store));
        self.part_mut(self.layout.twins(), self.twins_bytes())?.copy_from_slice(&image.twins);
        Ok(())
    }

    /// Calls the guest for one person, whose frame is in its place.
    pub(crate) fn person(&mut self, place: (i32, i32)) -> wasmtime::Result<()> {
        self.person.call(&mut self.store, place)
    }

    /// Writes `frame` at the arena's start; gives the call's arguments.
    pub(crate) fn write(&mut self, arena: usize, frame: &[u8]) -> Result<(i32, i32), Fault> {
        let outside = Fault("a frame lies outside the memory");
        let memory = self.memory.data_mut(&mut self.store);
        let place = memory.get_mut(arena..).and_then(|rest| rest.get_mut(..frame.len()));
        place.ok_or(outside)?.copy_from_slice(frame);
        match (u32::try_from(arena), u32::try_from(frame.len())) {
            (Ok(arena), Ok(len)) => Ok((arena.cast_signed(), len.cast_signed())),
            _ => Err(Fault("a frame does not fit the address space")),
        }
    }

    /// Zeroes `len` bytes from `at` on.
    pub(crate) fn zero(&mut self, at: usize, len: usize) -> Result<(), Fault> {
        let memory = self.memory.data_mut(&mut self.store);
        let place = memory.get_mut(at..).and_then(|rest| rest.get_mut(..len));
        place.ok_or(Fault("the arena lies outside the memory"))?.fill(0);
        Ok(())
    }

    /// Whether all the contributions that a person may make were made.
    pub(crate) fn is_full(&self) -> Result<bool, Fault> {
        Ok(self.word(SAID)? >= CONTRIBUTIONS_BYTES)
    }

    /// Whether a call went too deep.
    #[cfg(feature = "faults")]
    pub(crate) fn is_deep(&self) -> Result<bool, Fault> {
        Ok(self.word(DEEP)? != 0)
    }

    /// Appends what was contributed to `contributions`.
    pub(crate) fn drain(&self, contributions: &mut Vec<Contribution>) -> Result<(), Fault> {
        let said = self.part(self.layout.contributions(), self.word(SAID)?)?;
        let (records, []) = said.as_chunks::<CONTRIBUTION_BYTES>() else {
            return Err(NO_NOTES);
        };
        contributions.extend(records.iter().filter_map(record));
        Ok(())
    }

    /// Forgets all contributions.
    pub(crate) fn forget_contributions(&mut self) -> Result<(), Fault> {
        self.set_word(SAID, 0)
    }

    /// Moves the log to `dirty`, which was empty, and clears the map.
    pub(crate) fn take_log(&mut self, dirty: &mut Vec<u32>) -> Result<(), Fault> {
        let (log, map) = (place(self.layout.log())?, place(self.layout.map())?);
        let logged = place(self.word(LOGGED)?)?;
        self.set_word(LOGGED, 0)?;
        let (before, map) =
            self.notes.data_mut(&mut self.store).split_at_mut_checked(map).ok_or(NO_NOTES)?;
        let log = before.get(log..).and_then(|rest| rest.get(..logged)).ok_or(NO_NOTES)?;
        for granule in log.as_chunks().0 {
            let granule = u32::from_le_bytes(*granule);
            *map.get_mut(granule as usize).ok_or(NO_NOTES)? = 0;
            dirty.push(granule);
        }
        Ok(())
    }

    /// The guest's memory.
    pub(crate) fn memory(&self) -> &[u8] {
        self.memory.data(&self.store)
    }

    /// The guest's memory, to restore it.
    pub(crate) fn memory_mut(&mut self) -> &mut [u8] {
        self.memory.data_mut(&mut self.store)
    }

    /// The twins.
    pub(crate) fn twins(&self) -> Result<&[u8], Fault> {
        self.part(self.layout.twins(), self.twins_bytes())
    }

    /// Pages and globals as they are now, in the form of twins.
    pub(crate) fn live(&mut self) -> Result<&[u8], Fault> {
        self.save(self.layout.live())?;
        self.part(self.layout.live(), self.twins_bytes())
    }

    /// Whether memory, twins, globals set from them, and the map are as after init.
    pub(crate) fn is_pristine(&mut self, image: &Image) -> Result<bool, Fault> {
        self.set_fuel(AMPLE_FUEL)?;
        self.set_deadline(NO_DEADLINE);
        self.function::<(), ()>(export::RELOAD)?
            .call(&mut self.store, ())
            .map_err(|_| NOT_REWRITTEN)?;
        let map = self.part(self.layout.map(), self.layout.granules())?;
        Ok(is_zero(map)
            && image.is_of(self.memory())
            && self.twins()? == image.twins
            && self.live()? == image.twins)
    }

    /// Fuel that is left.
    pub(crate) fn fuel(&self) -> Result<u64, Fault> {
        self.store.get_fuel().map_err(|_| Fault("fuel could not be read"))
    }

    /// Gives fuel for the next call.
    pub(crate) fn set_fuel(&mut self, fuel: u64) -> Result<(), Fault> {
        self.store.set_fuel(fuel).map_err(|_| Fault("fuel could not be set"))
    }

    /// Sets when calls are overdue, in ticks from now.
    pub(crate) fn set_deadline(&mut self, ticks: u64) {
        self.store.set_epoch_deadline(ticks);
    }

    /// Bytes of memory as the guest sees it.
    fn grown(&mut self) -> Result<u64, Fault> {
        let pages = self.live()?.first_chunk().ok_or(NO_NOTES)?;
        Ok(u64::from(u32::from_le_bytes(*pages)) * PAGE_BYTES)
    }

    fn save(&mut self, at: u64) -> Result<(), Fault> {
        let at = i32::try_from(at).map_err(|_| NO_NOTES)?;
        self.set_fuel(AMPLE_FUEL)?;
        self.set_deadline(NO_DEADLINE);
        self.function::<i32, ()>(export::SAVE)?.call(&mut self.store, at).map_err(|_| NOT_REWRITTEN)
    }

    fn function<P: WasmParams, R: WasmResults>(
        &mut self,
        name: &'static str,
    ) -> Result<TypedFunc<P, R>, Fault> {
        self.instance.get_typed_func(&mut self.store, name).map_err(|_| NOT_REWRITTEN)
    }

    const fn twins_bytes(&self) -> u64 {
        self.layout.twins_len() * TWIN_BYTES
    }

    fn part(&self, at: u64, len: u64) -> Result<&[u8], Fault> {
        let rest = self.notes.data(&self.store).get(place(at)?..).ok_or(NO_NOTES)?;
        rest.get(..place(len)?).ok_or(NO_NOTES)
    }

    fn part_mut(&mut self, at: u64, len: u64) -> Result<&mut [u8], Fault> {
        let rest = self.notes.data_mut(&mut self.store).get_mut(place(at)?..).ok_or(NO_NOTES)?;
        rest.get_mut(..place(len)?).ok_or(NO_NOTES)
    }

    fn word(&self, at: u64) -> Result<u64, Fault> {
        let bytes = self.part(at, 4)?.first_chunk().ok_or(NO_NOTES)?;
        Ok(u64::from(u32::from_le_bytes(*bytes)))
    }

    fn set_word(&mut self, at: u64, value: u64) -> Result<(), Fault> {
        let value = u32::try_from(value).map_err(|_| NO_NOTES)?;
        self.part_mut(at, 4)?.copy_from_slice(&value.to_le_bytes());
        Ok(())
    }
}

/// What it means that a call for nobody did not return.
fn trapped(words: &'static str) -> impl Fn(wasmtime::Error) -> SandboxError {
    move |error| match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => OVERDUE.into(),
        _ => SandboxError::Init(words),
    }
}

/// A place in memory 1, as the host counts.
fn place(at: u64) -> Result<usize, Fault> {
    usize::try_from(at).map_err(|_| NO_NOTES)
}

/// One contribution, as the generated function writes it.
fn record(bytes: &[u8; CONTRIBUTION_BYTES]) -> Option<Contribution> {
    let ([[o0, o1, o2, o3, ..], cell, value], []) = bytes.as_chunks::<8>() else {
        return None;
    };
    Some(Contribution {
        output: i32::from_le_bytes([*o0, *o1, *o2, *o3]),
        cell: i64::from_le_bytes(*cell),
        value: f64::from_le_bytes(*value),
    })
}
