//! The two oracles, as functions of a module and its persons.

use cloister_sandbox::{
    CallLimits, CheckedModule, Compiled, Contribution, Ending, Faults, Guest, Isolation, Sandbox,
    SandboxError, Seen, Told,
};

use wasmtime::Trap;

use super::original::{Original, Said};

/// The init frame of all guests here: they do not read it as one.
const INIT: &[u8] = b"CLI1\x10\0\0\0\0\0\0\0\0\0\0\0";

/// How many calls were compared, so that a suite cannot pass by comparing nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// Modules that persons were run through.
    pub(crate) modules: u64,
    /// Modules that failed before they saw one.
    pub(crate) not_ready: u64,
    /// Persons.
    pub(crate) persons: u64,
    /// Calls that ended well, here and as the author built the module.
    pub(crate) done: u64,
    /// Calls that trapped in both.
    pub(crate) trapped: u64,
    /// Calls that ran out of fuel or stack, or stayed within memory that was not yet grown: there
    /// the module as it was may end differently.
    pub(crate) excused: u64,
    /// Contributions that were the same.
    pub(crate) said: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.modules += other.modules;
        self.not_ready += other.not_ready;
        self.persons += other.persons;
        self.done += other.done;
        self.trapped += other.trapped;
        self.excused += other.excused;
        self.said += other.said;
    }
}

/// One call, all that is known of it.
struct Call {
    told: Told,
    said: Said,
    seen: Seen,
}

/// Runs `frames` through one guest after the other and asks both oracles of every call. What an
/// oracle does not like is an error; a sandbox with a fault in it is made by the same way.
pub(crate) fn ask(
    module: &CheckedModule,
    limits: CallLimits,
    frames: &[Vec<u8>],
    faults: Faults,
) -> Result<Tally, String> {
    let mut tally = Tally::default();
    let made = Compiled::faulty(module, &limits, faults)
        .and_then(|compiled| Ok((Sandbox::load(&compiled, INIT.to_vec(), limits)?, compiled)));
    let (restored, compiled) = match made {
        Ok(made) => made,
        Err(SandboxError::Init(_) | SandboxError::Memory { .. }) => {
            tally.not_ready += 1;
            return Ok(tally);
        }
        Err(error) => return Err(format!("it is not made ready: {error}")),
    };
    let fresh = Sandbox::load(&compiled, INIT.to_vec(), limits).map_err(|e| e.to_string())?;
    let fresh = fresh.isolated(Isolation::Fresh);
    let original = Original::new(module.bytes(), INIT, limits);
    let (mut restored, mut fresh) = (restored.guest(), fresh.guest());
    for (at, frame) in frames.iter().enumerate() {
        let named = |why: String| format!("person {at}: {why}");
        let one = call(&mut restored, frame).map_err(named)?;
        same_as_fresh(&one, &call(&mut fresh, frame).map_err(named)?).map_err(named)?;
        same_as_original(&one, &original, frame, &mut tally).map_err(named)?;
        tally.persons += 1;
        tally.said += one.said.len() as u64;
    }
    restored.finish().map_err(|fault| fault.to_string())?;
    tally.modules += 1;
    Ok(tally)
}

fn call(guest: &mut Guest<'_>, frame: &[u8]) -> Result<Call, String> {
    // What is in the list before a call must not be there after it.
    let mut said = vec![Contribution { output: 77, cell: 77, value: 77.0 }];
    let (told, seen) = guest.call_seen(frame, &mut said).map_err(|fault| fault.to_string())?;
    let said = said.iter().map(|one| (one.output, one.cell, one.value.to_bits())).collect();
    Ok(Call { told, said, seen })
}

/// Oracle (a): in a fresh instance of the same rewritten module everything is the same.
fn same_as_fresh(one: &Call, fresh: &Call) -> Result<(), String> {
    let differs = |what: &str| Err(format!("{what} differ from those of a fresh instance"));
    if one.told != fresh.told || one.seen.left != fresh.seen.left {
        return Err(format!("it ended {:?}, and in a fresh instance {:?}", one.told, fresh.told));
    }
    if one.said != fresh.said {
        return differs("contributions");
    }
    if one.seen.globals != fresh.seen.globals {
        return differs("globals");
    }
    if one.seen.memory != fresh.seen.memory {
        return differs("memories");
    }
    Ok(())
}

/// Oracle (b): as the author built it, the module does the same, as far as it can be told.
fn same_as_original(
    one: &Call,
    original: &Original,
    frame: &[u8],
    tally: &mut Tally,
) -> Result<(), String> {
    let original = match original.call(frame) {
        Ok(call) => call,
        // Its init used memory that it may grow before it had grown it.
        Err(Trap::MemoryOutOfBounds) => {
            tally.excused += 1;
            return Ok(());
        }
        Err(trap) => return Err(format!("the original's init ended with {trap}")),
    };
    match (one.told.ending, original.trap) {
        (Ending::Done, None) => {
            let pages = u32::from_le_bytes(*one.seen.globals.first_chunk().unwrap()) as usize;
            let grown = one.seen.memory.get(..pages << 16);
            if one.said != original.said {
                return Err("contributions differ from the original's".to_owned());
            }
            if grown != Some(&original.memory) {
                return Err("memory differs from the original's".to_owned());
            }
            tally.done += 1;
        }
        // The sandbox counts fuel and depth in its own way.
        (Ending::OutOfFuel, _) => tally.excused += 1,
        (Ending::Trapped, _) if one.seen.deep => tally.excused += 1,
        // It lets a guest use the memory that it may grow before it has grown it.
        (_, Some(Trap::MemoryOutOfBounds)) if original.memory.len() < one.seen.memory.len() => {
            tally.excused += 1;
        }
        (Ending::Trapped, Some(trap)) if trap != Trap::OutOfFuel => tally.trapped += 1,
        (Ending::TooMany, Some(_)) if original.said.len() == 100_000 => tally.trapped += 1,
        (ending, trap) => return Err(format!("it ended {ending:?}, the original with {trap:?}")),
    }
    Ok(())
}
