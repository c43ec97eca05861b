//! Why the CPU stopped: what the kernel has to handle.

use machine::addr::VirtAddr;
use machine::mmu::{Access, PageFaultCode};

use crate::debug::DebugStop;
use crate::exception::Exception;

/// A page fault: what hardware reports in CR2 and on the kernel's stack (SDM vol. 3, 6.15).
///
/// # Examples
///
/// ```
/// use bare::{CODE, DATA, Machine};
/// use cpu::exit::{Exit, PageFault};
/// use machine::mmu::{Access, PageFaultCode};
/// use machine::pte::PteFlags;
///
/// let mut machine = Machine::new();
/// // inc dword [DATA]; int 0x30
/// let code = [&[0xff, 0x05][..], &DATA.0.to_le_bytes(), &[0xcd, 0x30]].concat();
/// let program = machine.program(&code);
/// let fault = PageFault {
///     addr: DATA,
///     access: Access::Write,
///     code: PageFaultCode::WRITE | PageFaultCode::USER,
/// };
/// assert_eq!(machine.run_program(&program), Exit::PageFault(fault));
///
/// // EIP is still at the instruction: with the page there, it runs again.
/// assert_eq!(machine.cpu.eip(), CODE);
/// machine.map_new(&program.directory, DATA.page(), PteFlags::USER_WRITE);
/// assert_eq!(machine.run(), Exit::Syscall);
/// assert_eq!(machine.word(&program.directory, DATA), 1);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PageFault {
    /// CR2: the first byte of the access that lies on the faulting page.
    pub addr: VirtAddr,
    /// The kind of access. The hardware's error code does not distinguish a fetch from a load here.
    pub access: Access,
    /// The error code: not present or forbidden, load or store, user or supervisor.
    pub code: PageFaultCode,
}

/// What ended a run of the CPU.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// A page fault. EIP is at the instruction, which restarts when the CPU resumes.
    PageFault(PageFault),
    /// The `int` of the program's [`crate::SyscallGate`]. EIP is after it.
    Syscall,
    /// An exception. EIP is at the instruction for a fault, after it for a trap (`int3`, `into`,
    /// a single step), as on hardware (SDM vol. 3, 6.5). The context may be inspected, but after a
    /// fault it must not run again: the emulated CPU is still delivering the exception.
    Exception {
        /// The exception.
        exception: Exception,
        /// For an `int` that ring 3 may not use, what the hardware pushes: its gate * 8 + 2.
        /// Otherwise 0; the emulator does not report the selector of a bad segment.
        error_code: u32,
    },
    /// The work for which [`crate::Cpu::run`] was called is done. EIP is at the next block.
    Tick,
    /// A stop for a debugger ([`crate::debug`]). There is nothing to handle: when the CPU runs
    /// again it continues as if it had not stopped.
    Debug(DebugStop),
}
