//! One try of a module before any data: compiled, initialised, and called once for nobody.

use cloister_contract::abi::PAGE_BYTES;
use cloister_contract::cells::Layout;
use cloister_contract::frame::{FrameWriter, person_frame_bytes_max, write_init};
use cloister_contract::job::Job;
use cloister_contract::study::Study;
use cloister_sandbox::{CallLimits, CheckedModule, Compiled, Sandbox, SandboxError};

use super::Refusal;
use crate::faults::{Mechanism, off};

/// What a module is tried with. It says what is asked, and nothing of anybody.
#[derive(Clone, Debug)]
pub(crate) struct Trial {
    /// What a call may use.
    pub(crate) limits: CallLimits,
    /// The frame of `init`: parameters and code sets.
    pub(crate) init: Vec<u8>,
    /// The frame of a person who has no rows at all.
    pub(crate) nobody: Vec<u8>,
    /// For each output, how many cells a guest can name.
    pub(crate) named: Vec<usize>,
}

impl Trial {
    /// The trial of `job`.
    ///
    /// # Errors
    /// [`Refusal`] if its frames are too long.
    pub(crate) fn of(job: &Job, layout: &Layout) -> Result<Self, Refusal> {
        let study = job.study();
        let limits = Self::limits_of(study);
        let init = write_init(job)
            .map_err(|_| SandboxError::Init("its parameters and code sets are over 4 GiB"))?;
        let mut writer = FrameWriter::new(study);
        let nobody = writer.write(&[]).map_err(|_| SandboxError::Init("its frame is too long"))?;
        let named = layout.outputs.iter().map(|output| output.named).collect();
        Ok(Self { limits, init, nobody: nobody.to_vec(), named })
    }

    /// What a call of `study` may use.
    pub(crate) fn limits_of(study: &Study) -> CallLimits {
        let memory = u64::from(study.limits.memory_pages) * PAGE_BYTES;
        CallLimits {
            fuel: study.limits.fuel,
            memory_bytes_max: usize::try_from(memory).unwrap_or(usize::MAX),
            frame_bytes_max: person_frame_bytes_max(study),
        }
    }

    /// Compiles `module` and calls it once for nobody: with no data in sight, a contribution to
    /// what is not declared is the module's mistake and can be told. During the run it cannot:
    /// there the person silently contributes nothing.
    ///
    /// # Errors
    /// [`Refusal`] if it cannot be compiled, fails without having seen a person, or contributes to
    /// what is not there.
    pub(crate) fn compile(&self, module: &CheckedModule) -> Result<(Compiled, Sandbox), Refusal> {
        let compiled = Compiled::new(module, &self.limits)?;
        let sandbox = Sandbox::load(&compiled, self.init.clone(), self.limits)?;
        let mut contributions = Vec::new();
        sandbox.guest().call(&self.nobody, &mut contributions).map_err(SandboxError::Fault)?;
        let declared = |output: i32, cell: i64| {
            let output = usize::try_from(output).ok().and_then(|at| self.named.get(at));
            output.zip(usize::try_from(cell).ok()).is_some_and(|(named, cell)| cell < *named)
        };
        let all = contributions.iter().all(|one| declared(one.output, one.cell));
        if all || off(Mechanism::DeclaredCells) {
            Ok((compiled, sandbox))
        } else {
            Err(Refusal::OutOfRange)
        }
    }
}
