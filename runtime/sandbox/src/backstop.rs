//! The clock behind fuel: a call that outlives every bound ends the run.
//!
//! *Invariant `only fuel drops`*: which persons are dropped is decided by fuel, which is the same
//! on every machine, and never by a clock. The deadline of a call lies far above what its fuel can
//! buy; when it passes, the sandbox is broken, and the run ends with a fault and no release.
//! Answers epoch-channel.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use wasmtime::Engine;

use crate::guest::Fault;
use crate::limits::CallLimits;
use crate::sandbox::Sandbox;

/// The time between two ticks.
pub const TICK: Duration = Duration::from_millis(100);

/// What a person's call can cost at most, in nanoseconds.
///
/// Each figure is twice or more what `cargo xtask bench isolation` found for the worst that a guest
/// can do, as other machines are slower; BENCHMARKS.md has what it found.
#[derive(Clone, Copy, Debug)]
pub struct Price {
    /// One unit of fuel. The worst found are divisions and roots; a load or store that misses every
    /// cache may be worse elsewhere.
    pub fuel_ns: u64,
    /// One KiB of memory that is touched for the first time in an instance: the system zeroes it.
    pub touch_ns_per_kib: u64,
    /// One KiB that is restored, or copied into a new instance.
    pub restore_ns_per_kib: u64,
    /// A new instance, which a person needs who comes after one that trapped.
    pub instance_ns: u64,
    /// All else that the host does for a person's call.
    pub host_ns: u64,
}

/// The prices that hold.
pub const PRICE: Price = Price {
    fuel_ns: 100,
    touch_ns_per_kib: 1_000,
    restore_ns_per_kib: 300,
    instance_ns: 500_000,
    host_ns: 10_000,
};

impl Price {
    /// The longest that one person's call can take under `limits`: all of its fuel, all of its
    /// memory touched, copied and restored, and a new instance for it.
    #[must_use]
    pub const fn worst_person(&self, limits: &CallLimits) -> Duration {
        let kib = limits.memory_bytes_max as u64 / 1_024;
        let memory = kib.saturating_mul(self.touch_ns_per_kib + 2 * self.restore_ns_per_kib);
        let fuel = limits.fuel.saturating_mul(self.fuel_ns);
        let host = self.instance_ns + self.host_ns;
        Duration::from_nanos(fuel.saturating_add(memory).saturating_add(host))
    }
}

/// When a call is overdue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// What calls cost.
    pub(crate) price: Price,
    /// How much longer than that a call may take on a machine that does much else.
    pub(crate) times: u32,
    /// And how much longer still, as a machine may pause.
    pub(crate) pause: Duration,
}

impl Patience {
    /// What a run has.
    pub(crate) const LONG: Self = Self { price: PRICE, times: 20, pause: Duration::from_secs(120) };

    /// Ticks until a call under `limits` is overdue. The first tick may come at once.
    pub(crate) fn ticks(&self, limits: &CallLimits) -> u64 {
        let worst = self.price.worst_person(limits).saturating_mul(self.times);
        let ticks = worst.saturating_add(self.pause).as_millis() / TICK.as_millis();
        u64::try_from(ticks).unwrap_or(u64::MAX / 4) + 2
    }
}

/// Ticks for a sandbox, from a thread of its own, until it is dropped.
///
/// Without one a call has no deadline but its fuel.
pub struct Backstop {
    /// Nothing is ever sent: when it is dropped the thread ends.
    alive: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Backstop {
    /// Begins to tick for `sandbox`.
    ///
    /// # Errors
    /// [`Fault`] if there is no thread to be had.
    pub fn new(sandbox: &Sandbox) -> Result<Self, Fault> {
        let engine: Engine = sandbox.ready.engine.clone();
        let (alive, ended) = channel();
        let tick = move || {
            while ended.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                engine.increment_epoch();
            }
        };
        let thread = std::thread::Builder::new().name("backstop".to_owned()).spawn(tick);
        let thread = thread.map_err(|_| Fault("there is no thread for the clock"))?;
        Ok(Self { alive: Some(alive), thread: Some(thread) })
    }
}

impl Drop for Backstop {
    fn drop(&mut self) {
        drop(self.alive.take());
        if let Some(thread) = self.thread.take() {
            // The thread does nothing that could panic.
            drop(thread.join());
        }
    }
}
