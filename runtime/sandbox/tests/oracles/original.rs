//! A module as its author built it, in a plain engine, one new instance for each person: what
//! `ABI.md` says in the fewest words. Nothing here is shared with the sandbox.

use cloister_sandbox::CallLimits;
use wasmtime::{
    Caller, Config, Engine, Instance, Linker, Memory, Module, Store, StoreLimits,
    StoreLimitsBuilder, Trap,
};

/// Contributions as bits, so that NaN equals itself.
pub(crate) type Said = Vec<(i32, i64, u64)>;

/// A person's call of the module as it was.
pub(crate) struct Call {
    /// The trap that ended it, if one did.
    pub(crate) trap: Option<Trap>,
    pub(crate) said: Said,
    /// Memory at the end, as far as it was grown.
    pub(crate) memory: Vec<u8>,
}

/// What the host holds for one instance.
struct State {
    limits: StoreLimits,
    /// Whether a person is there, about whom something can be said.
    person: bool,
    said: Said,
}

/// A compiled module.
pub(crate) struct Original {
    linker: Linker<State>,
    module: Module,
    init: Vec<u8>,
    limits: CallLimits,
}

impl Original {
    pub(crate) fn new(bytes: &[u8], init: &[u8], limits: CallLimits) -> Self {
        let mut config = Config::new();
        config.consume_fuel(true).cranelift_nan_canonicalization(true);
        let engine = Engine::new(&config).unwrap();
        let module = Module::from_binary(&engine, bytes).unwrap();
        let mut linker = Linker::new(&engine);
        linker.func_wrap("cloister", "contribute", contribute).unwrap();
        Self { linker, module, init: init.to_vec(), limits }
    }

    /// Runs one person, or gives the trap of init if it has one. There is more fuel than the
    /// sandbox gives, as the rewriter's own instructions need none here; but a loop must end.
    pub(crate) fn call(&self, frame: &[u8]) -> Result<Call, Trap> {
        let limits = StoreLimitsBuilder::new().memory_size(self.limits.memory_bytes_max).build();
        let state = State { limits, person: false, said: Vec::new() };
        let mut store = Store::new(self.linker.engine(), state);
        store.limiter(|state| &mut state.limits);
        store.set_fuel(1 << 40).unwrap();
        let instance = self.linker.instantiate(&mut store, &self.module).unwrap();
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        let len = self.limits.frame_bytes_max.max(self.init.len());
        let arena = instance.get_typed_func::<i32, i32>(&mut store, "cloister_v1_arena").unwrap();
        let arena = arena.call(&mut store, len as i32).unwrap() as u32 as usize;
        let place = write(&mut store, memory, arena..arena + len, &self.init);
        call(&mut store, &instance, "cloister_v1_init", place).map_err(trap)?;
        let place = write(&mut store, memory, arena..arena + len, frame);
        store.data_mut().person = true;
        store.set_fuel(2 * self.limits.fuel).unwrap();
        let ended = call(&mut store, &instance, "cloister_v1_person", place);
        let memory = memory.data(&store).to_vec();
        Ok(Call { trap: ended.err().map(trap), said: store.into_data().said, memory })
    }
}

fn contribute(
    mut caller: Caller<'_, State>,
    output: i32,
    cell: i64,
    value: f64,
) -> wasmtime::Result<()> {
    let state = caller.data_mut();
    if !state.person || state.said.len() == 100_000 {
        return Err(Trap::UnreachableCodeReached.into());
    }
    state.said.push((output, cell, value.to_bits()));
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "it is used with `map`")]
fn trap(error: wasmtime::Error) -> Trap {
    *error.downcast_ref().unwrap()
}

/// Writes a frame to the arena's start and zeros behind it.
fn write(
    store: &mut Store<State>,
    memory: Memory,
    arena: std::ops::Range<usize>,
    frame: &[u8],
) -> (i32, i32) {
    let start = arena.start as u32 as i32;
    let arena = &mut memory.data_mut(store)[arena];
    arena.fill(0);
    arena[..frame.len()].copy_from_slice(frame);
    (start, frame.len() as i32)
}

fn call(
    store: &mut Store<State>,
    instance: &Instance,
    name: &str,
    place: (i32, i32),
) -> wasmtime::Result<()> {
    instance.get_typed_func::<(i32, i32), ()>(&mut *store, name).unwrap().call(store, place)
}
