//! clone, gettid, set_tid_address, exit: threads, and processes that are made like them.
//!
//! A thread is an entry of the process table with registers, thread-local storage, a signal mask and waits of its
//! own. Its address space is that of the whole process, and so is what [`super::group`] has.
//!
//! # Invariants
//! Threads share everything that `pthread_create` has them share, or there is no thread. A process ends when its
//! last thread does, or all at once; its first thread stays in the table until then, if it ends before.

use cpu::tls::TlsSegments;
use machine::addr::VirtAddr;
use vm::{Client, Sharing, UserPtr};

use super::call::{Call, Done, Fail, Reply};
use super::processes::{exit_status, lend, new_process, wait_for_program};
use super::state::Waits;
use crate::abi::{Abi, Personality};
use crate::errno::Errno;
use crate::process::{ExitStatus, Pid};
use crate::service::Service;
use crate::spawn::{Kin, Memory};

bitflags::bitflags! {
    /// Linux' flags for `clone`, but for the signal in the lowest byte.
    #[derive(Clone, Copy, PartialEq, Eq)]
    struct CloneFlags: u32 {
        const MEMORY = 0x100;
        const DIRECTORY = 0x200;
        const FILES = 0x400;
        const HANDLERS = 0x800;
        const VFORK = 0x4000;
        const THREAD = 0x1_0000;
        /// Semaphores' adjustments, which nobody has.
        const SEMAPHORES = 0x4_0000;
        const SET_TLS = 0x8_0000;
        const PARENT_SET_TID = 0x10_0000;
        const CHILD_CLEAR_TID = 0x20_0000;
        /// Says nothing any more.
        const DETACHED = 0x40_0000;
        const CHILD_SET_TID = 0x100_0000;
    }
}

/// The lowest byte of `clone`'s flags: the signal that tells of the child's end.
const SIGNAL_BITS: u32 = 0xff;

impl CloneFlags {
    /// What is to be made; EINVAL of what would share more or less than a process or a thread does.
    fn kin(self) -> Result<Kin, Errno> {
        let shared = CloneFlags::DIRECTORY | CloneFlags::FILES | CloneFlags::HANDLERS;
        let of_thread = shared | CloneFlags::MEMORY;
        if self.contains(CloneFlags::THREAD) {
            let is_one = self.contains(of_thread) && !self.contains(CloneFlags::VFORK);
            return is_one.then_some(Kin::Thread).ok_or(Errno::Invalid);
        }
        if self.intersects(shared) {
            return Err(Errno::Invalid);
        }
        Ok(Kin::Child(match self.contains(CloneFlags::MEMORY) {
            true => Memory::Shared,
            false => Memory::Copied,
        }))
    }
}

/// `long clone(unsigned long flags, void *stack, int *parent_tid, unsigned long tls, int *child_tid)`
pub(super) fn clone(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [flags, stack, parent_tid, tls, child_tid] = call.arguments();
    if let Some(child) = kernel.linux_of(call.pid()).progress.child {
        return Ok(wait_for_program(kernel, child));
    }
    let flags = CloneFlags::from_bits(flags & !SIGNAL_BITS).ok_or(Errno::Invalid)?;
    let kin = flags.kin()?;
    let tls: Option<TlsSegments> = match flags.contains(CloneFlags::SET_TLS) {
        true => Some(kernel.tls_with(call, tls)?),
        false => None,
    };
    let child = new_process(kernel, call, kin)?;
    let process = kernel.processes.get_mut(child);
    if stack != 0 {
        process.context.set_esp(VirtAddr(stack));
    }
    if let Some(tls) = tls {
        process.context.set_tls(tls);
    }
    let space = process.space;
    if flags.contains(CloneFlags::CHILD_CLEAR_TID) {
        kernel.linux_mut(child).clears = child_tid;
    }
    kernel.make_ready(child);
    // As in Linux, a bad pointer is nobody's error here.
    let number = child.0.to_le_bytes();
    if flags.contains(CloneFlags::PARENT_SET_TID) {
        tolerate(kernel.copy_out(call, parent_tid, &number))?;
    }
    if flags.contains(CloneFlags::CHILD_SET_TID) {
        let client = Client {
            space,
            stack: call.caller.stack,
        };
        let written = kernel.vm.write_user(client, UserPtr(child_tid), &number);
        tolerate(written.map_err(Fail::from))?;
    }
    match flags.contains(CloneFlags::VFORK) {
        true => Ok(lend(kernel, call, child)),
        false => Ok(child.0.into()),
    }
}

