//! The registers of the i386 that kernels, debuggers and users look at.

use iced_x86::Register;
use machine::addr::VirtAddr;
use unicorn_engine::RegisterX86;

/// The registers as a fault dump shows them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Registers {
    /// Accumulator; result of a system call.
    pub eax: u32,
    /// Base.
    pub ebx: u32,
    /// Counter.
    pub ecx: u32,
    /// Data.
    pub edx: u32,
    /// Source of string instructions.
    pub esi: u32,
    /// Destination of string instructions.
    pub edi: u32,
    /// Frame pointer.
    pub ebp: u32,
    /// Stack pointer.
    pub esp: u32,
    /// The instruction to execute next.
    pub eip: u32,
    /// Flags.
    pub eflags: u32,
    /// Code segment.
    pub cs: u16,
    /// Data segment.
    pub ds: u16,
    /// Extra segment.
    pub es: u16,
    /// Further segment.
    pub fs: u16,
    /// Further segment.
    pub gs: u16,
    /// Stack segment.
    pub ss: u16,
}

impl Registers {
    /// Returns EIP as an address.
    #[must_use]
    pub fn instruction(&self) -> VirtAddr {
        VirtAddr(self.eip)
    }

    /// Returns ESP as an address.
    #[must_use]
    pub fn stack(&self) -> VirtAddr {
        VirtAddr(self.esp)
    }

    /// Reads all of them through `read`.
    pub(crate) fn read_all(read: impl Fn(RegisterX86) -> u32) -> Registers {
        use RegisterX86::*;
        Registers {
            eax: read(EAX),
            ebx: read(EBX),
            ecx: read(ECX),
            edx: read(EDX),
            esi: read(ESI),
            edi: read(EDI),
            ebp: read(EBP),
            esp: read(ESP),
            eip: read(EIP),
            eflags: read(EFLAGS),
            cs: read(CS) as u16,
            ds: read(DS) as u16,
            es: read(ES) as u16,
            fs: read(FS) as u16,
            gs: read(GS) as u16,
            ss: read(SS) as u16,
        }
    }

    /// Writes those that a program may set itself: the general registers, EIP and the flags that
    /// ring 3 can change.
    pub(crate) fn write_all(&self, mut write: impl FnMut(RegisterX86, u32)) {
        use RegisterX86::*;
        write(EAX, self.eax);
        write(EBX, self.ebx);
        write(ECX, self.ecx);
        write(EDX, self.edx);
        write(ESI, self.esi);
        write(EDI, self.edi);
        write(EBP, self.ebp);
        write(ESP, self.esp);
        write(EIP, self.eip);
        write(
            EFLAGS,
            (self.eflags & flags::USER_MAY_CHANGE) | flags::ALWAYS,
        );
    }
}

/// Bits of EFLAGS (SDM vol. 1, 3.4.3).
pub(crate) mod flags {
    /// IF, which is always set in ring 3 here, and the reserved bit 1.
    pub(crate) const ALWAYS: u32 = 1 << 9 | 1 << 1;
    /// CF, PF, AF, ZF, SF, TF, DF, OF, NT, AC and ID: the flags that `popf` changes in ring 3.
    pub(crate) const USER_MAY_CHANGE: u32 = 0x0024_4dd5;
}

/// Returns the value of a general register by the decoder's name, read from the 32-bit register.
pub(crate) fn general(register: Register, read: impl Fn(RegisterX86) -> u32) -> u32 {
    let whole = match register.full_register32() {
        Register::EAX => RegisterX86::EAX,
        Register::EBX => RegisterX86::EBX,
        Register::ECX => RegisterX86::ECX,
        Register::EDX => RegisterX86::EDX,
        Register::ESI => RegisterX86::ESI,
        Register::EDI => RegisterX86::EDI,
        Register::EBP => RegisterX86::EBP,
        Register::ESP => RegisterX86::ESP,
        other => unreachable!("{other:?} is no general register"),
    };
    // The high bytes AH to DH are never part of an address.
    match register.size() {
        1 => read(whole) & 0xff,
        2 => read(whole) & 0xffff,
        _ => read(whole),
    }
}

/// The register that the decoder means, if it is a segment register.
pub(crate) fn segment(register: Register) -> Option<RegisterX86> {
    Some(match register {
        Register::ES => RegisterX86::ES,
        Register::CS => RegisterX86::CS,
        Register::SS => RegisterX86::SS,
        Register::DS => RegisterX86::DS,
        Register::FS => RegisterX86::FS,
        Register::GS => RegisterX86::GS,
        _ => return None,
    })
}
