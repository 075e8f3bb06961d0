//! What a run, or a command that sorts, may take of the machine: memory, and disk when it is full.
//!
//! Sorted rows that do not fit go to a folder of the run's own, mode 0700, under the spill folder.
//! The folder goes when the run ends; what a killed run left is swept away by the next one. A lock
//! on a file in it, which the system drops with the process, tells the living from the dead.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::RunFault;

/// The engine sets this much aside for every input that a partition sorts, so that it can merge
/// what it spilled.
const SORT_RESERVATION_BYTES: usize = 10 << 20;
const MIB: usize = 1 << 20;

/// The most memory, and where rows go that do not fit. By default memory is not limited.
#[derive(Clone, Debug, Default)]
pub struct Memory(Option<Limit>);

#[derive(Clone, Debug)]
struct Limit {
    order: MemoryOrder,
    /// The run's own folder, for as long as somebody may spill to it; a worker has its path alone.
    _spill: Option<Arc<SpillFolder>>,
}

/// A limit as a worker is told it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct MemoryOrder {
    memory_bytes_max: usize,
    spill_bytes_max: u64,
    /// The run's own folder.
    folder: PathBuf,
}

/// The spill folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SpillError {
    /// It cannot be written.
    #[error("the spill folder `{}` cannot be used: {source}; name another by `--spill`",
        folder.display())]
    Write {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others could put their own files in the place of ours.
    #[error("others may write to the spill folder `{}`; name one of your own by `--spill`",
        .0.display())]
    Shared(PathBuf),
}

impl Memory {
    /// At most `memory_bytes_max` for rows that are sorted or shuffled, and at most
    /// `spill_bytes_max` under `spill` when they are more.
    ///
    /// # Errors
    /// [`SpillError`] if the folder cannot be made, or is not safe from others.
    pub fn limited(
        memory_bytes_max: usize,
        spill: &Path,
        spill_bytes_max: u64,
    ) -> Result<Self, SpillError> {
        let spill = Arc::new(SpillFolder::open(spill)?);
        let folder = spill.run.path().to_owned();
        let order = MemoryOrder { memory_bytes_max, spill_bytes_max, folder };
        Ok(Self(Some(Limit { order, _spill: Some(spill) })))
    }

    /// What a worker is told.
    pub(crate) fn order(&self) -> Option<MemoryOrder> {
        self.0.as_ref().map(|limit| limit.order.clone())
    }

    /// The limit that a worker was told.
    pub(crate) fn ordered(order: Option<MemoryOrder>) -> Self {
        Self(order.map(|order| Limit { order, _spill: None }))
    }

    /// The engine's surroundings under this limit.
    pub(crate) fn environment(&self) -> Result<Arc<RuntimeEnv>, RunFault> {
        let mut disk = DiskManagerBuilder::default();
        let builder = RuntimeEnvBuilder::new();
        let builder = match &self.0 {
            // What cannot run out of memory has no reason to write patients' rows to a disk.
            None => builder.with_disk_manager_builder(disk.with_mode(DiskManagerMode::Disabled)),
            Some(Limit { order, .. }) => {
                disk.set_mode(DiskManagerMode::Directories(vec![order.folder.clone()]));
                disk.set_max_temp_directory_size(order.spill_bytes_max);
                builder
                    .with_disk_manager_builder(disk)
                    .with_memory_pool(Arc::new(FairSpillPool::new(order.memory_bytes_max)))
            }
        };
        Ok(builder.build_arc()?)
    }

    /// `fault` with the number to raise, if it says that something has run out while `inputs`
    /// inputs of `partitions` partitions were sorted.
    pub(crate) fn explain(&self, fault: RunFault, partitions: usize, inputs: usize) -> RunFault {
        let (RunFault::Exhausted(what), Some(Limit { order: limit, .. })) = (&fault, &self.0)
        else {
            return fault;
        };
        tracing::debug!(what, "exhausted");
        if what.contains("disk space") {
            let spill_limit_mib = limit.spill_bytes_max.div_ceil(MIB as u64);
            return RunFault::SpillLimit { spill_limit_mib };
        }
        let limit_mib = limit.memory_bytes_max / MIB;
        let floor = partitions * inputs * SORT_RESERVATION_BYTES / MIB;
        // Half as much again for the batches on their way; and never less than twice what failed.
        let enough_mib = (floor + floor / 2).max(limit_mib * 2).max(64);
        RunFault::MemoryLimit { limit_mib, enough_mib, partitions, inputs }
    }
}

