//! How a command that runs guests uses the machine: partitions, isolation, confinement, memory.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use cloister::{CodeCache, Confined, Dataset, Isolation, Processes, RunOptions};

use super::memory::MemoryArgs;

#[derive(Args)]
pub(crate) struct MachineArgs {
    /// How many persons run at once; by default one per core. No choice changes the result.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    partitions: Option<u16>,
    /// How one person is kept from the next: what the one before has written is `restored`, or
    /// everybody has a `fresh` instance, which is slower and obviously right.
    #[arg(long, value_name = "HOW", default_value = "restored", value_parser = isolation)]
    isolation: Isolation,
    /// Run nothing where this system cannot confine the processes in which guests run.
    #[arg(long)]
    require_confinement: bool,
    /// Keep the machine code of modules in this folder, which only you may read: the next run of
    /// the same module with the same parameters does not compile it again.
    #[arg(long, value_name = "DIR")]
    code_cache: Option<PathBuf>,
    #[command(flatten)]
    memory: MemoryArgs,
}

fn isolation(text: &str) -> Result<Isolation, &'static str> {
    match text {
        "restored" => Ok(Isolation::Restored),
        "fresh" => Ok(Isolation::Fresh),
        _ => Err("write `restored` or `fresh`"),
    }
}

impl MachineArgs {
    fn partitions(&self) -> usize {
        self.partitions.map_or_else(cores, usize::from)
    }

    /// How persons are run.
    pub(super) fn options(&self) -> anyhow::Result<RunOptions> {
        Ok(RunOptions { partitions: self.partitions(), memory: self.memory.open()? })
    }

    /// The runtime to run on.
    pub(super) fn runtime(&self) -> anyhow::Result<tokio::runtime::Runtime> {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(self.partitions().min(cores()) + 1)
            .enable_all()
            .build()
            .context("the runtime cannot be started")
    }

    /// Confined processes where the system has them; elsewhere none, and then for no patients'
    /// data.
    pub(super) fn processes(&self) -> anyhow::Result<Processes> {
        let (required, isolation) = (self.require_confinement, self.isolation);
        if cfg!(target_os = "linux") {
            // This very program, even if its file was replaced since it started.
            let program = PathBuf::from("/proc/self/exe");
            let cache = self.code_cache.as_deref().map(CodeCache::open).transpose()?;
            let cache = cache.map(Arc::new);
            return Ok(Processes::Confined(Confined { program, required, isolation, cache }));
        }
        super::warn("this system cannot confine guests: they run in this process");
        Ok(Processes::One(isolation))
    }

    /// Whether guests can be confined, if they must be.
    pub(super) fn can_confine(&self, dataset: &Dataset) -> anyhow::Result<()> {
        if !cfg!(target_os = "linux") && (self.require_confinement || !dataset.may_be_exact()) {
            anyhow::bail!(
                "this system cannot confine the processes in which guests run; use Linux, or a \
                 dataset that is registered as `synthetic` or `public`"
            );
        }
        Ok(())
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
