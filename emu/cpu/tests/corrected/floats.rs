//! Shared by the tests of the x87 and of SSE: a piece of code with a page of data and none after
//! it.

use bare::{CODE, DATA, Machine, Program, STACK_TOP, code};
use cpu::exception::Exception;
use cpu::exit::Exit;
use cpu::registers::Registers;
use machine::addr::{PAGE_SIZE, VirtAddr};
use machine::pte::PteFlags;

/// `int $0x30`, which ends a piece of code.
const SYSTEM_CALL: &[u8] = &[0xcd, 0x30];

/// The address in EBX: 256 bytes before the end of the page of data.
pub(crate) const BASE: VirtAddr = VirtAddr(DATA.0 + PAGE_SIZE - 256);

/// A piece of code that was run, with EBX and EDI at [`BASE`], EAX 0x11223344.
pub(crate) struct Ran {
    pub machine: Machine,
    pub program: Program,
    pub exit: Exit,
    pub registers: Registers,
}

/// Runs pieces of code in sequence. `data` is at [`BASE`].
pub(crate) fn run(pieces: &[&[u8]], data: &[u8]) -> Ran {
    let mut machine = Machine::new();
    let bytes = code(&[&pieces.concat(), SYSTEM_CALL]);
    let mut program = machine.program(&bytes);
    let frame = machine.map_new(&program.directory, DATA.page(), PteFlags::USER_WRITE);
    let start = machine::addr::PhysAddr(frame.start().0 + BASE.offset());
    machine.memory.write(start, data);
    program.context.set_registers(&Registers {
        eax: 0x1122_3344,
        ebx: BASE.0,
        edi: BASE.0,
        eip: CODE.0,
        esp: STACK_TOP.0,
        ..Registers::default()
    });
    machine.resume(&program);
    let exit = machine.run();
    let registers = machine.cpu.registers();
    Ran {
        machine,
        program,
        exit,
        registers,
    }
}

impl Ran {
    /// Returns the word at an offset from [`BASE`].
    pub(crate) fn word(&self, offset: u32) -> u32 {
        self.machine
            .word(&self.program.directory, VirtAddr(BASE.0 + offset))
    }

    /// Checks that it ran to its end.
    pub(crate) fn ended(self) -> Ran {
        assert_eq!(self.exit, Exit::Syscall);
        self
    }

    /// Checks that it raised an exception at the instruction `offset` bytes into the code, with
    /// error code 0.
    pub(crate) fn raised(self, exception: Exception, offset: u32) -> Ran {
        let expected = Exit::Exception {
            exception,
            error_code: 0,
        };
        assert_eq!(self.exit, expected);
        assert_eq!(self.registers.eip, CODE.0 + offset);
        self
    }

    /// Checks that it faulted on the first byte of the page after the data, at the instruction
    /// `offset` bytes into the code.
    pub(crate) fn faulted_after_the_page(self, offset: u32) -> Ran {
        let Exit::PageFault(fault) = self.exit else {
            panic!("{:?}", self.exit);
        };
        assert_eq!(fault.addr.0, DATA.0 + PAGE_SIZE);
        assert_eq!(self.registers.eip, CODE.0 + offset);
        self
    }

    /// Returns AX, where `fnstsw ax` puts the status word.
    pub(crate) fn status(&self) -> u32 {
        self.registers.eax & 0xffff
    }
}