impl MemoryOrder {
    /// The run's own folder, and the most bytes that may be in it.
    pub(crate) fn spill(&self) -> (&Path, u64) {
        (&self.folder, self.spill_bytes_max)
    }
}

/// A run's own folder under the spill folder.
#[derive(Debug)]
struct SpillFolder {
    run: TempDir,
    /// Held for as long as the run lives.
    _lock: File,
}

const LOCK: &str = "lock";
const RUN: &str = "run-";

impl SpillFolder {
    fn open(folder: &Path) -> Result<Self, SpillError> {
        let failed = |source| SpillError::Write { folder: folder.to_owned(), source };
        make_private(folder).map_err(failed)?;
        // Nobody sweeps between the making of a run's folder and its lock.
        let gate = lock_file(&folder.join(LOCK)).map_err(failed)?;
        gate.lock().map_err(failed)?;
        sweep(folder).map_err(failed)?;
        let run = private_temp(folder, RUN).map_err(failed)?;
        if !is_safe(folder, run.path()).map_err(failed)? {
            return Err(SpillError::Shared(folder.to_owned()));
        }
        let lock = lock_file(&run.path().join(LOCK)).map_err(failed)?;
        lock.lock().map_err(failed)?;
        Ok(Self { run, _lock: lock })
    }
}

fn lock_file(path: &Path) -> io::Result<File> {
    File::options().create(true).truncate(false).write(true).open(path)
}

/// Removes what runs left behind that are no longer alive.
fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let ours = entry.file_name().to_string_lossy().starts_with(RUN);
        if !ours || !entry.file_type()?.is_dir() {
            continue;
        }
        let alive = match File::options().write(true).open(entry.path().join(LOCK)) {
            Ok(lock) => matches!(lock.try_lock(), Err(TryLockError::WouldBlock)),
            // Killed before it had a lock, or another user's, which is for them to sweep.
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        };
        if !alive {
            tracing::info!(folder = %entry.path().display(), "swept what a killed run left");
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Makes `folder` for its owner alone; one that exists stays as it is.
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes a folder in `folder` that is its owner's alone and goes when it is dropped.
pub(crate) fn private_temp(folder: &Path, prefix: &str) -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir_in(folder)
}

/// Whether nobody else can replace what is in `folder`; `own` was made in it just now.
#[cfg(unix)]
fn is_safe(folder: &Path, own: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let (folder, own) = (fs::metadata(folder)?, fs::metadata(own)?);
    let sticky = folder.mode() & 0o1000 != 0;
    let for_others = folder.mode() & 0o022 != 0;
    let trusted_owner = folder.uid() == own.uid() || folder.uid() == 0;
    Ok(trusted_owner && (sticky || !for_others))
}

#[cfg(not(unix))]
fn is_safe(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(folder: &Path) -> usize {
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().starts_with(RUN)).count()
    }

    #[test]
    fn what_a_killed_run_left_goes_and_a_living_ones_stays() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("spill");
        let living = Memory::limited(1 << 20, &folder, 1 << 30).unwrap();
        for killed in ["run-before-its-lock", "run-after"] {
            fs::create_dir(folder.join(killed)).unwrap();
        }
        fs::write(folder.join("run-after").join(LOCK), "").unwrap();
        fs::write(folder.join("run-after").join("rows"), "spilled").unwrap();
        fs::create_dir(folder.join("somebody-elses")).unwrap();
        assert_eq!(runs(&folder), 3);
        let next = Memory::limited(1 << 20, &folder, 1 << 30).unwrap();
        assert_eq!(runs(&folder), 2, "the two that live");
        assert!(folder.join("somebody-elses").exists());
        drop((living, next));
        assert_eq!(runs(&folder), 0);
    }

    #[cfg(unix)]
    #[test]
    fn the_folder_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("spill");
        let memory = Memory::limited(1 << 20, &folder, 1 << 30).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        assert_eq!(memory.order().map(|order| mode(&order.folder)), Some(0o700));
        drop(memory);
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        let shared = Memory::limited(1 << 20, &folder, 1 << 30);
        assert!(matches!(shared, Err(SpillError::Shared(_))));
        assert_eq!(runs(&folder), 0);
    }
}
