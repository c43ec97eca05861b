//! The wall around the host's system calls: seccomp, with a list of those that no compiler needs.
//!
//! # Invariants
//! A listed call fails with EPERM and does nothing.

use std::collections::BTreeMap;

use host::command::UsageError;
use seccompiler::{
    BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch, apply_filter_all_threads,
};

use super::Limits;

/// Networks and other processes, other views of the system, keys, and doors into the kernel of the host.
const CLOSED: &[i64] = &[
    libc::SYS_socket,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_open,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
];

/// Forbids them for this process and all that it starts; returns false if the host has no seccomp.
pub(super) fn close(limits: Limits) -> Result<bool, UsageError> {
    let Ok(arch) = TargetArch::try_from(std::env::consts::ARCH) else {
        return Ok(false);
    };
    let mut rules: BTreeMap<i64, Vec<_>> = CLOSED.iter().map(|call| (*call, Vec::new())).collect();
    if limits == Limits::Final {
        // They can be read, but not set.
        let sets = SeccompCondition::new(2, SeccompCmpArgLen::Qword, SeccompCmpOp::Ne, 0)?;
        rules.insert(libc::SYS_prlimit64, vec![SeccompRule::new(vec![sets])?]);
        rules.insert(libc::SYS_setrlimit, Vec::new());
    }
    let denied = SeccompAction::Errno(libc::EPERM as u32);
    let filter: BpfProgram =
        SeccompFilter::new(rules, SeccompAction::Allow, denied, arch)?.try_into()?;
    match apply_filter_all_threads(&filter) {
        // The host's kernel was built without it.
        Err(Error::Prctl(error) | Error::Seccomp(error))
            if [Some(libc::EINVAL), Some(libc::ENOSYS)].contains(&error.raw_os_error()) =>
        {
            Ok(false)
        }
        other => Ok(other.map(|()| true)?),
    }
}