/// Passes over a bad pointer.
fn tolerate(result: Result<(), Fail>) -> Result<(), Fail> {
    match result {
        Err(Fail::Errno(Errno::Fault)) => Ok(()),
        result => result,
    }
}

/// `pid_t gettid(void)`
pub(super) fn gettid(_: &mut Service<'_>, call: Call) -> Reply {
    Ok(call.pid().0.into())
}

/// `pid_t set_tid_address(int *)`
pub(super) fn set_tid_address(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [at] = call.arguments();
    kernel.linux_mut(call.pid()).clears = at;
    gettid(kernel, call)
}

/// `void exit(int status)`: the end of a thread. That of the last one is the end of its process, with its status.
pub(super) fn exit(kernel: &mut Service<'_>, call: Call) -> Reply {
    let (pid, status) = (call.pid(), exit_status(call));
    let threads = kernel.processes.threads(pid).into_iter();
    let mut others = threads.filter(|other| *other != pid && !kernel.has_ended(*other));
    if others.next().is_some() {
        return Ok(Done::EndThread(status));
    }
    Ok(Done::End(status))
}

/// Why a thread uses its memory no longer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum MemoryEnd {
    /// It ends, and others go on.
    OfThread,
    /// The whole process ends, or begins with another program.
    OfProcess,
}

impl Service<'_> {
    /// Whether a thread is the first one of its process, and has ended before others.
    pub(super) fn has_ended(&self, pid: Pid) -> bool {
        self.processes.leader(pid) == pid && self.group_of(pid).leader_is_gone
    }

    /// Wakes all threads of a process, if it is one of Linux'.
    pub(super) fn wake_threads(&mut self, pid: Pid) {
        for thread in self.processes.threads(pid) {
            self.linux.wakeups.wake(thread);
        }
    }

    /// Ends the thread on the CPU, whose process has others.
    pub(crate) fn end_thread(&mut self, pid: Pid, status: ExitStatus) {
        self.let_go_of_memory(pid, MemoryEnd::OfThread);
        if self.processes.leader(pid) == pid {
            self.group_mut(pid).leader_is_gone = true;
            self.linux_mut(pid).waits = Waits::No;
            self.scheduler.leave(pid, self.cpu.work());
            self.linux.futexes.forget(pid);
        } else {
            self.remove_thread(pid, status);
        }
        self.wake_waiters();
    }

    /// Tells those that share a thread's memory that it does no longer: its robust futexes are without an owner,
    /// and the word that it has named is zero.
    pub(crate) fn let_go_of_memory(&mut self, pid: Pid, end: MemoryEnd) {
        let process = self.processes.get_mut(pid);
        let space = process.space;
        let Personality::Linux(linux) = &mut process.personality else {
            return;
        };
        let clears = std::mem::take(&mut linux.clears);
        let robust = std::mem::take(&mut linux.robust);
        let leader = self.processes.leader(pid);
        let is_other = |user| self.processes.leader(user) != leader;
        let has_others = end == MemoryEnd::OfThread || self.processes.users(space).any(is_other);
        let client = Client {
            space,
            stack: VirtAddr(u32::MAX),
        };
        let mut regions = self.vm.regions(space);
        let shares = has_others || regions.any(|region| region.sharing == Sharing::Shared);
        drop(regions);
        if robust != 0 && shares {
            self.release_robust(client, pid, robust);
        }
        if clears != 0 && has_others {
            // Whether that can be written is nobody's error, as in Linux.
            if self.vm.write_user(client, UserPtr(clears), &[0; 4]).is_ok() {
                self.wake_at(space, clears, 1);
            }
        }
    }

    /// Whether a process is one of Linux', by any of its threads.
    pub(super) fn is_linux(&self, pid: Pid) -> bool {
        let process = self.processes.find(pid);
        process.is_some_and(|process| process.personality.abi() == Abi::Linux)
    }
}
