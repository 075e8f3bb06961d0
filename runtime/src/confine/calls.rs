//! System calls: a list of what a child needs, and the end for what only an attacker would try.
//!
//! A list of what is allowed, since a list of what is not forgets what comes with the next kernel.
//! What is not on it fails as if the kernel did not know it (`ENOSYS`): that is how a C library of
//! another version finds out to do without. What is on the second list ends the process at once:
//! nothing that belongs here makes a socket, starts a program or looks into another process, so
//! the run is a fault and nothing is released.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter,
};

type Rules = BTreeMap<c_long, Vec<SeccompRule>>;

/// What every child does: read and write what is open, take memory, start threads, tell time.
const ALWAYS: &[c_long] = &[
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_pread64,
    libc::SYS_pwrite64,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_fcntl,
    libc::SYS_ftruncate,
    libc::SYS_memfd_create,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_membarrier,
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_ppoll,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// What a worker does beside: open files, list folders, spill. Landlock says which.
const WITH_FILES: &[c_long] = &[
    libc::SYS_openat,
    libc::SYS_getdents64,
    libc::SYS_readlinkat,
    libc::SYS_getcwd,
    libc::SYS_faccessat,
    libc::SYS_unlinkat,
    libc::SYS_mkdirat,
    libc::SYS_fallocate,
    libc::SYS_fadvise64,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
];

/// The same under the older names that this machine has beside.
#[cfg(target_arch = "x86_64")]
const OLDER: &[c_long] =
    &[libc::SYS_poll, libc::SYS_time, libc::SYS_getrlimit, libc::SYS_arch_prctl];
#[cfg(target_arch = "x86_64")]
const OLDER_WITH_FILES: &[c_long] = &[
    libc::SYS_open,
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_access,
    libc::SYS_readlink,
    libc::SYS_unlink,
    libc::SYS_mkdir,
    libc::SYS_rmdir,
];
#[cfg(not(target_arch = "x86_64"))]
const OLDER: &[c_long] = &[];
#[cfg(not(target_arch = "x86_64"))]
const OLDER_WITH_FILES: &[c_long] = &[];

/// What ends the process: network, other programs and processes, the kernel's own workings.
const NEVER: &[c_long] = &[
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_open_by_handle_at,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_setuid,
    libc::SYS_setgid,
    libc::SYS_capset,
];
#[cfg(target_arch = "x86_64")]
const OLDER_NEVER: &[c_long] = &[libc::SYS_fork, libc::SYS_vfork];
#[cfg(not(target_arch = "x86_64"))]
const OLDER_NEVER: &[c_long] = &[];

/// Holds this thread, and those that it starts, to what a child does; `with_files` for a worker.
///
/// # Errors
/// If the kernel does not do so, or the filters cannot be made for this machine.
pub(super) fn hold(with_files: bool) -> Result<(), seccompiler::Error> {
    let machine: TargetArch = std::env::consts::ARCH.try_into()?;
    let never =
        SeccompFilter::new(never()?, SeccompAction::Allow, SeccompAction::KillProcess, machine)?;
    let missing = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let needed = SeccompFilter::new(needed(with_files)?, missing, SeccompAction::Allow, machine)?;
    // Both programs are made before either holds. Where both know a call, the stricter decides.
    let (never, needed): (BpfProgram, BpfProgram) = (never.try_into()?, needed.try_into()?);
    apply_filter(&never)?;
    apply_filter(&needed)
}

fn never() -> Result<Rules, seccompiler::Error> {
    let mut rules = any(&[NEVER, OLDER_NEVER]);
    // A signal to itself is how a process aborts; to another thread group it is an attack.
    let others = when(0, SeccompCmpOp::Ne, u64::from(std::process::id()))?;
    rules.insert(libc::SYS_tgkill, vec![SeccompRule::new(vec![others])?]);
    rules.insert(libc::SYS_clone, vec![SeccompRule::new(vec![thread(0)?])?]);
    Ok(rules)
}

fn needed(with_files: bool) -> Result<Rules, seccompiler::Error> {
    let mut rules = any(&[ALWAYS, OLDER]);
    if with_files {
        rules.append(&mut any(&[WITH_FILES, OLDER_WITH_FILES]));
    }
    let own = when(0, SeccompCmpOp::Eq, u64::from(std::process::id()))?;
    rules.insert(libc::SYS_tgkill, vec![SeccompRule::new(vec![own])?]);
    // Threads. `clone3` keeps its flags where no filter sees them: without it libraries use this.
    let flag = u64::from(libc::CLONE_THREAD.unsigned_abs());
    rules.insert(libc::SYS_clone, vec![SeccompRule::new(vec![thread(flag)?])?]);
    // The name of a thread, and nothing else that this call can do.
    let name = when(0, SeccompCmpOp::Eq, u64::from(libc::PR_SET_NAME.unsigned_abs()))?;
    rules.insert(libc::SYS_prctl, vec![SeccompRule::new(vec![name])?]);
    // Limits are looked up, never set.
    let look = when(2, SeccompCmpOp::Eq, 0)?;
    rules.insert(libc::SYS_prlimit64, vec![SeccompRule::new(vec![look])?]);
    Ok(rules)
}

/// The calls, whatever their arguments.
fn any(lists: &[&[c_long]]) -> Rules {
    lists.iter().copied().flatten().map(|call| (*call, Vec::new())).collect()
}

/// Whether an argument compares so with `value`.
fn when(
    argument: u8,
    compare: SeccompCmpOp,
    value: u64,
) -> Result<SeccompCondition, seccompiler::Error> {
    Ok(SeccompCondition::new(argument, SeccompCmpArgLen::Qword, compare, value)?)
}

/// Whether a clone has the flag of a thread, or (`flag` is zero) has not.
fn thread(flag: u64) -> Result<SeccompCondition, seccompiler::Error> {
    when(0, SeccompCmpOp::MaskedEq(u64::from(libc::CLONE_THREAD.unsigned_abs())), flag)
}
