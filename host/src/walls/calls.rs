//! The wall around the host's system calls: seccomp, with a list of the calls that a machine needs.
//!
//! # Invariants
//!
//! A call that is not listed fails with EPERM and does nothing. No call on the list starts a
//! process or a thread, reaches another process, the network or a device, or regains a right.

use std::collections::BTreeMap;

use protocol::record::Wall;
use seccompiler::{
    BackendError, BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp,
    SeccompCondition, SeccompFilter, SeccompRule, TargetArch, apply_filter_all_threads,
};

/// Calls allowed with any arguments: memory, files (which the other wall limits), time, the
/// process's own signals, exit.
const FREE: &[i64] = &[
    libc::SYS_brk,
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_close,
    libc::SYS_dup,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_faccessat,
    libc::SYS_fallocate,
    libc::SYS_fcntl,
    libc::SYS_fdatasync,
    libc::SYS_fstat,
    libc::SYS_fstatfs,
    libc::SYS_fsync,
    libc::SYS_ftruncate,
    libc::SYS_futex,
    libc::SYS_getcwd,
    libc::SYS_getdents64,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_lseek,
    libc::SYS_madvise,
    libc::SYS_membarrier,
    libc::SYS_mkdirat,
    libc::SYS_mmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_nanosleep,
    libc::SYS_newfstatat,
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_pread64,
    libc::SYS_pwrite64,
    libc::SYS_read,
    libc::SYS_readlinkat,
    libc::SYS_readv,
    RENAME,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    libc::SYS_sigaltstack,
    libc::SYS_statx,
    libc::SYS_uname,
    libc::SYS_unlinkat,
    libc::SYS_write,
    libc::SYS_writev,
];

/// How a file gets another name.
#[cfg(not(target_arch = "riscv64"))]
const RENAME: i64 = libc::SYS_renameat;
#[cfg(target_arch = "riscv64")]
const RENAME: i64 = libc::SYS_renameat2;

/// Older calls for the same purposes, where they are still in use.
#[cfg(target_arch = "x86_64")]
const OLDER: &[i64] = &[
    libc::SYS_access,
    libc::SYS_lstat,
    libc::SYS_open,
    libc::SYS_poll,
    libc::SYS_readlink,
    libc::SYS_stat,
    libc::SYS_unlink,
];
#[cfg(not(target_arch = "x86_64"))]
const OLDER: &[i64] = &[libc::SYS_ppoll];

/// The ioctls that ask whether a stream is a terminal, and how wide it is.
const TERMINAL_QUESTIONS: [u64; 2] = [libc::TCGETS, libc::TIOCGWINSZ];

/// Builds the wall.
///
/// # Errors
/// A message, if the host has seccomp but refuses the filter.
pub(super) fn close() -> Result<Wall, String> {
    let Ok(arch) = TargetArch::try_from(std::env::consts::ARCH) else {
        return Ok(Wall::Missing);
    };
    let failed = |error: &dyn std::fmt::Display| format!("cannot close the system calls: {error}");
    let filter = filter(arch).map_err(|error| failed(&error))?;
    match apply_filter_all_threads(&filter) {
        Ok(()) => Ok(Wall::Stands),
        // The host's kernel was built without it.
        Err(Error::Prctl(error) | Error::Seccomp(error))
            if [Some(libc::EINVAL), Some(libc::ENOSYS)].contains(&error.raw_os_error()) =>
        {
            Ok(Wall::Missing)
        }
        Err(error) => Err(failed(&error)),
    }
}

fn filter(arch: TargetArch) -> Result<BpfProgram, BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    rules.extend(FREE.iter().chain(OLDER).map(|call| (*call, Vec::new())));
    let own = u64::from(std::process::id());
    // An abort is a signal of the process to itself.
    rules.insert(libc::SYS_tgkill, vec![only(0, own)?]);
    rules.insert(libc::SYS_kill, vec![only(0, own)?]);
    // Limits can be read, but not set.
    rules.insert(libc::SYS_prlimit64, vec![only(2, 0)?]);
    let questions = TERMINAL_QUESTIONS.map(|question| only(1, question));
    let questions = questions.into_iter().collect::<Result<_, _>>()?;
    rules.insert(libc::SYS_ioctl, questions);
    let denied = SeccompAction::Errno(libc::EPERM as u32);
    SeccompFilter::new(rules, denied, SeccompAction::Allow, arch)?.try_into()
}

/// Returns a rule that requires this value of an argument.
fn only(argument: u8, value: u64) -> Result<SeccompRule, BackendError> {
    let (long, same) = (SeccompCmpArgLen::Qword, SeccompCmpOp::Eq);
    SeccompRule::new(vec![SeccompCondition::new(argument, long, same, value)?])
}
