//! What an interrupt number from the emulator means: a system call, an exception of the program,
//! or an `int` that its gate forbids.
//!
//! The emulator gives one number for an exception and for `int` with that number. They differ in
//! what hardware does: a gate that is not for ring 3 turns `int n` into #GP, with the gate as its
//! error code and EIP at the instruction (SDM vol. 3, 6.12.1.2). As in Pintos, only the gates
//! 3, 4, 5 and 0x30 are for ring 3.

use iced_x86::{Code as Form, Instruction};

use crate::addr::VirtAddr;
use crate::code::Code;
use crate::counter::Block;
use crate::exception::Exception;
use crate::exit::Exit;

/// The gate of system calls.
pub const SYSCALL: u32 = 0x30;

/// What an interrupt means, and where EIP belongs if not where it is.
pub struct Meaning {
    pub exit: Exit,
    pub eip: Option<VirtAddr>,
}

/// Interprets interrupt `number`, which ended `block` with EIP at `eip`.
pub fn meaning(number: u32, eip: VirtAddr, block: Option<Block>, code: &Code) -> Meaning {
    if number == SYSCALL {
        return Meaning {
            exit: Exit::Syscall,
            eip: None,
        };
    }
    if let Some(int) = int_before(eip, block, code).filter(|int| gate(int) == Some(number)) {
        return forbidden(number, VirtAddr(int.ip32()));
    }
    let exception = Exception::from_vector(number)
        .unwrap_or_else(|| panic!("interrupt {number:#x} at {eip} is none a program can cause"));
    Meaning {
        exit: Exit::Exception {
            exception,
            error_code: 0,
        },
        eip: None,
    }
}

/// An instruction that the emulator does not know, at `eip`: invalid, or `int 6`, which it takes
/// for the same.
pub fn invalid_instruction(eip: VirtAddr, code: &Code) -> Meaning {
    match code.instruction_at(eip).filter(|int| gate(int).is_some()) {
        Some(_) => forbidden(Exception::InvalidOpcode.vector(), eip),
        None => {
            let exception = Exception::InvalidOpcode;
            Meaning {
                exit: Exit::Exception {
                    exception,
                    error_code: 0,
                },
                eip: None,
            }
        }
    }
}

/// `int` through a gate that is not for ring 3.
fn forbidden(number: u32, instruction: VirtAddr) -> Meaning {
    let error_code = number * 8 + 2; // IDT, entry `number`
    let exception = Exception::GeneralProtection;
    Meaning {
        exit: Exit::Exception {
            exception,
            error_code,
        },
        eip: Some(instruction),
    }
}

/// The instruction that ended the block, if EIP is after it. `int` ends its block, while at an
/// exception EIP is at an instruction of the block; only a single step may look the same.
fn int_before(eip: VirtAddr, block: Option<Block>, code: &Code) -> Option<Instruction> {
    let block = block.filter(|block| block.end == eip)?;
    code.instruction_before(eip, block.start)
}

/// The gate of an `int` that ring 3 may not use.
fn gate(int: &Instruction) -> Option<u32> {
    (int.code() == Form::Int_imm8)
        .then(|| u32::from(int.immediate8()))
        .filter(|number| !matches!(*number, 3..=5 | SYSCALL))
}
