//! Why the CPU stopped: what the kernel has to deal with.

use machine::addr::VirtAddr;
use machine::mmu::{Access, PageFaultCode};

use crate::debug::DebugStop;
use crate::exception::Exception;

/// A page fault: what the hardware leaves in CR2 and on the kernel's stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PageFault {
    /// CR2: the first byte of the access that lies on a page it may not use.
    pub addr: VirtAddr,
    /// What was tried there. The hardware's error code does not tell a fetch from a load.
    pub access: Access,
    /// Why: absent or forbidden, load or store, by whom.
    pub code: PageFaultCode,
}

/// What ended a run of the CPU.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// A page fault. EIP is at the instruction, which runs again when the CPU resumes.
    PageFault(PageFault),
    /// The `int` of the program's [`crate::SyscallGate`]. EIP is after it.
    Syscall,
    /// An exception. EIP is at the instruction for a fault, after it for a trap (`int3`, `into`,
    /// a single step), as on hardware. The context may be inspected, but after a fault it must
    /// not run again: the emulated CPU still counts the exception as being delivered.
    Exception {
        /// Which one.
        exception: Exception,
        /// For an `int` that ring 3 may not use, what the hardware pushes: its gate * 8 + 2.
        /// Else 0; the emulator does not tell the selector of a bad segment.
        error_code: u32,
    },
    /// The work that [`crate::Cpu::run`] was given is done. EIP is at the block that comes
    /// next.
    Tick,
    /// A debugger's wish ([`crate::debug`]). Nothing is to be dealt with: when the CPU runs again
    /// it goes on as if it had not stopped.
    Debug(DebugStop),
}
