//! Files: what is not named here cannot be opened, made, moved, linked or removed (Landlock).

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, Ruleset, RulesetAttr as _,
    RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};

/// The newest rights that were tried; an older kernel holds those that it knows. The first version
/// already holds every opening, and what later ones add is no system call that a child may make.
const KNOWN: ABI = ABI::V6;

/// Holds this thread, and those that it starts, to reading what is in `reads` and to writing in
/// `spill`. Gives whether the kernel does so.
pub(super) fn hold(reads: &[PathBuf], spill: Option<&Path>) -> Result<bool, RulesetError> {
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let write: BitFlags<AccessFs> = AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::MakeReg
        | AccessFs::MakeDir
        | AccessFs::RemoveFile
        | AccessFs::RemoveDir;
    let rules = Ruleset::default()
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(Scope::from_all(KNOWN))?
        .create()?
        .add_rules(path_beneath_rules(reads, read))?
        .add_rules(path_beneath_rules(spill, read | write))?;
    Ok(rules.restrict_self()?.ruleset != RulesetStatus::NotEnforced)
}
