//! Entries into the kernel, reported before they are handled: if the kernel hangs or panics there,
//! the last report shows the cause.
//!
//! # Invariants
//! Nothing has been done yet for an entry that is reported. Without a watcher this costs a
//! comparison.

use cpu::exit::Exit;
use machine::addr::VirtAddr;
use machine::mmu::Access;

use crate::process::Pid;

/// An entry into the kernel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entered {
    /// The process on the CPU.
    pub pid: Pid,
    /// The instruction that caused it, or, for a system call, the one after.
    pub eip: VirtAddr,
    /// The cause.
    pub cause: Cause,
}

/// Why the kernel was entered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// A page fault.
    Fault {
        /// The address.
        addr: VirtAddr,
        /// The kind of access.
        access: Access,
    },
    /// A system call. Which one is not known before its number is read from the user's stack;
    /// [`crate::MachineEvent::Called`] reports it.
    Call,
    /// Another exception, or the end of a time slice.
    Other,
}

/// Called whenever the kernel is entered.
pub type EntryWatch = Box<dyn FnMut(&Entered)>;

impl Entered {
    /// Creates the report of an exit of the CPU at `eip`.
    pub(crate) fn by(exit: &Exit, pid: Pid, eip: VirtAddr) -> Entered {
        let cause = match exit {
            Exit::PageFault(fault) => Cause::Fault {
                addr: fault.addr,
                access: fault.access,
            },
            Exit::Syscall => Cause::Call,
            Exit::Tick | Exit::Debug(_) | Exit::Exception { .. } => Cause::Other,
        };
        Entered { pid, eip, cause }
    }
}
