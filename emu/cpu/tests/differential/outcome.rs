//! What an instruction did.

use cpu::float::FloatRegisters;

use crate::case::{General, WINDOW};
use crate::values::FXSAVE;

/// How it ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    /// It reached the `int3` after it.
    Next,
    /// A page fault that was not resolved.
    PageFault(Fault),
    /// Another exception.
    Exception { vector: u32, code: u32 },
    /// The system call of the emulated machine.
    Syscall,
    /// It had not ended after much work or many faults.
    Endless,
}

/// A page fault: CR2 and the lower three bits of the error code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Fault {
    pub addr: u32,
    pub code: u32,
}

/// The state after the last instruction that ended, and the faults before.
#[derive(Clone)]
pub(crate) struct Outcome {
    pub end: End,
    /// Those that were resolved.
    pub faults: Vec<Fault>,
    pub general: General,
    pub eip: u32,
    pub eflags: u32,
    /// DS, ES, FS, GS, SS.
    pub segments: [u16; 5],
    pub float: Float,
    pub data: [u8; WINDOW],
    pub stack: [u8; WINDOW],
}

/// x87 and SSE without the information of `fxsave` about the last instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Float {
    pub control: u16,
    pub status: u16,
    /// One bit for each physical register that is not empty.
    pub full: u8,
    pub st: [[u8; 10]; 8],
    pub mxcsr: u32,
    pub xmm: [u128; 8],
}

impl Float {
    /// Converts what `fxsave` has stored.
    pub(crate) fn of_fxsave(bytes: &[u8; FXSAVE]) -> Float {
        let word = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        Float {
            control: word(0),
            status: word(2),
            full: bytes[4],
            st: std::array::from_fn(|i| std::array::from_fn(|byte| bytes[32 + 16 * i + byte])),
            mxcsr: u32::from_le_bytes(std::array::from_fn(|i| bytes[24 + i])),
            xmm: std::array::from_fn(|i| {
                u128::from_le_bytes(std::array::from_fn(|byte| bytes[160 + 16 * i + byte]))
            }),
        }
    }

    /// Converts the registers of the emulated CPU.
    pub(crate) fn of_registers(registers: &FloatRegisters) -> Float {
        let is_full = |i: &u8| registers.tags >> (2 * i) & 3 != 3;
        Float {
            control: registers.control,
            status: registers.status,
            full: (0..8).filter(is_full).fold(0, |bits, i| bits | 1 << i),
            st: registers.st,
            mxcsr: registers.mxcsr,
            xmm: registers.xmm,
        }
    }
}
