//! What a process gives up by single calls to the kernel: descriptors, being looked into, and more
//! of the machine than it was granted.

use super::Limits;

/// Open files of one child: more than partitions and tables need, and not all that there may be.
const FILES_MAX: u64 = 16_384;

/// See [`super::begin`]. What fails here the kernel does not know, and does not take either.
#[expect(unsafe_code, reason = "the standard library has no name for these calls")]
pub(super) fn begin() {
    // SAFETY: plain numbers go in, and nothing in this process has a descriptor yet but the three.
    unsafe {
        libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, 0_u32);
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        // Nobody reads this memory: no core dump, no debugger of the same user.
        libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0);
        // If the parent is gone already, the end of standard input says so.
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL, 0, 0, 0);
    }
    limit_one(libc::RLIMIT_CORE, 0);
}

/// Takes what is beyond `limits`, for good.
pub(super) fn limit(limits: &Limits) {
    limit_one(libc::RLIMIT_DATA, limits.memory_bytes);
    limit_one(libc::RLIMIT_FSIZE, limits.file_bytes);
    limit_one(libc::RLIMIT_NOFILE, FILES_MAX);
    if let Some(seconds) = limits.cpu_seconds {
        limit_one(libc::RLIMIT_CPU, seconds);
    }
}

/// Sets a limit, or leaves a lower one as it is.
#[expect(unsafe_code, reason = "the standard library has no name for these calls")]
fn limit_one(resource: libc::__rlimit_resource_t, most: u64) {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the kernel writes to one struct of this frame and reads from it.
    unsafe {
        if libc::getrlimit(resource, &raw mut limit) == 0 {
            limit.rlim_max = limit.rlim_max.min(most);
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(resource, &raw const limit);
        }
    }
}

/// The machine's memory in bytes; without a limit if the kernel does not tell.
#[expect(unsafe_code, reason = "the standard library has no name for this call")]
pub(super) fn machine_memory_bytes() -> u64 {
    // SAFETY: they take a number and give one.
    let (pages, page) =
        unsafe { (libc::sysconf(libc::_SC_PHYS_PAGES), libc::sysconf(libc::_SC_PAGESIZE)) };
    let bytes = u64::try_from(pages).ok().zip(u64::try_from(page).ok());
    bytes.and_then(|(pages, page)| pages.checked_mul(page)).filter(|n| *n > 0).unwrap_or(u64::MAX)
}
