//! What the kernel is about to deal with, told before it does: if it never comes back from that, or
//! panics, the last word is what it was at.
//!
//! # Invariants
//! What is told has been done to nothing yet. With nobody to be told it costs a comparison.

use cpu::exit::Exit;
use machine::addr::VirtAddr;
use machine::mmu::Access;

use crate::process::Pid;

/// The kernel was entered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entered {
    /// Whose turn it is.
    pub pid: Pid,
    /// The instruction that led to it, or, for a system call, the one after.
    pub eip: VirtAddr,
    /// Why.
    pub cause: Cause,
}

/// Why the kernel was entered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// A page fault.
    Fault {
        /// Where.
        addr: VirtAddr,
        /// What the instruction does there.
        access: Access,
    },
    /// A system call. Which one is not known before its number is read from the user's stack;
    /// [`crate::MachineEvent::Called`] tells.
    Call,
    /// Another exception, or the end of a time slice.
    Other,
}

/// Is told whenever the kernel is entered.
pub type EntryWatch = Box<dyn FnMut(&Entered)>;

impl Entered {
    /// By this exit of the CPU, which stands at `eip`.
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
