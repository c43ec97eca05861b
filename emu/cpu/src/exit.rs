//! Why the CPU stopped: what the kernel has to deal with.

use machine::addr::VirtAddr;
use machine::mmu::{Access, PageFaultCode};

use crate::debug::DebugStop;
use crate::exception::Exception;

/// A page fault: what the hardware leaves in CR2 and on the kernel's stack.
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
    /// `int $0x30`. EIP is after it.
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
